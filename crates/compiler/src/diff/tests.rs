use ir::{Graph, Tensor};
use passes::{PASSES, Pass, RewriteError};
use plan::Plan;

use super::*;
use crate::testing::{DIGITS, source};

/// Writes the right values where each step puts its own, as a machine without any defect would.
struct Machine {
    graph: Graph,
    plan: Plan,
    passes: Vec<Pass>,
}

impl Machine {
    fn of(passes: &[Pass]) -> Self {
        let (graph, _) = imported(&source(DIGITS), &Options::named("digits")).unwrap();
        let graph = passes.iter().try_fold(graph, passes::apply).unwrap();
        Self { plan: planned(graph.clone(), None).unwrap(), graph, passes: passes.to_vec() }
    }

    /// Compares a run in which `spoil` gets its hands on the memory after each step, before anyone looks at it.
    fn diff(&self, trial: &Trial, spoil: impl Fn(usize, &mut [u8])) -> Result<Diff, DiffError> {
        let run = &mut |_: &[u8], inputs: &[Tensor], after_step: &mut dyn FnMut(usize, &[u8])| {
            let mut memory = vec![0; self.plan.arena_end as usize];
            for (port, input) in self.plan.inputs.iter().zip(inputs) {
                let addresses = (u64::from(port.address)..).step_by(4);
                addresses.zip(input.data()).for_each(|(address, element)| put(&mut memory, address, *element));
            }
            let values = interp::evaluate_all(&self.graph, inputs)?;
            for (number, step) in self.plan.steps.iter().enumerate() {
                if step.kernel == Kernel::ZeroBorder {
                    step.write.view.border_addresses().for_each(|address| put(&mut memory, address, 0.0));
                } else {
                    let value = values[step.write.value.index()].data();
                    for (address, element) in step.write.view.addresses().zip(value) {
                        put(&mut memory, address, *element);
                    }
                }
                spoil(number, &mut memory);
                after_step(number, &memory);
            }
            let read = |port: &plan::Port| {
                let elements = port.shape.iter().product::<usize>() as u64;
                let address = |index: u64| u64::from(port.address) + 4 * index;
                let data: Vec<f32> = (0..elements).map(|index| word(&memory, address(index))).collect();
                Tensor::new(port.shape.clone(), data)
            };
            Ok(self.plan.outputs.iter().map(read).collect())
        };
        diff_by(&self.passes, &source(DIGITS), &Options::named("digits"), trial, run)
    }

    /// Of a step: the address of its last element.
    fn last_element(&self, step: usize) -> u64 {
        self.plan.steps[step].write.view.addresses().last().unwrap()
    }
}

fn put(memory: &mut [u8], address: u64, element: f32) {
    let address = usize::try_from(address).unwrap();
    memory[address..address + 4].copy_from_slice(&element.to_le_bytes());
}

fn trial() -> Trial {
    Trial { inputs: vec![], seed: 1, references: vec![], bound: 1e-4 }
}

fn given(name: &str, tensor: Tensor) -> Given {
    Given { name: name.into(), tensor }
}

#[test]
fn a_right_run_has_no_fault() {
    let machine = Machine::of(PASSES);
    let diff = machine.diff(&trial(), |_, _| ()).unwrap();
    assert!(diff.fault().is_none(), "{diff:?}");
    assert_eq!(diff.steps.len(), machine.plan.steps.len());
    assert!(diff.steps.iter().all(|step| step.deviation.share == 0.0));
    let [output] = &diff.outputs[..] else { panic!("one output") };
    assert_eq!((output.name.as_str(), &output.shape[..]), ("probabilities", &[1, 10][..]));
    assert!(output.whole.unwrap().share < 1e-5 && output.imported.is_none());
}

#[test]
fn the_step_with_one_wrong_element_is_found_whichever_it_is() {
    let machine = Machine::of(PASSES);
    for (wrong, step) in machine.plan.steps.iter().enumerate().filter(|(_, step)| step.kernel != Kernel::ZeroBorder) {
        let address = machine.last_element(wrong);
        let diff = machine.diff(&trial(), |number, memory| {
            if number == wrong {
                put(memory, address, word(memory, address) + 50.0);
            }
        });
        let diff = diff.unwrap();
        let Some(Fault::Step(found)) = diff.fault() else { panic!("step {wrong}: {diff:?}") };
        let elements: usize = found.shape.iter().product();
        assert_eq!((found.step, found.deviation.position), (wrong, elements - 1));
        assert_eq!((found.cause(1e-4), found.operands), (Cause::Kernel, 0.0));
        assert_eq!((found.kernel, found.origin.as_str()), (step.kernel.name(), step.origin.as_str()));
    }
}

