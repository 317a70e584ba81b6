//! Puts the steps in order, packs the weights and resolves every home to an address.

use std::collections::HashMap;

use ir::{Code, Diagnostic, Diagnostics, Graph, Padding, ValueId};

use crate::arena::{self, ALIGN, Interval};
use crate::home::{Home, Homes, Place, larger};
use crate::kernel::Kernel;
use crate::lower::{Form, Lowered, Packed};
use crate::pack;
use crate::view::{View, is_dense};
use crate::{MEMORY_MAX, Operand, Plan, Port, SLACK_BYTES, Step};

/// A step whose buffers have no address yet.
struct Draft {
    origin: String,
    kernel: Kernel,
    reads: Vec<(ValueId, Home)>,
    write: (ValueId, Home),
    /// Elements before the packed weights.
    weights: Option<usize>,
}

/// The first `low_bytes`, rounded up to the boundary of buffers, stay free.
pub(crate) fn schedule(
    low_bytes: u32,
    mut graph: Graph,
    lowered: Vec<Lowered>,
    mut homes: Homes,
) -> Result<Plan, Diagnostics> {
    let macs = graph.nodes().iter().fold(0_u64, |macs, node| macs.saturating_add(graph.macs(node)));
    // What is packed is held by the kernels, and given up as they are packed.
    for id in graph.value_ids().filter(|id| homes.of[id.index()].is_none()) {
        graph.take_elements(id);
    }
    let mut weights = Weights { words: vec![], offsets: HashMap::new() };
    let drafts = draft(&graph, lowered, &mut homes, &mut weights);
    let addresses = place(low_bytes, &graph, &homes, &drafts, &mut weights)?;
    let view = |home: &Home| View {
        address: addresses.of[home.buffer] + 4 * u32::try_from(home.offset).expect("within the arena"),
        shape: home.shape.clone(),
        strides: home.strides.clone(),
        border: home.border,
    };
    let operand = |(value, home): &(ValueId, Home)| Operand { value: *value, view: view(home) };
    let port = |name: &str, id: ValueId| {
        let home = homes.of(id);
        Port { name: name.to_owned(), shape: home.shape.clone(), address: view(home).address }
    };
    let steps = drafts
        .iter()
        .filter(|draft| draft.kernel != Kernel::ZeroBorder || addresses.is_shared[draft.write.1.buffer])
        .map(|draft| Step {
            origin: draft.origin.clone(),
            kernel: draft.kernel.clone(),
            reads: draft.reads.iter().map(operand).collect(),
            write: operand(&draft.write),
            weights: draft
                .weights
                .map(|words| addresses.weights_start + 4 * u32::try_from(words).expect("within the weights")),
        })
        .collect();
    let inputs = graph.inputs().iter().map(|id| port(&graph[*id].name, *id)).collect();
    let outputs = graph.outputs().iter().map(|output| port(&output.name, output.value)).collect();
    let Addresses { weights_start, arena_start, arena_end, .. } = addresses;
    let aliases = std::mem::take(&mut homes.aliases);
    Ok(Plan {
        graph,
        steps,
        inputs,
        outputs,
        aliases,
        weights: weights.words,
        weights_start,
        arena_start,
        arena_end,
        macs,
    })
}

fn draft(graph: &Graph, lowered: Vec<Lowered>, homes: &mut Homes, weights: &mut Weights) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = vec![];
    let mut framed = vec![false; homes.buffers.len()];
    let mut is_alias = vec![false; graph.values().len()];
    homes.aliases.iter().for_each(|alias| is_alias[alias.index()] = true);
    for (node, lowered) in graph.nodes().iter().zip(lowered) {
        if is_alias[node.output.index()] {
            continue;
        }
        let origin = &node.origin;
        let mut reads: Vec<(ValueId, Home)> = lowered.reads.iter().map(|id| (*id, homes.of(*id).clone())).collect();
        let write = homes.of(node.output).clone();
        let needed = lowered.kernel.border();
        if let Some((id, home)) = reads.first_mut().filter(|(_, home)| larger(home.border, needed) != home.border) {
            // The input lies where it has no border, or too small a one.
            let bordered = homes.allocate(&home.shape, needed, Place::Arena);
            drafts.push(zero_border(*id, bordered.clone(), origin));
            drafts.push(copy(*id, home, bordered, origin));
        }
        if let (Kernel::Copy, Some((id, home))) = (&lowered.kernel, reads.first_mut())
            && ![&*home, &write].iter().any(|home| is_dense(&home.shape, &home.strides))
        {
            // Two views with jumps and different shapes: elements in a row between them.
            let dense = homes.allocate(&home.shape, Padding::ZERO, Place::Arena);
            drafts.push(copy(*id, home, dense, origin));
        }
        if let Some(frame) = homes.buffers[write.buffer].frame.clone()
            && !std::mem::replace(&mut framed[write.buffer], true)
        {
            drafts.push(zero_border(node.output, frame, origin));
        }
        let packed = lowered.packed.map(|packed| weights.pack(&packed));
        let write = (node.output, write);
        drafts.push(Draft { origin: origin.clone(), kernel: lowered.kernel, reads, write, weights: packed });
    }
    drafts
}

