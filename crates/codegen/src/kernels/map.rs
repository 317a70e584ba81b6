//! A function of each element, with broadcast operands.

use ir::{BinaryOp, Unary};
use plan::{Map, View};
use wasm_encoder::Instruction;

use super::{LANES, bytes};
use crate::asm::{Axis, FuncBuilder, I32, V128, collapse, nest};
use crate::functions::{Call, Functions};

pub(crate) fn call(functions: &mut Functions, map: Map, reads: &[&View], write: &View) -> Call {
    let rank = write.shape.len();
    let axes = (0..rank)
        .map(|axis| {
            let read = reads.iter().map(|read| bytes(broadcast_stride(read, axis, rank)));
            Axis { count: write.shape[axis], steps: std::iter::once(bytes(write.strides[axis])).chain(read).collect() }
        })
        .collect();
    let axes = collapse(axes);
    let geometry = (map, &axes);
    match *reads {
        [x] => functions.call("map", &geometry, [x.address, write.address], |f, [x, y]| emit(f, map, &axes, y, &[x])),
        [a, b] => functions.call("map", &geometry, [a.address, b.address, write.address], |f, [a, b, y]| {
            emit(f, map, &axes, y, &[a, b]);
        }),
        _ => unreachable!("a function of elements has one or two operands"),
    }
}

/// The stride of an operand along an axis of the output: 0 where its single element is repeated.
fn broadcast_stride(read: &View, axis: usize, rank: usize) -> usize {
    match (axis + read.shape.len()).checked_sub(rank) {
        Some(own) if read.shape[own] != 1 => read.strides[own],
        _ => 0,
    }
}

fn emit(f: &mut FuncBuilder, map: Map, axes: &[Axis], write: I32, reads: &[I32]) {
    let pointers: Vec<I32> = std::iter::once(write).chain(reads.iter().copied()).collect();
    let operands = f.v128s(reads.len());
    let (inner, outer) = match axes.split_last() {
        Some((inner, outer)) if is_vector(inner) => (inner, outer),
        _ => {
            return nest(f, &pointers, axes, &mut |f| {
                for (operand, read) in operands.iter().zip(reads) {
                    f.load_splat(*read, 0).set(*operand);
                }
                apply(f, map, &operands);
                f.store(write, 0, operands[0], 1);
            });
        }
    };
    nest(f, &pointers, outer, &mut |f| {
        let cursors: Vec<I32> = pointers.iter().map(|_| f.i32()).collect();
        for (cursor, pointer) in cursors.iter().zip(&pointers) {
            f.offset(*cursor, *pointer, 0);
        }
        let vector = |f: &mut FuncBuilder, lanes: usize| {
            for (index, operand) in operands.iter().enumerate() {
                let cursor = cursors[index + 1];
                if inner.steps[index + 1] == 0 { f.load_splat(cursor, 0) } else { f.load(cursor, 0) }.set(*operand);
            }
            apply(f, map, &operands);
            f.store(cursors[0], 0, operands[0], lanes);
        };
        f.walk(cursors[0], bytes(LANES), inner.count / LANES, |f| {
            vector(f, LANES);
            for (cursor, step) in cursors[1..].iter().zip(&inner.steps[1..]) {
                f.advance(*cursor, step * 4);
            }
        });
        if inner.count % LANES != 0 {
            vector(f, inner.count % LANES);
        }
    });
}

/// Whether neighbors of the output are neighbors in memory and of each operand too, or one element repeated.
fn is_vector(axis: &Axis) -> bool {
    axis.steps[0] == bytes(1) && axis.steps[1..].iter().all(|step| *step == 0 || *step == bytes(1))
}

/// Computes into the first operand.
fn apply(f: &mut FuncBuilder, map: Map, operands: &[V128]) {
    let x = operands[0];
    match map {
        Map::Clamp(clamp) => super::activation::clamp(f, x, Some(clamp)),
        Map::Unary(unary) => match unary {
            Unary::Abs => simple(f, x, Instruction::F32x4Abs),
            Unary::Neg => simple(f, x, Instruction::F32x4Neg),
            Unary::Sqrt => simple(f, x, Instruction::F32x4Sqrt),
            Unary::Exp => f.exp(x),
            Unary::Log => f.log(x),
            Unary::Sigmoid => f.sigmoid(x),
            Unary::Tanh => f.tanh(x),
        },
        Map::Binary(op) => {
            let instruction = match op {
                BinaryOp::Add => Instruction::F32x4Add,
                BinaryOp::Sub => Instruction::F32x4Sub,
                BinaryOp::Mul => Instruction::F32x4Mul,
                BinaryOp::Div => Instruction::F32x4Div,
                BinaryOp::Max => Instruction::F32x4Max,
                BinaryOp::Min => Instruction::F32x4Min,
            };
            f.get(x).get(operands[1]).op(instruction).set(x);
        }
    }
}

fn simple(f: &mut FuncBuilder, x: V128, instruction: Instruction<'static>) {
    f.get(x).op(instruction).set(x);
}