#[test]
fn a_step_whose_operands_were_overwritten_is_not_to_blame() {
    let machine = Machine::of(PASSES);
    let softmax = machine.plan.steps.len() - 1;
    // The machine does not compute from memory: an overwritten operand shows in the operands alone, and what the step
    // then writes is spoiled by hand.
    let step = &machine.plan.steps[softmax];
    let diff = machine.diff(&trial(), |number, memory| {
        if number == softmax {
            for address in step.reads[0].view.addresses() {
                put(memory, address, 0.0);
            }
            for address in step.write.view.addresses() {
                put(memory, address, 0.1);
            }
        }
    });
    let diff = diff.unwrap();
    let Some(Fault::Step(found)) = diff.fault() else { panic!("{diff:?}") };
    assert_eq!((found.step, found.cause(1e-4)), (softmax, Cause::Memory));
    assert!(found.own.share < 1e-6 && found.operands > 0.9, "{found:?}");
    assert_eq!(found.cause(2.0), Cause::Rounding);
}

#[test]
fn a_step_that_writes_into_the_border_is_found() {
    let machine = Machine::of(PASSES);
    let bordered = |step: &Step| step.write.view.border != Padding::ZERO;
    let wrong = machine.plan.steps.iter().position(bordered).expect("a convolution has padding");
    let view = &machine.plan.steps[wrong].write.view;
    let address = view.border_addresses().last().unwrap();
    let spoil = |number, memory: &mut [u8]| {
        if number == wrong {
            put(memory, address, 1.0)
        }
    };
    let diff = machine.diff(&trial(), spoil).unwrap();
    let Some(Fault::Step(found)) = diff.fault() else { panic!("{diff:?}") };
    assert_eq!((found.step, found.deviation.found, found.deviation.expected), (wrong, 1.0, 0.0));
}

#[test]
fn an_output_that_is_overwritten_later_is_found() {
    let machine = Machine::of(PASSES);
    let run = &mut |_: &[u8], _: &[Tensor], _: &mut dyn FnMut(usize, &[u8])| Ok(vec![Tensor::splat([1, 10], 0.5)]);
    let diff = diff_by(&machine.passes, &source(DIGITS), &Options::named("digits"), &trial(), run).unwrap();
    assert!(matches!(diff.fault(), Some(Fault::Output(output)) if output.name == "probabilities"), "{diff:?}");
}

#[test]
fn a_run_that_stops_keeps_what_it_has_shown() {
    let run = &mut |_: &[u8], _: &[Tensor], after: &mut dyn FnMut(usize, &[u8])| {
        after(0, &[]);
        Err(RunError::from("out of order"))
    };
    let diff = diff_by(PASSES, &source(DIGITS), &Options::named("digits"), &trial(), run).unwrap();
    assert_eq!((diff.steps.len(), diff.outputs[0].whole), (1, None));
    // A memory without bytes holds no number.
    assert!(matches!(diff.fault(), Some(Fault::Step(step)) if step.deviation.share.is_infinite()), "{diff:?}");
    let run = &mut |_: &[u8], _: &[Tensor], _: &mut dyn FnMut(usize, &[u8])| Err(RunError::from("out of order"));
    let diff = diff_by(PASSES, &source(DIGITS), &Options::named("digits"), &trial(), run).unwrap();
    assert!(matches!(diff.fault(), Some(Fault::Stopped(_))), "{diff:?}");
}

