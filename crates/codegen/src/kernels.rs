//! One file for each kernel family. Each answers the calls that compute a step.

mod activation;
mod concat;
mod conv;
mod copy;
mod depthwise;
mod gemm;
mod map;
mod pad;
mod pool;
mod reduce;
mod resize;
mod softmax;
mod zero_border;

use plan::{Kernel, Step, View};

use crate::functions::{Call, Functions};

/// The calls that compute a step.
pub(crate) fn calls(functions: &mut Functions, step: &Step) -> Vec<Call> {
    let reads: Vec<&View> = step.reads.iter().map(|operand| &operand.view).collect();
    let write = &step.write.view;
    match &step.kernel {
        Kernel::Conv(conv) => vec![conv::call(functions, conv, &reads, weights(step), write)],
        Kernel::Depthwise(conv) => vec![depthwise::call(functions, conv, &reads, weights(step), write)],
        Kernel::Pool(pool) => vec![pool::call(functions, pool, reads[0], write)],
        Kernel::Map(map) => vec![map::call(functions, *map, &reads, write)],
        Kernel::Reduce { kind, axes } => vec![reduce::call(functions, *kind, axes, reads[0], write)],
        Kernel::Repeat { times } => vec![resize::repeat(functions, *times, reads[0], write)],
        Kernel::Resize(op) => vec![resize::call(functions, op, reads[0], weights(step), write)],
        Kernel::Softmax { axis } => vec![softmax::call(functions, *axis, reads[0], write)],
        Kernel::Transpose { permutation } => vec![copy::call(functions, &copy::permuted(reads[0], permutation), write)],
        Kernel::Slice { starts, steps } => {
            vec![copy::call(functions, &copy::sliced(reads[0], starts, steps, &write.shape), write)]
        }
        Kernel::Copy => vec![copy::reshaped(functions, reads[0], write)],
        Kernel::Concat { axis } => concat::calls(functions, *axis, &reads, write),
        Kernel::Pad { before, value } => pad::calls(functions, before, *value, reads[0], write),
        Kernel::ZeroBorder => vec![zero_border::call(functions, write)],
    }
}

fn weights(step: &Step) -> u32 {
    step.weights.expect("the planner packs weights for every convolution and a table for every resizing")
}

/// Bytes of an `f32`.
const ELEMENT: usize = 4;
/// Elements of a vector.
const LANES: usize = 4;

/// A stride in bytes.
fn bytes(elements: usize) -> i64 {
    i64::try_from(elements * ELEMENT).expect("within the memory")
}

/// The address of `view` moved by `elements`, which may lie before it.
fn moved(view: &View, elements: i64) -> u32 {
    u32::try_from(i64::from(view.address) + 4 * elements).expect("within the memory")
}

fn four(sizes: &[usize]) -> [usize; 4] {
    sizes.try_into().expect("spatial operands have rank 4")
}

/// `n` split into pieces of at most `most` whose sizes differ by at most one: `(count, size)`, larger first.
fn split_evenly(n: usize, most: usize) -> Vec<(usize, usize)> {
    let pieces = n.div_ceil(most);
    let (size, larger) = (n / pieces, n % pieces);
    [(larger, size + 1), (pieces - larger, size)].into_iter().filter(|(count, _)| *count > 0).collect()
}
