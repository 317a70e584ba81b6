use abi::{Resize, export};
use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::{Target, at, state};
use crate::Profile;
use crate::asm::{FuncBuilder, I32};

/// `image(ptr, len, width, height) -> bands`: checks the picture, stores its geometry, answers the number of rows.
pub(super) fn emit(profile: Profile, target: &Target) -> FuncBuilder {
    let (mut builder, [pointer, length, width, height]) = FuncBuilder::new(profile, &[ValType::I32]);
    let f = &mut builder;
    for side in [width, height] {
        // side - 1 >= max, unsigned: zero and everything above the limit.
        f.get(side).const_i32(1).op(I::I32Sub).const_i32(export::IMAGE_SIDE_MAX).op(I::I32GeU);
        refuse(f, 1);
    }
    f.get(width).get(height).op(I::I32Mul).const_i32(3).op(I::I32Mul).get(length).op(I::I32Ne);
    refuse(f, 0);
    f.get(pointer).op(I::I64ExtendI32U).get(length).op(I::I64ExtendI32U).op(I::I64Add);
    f.op(I::MemorySize(0)).op(I::I64ExtendI32U).op(I::I64Const(16)).op(I::I64Shl).op(I::I64GtU);
    refuse(f, 2);

    for (address, value) in [(state::POINTER, pointer), (state::WIDTH, width), (state::HEIGHT, height)] {
        store(f, address, value);
    }
    let [resized_width, resized_height] = [f.i32(), f.i32()];
    resize(f, target, [width, height], [resized_width, resized_height]);
    let axes = [
        (width, resized_width, target.width, state::SCALE_X, state::CROP_X),
        (height, resized_height, target.height, state::SCALE_Y, state::CROP_Y),
    ];
    for (side, resized, kept, scale, crop) in axes {
        f.const_i32(0).get(side).op(I::F64ConvertI32U).get(resized).op(I::F64ConvertI32U).op(I::F64Div);
        f.op(I::F64Store(at(scale)));
        // Half of what is cropped, a tie to the even number.
        f.const_i32(0).get(resized).const_i32(kept).op(I::I32Sub).op(I::F64ConvertI32S).const_f64(0.5).op(I::F64Mul);
        f.op(I::F64Nearest).op(I::I32TruncSatF64S).op(I::I32Store(at(crop)));
    }
    f.const_i32(target.height);
    builder
}

/// The size of the whole picture after resizing, before cropping.
fn resize(f: &mut FuncBuilder, target: &Target, [width, height]: [I32; 2], resized: [I32; 2]) {
    let kept = [target.width, target.height];
    let keep = |f: &mut FuncBuilder| {
        for (resized, kept) in resized.iter().zip(kept) {
            f.const_i32(kept).set(*resized);
        }
    };
    match target.resize {
        Resize::Stretch => keep(f),
        Resize::ShorterSideCrop => {
            let larger = kept.map(|side| (side * 8 + 3) / 7);
            f.get(width).const_i32(kept[0]).op(I::I32Eq).get(height).const_i32(kept[1]).op(I::I32Eq).op(I::I32And);
            f.op(I::If(BlockType::Empty));
            keep(f);
            f.op(I::Else);
            // The width is the shorter side, in units of the tensor's: width * kept height <= height * kept width.
            f.get(width).op(I::I64ExtendI32U).op(I::I64Const(kept[1].into())).op(I::I64Mul);
            f.get(height).op(I::I64ExtendI32U).op(I::I64Const(kept[0].into())).op(I::I64Mul).op(I::I64LeU);
            f.op(I::If(BlockType::Empty));
            f.const_i32(larger[0]).set(resized[0]);
            scaled(f, resized[1], larger[0], height, width);
            f.op(I::Else);
            f.const_i32(larger[1]).set(resized[1]);
            scaled(f, resized[0], larger[1], width, height);
            f.op(I::End).op(I::End);
        }
    }
}

/// `target = shorter * long / short`, rounded down.
fn scaled(f: &mut FuncBuilder, target: I32, shorter: u32, long: I32, short: I32) {
    f.op(I::I64Const(shorter.into())).get(long).op(I::I64ExtendI32U).op(I::I64Mul);
    f.get(short).op(I::I64ExtendI32U).op(I::I64DivU).op(I::I32WrapI64).set(target);
}

/// Returns the code of error `index` if the top of the stack is not zero.
fn refuse(f: &mut FuncBuilder, index: i32) {
    f.op(I::If(BlockType::Empty)).const_i32(-1 - index).op(I::Return).op(I::End);
}

fn store(f: &mut FuncBuilder, address: u32, value: I32) {
    f.const_i32(0).get(value).op(I::I32Store(at(address)));
}
