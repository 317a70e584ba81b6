//! Whether every step does what its node says, on the right values.

use std::collections::HashMap;

use ir::{Graph, Node, Op, Padding, Sampling, ValueId};

use super::{At, CheckError};
use crate::kernel::{Conv, Depthwise, Kernel, Map, PoolKind};
use crate::pack;
use crate::view::four;
use crate::{Plan, RESERVED_BYTES, Step};

pub(super) fn check(plan: &Plan) -> Result<(), CheckError> {
    let graph = &plan.graph;
    let weights = plan.arena_start.checked_sub(plan.weights_start).map(u64::from);
    if plan.weights_start < RESERVED_BYTES || weights != Some(4 * plan.weights.len() as u64) {
        return Err(CheckError::Plan { what: "the weights do not fill the space before the arena" });
    }
    if plan.inputs.len() != graph.inputs().len() || plan.outputs.len() != graph.outputs().len() {
        return Err(CheckError::Plan { what: "the plan has other inputs or outputs than the graph" });
    }
    let definitions: HashMap<ValueId, &Node> = graph.nodes().iter().map(|node| (node.output, node)).collect();
    let mut computed = super::aliases(plan, graph);
    for (index, step) in plan.steps.iter().enumerate() {
        check_step(plan, &definitions, step).map_err(|what| CheckError::Mismatch { at: At::of(index, step), what })?;
        let copies_itself = step.reads.first().is_some_and(|read| read.value == step.write.value);
        computed[step.write.value.index()] |= step.kernel != Kernel::ZeroBorder && !copies_itself;
    }
    match graph.nodes().iter().find(|node| !computed[node.output.index()]) {
        Some(node) => Err(CheckError::Missing { origin: node.origin.clone() }),
        None => Ok(()),
    }
}

fn check_step(plan: &Plan, definitions: &HashMap<ValueId, &Node>, step: &Step) -> Result<(), &'static str> {
    let graph = &plan.graph;
    let shapes = step.reads.iter().chain([&step.write]);
    if step.kernel != Kernel::ZeroBorder
        && shapes.into_iter().any(|operand| operand.view.shape != graph[operand.value].ty.shape)
    {
        return Err("a view has another shape than its value");
    }
    match (&step.kernel, &step.reads[..]) {
        (Kernel::ZeroBorder, []) => return Ok(()),
        // A value copied to another place.
        (Kernel::Copy, [read]) if read.value == step.write.value => return Ok(()),
        _ => {}
    }
    let node = definitions.get(&step.write.value).ok_or("it writes a value that no node computes")?;
    let read: Vec<ValueId> = match &node.op {
        Op::Conv(_) => {
            node.inputs.iter().copied().enumerate().filter(|(i, _)| *i == 0 || *i == 3).map(|(_, v)| v).collect()
        }
        Op::MatMul(_) => vec![node.inputs[0]],
        _ => node.inputs.clone(),
    };
    if !step.reads.iter().map(|operand| operand.value).eq(read) {
        return Err("it reads other values");
    }
    if !agrees(graph, node, &step.kernel) {
        return Err("its settings differ");
    }
    check_weights(plan, node, step)
}

fn check_weights(plan: &Plan, node: &Node, step: &Step) -> Result<(), &'static str> {
    let table = match &step.kernel {
        Kernel::Resize(op) => pack::table(op),
        _ => vec![],
    };
    let words = match &step.kernel {
        Kernel::Conv(conv) => {
            let shape = &plan.graph[node.inputs[1]].ty.shape;
            let (channels, depth) = (shape[shape.len() - 1], shape[..shape.len() - 1].iter().product::<usize>());
            let per_group = channels / conv.groups;
            let (whole, rest) = (per_group / conv.panel, per_group % conv.panel);
            (whole * conv.panel + rest.next_multiple_of(4)) * (depth + 1) * conv.groups
        }
        Kernel::Depthwise(conv) => {
            let channels = plan.graph[node.output].ty.shape[3];
            channels.next_multiple_of(4) * (conv.kernel[0] * conv.kernel[1] + 1)
        }
        Kernel::Resize(_) => table.len(),
        _ => return if step.weights.is_none() { Ok(()) } else { Err("it has weights") },
    };
    let start = step.weights.ok_or("it has no weights")?;
    let inside = start >= plan.weights_start && u64::from(start) + 4 * words as u64 <= u64::from(plan.arena_start);
    if !inside || start % 4 != 0 {
        return Err("its weights lie elsewhere");
    }
    // A table decides where the kernel reads.
    let found = &plan.weights[(start - plan.weights_start) as usize / 4..];
    let same = found.iter().zip(&table).all(|(found, word)| found.to_bits() == word.to_bits());
    if same { Ok(()) } else { Err("its table differs") }
}

