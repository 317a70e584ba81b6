use std::fmt::Write as _;

use crate::view::View;
use crate::{Operand, Plan};

/// The schedule for people: memory map, then a line a step.
#[must_use]
pub fn print(plan: &Plan) -> String {
    let mut out = String::new();
    write_plan(&mut out, plan).expect("writing to a string cannot fail");
    out
}

fn write_plan(out: &mut String, plan: &Plan) -> std::fmt::Result {
    writeln!(out, "plan {:?}", plan.graph.name)?;
    writeln!(out, "  weights {}..{}", plan.weights_start, plan.arena_start)?;
    writeln!(out, "  arena {}..{}", plan.arena_start, plan.arena_end)?;
    writeln!(out, "  macs {}", plan.macs)?;
    for (kind, ports) in [("input", &plan.inputs), ("output", &plan.outputs)] {
        for port in ports {
            writeln!(out, "  {kind} {:?} {:?} at {}", port.name, port.shape, port.address)?;
        }
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let reads: Vec<String> = step.reads.iter().map(operand).collect();
        write!(out, "  {index:4} {} = {}({})", operand(&step.write), step.kernel.name(), reads.join(", "))?;
        if let Some(weights) = step.weights {
            write!(out, " weights@{weights}")?;
        }
        writeln!(out, " {:?} {:?}", step.origin, step.kernel)?;
    }
    Ok(())
}

fn operand(operand: &Operand) -> String {
    let View { address, shape, strides, border: _ } = &operand.view;
    let dense = if operand.view.is_dense() { String::new() } else { format!(" by {strides:?}") };
    format!("%{} {shape:?}{dense}@{address}", operand.value.index())
}
