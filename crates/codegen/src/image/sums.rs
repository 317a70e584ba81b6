//! Weighted sums of bytes along one axis, rounded to bytes.

use abi::export;
use wasm_encoder::{Instruction as I, MemArg};

use super::{GROUP, PRECISION, Target, at, load, repeat};
use crate::asm::{FuncBuilder, I32, V128};

/// Sums along a row of packed pixels at `row`, for each column of the tensor that is computed; to `to`, 4 bytes a pixel.
pub(super) fn along_row(f: &mut FuncBuilder, target: &Target, row: I32, to: I32) {
    let [start, out, bounds, of_pixel, weights, column, columns, from, count, index] = [(); 10].map(|()| f.i32());
    // One byte before the first pixel, so that four bytes end with a pixel and nothing after the row is read.
    f.offset(start, row, -1);
    f.get(to).set(out);
    f.const_i32(target.columns.bounds).set(bounds);
    f.const_i32(target.columns.weights).set(of_pixel);
    load(f, columns, target.columns.count());
    let (sum, weight) = (f.v128(), f.v128());
    repeat(f, column, columns, target.columns.size, |f| {
        f.get(bounds).op(I::I32Load(at(0))).const_i32(3).op(I::I32Mul).get(start).op(I::I32Add).set(from);
        f.get(bounds).op(I::I32Load(at(4))).set(count);
        f.get(of_pixel).set(weights);
        f.splat_i32(1 << (PRECISION - 1)).set(sum);
        repeat(f, index, count, export::IMAGE_SIDE_MAX, |f| {
            f.get(weights).op(I::I32Load(at(0))).op(I::I32x4Splat).set(weight);
            f.get(from).op(I::V128Load32Zero(unaligned()));
            f.op(I::I16x8ExtendLowI8x16U).op(I::I32x4ExtendLowI16x8U);
            f.get(weight).op(I::I32x4Mul).get(sum).op(I::I32x4Add).set(sum);
            f.advance(from, 3);
            f.advance(weights, 4);
        });
        f.get(sum).const_i32(PRECISION).op(I::I32x4ShrS).set(sum);
        f.get(sum).get(sum).op(I::I16x8NarrowI32x4S).set(sum);
        f.get(sum).get(sum).op(I::I8x16NarrowI16x8U).set(sum);
        f.store(out, 0, sum, 1);
        f.advance(out, 4);
        f.advance(bounds, 8);
        f.get(of_pixel).const_i32(0).op(I::I32Load(at(target.columns.stride()))).op(I::I32Add).set(of_pixel);
    });
}

/// Begins `length` sums along columns; as [`add`] and [`round`] at most `most`, whole groups.
pub(super) fn clear(f: &mut FuncBuilder, target: &Target, length: I32, most: u32) {
    let half = f.v128();
    f.splat_i32(1 << (PRECISION - 1)).set(half);
    groups(f, target, length, most, |f, sums| {
        for part in 0..4 {
            f.store(sums, 16 * part, half, 4);
        }
    });
}

/// Adds the bytes at `from`, times the integer at `weight`.
pub(super) fn add(f: &mut FuncBuilder, target: &Target, from: I32, length: I32, most: u32, weight: I32) {
    let [factor, bytes, sum] = [(); 3].map(|()| f.v128());
    let at_byte = f.i32();
    f.get(weight).op(I::I32Load(at(0))).op(I::I32x4Splat).set(factor);
    f.get(from).set(at_byte);
    groups(f, target, length, most, |f, sums| {
        f.get(at_byte).op(I::V128Load(unaligned())).set(bytes);
        for part in 0..4 {
            f.load(sums, 16 * part);
            widen(f, bytes, part);
            f.get(factor).op(I::I32x4Mul).op(I::I32x4Add).set(sum);
            f.store(sums, 16 * part, sum, 4);
        }
        f.advance(at_byte, GROUP.into());
    });
}

/// Rounds the sums to bytes at `to`.
pub(super) fn round(f: &mut FuncBuilder, target: &Target, length: I32, most: u32, to: I32) {
    let (at_byte, bytes) = (f.i32(), f.v128());
    f.get(to).set(at_byte);
    groups(f, target, length, most, |f, sums| {
        for half in 0..2 {
            for part in 0..2 {
                f.load(sums, 32 * half + 16 * part).const_i32(PRECISION).op(I::I32x4ShrS);
            }
            f.op(I::I16x8NarrowI32x4S);
        }
        f.op(I::I8x16NarrowI16x8U).set(bytes);
        f.store(at_byte, 0, bytes, 4);
        f.advance(at_byte, GROUP.into());
    });
}

/// Runs `body` for each group of sums, given its address.
fn groups(f: &mut FuncBuilder, target: &Target, length: I32, most: u32, body: impl FnOnce(&mut FuncBuilder, I32)) {
    let [index, count, sums] = [(); 3].map(|()| f.i32());
    f.get(length).const_i32(GROUP.trailing_zeros()).op(I::I32ShrU).set(count);
    f.const_i32(target.sums).set(sums);
    repeat(f, index, count, most / GROUP, |f| {
        body(f, sums);
        f.advance(sums, (4 * GROUP).into());
    });
}

/// Pushes a quarter of the bytes as integers.
fn widen(f: &mut FuncBuilder, bytes: V128, part: usize) {
    f.get(bytes);
    f.op(if part < 2 { I::I16x8ExtendLowI8x16U } else { I::I16x8ExtendHighI8x16U });
    f.op(if part.is_multiple_of(2) { I::I32x4ExtendLowI16x8U } else { I::I32x4ExtendHighI16x8U });
}

fn unaligned() -> MemArg {
    MemArg { offset: 0, align: 0, memory_index: 0 }
}