/// Whether a kernel's settings are those of the operator.
fn agrees(graph: &Graph, node: &Node, kernel: &Kernel) -> bool {
    let output = &graph[node.output].ty.shape;
    match (&node.op, kernel) {
        (Op::Conv(op), Kernel::Conv(Conv { kernel, strides, dilations, residual, activation, groups, .. })) => {
            *groups == op.groups && conv(graph, node, op, (*kernel, *strides, *dilations, *residual, *activation))
        }
        (Op::Conv(op), Kernel::Depthwise(Depthwise { kernel, strides, dilations, residual, activation, .. })) => {
            op.groups == output[3] && conv(graph, node, op, (*kernel, *strides, *dilations, *residual, *activation))
        }
        (Op::MatMul(op), Kernel::Conv(conv)) => {
            conv.kernel == [1, 1] && conv.groups == 1 && !conv.residual && conv.activation == op.activation
        }
        (Op::MaxPool(op), Kernel::Pool(pool)) => {
            let same = pool.kernel == op.kernel && pool.padding == op.padding && pool.kind == PoolKind::Max;
            same && same_steps(pool.strides, op.strides, [output[1], output[2]])
        }
        (Op::AveragePool(op), Kernel::Pool(pool)) => {
            let kind = if op.count_padding { PoolKind::MeanOfWindow } else { PoolKind::Mean };
            let same = pool.kernel == op.kernel && pool.padding == op.padding && pool.kind == kind;
            same && same_steps(pool.strides, op.strides, [output[1], output[2]])
        }
        (Op::Unary(op), Kernel::Map(Map::Unary(unary))) => op == unary,
        (Op::Binary(op), Kernel::Map(Map::Binary(binary))) => op.op == *binary,
        (Op::Clamp(op), Kernel::Map(Map::Clamp(clamp))) => op == clamp,
        (Op::Reduce(op), Kernel::Reduce { kind, axes }) => op.kind == *kind && op.axes == *axes,
        (Op::Softmax(op), Kernel::Softmax { axis }) => op.axis == *axis,
        (Op::Transpose(op), Kernel::Transpose { permutation }) => op.permutation == *permutation,
        (Op::Reshape(_), Kernel::Copy) => true,
        (Op::Resize(op), Kernel::Repeat { times }) => {
            let input = &graph[node.inputs[0]].ty.shape;
            let repeated = |axis: usize, times: usize| {
                Sampling::Nearest((0..input[axis]).flat_map(|index| std::iter::repeat_n(index, times)).collect())
            };
            op.rows == repeated(1, times[0]) && op.columns == repeated(2, times[1])
        }
        (Op::Resize(op), Kernel::Resize(resize)) => op == resize,
        (Op::Slice(op), Kernel::Slice { starts, steps }) => op.starts == *starts && op.steps == *steps,
        (Op::Concat(op), Kernel::Concat { axis }) => op.axis == *axis,
        (Op::Pad(op), Kernel::Pad { before, value }) => op.before == *before && op.value.to_bits() == value.to_bits(),
        _ => false,
    }
}

type Window = ([usize; 2], [usize; 2], [usize; 2], bool, Option<ir::Clamp>);

fn conv(graph: &Graph, node: &Node, op: &ir::Conv, (kernel, strides, dilations, residual, activation): Window) -> bool {
    let [kh, kw, ..] = four(&graph[node.inputs[1]].ty.shape);
    let [_, rows, columns, _] = four(&graph[node.output].ty.shape);
    kernel == [kh, kw]
        && same_steps(strides, op.strides, [rows, columns])
        && same_steps(dilations, op.dilations, kernel)
        && residual == (node.inputs.len() == 4)
        && activation == op.activation
}

/// Whether two distances agree wherever there is more than one thing to be apart.
fn same_steps(found: [usize; 2], expected: [usize; 2], counts: [usize; 2]) -> bool {
    (0..2).all(|axis| counts[axis] == 1 || found[axis] == expected[axis])
}

/// The border that a node reads around its first input, from the graph alone.
pub(super) fn border(graph: &Graph, node: &Node) -> Padding {
    let Op::Conv(op) = &node.op else { return Padding::ZERO };
    let [_, h, w, _] = four(&graph[node.inputs[0]].ty.shape);
    let [kh, kw, ..] = four(&graph[node.inputs[1]].ty.shape);
    let [_, rows, columns, _] = four(&graph[node.output].ty.shape);
    // The last position that a window reads, from the first one of the padding.
    let last = |outputs: usize, stride: usize, kernel: usize, dilation: usize| {
        (outputs - 1).saturating_mul(stride).saturating_add((kernel - 1).saturating_mul(dilation))
    };
    let below = last(rows, op.strides[0], kh, op.dilations[0]).saturating_sub(op.padding.top + h - 1);
    let beyond = last(columns, op.strides[1], kw, op.dilations[1]).saturating_sub(op.padding.left + w - 1);
    Padding { top: op.padding.top, left: op.padding.left, bottom: below, right: beyond }
}
