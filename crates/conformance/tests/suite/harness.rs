//! One graph through the interpreter and through emitted code, with both profiles.

use codegen::Profile;
use ir::{Graph, Tensor};
use plan::Plan;
use wasmtube_conformance::engine::{self, Running};
use wasmtube_conformance::inputs::{Numbers, relative_error};

/// Largest error of emitted code as a share of the largest output.
pub(crate) const BOUND: f32 = 2e-6;

/// Plans, checks, emits and runs a graph as it is, twice on one instance, and compares with the interpreter.
#[track_caller]
pub(crate) fn check_graph(graph: &Graph, bound: f32) {
    if let Err(reason) = compare(graph, bound) {
        panic!("{reason}\n{}", ir::text::print(graph));
    }
}

pub(crate) fn compare(graph: &Graph, bound: f32) -> Result<(), String> {
    ir::verify(graph).map_err(|error| format!("{error:?}"))?;
    let plan = plan::plan(graph.clone()).map_err(|error| error.to_string())?;
    plan::check(&plan).map_err(|error| format!("{error}\n{}", plan::print(&plan)))?;
    let mut numbers = Numbers::seeded(7);
    // The second inference finds what the first has left in the arena.
    let rounds = [numbers.inputs(graph), numbers.inputs(graph)];
    for profile in [Profile::Relaxed, Profile::Simd128] {
        let module = codegen::emit(&plan, profile, None).map_err(|error| error.to_string())?;
        let engine = engine::wasmtime().map_err(|error| format!("{error:?}"))?;
        let mut running = Running::new(&engine, &module.wasm).map_err(|error| format!("{error:?}"))?;
        for inputs in &rounds {
            let expected = interp::evaluate(graph, inputs).map_err(|error| format!("{error:?}"))?;
            let found = run(&mut running, &plan, inputs).map_err(|error| format!("{error:?}"))?;
            for (found, expected) in found.iter().zip(&expected) {
                let error = relative_error(found.data(), expected.data());
                if error > bound {
                    let dump = plan::print(&plan);
                    return Err(format!("{}: error {error:e} above {bound:e}\n{dump}", profile.name()));
                }
            }
        }
    }
    Ok(())
}

/// The second half of the inputs' life: by single steps.
fn run(running: &mut Running, plan: &Plan, inputs: &[Tensor]) -> wasmtime::Result<Vec<Tensor>> {
    running.write_inputs(plan, inputs)?;
    running.infer()?;
    let whole = running.read_outputs(plan)?;
    for k in 0..plan.steps.len() {
        running.step(i32::try_from(k)?)?;
    }
    let by_steps = running.read_outputs(plan)?;
    for (whole, by_steps) in whole.iter().zip(&by_steps) {
        let same = whole.data().iter().zip(by_steps.data()).all(|(a, b)| a.to_bits() == b.to_bits());
        wasmtime::ensure!(same, "`infer` and the steps one by one differ");
    }
    wasmtime::ensure!(running.step(i32::try_from(plan.steps.len())?).is_err(), "a step too many does not trap");
    Ok(whole)
}
