//! Where a wrong answer comes from: the importer, one pass, or one step of the compiled file.
//!
//! The reference interpreter computes the graph as it was imported and the graph after all passes. The compiled file is
//! run step by step, and after each step the memory that the step wrote is held against the value that the interpreter
//! has for it. So the first place that is beyond the bound is where it goes wrong: everything before it was right when it
//! was written. Whether the step or something before it is to blame shows a second comparison, with what the interpreter
//! makes of the operands that the step has found in memory.

use ir::{Diagnostics, Graph, Node, Padding, Tensor, TensorType, ValueId};
use passes::{PASSES, Pass};
use plan::{Kernel, Operand, Plan, Step, View};

use crate::check::{OtherOutputs, RunError, same_types};
use crate::deviation::Deviation;
use crate::given::{Given, GivenError, matched};
use crate::pipeline::{Extras, Unsealed, emitted, imported, internal, picture, planned};
use crate::{ModelSource, Options, golden};

/// Runs a sealed file step by step on one tensor for each input of the model, in its order; after each step, calls the
/// function with the number of the step and the whole linear memory; and answers the outputs.
///
/// The compiler has no engine; whoever has one lends it.
pub type StepRun<'r> = dyn FnMut(&[u8], &[Tensor], &mut dyn FnMut(usize, &[u8])) -> Result<Vec<Tensor>, RunError> + 'r;

/// What is compared.
#[derive(Debug, Clone)]
pub struct Trial {
    /// A tensor for each input of the model, or none for seeded ones.
    pub inputs: Vec<Given>,
    /// Seed of inputs that are not given: every fourth gives values from `[0, 1)`, the others from `[-1, 1)`.
    pub seed: u64,
    /// What outputs should be, from elsewhere; not every output needs one.
    pub references: Vec<Given>,
    /// Largest error, as a share of the largest value of a tensor.
    pub bound: f64,
}

/// What the comparison has found.
#[derive(Debug)]
pub struct Diff {
    /// The bound that was asked for.
    pub bound: f64,
    /// One for each output, in the order of the model.
    pub outputs: Vec<OutputDiff>,
    /// The first pass that changed an output beyond the bound.
    pub pass: Option<PassDiff>,
    /// One for each step that was run, in order.
    pub steps: Vec<StepDiff>,
    /// Why the file was not run to its end.
    pub stopped: Option<RunError>,
}

/// One output at each station on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputDiff {
    /// Name in the ONNX graph.
    pub name: String,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// The graph as it was imported, from the reference that is given.
    pub imported: Option<Deviation>,
    /// The graph after all passes, from the graph as it was imported.
    pub optimized: Deviation,
    /// The file, from the graph after all passes; `None` if it was not run to its end.
    pub compiled: Option<Deviation>,
    /// The file, from the reference, or without one from the graph as it was imported.
    pub whole: Option<Deviation>,
}

/// A pass that changes an output.
#[derive(Debug, Clone, PartialEq)]
pub struct PassDiff {
    /// Position in the order of passes, from 1.
    pub number: usize,
    /// Its name.
    pub name: &'static str,
    /// The output that is changed most.
    pub output: String,
    /// The output after the pass, from the graph as it was imported.
    pub deviation: Deviation,
}

/// What one step wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDiff {
    /// Number of the step, as [`abi::export::STEP`] takes it.
    pub step: usize,
    /// The kernel that it runs.
    pub kernel: &'static str,
    /// The value that it writes, as `%n` in the text of the graph after all passes.
    pub value: usize,
    /// The ONNX node that it comes from.
    pub origin: String,
    /// Size of each dimension of the value.
    pub shape: Vec<usize>,
    /// What was written, from what the interpreter has for the value. Positions after the last element are those of the
    /// zeros around it.
    pub deviation: Deviation,
    /// What was written, from what the interpreter makes of the operands in memory: the error of this step alone.
    pub own: Deviation,
    /// The operands in memory, from what the interpreter has for them: the largest share.
    pub operands: f64,
}

/// Why a step that is beyond the bound is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It computes something else than its node says.
    Kernel,
    /// Its operands were overwritten after they had been right.
    Memory,
    /// It computes what its node says, and enlarges errors of its operands that are within the bound.
    Rounding,
}

impl StepDiff {
    /// Why the step is beyond `bound`, if it is the first.
    #[must_use]
    pub fn cause(&self, bound: f64) -> Cause {
        if self.own.exceeds(bound) {
            Cause::Kernel
        } else if self.operands > bound {
            Cause::Memory
        } else {
            Cause::Rounding
        }
    }
}

