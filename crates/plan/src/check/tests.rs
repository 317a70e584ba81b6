use ir::Graph;
use ir::text::parse;

use super::*;
use crate::{Kernel, plan, plan_behind};

fn network(body: &str) -> Plan {
    plan(graph(body)).unwrap()
}

fn graph(body: &str) -> Graph {
    let head = r#"graph "n" {
  input %0 "x" : f32[1, 6, 6, 8]
  const %1 "d" : f32[3, 3, 1, 8] = random 3
  const %2 "b" : f32[8] = random 2
  const %3 "p" : f32[1, 1, 8, 8] = random 4
"#;
    parse(&format!("{head}{body}}}")).unwrap()
}

const DEPTHWISE: &str =
    "{strides = [1, 1], dilations = [1, 1], padding = [1, 1, 1, 1], groups = [8]} : f32[1, 6, 6, 8]";
const POINTWISE: &str =
    "{strides = [1, 1], dilations = [1, 1], padding = [0, 0, 0, 0], groups = [1]} : f32[1, 6, 6, 8]";

fn residual_chain() -> Plan {
    plan(residual_graph()).unwrap()
}

fn residual_graph() -> Graph {
    graph(&format!(
        "%4 = conv(%0, %3, %2) {POINTWISE} \"a\"\n%5 = conv(%4, %1, %2) {DEPTHWISE} \"b\"\n\
         %6 = conv(%5, %3, %2, %4) {POINTWISE} \"c\"\n%7 = conv(%6, %1, %2) {DEPTHWISE} \"d\"\n\
         %8 = conv(%7, %3, %2) {POINTWISE} \"e\"\noutput \"y\" = %8\n"
    ))
}

#[test]
fn sound_plans_pass() {
    check(&residual_chain()).unwrap();
}

#[test]
fn parts_of_a_concatenation_are_written_in_place() {
    let plan = network(&format!(
        "%4 = conv(%0, %3, %2) {POINTWISE} \"a\"\n%5 = conv(%0, %1, %2) {DEPTHWISE} \"b\"\n\
         %6 = concat(%4, %5) {{axis = [3]}} : f32[1, 6, 6, 16] \"cat\"\n\
         %7 = reshape(%6) {{shape = [1, 576]}} : f32[1, 576] \"flat\"\noutput \"y\" = %7\n"
    ));
    check(&plan).unwrap();
    assert_eq!(plan.aliases.len(), 2);
    let kernels: Vec<_> = plan.steps.iter().map(|step| step.kernel.name()).collect();
    // The input is the host's and has no border, so the depthwise convolution reads a copy.
    assert_eq!(kernels, ["conv", "copy", "depthwise"]);
}

#[test]
fn overlapping_buffers_are_found() {
    let mut plan = residual_chain();
    let victim = plan.steps.iter().position(|step| step.origin == "a").unwrap();
    let intruder = plan.steps.iter().position(|step| step.kernel.name() == "depthwise").unwrap();
    let address = plan.steps[victim].write.view.address;
    plan.steps[intruder].write.view.address = address;
    let found = check(&plan).unwrap_err();
    assert!(matches!(found, CheckError::Stale { .. }), "{found}");
}

#[test]
fn missing_step_is_found() {
    refuses("`b` is never computed", |plan| plan.steps.retain(|step| step.origin != "b"));
}

#[test]
fn swapped_steps_are_found() {
    let mut plan = residual_chain();
    let last = plan.steps.len() - 1;
    plan.steps.swap(last - 1, last);
    assert!(matches!(check(&plan).unwrap_err(), CheckError::Stale { .. }));
}

#[test]
fn uncleared_border_is_found() {
    let mut plan = residual_chain();
    // The second padded buffer takes the place of dead ones, so its border must be cleared.
    assert!(plan.steps.iter().any(|step| step.kernel == Kernel::ZeroBorder));
    plan.steps.retain(|step| step.kernel != Kernel::ZeroBorder);
    assert!(matches!(check(&plan).unwrap_err(), CheckError::Stale { .. }));
}

#[test]
fn address_outside_the_arena_is_found() {
    let mut plan = residual_chain();
    plan.steps[0].write.view.address = plan.arena_end;
    assert!(matches!(check(&plan).unwrap_err(), CheckError::Outside { .. }));
}

#[track_caller]
fn refuses(what: &str, change: impl FnOnce(&mut Plan)) {
    let mut plan = residual_chain();
    change(&mut plan);
    let found = check(&plan).unwrap_err().to_string();
    assert!(found.contains(what), "{found}");
}

/// The step of a node.
fn step<'p>(plan: &'p mut Plan, origin: &str) -> &'p mut Step {
    let named = |step: &&mut Step| step.origin == origin && step.weights.is_some();
    plan.steps.iter_mut().find(named).unwrap()
}

