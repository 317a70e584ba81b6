//! Gives every value a home: a buffer, or a part of one.

use std::collections::HashSet;

use ir::{Code, Diagnostic, Diagnostics, Graph, Op, Padding, ValueId};

use crate::lower::Lowered;
use crate::view::{four, is_dense};

/// Most elements that padding may add to a value: a quarter of a gigabyte.
const PADDING_MAX: usize = 1 << 26;

/// A run of elements that is allocated at once.
#[derive(Debug, Clone)]
pub(crate) struct Buffer {
    pub(crate) elements: usize,
    pub(crate) place: Place,
    /// The buffer as a rank-4 frame, if it has a border.
    pub(crate) frame: Option<Home>,
}

/// What decides the address of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The arena, for as long as it is used.
    Arena,
    /// The arena, from the start to the end: the host may read and write it between inferences.
    Input,
    /// The arena, from its first write to the end.
    Output,
    /// With the weights.
    Weights,
}

/// Where the elements of a value lie.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) buffer: usize,
    /// Elements before the one at the origin.
    pub(crate) offset: usize,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<usize>,
    pub(crate) border: Padding,
}

/// The homes of all values that have one: constants that are only packed have none.
#[derive(Debug, Clone)]
pub(crate) struct Homes {
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) of: Vec<Option<Home>>,
    pub(crate) aliases: Vec<ValueId>,
}

impl Homes {
    pub(crate) fn of(&self, id: ValueId) -> &Home {
        self.of[id.index()].as_ref().expect("every value that is read or written has a home")
    }

    /// A buffer of its own, with a border for a rank-4 shape.
    pub(crate) fn allocate(&mut self, shape: &[usize], border: Padding, place: Place) -> Home {
        let buffer = self.buffers.len();
        if border == Padding::ZERO {
            let strides = ir::TensorType::f32(shape).strides();
            let elements = shape.iter().product();
            self.buffers.push(Buffer { elements, place, frame: None });
            return Home { buffer, offset: 0, shape: shape.to_vec(), strides, border };
        }
        let [n, h, w, c] = four(shape);
        let (height, width) = (border.top + h + border.bottom, border.left + w + border.right);
        let strides = vec![height * width * c, width * c, c, 1];
        let offset = (border.top * width + border.left) * c;
        let home = Home { buffer, offset, shape: shape.to_vec(), strides, border };
        self.buffers.push(Buffer { elements: n * height * width * c, place, frame: Some(home.clone()) });
        home
    }
}

/// Assigns homes from the last node to the first, so that a parent is placed before its parts.
///
/// # Errors
/// [`Code::TooLarge`] for padding that no memory holds.
pub(crate) fn assign(graph: &Graph, lowered: &[Lowered]) -> Result<Homes, Diagnostics> {
    check_padding(graph, lowered)?;
    let facts = Facts::of(graph);
    let borders = borders(graph, lowered, &facts);
    let mut homes = Homes { buffers: vec![], of: vec![None; graph.values().len()], aliases: vec![] };

    for id in graph.inputs() {
        let home = homes.allocate(&graph[*id].ty.shape, Padding::ZERO, Place::Input);
        homes.of[id.index()] = Some(home);
    }
    let read = lowered.iter().flat_map(|lowered| &lowered.reads);
    for id in read.chain(graph.outputs().iter().map(|output| &output.value)) {
        if graph[*id].constant.is_some() && homes.of[id.index()].is_none() {
            let home = homes.allocate(&graph[*id].ty.shape, Padding::ZERO, Place::Weights);
            homes.of[id.index()] = Some(home);
        }
    }
    for node in graph.nodes().iter().rev() {
        let output = node.output;
        if homes.of[output.index()].is_none() {
            let place = if facts.is_output[output.index()] { Place::Output } else { Place::Arena };
            let home = homes.allocate(&graph[output].ty.shape, borders[output.index()], place);
            homes.of[output.index()] = Some(home);
        }
        match &node.op {
            Op::Concat(concat) if facts.can_alias(graph, &node.inputs, concat.axis, &borders) => {
                let free = node.inputs.iter().all(|input| homes.of[input.index()].is_none());
                if free {
                    place_parts(graph, &mut homes, output, &node.inputs, concat.axis);
                    homes.aliases.push(output);
                }
            }
            Op::Reshape(_) => {
                let (input, parent) = (node.inputs[0], homes.of(output));
                let free = facts.is_movable(input) && homes.of[input.index()].is_none();
                if free && borders[input.index()] == Padding::ZERO && is_dense(&parent.shape, &parent.strides) {
                    let ty = &graph[input].ty;
                    let home = Home { shape: ty.shape.clone(), strides: ty.strides(), ..parent.clone() };
                    homes.of[input.index()] = Some(home);
                    homes.aliases.push(output);
                }
            }
            _ => {}
        }
    }
    Ok(homes)
}