/// Where a wrong answer comes from: the first place, from the model to the answer, that is beyond the bound.
#[derive(Debug, Clone, Copy)]
pub enum Fault<'d> {
    /// The imported graph contradicts the reference: the importer or the reference is wrong.
    Importer(&'d OutputDiff),
    /// A pass changes the answer.
    Pass(&'d PassDiff),
    /// The first step that writes what it should not; see [`StepDiff::cause`].
    Step(&'d StepDiff),
    /// The file was not run to its end.
    Stopped(&'d RunError),
    /// Every step was right, but an output was overwritten before it was read.
    Output(&'d OutputDiff),
    /// Each part keeps to the bound, but together they do not.
    Sum(&'d OutputDiff),
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// The model is refused.
    #[error("the model is refused")]
    Refused(#[source] Diagnostics),
    /// A tensor does not go with the model.
    #[error(transparent)]
    Given(#[from] GivenError),
    /// The file answers other tensors than the model has outputs.
    #[error(transparent)]
    Outputs(#[from] OtherOutputs),
}

/// Compiles a model and finds the first place where its answer goes wrong.
///
/// # Errors
/// [`DiffError`]. A wrong answer is no error but a [`Diff`] with a [`Diff::fault`].
pub fn diff(
    source: &ModelSource<'_>,
    options: &Options,
    trial: &Trial,
    run: &mut StepRun<'_>,
) -> Result<Diff, DiffError> {
    diff_by(PASSES, source, options, trial, run)
}

fn diff_by(
    passes: &[Pass],
    source: &ModelSource<'_>,
    options: &Options,
    trial: &Trial,
    run: &mut StepRun<'_>,
) -> Result<Diff, DiffError> {
    let (graph, onnx) = imported(source, options).map_err(DiffError::Refused)?;
    let preprocess = picture(&graph, options).map_err(DiffError::Refused)?;
    let inputs = inputs(&graph, trial)?;
    let references = matched("output", &trial.references, &output_types(&graph))?;
    let expected = evaluate(&graph, &inputs)?;

    let optimized = passes.iter().try_fold(graph.clone(), passes::apply).map_err(refused)?;
    let values = interp::evaluate_all(&optimized, &inputs).map_err(refused)?;
    let plan = planned(optimized, preprocess.as_ref()).map_err(DiffError::Refused)?;
    let extras = Extras { preprocess, golden: None, notes: vec![] };
    let file = emitted(onnx, options, &plan, extras).and_then(Unsealed::seal).map_err(DiffError::Refused)?;
    let after_passes: Vec<Tensor> =
        plan.graph.outputs().iter().map(|output| values[output.value.index()].clone()).collect();
    let changed = worst(&after_passes, &expected).is_some_and(|(_, worst)| worst.exceeds(trial.bound));
    let pass = if changed { first_pass(passes, &graph, &inputs, &expected, trial.bound)? } else { None };

    let expectation = Expectation::of(&plan, &values);
    let mut steps: Vec<StepDiff> = vec![];
    let answer = run(&file.wasm, &inputs, &mut |step, memory| {
        steps.extend(plan.steps.get(step).map(|what| expectation.diff(step, what, memory)));
    });
    let (answer, stopped) = match answer {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(error)),
    };
    if let Some(answer) = &answer {
        same_types(answer, &expected)?;
    }
    let between = |found: &Tensor, expected: &Tensor| Deviation::between(found.data(), expected.data());
    let output = |index: usize| {
        let reference = references[index].as_ref();
        let answer = answer.as_ref().map(|answer| &answer[index]);
        OutputDiff {
            name: graph.outputs()[index].name.clone(),
            shape: expected[index].shape().to_vec(),
            imported: reference.map(|reference| between(&expected[index], reference)),
            optimized: between(&after_passes[index], &expected[index]),
            compiled: answer.map(|answer| between(answer, &after_passes[index])),
            whole: answer.map(|answer| between(answer, reference.unwrap_or(&expected[index]))),
        }
    };
    Ok(Diff { bound: trial.bound, outputs: (0..expected.len()).map(output).collect(), pass, steps, stopped })
}

impl Diff {
    /// Where the answer goes wrong, or `None` if everything keeps to the bound.
    #[must_use]
    pub fn fault(&self) -> Option<Fault<'_>> {
        let beyond = |deviation: Option<Deviation>| deviation.is_some_and(|deviation| deviation.exceeds(self.bound));
        let output =
            |part: fn(&OutputDiff) -> Option<Deviation>| self.outputs.iter().find(|output| beyond(part(output)));
        let importer = output(|output| output.imported).map(Fault::Importer);
        importer
            .or(self.pass.as_ref().map(Fault::Pass))
            .or_else(|| self.steps.iter().find(|step| step.deviation.exceeds(self.bound)).map(Fault::Step))
            .or(self.stopped.as_ref().map(Fault::Stopped))
            .or_else(|| output(|output| output.compiled).map(Fault::Output))
            .or_else(|| output(|output| output.whole).map(Fault::Sum))
    }
}

fn refused(error: impl std::error::Error) -> DiffError {
    DiffError::Refused(internal(error))
}

fn evaluate(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, DiffError> {
    interp::evaluate(graph, inputs).map_err(refused)
}

/// The inputs that are given, or seeded ones.
fn inputs(graph: &Graph, trial: &Trial) -> Result<Vec<Tensor>, GivenError> {
    if trial.inputs.is_empty() {
        return Ok(golden::seeded(graph, &golden::recipe(trial.seed)));
    }
    let ports: Vec<(&str, &TensorType)> =
        graph.inputs().iter().map(|id| (graph[*id].name.as_str(), &graph[*id].ty)).collect();
    let given = matched("input", &trial.inputs, &ports)?;
    let missing = |name: &str| GivenError::Missing { name: name.into() };
    given.into_iter().zip(ports).map(|(tensor, (name, _))| tensor.ok_or_else(|| missing(name))).collect()
}

fn output_types(graph: &Graph) -> Vec<(&str, &TensorType)> {
    graph.outputs().iter().map(|output| (output.name.as_str(), &graph[output.value].ty)).collect()
}

/// The output with the largest share, by position.
fn worst(found: &[Tensor], expected: &[Tensor]) -> Option<(usize, Deviation)> {
    let deviations =
        found.iter().zip(expected).map(|(found, expected)| Deviation::between(found.data(), expected.data()));
    deviations.enumerate().max_by(|(_, a), (_, b)| a.share.total_cmp(&b.share))
}

/// The first pass after which an output is beyond the bound.
fn first_pass(
    passes: &[Pass],
    graph: &Graph,
    inputs: &[Tensor],
    expected: &[Tensor],
    bound: f64,
) -> Result<Option<PassDiff>, DiffError> {
    let mut graph = graph.clone();
    for (number, pass) in (1..).zip(passes) {
        graph = passes::apply(graph, pass).map_err(refused)?;
        let found = evaluate(&graph, inputs)?;
        if let Some((output, deviation)) = worst(&found, expected).filter(|(_, worst)| worst.exceeds(bound)) {
            let output = graph.outputs()[output].name.clone();
            return Ok(Some(PassDiff { number, name: pass.name, output, deviation }));
        }
    }
    Ok(None)
}

/// What should be in memory.
struct Expectation<'p> {
    values: &'p [Tensor],
    /// The node that computes a value, by value.
    nodes: Vec<Option<&'p Node>>,
}

impl<'p> Expectation<'p> {
    fn of(plan: &'p Plan, values: &'p [Tensor]) -> Self {
        let mut nodes = vec![None; values.len()];
        plan.graph.nodes().iter().for_each(|node| nodes[node.output.index()] = Some(node));
        Self { values, nodes }
    }

    fn value(&self, id: ValueId) -> &'p Tensor {
        &self.values[id.index()]
    }

    /// Compares what a step has written.
    fn diff(&self, number: usize, step: &Step, memory: &[u8]) -> StepDiff {
        let Operand { value, view } = &step.write;
        // Of a step that clears a border the elements are undefined.
        let clears = step.kernel == Kernel::ZeroBorder;
        let mut found = if clears { vec![] } else { elements(view, memory) };
        found.extend(border(view).map(|address| word(memory, address)));
        let compared = |expected: &[f32]| {
            let mut expected = if clears { vec![] } else { expected.to_vec() };
            expected.resize(found.len(), 0.0);
            Deviation::between(&found, &expected)
        };
        let operands = step
            .reads
            .iter()
            .map(|read| Deviation::between(&elements(&read.view, memory), self.value(read.value).data()).share);
        StepDiff {
            step: number,
            kernel: step.kernel.name(),
            value: value.index(),
            origin: step.origin.clone(),
            shape: self.value(*value).shape().to_vec(),
            deviation: compared(self.value(*value).data()),
            own: compared(self.recomputed(step, memory).data()),
            operands: operands.fold(0.0, f64::max),
        }
    }

    /// What the interpreter makes of the operands of a step as they are in memory. A step leaves its operands alone.
    fn recomputed(&self, step: &Step, memory: &[u8]) -> Tensor {
        let operand = |id: ValueId| {
            let read = step.reads.iter().find(|read| read.value == id);
            let tensor = |read: &Operand| Tensor::new(self.value(id).shape(), elements(&read.view, memory));
            // Weights are packed into the file and not read as values.
            read.map_or_else(|| self.value(id).clone(), tensor)
        };
        let copies = step.reads.iter().any(|read| read.value == step.write.value);
        match self.nodes[step.write.value.index()] {
            Some(node) if !copies => {
                let operands: Vec<Tensor> = node.inputs.iter().map(|id| operand(*id)).collect();
                interp::fold(&node.op, &operands.iter().collect::<Vec<_>>())
                    .expect("the interpreter has evaluated this node with operands of these types")
            }
            Some(_) | None => operand(step.write.value),
        }
    }
}

/// The elements of a view, in row-major order.
fn elements(view: &View, memory: &[u8]) -> Vec<f32> {
    view.addresses().map(|address| word(memory, address)).collect()
}

fn border(view: &View) -> impl Iterator<Item = u64> + use<> {
    let addresses = (view.border != Padding::ZERO).then(|| view.border_addresses());
    addresses.into_iter().flatten()
}

/// The element at an address; outside of the memory there is no number.
fn word(memory: &[u8], address: u64) -> f32 {
    let bytes = usize::try_from(address).ok().and_then(|address| memory.get(address..)?.first_chunk());
    bytes.map_or(f32::NAN, |bytes| f32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests;
