//! Elements moved between two views: transposes, slices, concatenations, paddings and reshapes.

use plan::View;

use super::{ELEMENT, LANES, bytes};
use crate::asm::{Axis, FuncBuilder, I32, collapse, nest};
use crate::functions::{Call, Functions};

/// Innermost axes up to this many elements are written without a loop.
const UNROLL: usize = 8;

/// The input seen with its axes in another order.
pub(crate) fn permuted(view: &View, permutation: &[usize]) -> View {
    let shape = permutation.iter().map(|axis| view.shape[*axis]).collect();
    let strides = permutation.iter().map(|axis| view.strides[*axis]).collect();
    View { address: view.address, shape, strides, border: view.border }
}

/// A regular part of the input.
pub(crate) fn sliced(view: &View, starts: &[usize], steps: &[usize], sizes: &[usize]) -> View {
    let first: usize = starts.iter().zip(&view.strides).map(|(start, stride)| start * stride).sum();
    let strides = view.strides.iter().zip(steps).map(|(stride, step)| stride * step).collect();
    let address = view.address + u32::try_from(first * ELEMENT).expect("within the memory");
    View { address, shape: sizes.to_vec(), strides, border: view.border }
}

/// Copies between views of one shape.
pub(crate) fn call(functions: &mut Functions, read: &View, write: &View) -> Call {
    debug_assert_eq!(read.shape, write.shape, "a copy keeps the shape");
    let axes: Vec<Axis> = (0..write.shape.len())
        .map(|axis| Axis {
            count: write.shape[axis],
            steps: vec![bytes(write.strides[axis]), bytes(read.strides[axis])],
        })
        .collect();
    let axes = collapse(axes);
    functions.call("copy", &axes, [read.address, write.address], |f, [read, write]| emit(f, &axes, read, write))
}

/// Copies in row-major order between views of one shape, or of which one is dense.
pub(crate) fn reshaped(functions: &mut Functions, read: &View, write: &View) -> Call {
    if read.shape == write.shape {
        return call(functions, read, write);
    }
    let like = |view: &View, shape: &[usize]| {
        assert!(view.is_dense(), "the planner puts dense elements between two views with jumps");
        let strides = ir::TensorType::f32(shape).strides();
        View { address: view.address, shape: shape.to_vec(), strides, border: view.border }
    };
    if write.is_dense() {
        call(functions, read, &like(write, &read.shape))
    } else {
        call(functions, &like(read, &write.shape), write)
    }
}

fn emit(f: &mut FuncBuilder, axes: &[Axis], read: I32, write: I32) {
    let element = bytes(1);
    let Some((inner, outer)) = axes.split_last() else {
        move_element(f, read, 0, write, 0);
        return;
    };
    if inner.steps == [element, element] {
        let value = f.v128();
        return nest(f, &[write, read], outer, &mut |f| {
            let (vectors, rest) = (inner.count / LANES, inner.count % LANES);
            let (to, from) = (f.i32(), f.i32());
            f.offset(to, write, 0);
            f.offset(from, read, 0);
            f.walk(to, bytes(LANES), vectors, |f| {
                f.load(from, 0).set(value);
                f.store(to, 0, value, LANES);
                f.advance(from, bytes(LANES));
            });
            for k in 0..rest {
                move_element(f, from, k * ELEMENT, to, k * ELEMENT);
            }
        });
    }
    let unrolled = |axis: &Axis, most: usize| axis.count <= most && axis.steps.iter().all(|step| *step >= 0);
    if !unrolled(inner, UNROLL) {
        return nest(f, &[write, read], axes, &mut |f| move_element(f, read, 0, write, 0));
    }
    let offset = |axis: &Axis, turn: usize, pointer: usize| {
        turn * usize::try_from(axis.steps[pointer]).expect("checked not to be negative")
    };
    nest(f, &[write, read], outer, &mut |f| {
        for turn in 0..inner.count {
            move_element(f, read, offset(inner, turn, 1), write, offset(inner, turn, 0));
        }
    });
}

fn move_element(f: &mut FuncBuilder, read: I32, from: usize, write: I32, to: usize) {
    f.get(write).load_f32(read, from).store_f32(to);
}
