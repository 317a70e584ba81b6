//! Softmax in three passes along its axis: the largest element, the exponentials and their sum, the quotients.

use plan::View;
use wasm_encoder::Instruction;

use super::{LANES, bytes};
use crate::asm::{Axis, FuncBuilder, I32, collapse, nest};
use crate::functions::{Call, Functions};

pub(crate) fn call(functions: &mut Functions, axis: usize, read: &View, write: &View) -> Call {
    let side = |k: usize| Axis { count: read.shape[k], steps: vec![bytes(write.strides[k]), bytes(read.strides[k])] };
    let others = (0..read.shape.len()).filter(|k| *k != axis).map(side).collect();
    let shape = Shape { others: collapse(others), along: side(axis) };
    functions.call("softmax", &shape, [read.address, write.address], |f, [read, write]| shape.emit(f, read, write))
}

/// Steps of the output and of the input.
#[derive(Debug)]
struct Shape {
    others: Vec<Axis>,
    along: Axis,
}

impl Shape {
    fn emit(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        let step = bytes(1);
        if self.along.steps == [step, step] && self.along.count >= LANES {
            return nest(f, &[write, read], &self.others, &mut |f| self.contiguous(f, read, write));
        }
        match self.others.split_last() {
            Some((inner, outer)) if inner.steps == [step, step] => nest(f, &[write, read], outer, &mut |f| {
                let (from, to) = (f.i32(), f.i32());
                f.offset(from, read, 0);
                f.offset(to, write, 0);
                f.walk(to, bytes(LANES), inner.count / LANES, |f| {
                    self.strided(f, from, to, LANES);
                    f.advance(from, bytes(LANES));
                });
                if inner.count % LANES != 0 {
                    self.strided(f, from, to, inner.count % LANES);
                }
            }),
            _ => nest(f, &[write, read], &self.others, &mut |f| self.strided(f, read, write, 1)),
        }
    }

    /// `lanes` softmaxes at once, element by element.
    fn strided(&self, f: &mut FuncBuilder, read: I32, write: I32, lanes: usize) {
        let [largest, sum, x] = [(); 3].map(|()| f.v128());
        let (from, to) = (f.i32(), f.i32());
        let Axis { count, steps } = &self.along;
        f.splat(f32::NEG_INFINITY).set(largest).splat(0.0).set(sum);
        f.offset(from, read, 0);
        f.walk(from, steps[1], *count, |f| {
            f.get(largest).load(from, 0).op(Instruction::F32x4Max).set(largest);
        });
        f.offset(from, read, 0);
        f.offset(to, write, 0);
        f.walk(to, steps[0], *count, |f| {
            f.load(from, 0).get(largest).op(Instruction::F32x4Sub).set(x);
            f.exp(x);
            f.get(sum).get(x).op(Instruction::F32x4Add).set(sum);
            f.store(to, 0, x, lanes);
            f.advance(from, steps[1]);
        });
        f.offset(to, write, 0);
        f.walk(to, steps[0], *count, |f| {
            f.load(to, 0).get(sum).op(Instruction::F32x4Div).set(x);
            f.store(to, 0, x, lanes);
        });
    }

    /// One softmax of neighboring elements, four at a time. The last vector may hold elements twice in the search for
    /// the largest, and masks them in the sum.
    fn contiguous(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        let [largest, sum, x] = [(); 3].map(|()| f.v128());
        let (from, to) = (f.i32(), f.i32());
        let (vectors, rest) = (self.along.count / LANES, self.along.count % LANES);
        f.splat(f32::NEG_INFINITY).set(largest).splat(0.0).set(sum);
        f.offset(from, read, 0);
        f.walk(from, bytes(LANES), vectors, |f| {
            f.get(largest).load(from, 0).op(Instruction::F32x4Max).set(largest);
        });
        if rest != 0 {
            f.advance(from, bytes(rest) - bytes(LANES));
            f.get(largest).load(from, 0).op(Instruction::F32x4Max).set(largest);
        }
        f.fold_lanes(largest, &Instruction::F32x4Max);

        f.offset(from, read, 0);
        f.offset(to, write, 0);
        let exponential = |f: &mut FuncBuilder, lanes: usize| {
            f.load(from, 0).get(largest).op(Instruction::F32x4Sub).set(x);
            f.exp(x);
            f.store(to, 0, x, lanes);
            f.get(sum).get(x);
            if lanes < LANES {
                f.op(Instruction::V128Const((u128::MAX >> (128 - 32 * lanes)).cast_signed())).op(Instruction::V128And);
            }
            f.op(Instruction::F32x4Add).set(sum);
        };
        f.walk(to, bytes(LANES), vectors, |f| {
            exponential(f, LANES);
            f.advance(from, bytes(LANES));
        });
        if rest != 0 {
            exponential(f, rest);
        }
        f.fold_lanes(sum, &Instruction::F32x4Add);

        f.offset(to, write, 0);
        let quotient = |f: &mut FuncBuilder, lanes: usize| {
            f.load(to, 0).get(sum).op(Instruction::F32x4Div).set(x);
            f.store(to, 0, x, lanes);
        };
        f.walk(to, bytes(LANES), vectors, |f| quotient(f, LANES));
        if rest != 0 {
            quotient(f, rest);
        }
    }
}