/// Refuses padding that adds more than [`PADDING_MAX`] elements.
fn check_padding(graph: &Graph, lowered: &[Lowered]) -> Result<(), Diagnostics> {
    let mut needed = vec![Padding::ZERO; graph.values().len()];
    let mut reasons = vec![];
    for (node, lowered) in graph.nodes().iter().zip(lowered) {
        let Some(input) = lowered.reads.first().filter(|_| lowered.kernel.border() != Padding::ZERO) else { continue };
        let border = &mut needed[input.index()];
        *border = larger(*border, lowered.kernel.border());
        let [n, h, w, c] = four(&graph[*input].ty.shape);
        let sides = [n, border.top + h + border.bottom, border.left + w + border.right, c];
        let padded = sides.iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
        let most = n * h * w * c + PADDING_MAX;
        if padded.is_none_or(|padded| padded > most) {
            reasons.push(Diagnostic {
                code: Code::TooLarge,
                message: format!("padding {border:?} around {:?} needs too much memory", graph[*input].ty.shape),
                node: Some(node.origin.clone()),
                operator: Some(node.op.name().into()),
                help: "reduce the padding of the convolution".into(),
            });
        }
    }
    Diagnostics::check(reasons)
}

fn place_parts(graph: &Graph, homes: &mut Homes, output: ValueId, parts: &[ValueId], axis: usize) {
    let parent = homes.of(output).clone();
    let mut before = 0;
    for part in parts {
        let shape = graph[*part].ty.shape.clone();
        let offset = parent.offset + before * parent.strides[axis];
        before += shape[axis];
        homes.of[part.index()] = Some(Home { offset, shape, ..parent.clone() });
    }
}

/// What aliasing depends on, by value.
struct Facts {
    is_node: Vec<bool>,
    is_output: Vec<bool>,
}

impl Facts {
    fn of(graph: &Graph) -> Self {
        let values = graph.values().len();
        let (mut is_node, mut is_output) = (vec![false; values], vec![false; values]);
        graph.nodes().iter().for_each(|node| is_node[node.output.index()] = true);
        graph.outputs().iter().for_each(|output| is_output[output.value.index()] = true);
        Self { is_node, is_output }
    }

    /// Whether the planner may choose where the value lies.
    fn is_movable(&self, id: ValueId) -> bool {
        self.is_node[id.index()] && !self.is_output[id.index()]
    }

    /// Whether every operand of a concatenation can be a view of the result. A part shares the border of its parent
    /// only where the parent grows along the channels.
    fn can_alias(&self, graph: &Graph, parts: &[ValueId], axis: usize, borders: &[Padding]) -> bool {
        let mut seen = HashSet::new();
        parts.iter().all(|part| {
            let borderless = borders[part.index()] == Padding::ZERO || (graph[*part].ty.rank() == 4 && axis == 3);
            self.is_movable(*part) && borderless && seen.insert(*part)
        })
    }
}

/// The border that each value's buffer has: the largest that any reader needs, where the planner may choose.
fn borders(graph: &Graph, lowered: &[Lowered], facts: &Facts) -> Vec<Padding> {
    let mut borders = vec![Padding::ZERO; graph.values().len()];
    for lowered in lowered {
        if let Some(input) = lowered.reads.first().filter(|input| facts.is_movable(**input)) {
            let border = &mut borders[input.index()];
            *border = larger(*border, lowered.kernel.border());
        }
    }
    for node in graph.nodes() {
        let Op::Concat(concat) = &node.op else { continue };
        let movable = facts.is_movable(node.output);
        if concat.axis == 3 && graph[node.output].ty.rank() == 4 && movable {
            let parts = node.inputs.iter().map(|part| borders[part.index()]);
            borders[node.output.index()] = parts.fold(borders[node.output.index()], larger);
        }
    }
    borders
}

pub(crate) fn larger(a: Padding, b: Padding) -> Padding {
    Padding {
        top: a.top.max(b.top),
        left: a.left.max(b.left),
        bottom: a.bottom.max(b.bottom),
        right: a.right.max(b.right),
    }
}