/// Copies a value elsewhere and lets `home` be there.
fn copy(value: ValueId, home: &mut Home, elsewhere: Home, origin: &str) -> Draft {
    let source = std::mem::replace(home, elsewhere.clone());
    Draft {
        origin: origin.to_owned(),
        kernel: Kernel::Copy,
        reads: vec![(value, source)],
        write: (value, elsewhere),
        weights: None,
    }
}

fn zero_border(value: ValueId, frame: Home, origin: &str) -> Draft {
    let origin = origin.to_owned();
    Draft { origin, kernel: Kernel::ZeroBorder, reads: vec![], write: (value, frame), weights: None }
}

/// The words that go into the file, and where the dense constants are among them.
struct Weights {
    words: Vec<f32>,
    /// By buffer.
    offsets: HashMap<usize, usize>,
}

impl Weights {
    /// Starts a run of words on the alignment of a buffer.
    fn start(&mut self) -> usize {
        self.words.resize(self.words.len().next_multiple_of(ALIGN as usize / 4), 0.0);
        self.words.len()
    }

    fn pack(&mut self, packed: &Packed) -> usize {
        let start = self.start();
        let (form, weights, bias) = match packed {
            Packed::Weights { form, weights, bias } => (form, weights, bias),
            Packed::Table(words) => {
                self.words.extend_from_slice(words);
                return start;
            }
        };
        let data = weights.data();
        let channels = *weights.shape().last().expect("weights have a rank");
        let zeros;
        let bias = match bias {
            Some(bias) => bias.data(),
            None => {
                zeros = vec![0.0; channels];
                &zeros
            }
        };
        match *form {
            Form::Depthwise => pack::depthwise(&mut self.words, data, bias),
            Form::Panels { groups, width } => {
                let (depth, per_group) = (data.len() / channels, channels / groups);
                for group in 0..groups {
                    let first = group * per_group;
                    let bias = &bias[first..first + per_group];
                    pack::panels(&mut self.words, &data[first..], (depth, channels), bias, width);
                }
            }
        }
        start
    }
}

struct Addresses {
    /// By buffer.
    of: Vec<u32>,
    /// Whether another buffer ever uses one of its bytes, by buffer; known for those with a border.
    is_shared: Vec<bool>,
    weights_start: u32,
    arena_start: u32,
    arena_end: u32,
}

fn place(
    low_bytes: u32,
    graph: &Graph,
    homes: &Homes,
    drafts: &[Draft],
    weights: &mut Weights,
) -> Result<Addresses, Diagnostics> {
    for (index, value) in graph.values().iter().enumerate() {
        if let (Some(tensor), Some(home)) = (&value.constant, &homes.of[index]) {
            let start = weights.start();
            weights.words.extend_from_slice(tensor.data());
            weights.offsets.insert(home.buffer, start);
        }
    }
    weights.start();

    let in_arena: Vec<usize> =
        (0..homes.buffers.len()).filter(|buffer| homes.buffers[*buffer].place != Place::Weights).collect();
    let mut used: Vec<Option<(usize, usize)>> = vec![None; homes.buffers.len()];
    for (step, draft) in drafts.iter().enumerate() {
        for (_, home) in draft.reads.iter().chain([&draft.write]) {
            let (first, last) = used[home.buffer].get_or_insert((step, step));
            (*first, *last) = ((*first).min(step), (*last).max(step));
        }
    }
    let end = drafts.len();
    let intervals: Vec<Interval> = in_arena
        .iter()
        .map(|index| {
            let buffer = &homes.buffers[*index];
            let (first, last) = used[*index].unwrap_or((0, end));
            let (first, last) = match buffer.place {
                Place::Input => (0, end),
                Place::Output => (first, end),
                Place::Arena | Place::Weights => (first, last),
            };
            Interval { bytes: 4 * buffer.elements.max(1) as u64, first, last }
        })
        .collect();
    let (offsets, arena_bytes) = arena::pack(&intervals);

    let weights_start = u64::from(low_bytes).next_multiple_of(ALIGN);
    let arena_start = weights_start + 4 * weights.words.len() as u64;
    let arena_end = arena_start + arena_bytes;
    let total = arena_end + u64::from(SLACK_BYTES);
    if total > MEMORY_MAX {
        return Err(Diagnostics::from(Diagnostic {
            code: Code::TooLarge,
            message: format!("the model needs {total} bytes of memory, a module has at most {MEMORY_MAX}"),
            node: None,
            operator: None,
            help: "reduce the size of the input or of the batch, or split the model".into(),
        }));
    }
    let address = |bytes: u64| u32::try_from(bytes).expect("checked against the limit");
    let mut of = vec![0; homes.buffers.len()];
    let mut is_shared = vec![false; homes.buffers.len()];
    for (buffer, words) in &weights.offsets {
        of[*buffer] = address(weights_start + 4 * *words as u64);
    }
    for (position, buffer) in in_arena.iter().enumerate() {
        let range = |position: usize| offsets[position]..offsets[position] + intervals[position].bytes;
        let own = range(position);
        of[*buffer] = address(arena_start + own.start);
        // Only a border asks.
        is_shared[*buffer] = homes.buffers[*buffer].frame.is_some()
            && (0..in_arena.len())
                .any(|other| other != position && range(other).start < own.end && own.start < range(other).end);
    }
    Ok(Addresses {
        of,
        is_shared,
        weights_start: address(weights_start),
        arena_start: address(arena_start),
        arena_end: address(arena_end),
    })
}
