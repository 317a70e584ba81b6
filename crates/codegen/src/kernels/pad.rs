//! A frame of one value, then the operand inside it.

use plan::View;

use super::{LANES, bytes, copy};
use crate::asm::{Axis, FuncBuilder, I32, collapse, nest};
use crate::functions::{Call, Functions};

pub(crate) fn calls(functions: &mut Functions, before: &[usize], value: f32, read: &View, write: &View) -> Vec<Call> {
    let axes = (0..write.shape.len())
        .map(|axis| Axis { count: write.shape[axis], steps: vec![bytes(write.strides[axis])] })
        .collect();
    let axes = collapse(axes);
    let fill = functions.call("fill", &(&axes, value.to_bits()), [write.address], |f, [write]| {
        emit(f, &axes, value, write);
    });
    let inside = copy::sliced(write, before, &vec![1; before.len()], &read.shape);
    vec![fill, copy::call(functions, read, &inside)]
}

fn emit(f: &mut FuncBuilder, axes: &[Axis], value: f32, write: I32) {
    let vector = f.v128();
    f.splat(value).set(vector);
    match axes.split_last() {
        Some((inner, outer)) if inner.steps == [bytes(1)] => nest(f, &[write], outer, &mut |f| {
            let to = f.i32();
            f.offset(to, write, 0);
            f.walk(to, bytes(LANES), inner.count / LANES, |f| f.store(to, 0, vector, LANES));
            f.store(to, 0, vector, inner.count % LANES);
        }),
        _ => nest(f, &[write], axes, &mut |f| f.store(write, 0, vector, 1)),
    }
}