#[test]
fn writing_over_an_input_is_found() {
    refuses("needs element", |plan| {
        let address = step(plan, "a").reads[0].view.address;
        step(plan, "a").write.view.address = address;
    });
}

#[test]
fn weights_outside_their_place_are_found() {
    refuses("its weights lie elsewhere", |plan| step(plan, "a").weights = Some(4));
    refuses("its weights lie elsewhere", |plan| step(plan, "a").weights = Some(plan.arena_start - 16));
    refuses("it has no weights", |plan| step(plan, "a").weights = None);
    refuses("do not fill the space", |plan| plan.weights.truncate(8));
    refuses("do not fill the space", |plan| plan.weights_start += 64);
    refuses("do not fill the space", |plan| plan.weights_start = u32::MAX);
}

#[test]
fn low_memory_is_left_free() {
    let graph = residual_graph();
    let reserved = plan(graph.clone()).unwrap();
    assert_eq!((reserved.weights_start, plan_behind(0, graph.clone()).unwrap().weights_start), (1024, 1024));
    let moved = plan_behind(150_570, graph).unwrap();
    assert_eq!(moved.weights_start, 150_592);
    let by = 150_592 - 1024;
    assert_eq!(moved.arena_end, reserved.arena_end + by);
    for (moved, reserved) in moved.steps.iter().zip(&reserved.steps) {
        assert_eq!(moved.weights, reserved.weights.map(|at| at + by));
        assert_eq!(moved.write.view.address, reserved.write.view.address + by);
    }
    assert!(plan_behind(u32::MAX, residual_graph()).is_err(), "more than a memory has");
}

#[test]
fn other_operands_are_found() {
    refuses("it reads other values", |plan| {
        let other = step(plan, "b").reads[0].clone();
        step(plan, "c").reads[0] = other;
    });
    refuses("it reads other values", |plan| step(plan, "c").reads.swap(0, 1));
    refuses("another shape", |plan| step(plan, "c").reads[0].view.shape[1] = 2);
}

#[test]
fn other_settings_are_found() {
    refuses("its settings differ", |plan| match &mut step(plan, "a").kernel {
        Kernel::Conv(conv) => conv.strides = [2, 2],
        other => panic!("{other:?}"),
    });
    refuses("its settings differ", |plan| match &mut step(plan, "b").kernel {
        Kernel::Depthwise(conv) => conv.activation = Some(ir::Clamp::RELU),
        other => panic!("{other:?}"),
    });
}

fn resizings() -> Plan {
    network(
        "%4 = resize(%0) {rows = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], columns = [0, 1, 2, 3, 4, 5]} \
         : f32[1, 12, 6, 8] \"repeat\"\n%5 = resize(%4) {rows = [11, 2], column_blends = [0, 5, 0.5]} \
         : f32[1, 2, 1, 8] \"blend\"\noutput \"y\" = %5\n",
    )
}

#[test]
fn whole_repetitions_have_no_table() {
    let plan = resizings();
    check(&plan).unwrap();
    let kernels: Vec<_> = plan.steps.iter().map(|step| (step.kernel.name(), step.weights.is_some())).collect();
    assert_eq!(kernels, [("repeat", false), ("resize", true)]);
}

#[test]
fn other_resizings_are_found() {
    let refuses = |what: &str, change: fn(&mut Plan)| {
        let mut plan = resizings();
        change(&mut plan);
        let found = check(&plan).unwrap_err().to_string();
        assert!(found.contains(what), "{found}");
    };
    refuses("its settings differ", |plan| plan.steps[0].kernel = Kernel::Repeat { times: [1, 2] });
    refuses("its settings differ", |plan| plan.steps[0].kernel = Kernel::Repeat { times: [0, 1] });
    refuses("its settings differ", |plan| match &mut plan.steps[1].kernel {
        Kernel::Resize(op) => op.rows = ir::Sampling::Nearest(vec![2, 11]),
        other => panic!("{other:?}"),
    });
    refuses("its table differs", |plan| plan.weights.fill(7.0));
    refuses("its weights lie elsewhere", |plan| plan.steps[1].weights = Some(plan.arena_start));
    refuses("it has no weights", |plan| plan.steps[1].weights = None);
}

#[test]
fn missing_outputs_are_found() {
    refuses("other inputs or outputs", |plan| plan.outputs.clear());
}

/// The checker derives what a window reads from the graph, not from the kernel that the planner chose.
#[test]
fn border_that_the_planner_forgot_is_found() {
    refuses("needs element", |plan| {
        // The buffer of "a" moves down by the size of its border, into memory that is not cleared.
        let shift = 4 * 8 * 9;
        let write = step(plan, "a").write.view.address - shift;
        step(plan, "a").write.view.address = write;
        step(plan, "b").reads[0].view.address = write;
        step(plan, "c").reads[1].view.address = write;
    });
}
