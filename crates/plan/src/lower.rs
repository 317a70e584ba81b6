//! Chooses a kernel for every node and says which constants it packs.

use ir::{Code, Diagnostic, Diagnostics, Graph, Node, Op, Padding, Tensor, ValueId};

use crate::kernel::{Conv, Depthwise, Kernel, Map, Pool, PoolKind};
use crate::pack::{self, PanelWidth};
use crate::view::four;

/// Tile of the matrix kernel that every engine handles best: 8 output channels.
const PANEL: PanelWidth = PanelWidth(8);
/// Tile for a single row, where nothing is reused and more accumulators hide the latency.
const ROW_PANEL: PanelWidth = PanelWidth(40);

/// Larger windows are not written out tap by tap.
const DEPTHWISE_TAPS: usize = 256;
/// Largest number of differently cut windows of a pooling.
const POOL_EDGES: usize = 1024;

/// A node with its kernel.
#[derive(Debug, Clone)]
pub(crate) struct Lowered {
    pub(crate) kernel: Kernel,
    /// Operands that are read as views, in the kernel's order.
    pub(crate) reads: Vec<ValueId>,
    /// Constants that are packed instead of read.
    pub(crate) packed: Option<Packed>,
}

/// Constants to be packed for a kernel.
#[derive(Debug, Clone)]
pub(crate) enum Packed {
    /// Of a convolution or matrix product.
    Weights {
        form: Form,
        /// Which constants they are.
        of: (ValueId, Option<ValueId>),
        weights: Tensor,
        /// Absent where the graph gives none: zeros.
        bias: Option<Tensor>,
    },
    /// Words as the kernel reads them.
    Table(Vec<f32>),
}

/// The order of packed weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Blocks of four channels.
    Depthwise,
    /// For each group, panels of output channels.
    Panels { groups: usize, width: PanelWidth },
}

/// One entry for each node of the graph.
pub(crate) fn lower(graph: &Graph) -> Result<Vec<Lowered>, Diagnostics> {
    let mut lowered = vec![];
    let mut reasons = vec![];
    for node in graph.nodes() {
        match lower_node(graph, node) {
            Ok(kernel) => lowered.push(kernel),
            Err(reason) => reasons.push(reason),
        }
    }
    Diagnostics::check(reasons)?;
    Ok(lowered)
}

fn lower_node(graph: &Graph, node: &Node) -> Result<Lowered, Diagnostic> {
    let plain = |kernel| Ok(Lowered { kernel, reads: node.inputs.clone(), packed: None });
    match &node.op {
        Op::Conv(conv) => lower_conv(graph, node, conv),
        Op::MatMul(product) => lower_product(graph, node, product),
        Op::MaxPool(op) => lower_pool(graph, node, PoolKind::Max, (op.kernel, op.strides, op.padding)),
        Op::AveragePool(op) => {
            let kind = if op.count_padding { PoolKind::MeanOfWindow } else { PoolKind::Mean };
            lower_pool(graph, node, kind, (op.kernel, op.strides, op.padding))
        }
        Op::Unary(unary) => plain(Kernel::Map(Map::Unary(*unary))),
        Op::Binary(binary) => plain(Kernel::Map(Map::Binary(binary.op))),
        Op::Clamp(clamp) => plain(Kernel::Map(Map::Clamp(*clamp))),
        Op::Reduce(op) => plain(Kernel::Reduce { kind: op.kind, axes: op.axes.clone() }),
        Op::Resize(op) => Ok(lower_resize(graph, node, op)),
        Op::Softmax(op) => plain(Kernel::Softmax { axis: op.axis }),
        Op::Transpose(op) => plain(Kernel::Transpose { permutation: op.permutation.clone() }),
        Op::Reshape(_) => plain(Kernel::Copy),
        Op::Slice(op) => plain(Kernel::Slice { starts: op.starts.clone(), steps: op.steps.clone() }),
        Op::Concat(op) => plain(Kernel::Concat { axis: op.axis }),
        Op::Pad(op) => plain(Kernel::Pad { before: op.before.clone(), value: op.value }),
        Op::BatchNorm(_) => Err(Diagnostic {
            code: Code::Internal,
            message: "a batch normalization reached the planner".into(),
            node: Some(node.origin.clone()),
            operator: Some(node.op.name().into()),
            help: "report this: the passes lower every batch normalization".into(),
        }),
    }
}

fn lower_conv(graph: &Graph, node: &Node, conv: &ir::Conv) -> Result<Lowered, Diagnostic> {
    let weights = constant(graph, node, 1, "the weights of a convolution")?;
    let bias = constant(graph, node, 2, "the bias of a convolution")?;
    let &[kh, kw, per_group, channels] = weights.shape() else {
        return Err(unsupported(node, "weights must have rank 4".into()));
    };
    let output = &graph[node.output].ty;
    let reads = std::iter::once(node.inputs[0]).chain(node.inputs.get(3).copied()).collect();
    let residual = node.inputs.len() == 4;
    let padding = reach(graph, node, conv, [kh, kw]);
    let strides = effective(conv.strides, [output.shape[1], output.shape[2]]);
    let dilations = effective(conv.dilations, [kh, kw]);
    let (kernel, activation) = ([kh, kw], conv.activation);
    let of = (node.inputs[1], Some(node.inputs[2]));
    let is_depthwise = conv.groups == channels && per_group == 1 && channels > 1 && kh * kw <= DEPTHWISE_TAPS;
    let (kernel, form) = if is_depthwise {
        let depthwise = Depthwise { kernel, strides, dilations, padding, residual, activation };
        (Kernel::Depthwise(depthwise), Form::Depthwise)
    } else {
        let (groups, width) = (conv.groups, panel(output.elements() / channels));
        let panel = width.0;
        let conv = Conv { kernel, strides, dilations, padding, groups, panel, residual, activation };
        (Kernel::Conv(conv), Form::Panels { groups, width })
    };
    Ok(Lowered { kernel, reads, packed: Some(Packed::Weights { form, of, weights, bias: Some(bias) }) })
}