/// Doubles the first constant, as a pass with a mistake would.
fn double_a_constant(graph: Graph) -> Result<Graph, RewriteError> {
    let text = ir::text::print(&graph);
    let mut doubled = Graph::new(graph.name.clone());
    let mut seen = false;
    let mut ids = vec![];
    let mut nodes = graph.nodes().iter();
    for id in graph.value_ids() {
        let value = &graph[id];
        ids.push(if graph.inputs().contains(&id) {
            doubled.input(value.name.clone(), value.ty.clone())
        } else if let Some(constant) = &value.constant {
            let factor = if std::mem::replace(&mut seen, true) { 1.0 } else { 2.0 };
            let data: Vec<f32> = constant.data().iter().map(|element| element * factor).collect();
            doubled.constant(value.name.clone(), Tensor::new(constant.shape(), data))
        } else {
            let node = nodes.next().expect(&text);
            let inputs: Vec<_> = node.inputs.iter().map(|input: &ir::ValueId| ids[input.index()]).collect();
            doubled.push(node.op.clone(), &inputs, node.origin.clone()).unwrap()
        });
    }
    graph.outputs().iter().for_each(|output| doubled.output(output.name.clone(), ids[output.value.index()]));
    Ok(doubled)
}

#[test]
fn the_pass_with_a_mistake_is_found_wherever_it_runs() {
    for position in 0..=PASSES.len() {
        let mut passes = PASSES.to_vec();
        passes.insert(position, Pass { name: "double_a_constant", run: double_a_constant });
        let diff = Machine::of(&passes).diff(&trial(), |_, _| ()).unwrap();
        let Some(Fault::Pass(found)) = diff.fault() else { panic!("position {position}: {diff:?}") };
        assert_eq!(
            (found.number, found.name, found.output.as_str()),
            (position + 1, "double_a_constant", "probabilities")
        );
        // The file is right about the graph that it was given.
        assert!(diff.outputs[0].compiled.unwrap().share == 0.0 && diff.outputs[0].whole.unwrap().exceeds(1e-4));
    }
}

#[test]
fn a_reference_holds_the_importer() {
    let machine = Machine::of(PASSES);
    let reference = Trial { references: vec![given("probabilities", Tensor::splat([1, 10], 0.1))], ..trial() };
    let diff = machine.diff(&reference, |_, _| ()).unwrap();
    let Some(Fault::Importer(output)) = diff.fault() else { panic!("{diff:?}") };
    assert_eq!(output.imported.unwrap().expected, 0.1);
    let generous = Trial { bound: 100.0, ..reference };
    assert!(machine.diff(&generous, |_, _| ()).unwrap().fault().is_none());
}

#[test]
fn small_errors_may_add_up() {
    let deviation = |share| Deviation { share, ..Deviation::between(&[0.0], &[0.0]) };
    let output = OutputDiff {
        name: "y".into(),
        shape: vec![1],
        imported: Some(deviation(0.7)),
        optimized: deviation(0.7),
        compiled: Some(deviation(0.7)),
        whole: Some(deviation(1.2)),
    };
    let diff = Diff { bound: 1.0, outputs: vec![output], pass: None, steps: vec![], stopped: None };
    assert!(matches!(diff.fault(), Some(Fault::Sum(_))));
}

#[test]
fn inputs_that_are_given_are_used() {
    let machine = Machine::of(PASSES);
    let image = |value| Trial { inputs: vec![given("image", Tensor::splat([1, 1, 8, 8], value))], ..trial() };
    let answer = |trial: &Trial| machine.diff(trial, |_, _| ()).unwrap().outputs[0].compiled.unwrap().expected;
    assert_ne!(answer(&image(0.25)), answer(&image(0.5)));
    let error = machine.diff(&Trial { inputs: vec![given("", Tensor::splat([8, 8], 0.0))], ..trial() }, |_, _| ());
    assert_eq!(
        error.unwrap_err().to_string(),
        "input `image` is f32[1, 1, 8, 8], the tensor that is given is f32[8, 8]"
    );
}

#[test]
fn a_model_that_is_refused_is_an_error() {
    let run = &mut |_: &[u8], _: &[Tensor], _: &mut dyn FnMut(usize, &[u8])| Ok(vec![]);
    let diff = |onnx, run: &mut StepRun<'_>| super::diff(&source(onnx), &Options::named("x"), &trial(), run);
    assert!(matches!(diff(b"nonsense", run).unwrap_err(), DiffError::Refused(_)));
    assert!(matches!(diff(DIGITS, run).unwrap_err(), DiffError::Outputs(_)));
}
