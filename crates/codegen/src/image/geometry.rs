use abi::{Place, Resize};
use wasm_encoder::{BlockType, Instruction as I};

use super::{Axis, Target, at};
use crate::asm::{FuncBuilder, I32};

/// The size of the whole picture after resizing, before cropping.
pub(super) fn resized(f: &mut FuncBuilder, target: &Target, sides: [I32; 2]) -> [I32; 2] {
    let kept = [target.columns.size, target.rows.size];
    let resized = [f.i32(), f.i32()];
    match target.resize {
        Resize::Stretch => set(f, resized, kept),
        Resize::ShorterSide { pixels } => cover(f, kept, boxed(kept, pixels), sides, resized),
        Resize::Letterbox { .. } => fit(f, kept, sides, resized),
    }
    resized
}

/// Stores whether the first sums go along columns, as Pillow decides it: where the height shrinks by more than twice as
/// many pixels as the width.
pub(super) fn order(f: &mut FuncBuilder, target: &Target, sides: [I32; 2], resized: [I32; 2]) {
    let less = |f: &mut FuncBuilder, axis: usize| {
        f.get(sides[axis]).get(resized[axis]).op(I::I32Sub);
    };
    f.const_i32(0);
    less(f, 1);
    f.const_i32(0).op(I::I32GtS);
    less(f, 1);
    less(f, 0);
    f.const_i32(1).op(I::I32Shl).op(I::I32GtS).op(I::I32And).op(I::I32Store(at(target.state.columns_first)));
}

/// Stores how many pixels are computed along an axis, where they lie in the tensor and in the resized picture.
pub(super) fn place(f: &mut FuncBuilder, resize: Resize, axis: Axis, resized: I32) {
    let (count, place, crop) = (at(axis.count()), at(axis.place()), at(axis.crop()));
    let zero = |f: &mut FuncBuilder, word| {
        f.const_i32(0).const_i32(0).op(I::I32Store(word));
    };
    match resize {
        Resize::Stretch => {
            f.const_i32(0).const_i32(axis.size).op(I::I32Store(count));
            zero(f, place);
            zero(f, crop);
        }
        Resize::ShorterSide { .. } => {
            f.const_i32(0).const_i32(axis.size).op(I::I32Store(count));
            zero(f, place);
            // Half of what is cropped, a tie to the even number.
            f.const_i32(0).get(resized).const_i32(axis.size).op(I::I32Sub);
            f.op(I::F64ConvertI32S).const_f64(0.5).op(I::F64Mul).op(I::F64Nearest).op(I::I32TruncSatF64S);
            f.op(I::I32Store(crop));
        }
        Resize::Letterbox { place: where_to, .. } => {
            f.const_i32(0).get(resized).op(I::I32Store(count));
            match where_to {
                Place::TopLeft => zero(f, place),
                Place::Center => {
                    f.const_i32(0).const_i32(axis.size).get(resized).op(I::I32Sub);
                    f.const_i32(1).op(I::I32ShrU).op(I::I32Store(place));
                }
            }
            zero(f, crop);
        }
    }
}

/// The box that a picture covers: the aspect ratio of the tensor, `pixels` on the shorter side.
pub(super) fn boxed(kept: [u32; 2], pixels: u32) -> [u32; 2] {
    let shorter = u64::from(kept[0].min(kept[1]));
    kept.map(|side| {
        let side = (2 * u64::from(side) * u64::from(pixels) + shorter) / (2 * shorter);
        u32::try_from(side).expect("the compiler limits the sides of the box")
    })
}

fn set(f: &mut FuncBuilder, resized: [I32; 2], kept: [u32; 2]) {
    for (resized, kept) in resized.iter().zip(kept) {
        f.const_i32(kept).set(*resized);
    }
}

/// One side of the box and the other longer, unless the picture has the size of the tensor.
fn cover(f: &mut FuncBuilder, kept: [u32; 2], boxed: [u32; 2], [width, height]: [I32; 2], resized: [I32; 2]) {
    f.get(width).const_i32(kept[0]).op(I::I32Eq).get(height).const_i32(kept[1]).op(I::I32Eq).op(I::I32And);
    f.op(I::If(BlockType::Empty));
    set(f, resized, kept);
    f.op(I::Else);
    // The width is the shorter side, in units of the tensor's: width * kept height <= height * kept width.
    f.get(width).op(I::I64ExtendI32U).op(I::I64Const(kept[1].into())).op(I::I64Mul);
    f.get(height).op(I::I64ExtendI32U).op(I::I64Const(kept[0].into())).op(I::I64Mul).op(I::I64LeU);
    f.op(I::If(BlockType::Empty));
    f.const_i32(boxed[0]).set(resized[0]);
    scaled(f, resized[1], boxed[0], height, width);
    f.op(I::Else);
    f.const_i32(boxed[1]).set(resized[1]);
    scaled(f, resized[0], boxed[1], width, height);
    f.op(I::End).op(I::End);
}

/// `target = shorter * long / short`, rounded down.
fn scaled(f: &mut FuncBuilder, target: I32, shorter: u32, long: I32, short: I32) {
    f.op(I::I64Const(shorter.into())).get(long).op(I::I64ExtendI32U).op(I::I64Mul);
    f.get(short).op(I::I64ExtendI32U).op(I::I64DivU).op(I::I32WrapI64).set(target);
}

/// `side * min(kept / side)`, rounded down, at least 1: in doubles, as YOLOX computes it, where 786 of 416 / 786 is 415.
fn fit(f: &mut FuncBuilder, kept: [u32; 2], sides: [I32; 2], resized: [I32; 2]) {
    let ratio = f.f64();
    for (kept, side) in kept.iter().zip(sides) {
        f.const_f64(f64::from(*kept)).get(side).op(I::F64ConvertI32U).op(I::F64Div);
    }
    f.op(I::F64Min).set(ratio);
    for ((kept, side), resized) in kept.iter().zip(sides).zip(resized) {
        f.get(side).op(I::F64ConvertI32U).get(ratio).op(I::F64Mul);
        f.const_f64(1.0).op(I::F64Max).const_f64(f64::from(*kept)).op(I::F64Min).op(I::I32TruncSatF64U).set(resized);
    }
}