/// Distances between `counts` things: 1 where there is one, whatever the model says.
fn effective(distances: [usize; 2], counts: [usize; 2]) -> [usize; 2] {
    [0, 1].map(|axis| if counts[axis] == 1 { 1 } else { distances[axis] })
}

fn lower_pool(
    graph: &Graph,
    node: &Node,
    kind: PoolKind,
    (kernel, strides, padding): ([usize; 2], [usize; 2], Padding),
) -> Result<Lowered, Diagnostic> {
    let output = &graph[node.output].ty.shape;
    let strides = effective(strides, [output[1], output[2]]);
    // Each row (column) whose window the edge cuts differently gets code of its own.
    let cut = |before: usize, after: usize, stride: usize, outputs: usize| {
        (before.div_ceil(stride) + after.div_ceil(stride) + 1).min(outputs)
    };
    let rows = cut(padding.top, padding.bottom, strides[0], output[1]);
    let columns = cut(padding.left, padding.right, strides[1], output[2]);
    if rows.saturating_mul(columns) > POOL_EDGES {
        return Err(unsupported(
            node,
            format!("padding {padding:?} of a window of {kernel:?} is too large for pooling"),
        ));
    }
    let pool = Pool { kind, kernel, strides, padding };
    Ok(Lowered { kernel: Kernel::Pool(pool), reads: node.inputs.clone(), packed: None })
}

/// The part of the padding that windows really reach: strides may leave rows and columns at the far side unread.
fn reach(graph: &Graph, node: &Node, conv: &ir::Conv, kernel: [usize; 2]) -> Padding {
    let (x, y) = (&graph[node.inputs[0]].ty.shape, &graph[node.output].ty.shape);
    let far = |axis: usize, before: usize| {
        let last = (y[axis + 1] - 1) * conv.strides[axis] + (kernel[axis] - 1) * conv.dilations[axis] + 1;
        last.saturating_sub(before + x[axis + 1])
    };
    let Padding { top, left, .. } = conv.padding;
    Padding { top, left, bottom: far(0, top), right: far(1, left) }
}

fn lower_product(graph: &Graph, node: &Node, product: &ir::MatMul) -> Result<Lowered, Diagnostic> {
    let weights = constant(graph, node, 1, "the right operand of a matrix product")?;
    if weights.shape().len() != 2 {
        return Err(unsupported(node, format!("the right operand must have rank 2, not shape {:?}", weights.shape())));
    }
    let bias = node.inputs.get(2).map(|_| constant(graph, node, 2, "the bias of a matrix product")).transpose()?;
    let output = &graph[node.output].ty;
    let channels = weights.shape()[1];
    let width = panel(output.elements() / channels);
    let kernel = Kernel::Conv(Conv {
        kernel: [1, 1],
        strides: [1, 1],
        dilations: [1, 1],
        padding: Padding::ZERO,
        groups: 1,
        panel: width.0,
        residual: false,
        activation: product.activation,
    });
    let of = (node.inputs[1], node.inputs.get(2).copied());
    let packed = Packed::Weights { form: Form::Panels { groups: 1, width }, of, weights, bias };
    Ok(Lowered { kernel, reads: vec![node.inputs[0]], packed: Some(packed) })
}

fn lower_resize(graph: &Graph, node: &Node, op: &ir::Resize) -> Lowered {
    let [_, rows, columns, _] = four(&graph[node.inputs[0]].ty.shape);
    let (kernel, packed) = match (op.rows.repeats(rows), op.columns.repeats(columns)) {
        (Some(rows), Some(columns)) => (Kernel::Repeat { times: [rows, columns] }, None),
        _ => (Kernel::Resize(op.clone()), Some(Packed::Table(pack::table(op)))),
    };
    Lowered { kernel, reads: node.inputs.clone(), packed }
}

fn panel(pixels: usize) -> PanelWidth {
    if pixels == 1 { ROW_PANEL } else { PANEL }
}

fn constant(graph: &Graph, node: &Node, input: usize, what: &str) -> Result<Tensor, Diagnostic> {
    graph[node.inputs[input]]
        .constant
        .clone()
        .ok_or_else(|| unsupported(node, format!("{what} must be known when compiling")))
}

fn unsupported(node: &Node, message: String) -> Diagnostic {
    Diagnostic {
        code: Code::UnsupportedShape,
        message,
        node: Some(node.origin.clone()),
        operator: Some(node.op.name().into()),
        help: "export the model with this operand as a constant, or replace the operator".into(),
    }
}
