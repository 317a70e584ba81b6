//! Whole axes folded to one element.

use ir::ReduceKind;
use plan::View;
use wasm_encoder::Instruction;

use super::{LANES, bytes};
use crate::asm::{Axis, FuncBuilder, I32, V128, collapse, nest};
use crate::functions::{Call, Functions};

/// Vectors of neighboring outputs that are folded together, to hide the latency of an addition.
const TOGETHER: usize = 4;

pub(crate) fn call(functions: &mut Functions, kind: ReduceKind, axes: &[usize], read: &View, write: &View) -> Call {
    let axis = |axis: usize, steps: Vec<i64>| Axis { count: read.shape[axis], steps };
    let (folded, kept): (Vec<usize>, Vec<usize>) = (0..read.shape.len()).partition(|axis| axes.contains(axis));
    let kept = kept.iter().map(|k| axis(*k, vec![bytes(write.strides[*k]), bytes(read.strides[*k])])).collect();
    let folded = folded.iter().map(|k| axis(*k, vec![bytes(read.strides[*k])])).collect();
    let shape = Shape { kind, kept: collapse(kept), folded: collapse(folded) };
    functions.call("reduce", &shape, [read.address, write.address], |f, [read, write]| shape.emit(f, read, write))
}

#[derive(Debug)]
struct Shape {
    kind: ReduceKind,
    /// Axes of the output: steps of the output and of the input.
    kept: Vec<Axis>,
    /// Axes of the input that vanish.
    folded: Vec<Axis>,
}

impl Shape {
    fn emit(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        match self.kept.split_last() {
            Some((inner, outer)) if inner.steps == [bytes(1), bytes(1)] => {
                nest(f, &[write, read], outer, &mut |f| self.side_by_side(f, read, write, inner.count));
            }
            _ => nest(f, &[write, read], &self.kept, &mut |f| self.one(f, read, write)),
        }
    }

    /// `count` neighboring outputs, whose inputs are neighbors too.
    fn side_by_side(&self, f: &mut FuncBuilder, read: I32, write: I32, count: usize) {
        let (from, to) = (f.i32(), f.i32());
        f.offset(from, read, 0);
        f.offset(to, write, 0);
        let wide = TOGETHER * LANES;
        f.walk(to, bytes(wide), count / wide, |f| {
            self.vectors(f, from, to, &[LANES; TOGETHER]);
            f.advance(from, bytes(wide));
        });
        f.walk(to, bytes(LANES), count % wide / LANES, |f| {
            self.vectors(f, from, to, &[LANES]);
            f.advance(from, bytes(LANES));
        });
        if !count.is_multiple_of(LANES) {
            self.vectors(f, from, to, &[count % LANES]);
        }
    }

    /// One vector of outputs for each entry of `lanes`.
    fn vectors(&self, f: &mut FuncBuilder, from: I32, to: I32, lanes: &[usize]) {
        let folds = f.v128s(lanes.len());
        for fold in &folds {
            f.splat(self.identity()).set(*fold);
        }
        let cursor = f.i32();
        f.offset(cursor, from, 0);
        nest(f, &[cursor], &self.folded, &mut |f| {
            for (index, fold) in folds.iter().enumerate() {
                f.get(*fold).load(cursor, 16 * index).op(self.instruction()).set(*fold);
            }
        });
        for (index, (fold, lanes)) in folds.iter().zip(lanes).enumerate() {
            self.scale(f, *fold);
            f.store(to, 16 * index, *fold, *lanes);
        }
    }

    /// One output, whose inputs may be neighbors.
    fn one(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        let fold = f.v128();
        f.splat(self.identity()).set(fold);
        let cursor = f.i32();
        f.offset(cursor, read, 0);
        match self.folded.split_last() {
            Some((inner, outer)) if inner.steps == [bytes(1)] && inner.count >= LANES => {
                nest(f, &[cursor], outer, &mut |f| {
                    let from = f.i32();
                    f.offset(from, cursor, 0);
                    f.walk(from, bytes(LANES), inner.count / LANES, |f| {
                        f.get(fold).load(from, 0).op(self.instruction()).set(fold);
                    });
                    self.rest(f, from, fold, inner.count % LANES);
                });
                f.fold_lanes(fold, &self.instruction());
            }
            _ => nest(f, &[cursor], &self.folded, &mut |f| {
                f.get(fold).load_splat(cursor, 0).op(self.instruction()).set(fold);
            }),
        }
        self.scale(f, fold);
        f.store(write, 0, fold, 1);
    }

    /// The elements that do not fill a vector, into the first lane.
    fn rest(&self, f: &mut FuncBuilder, from: I32, fold: V128, elements: usize) {
        for element in 0..elements {
            f.get(fold).splat(self.identity()).load_f32(from, 4 * element).op(Instruction::F32x4ReplaceLane(0));
            f.op(self.instruction()).set(fold);
        }
    }

    fn scale(&self, f: &mut FuncBuilder, fold: V128) {
        if self.kind == ReduceKind::Mean {
            let elements: usize = self.folded.iter().map(|axis| axis.count).product();
            f.get(fold).splat(elements as f32).op(Instruction::F32x4Div).set(fold);
        }
    }

    fn identity(&self) -> f32 {
        match self.kind {
            ReduceKind::Mean | ReduceKind::Sum => 0.0,
            ReduceKind::Max => f32::NEG_INFINITY,
        }
    }

    fn instruction(&self) -> Instruction<'static> {
        match self.kind {
            ReduceKind::Mean | ReduceKind::Sum => Instruction::F32x4Add,
            ReduceKind::Max => Instruction::F32x4Max,
        }
    }
}
