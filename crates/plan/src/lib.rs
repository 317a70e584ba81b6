//! Decides where everything lies and in which order it is computed, and checks the decision independently.
//!
//! [`plan`] gives every value of a graph a place in linear memory and turns every node into a [`Step`]: a [`Kernel`]
//! and the [`View`]s that it reads and writes. Three ideas carry it:
//!
//! * **Borders instead of branches.** A convolution with padding reads its input from a buffer that has a frame of
//!   zeros, so kernels know no edges. A frame is cleared right before its buffer is written, unless nothing else ever
//!   touches those bytes: linear memory starts as zeros.
//! * **Values without a step.** A reshape of densely stored elements and an operand of a concatenation are views of
//!   another buffer.
//! * **Lifetimes.** A buffer occupies its bytes from the first write to the last read; buffers of other times share them.
//!
//! [`check()`] replays the schedule symbolically over every element of the arena and rejects a read of an element that
//! was not written or was overwritten.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod arena;
mod check;
mod home;
mod kernel;
mod lower;
mod pack;
mod schedule;
mod text;
mod view;

pub use check::{CheckError, check};
pub use kernel::{Conv, Depthwise, Kernel, Map, Pool, PoolKind};
pub use pack::{PanelWidth, entry_words, packed_panels};
pub use text::print;
pub use view::View;

use ir::{Diagnostics, Graph, ValueId};

/// No weight lies below this address: the low memory belongs to the runtime part of a module and to callers.
pub const RESERVED_BYTES: u32 = 1024;
/// Bytes after the arena that kernels may read (never write) past the end of a row of fewer than 4 elements.
pub const SLACK_BYTES: u32 = 64;
/// Half of the linear memory in 32-bit Wasm: pictures need some, and no pointer of a loop may wrap around.
pub const MEMORY_MAX: u64 = 2 << 30;

/// A graph with a schedule and an address for everything.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The graph that is computed. Constants that are packed have no elements any more.
    pub graph: Graph,
    /// What is run, in order.
    pub steps: Vec<Step>,
    /// Input tensors, dense and row-major, in the order of the graph. They keep their elements during an inference.
    pub inputs: Vec<Port>,
    /// Output tensors, dense and row-major, in the order of the graph.
    pub outputs: Vec<Port>,
    /// Values that are views of another value's elements and have no step.
    pub aliases: Vec<ValueId>,
    /// Constants as the kernels read them, for the memory from [`Self::weights_start`].
    pub weights: Vec<f32>,
    /// First byte of the weights, at least [`RESERVED_BYTES`].
    pub weights_start: u32,
    /// First byte of the arena.
    pub arena_start: u32,
    /// First byte after the arena.
    pub arena_end: u32,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
}

/// One kernel on its operands.
#[derive(Debug, Clone)]
pub struct Step {
    /// The ONNX node it came from, for profiles.
    pub origin: String,
    /// What is computed.
    pub kernel: Kernel,
    /// What is read, in the order that the kernel defines.
    pub reads: Vec<Operand>,
    /// What is written.
    pub write: Operand,
    /// Address of packed weights.
    pub weights: Option<u32>,
}

/// Where a value is read or written.
#[derive(Debug, Clone)]
pub struct Operand {
    /// Which value.
    pub value: ValueId,
    /// Where its elements lie.
    pub view: View,
}

/// A tensor that the host reads or writes.
#[derive(Debug, Clone)]
pub struct Port {
    /// Name in the ONNX graph.
    pub name: String,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Address of the first element.
    pub address: u32,
}

/// Plans a verified graph.
///
/// # Errors
/// [`ir::Code::UnsupportedShape`] for operands that no kernel takes, [`ir::Code::TooLarge`] beyond [`MEMORY_MAX`].
pub fn plan(graph: Graph) -> Result<Plan, Diagnostics> {
    plan_behind(RESERVED_BYTES, graph)
}

/// Plans a verified graph and leaves at least `low_bytes` of memory, from address 0, to others.
///
/// # Errors
/// As [`plan`].
pub fn plan_behind(low_bytes: u32, graph: Graph) -> Result<Plan, Diagnostics> {
    let kernels = lower::lower(&graph)?;
    let homes = home::assign(&graph, &kernels)?;
    schedule::schedule(low_bytes.max(RESERVED_BYTES), graph, kernels, homes)
}
