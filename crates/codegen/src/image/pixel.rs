//! One pixel of the tensor.

use abi::ChannelOrder;
use wasm_encoder::Instruction as I;

use super::{Target, at};
use crate::asm::{FuncBuilder, I32};

/// Red, green and blue in gray, in units of 2^-16, as Pillow's `Convert.c` has them.
const GRAY: [i32; 3] = [19_595, 38_470, 7_471];
const GRAY_HALF: i32 = 1 << 15;

/// Normalizes the last three of four bytes at `from` (red, green and blue) into the channels of the pixel at `out`.
pub(super) fn write(f: &mut FuncBuilder, target: &Target, out: I32, from: I32) {
    for channel in 0..target.order.count() {
        f.get(out);
        match source(target.order, channel) {
            Some(index) => byte(f, from, index),
            None => {
                f.const_i32(GRAY_HALF);
                for (index, weight) in GRAY.into_iter().enumerate() {
                    byte(f, from, index);
                    f.const_i32(weight).op(I::I32Mul).op(I::I32Add);
                }
                f.const_i32(16).op(I::I32ShrU);
            }
        }
        f.op(I::F32ConvertI32U);
        f.op(I::F32Const(target.mean[channel].into())).op(I::F32Sub);
        f.op(I::F32Const(target.scale[channel].into())).op(I::F32Mul);
        f.store_f32(channel * target.plane as usize);
    }
}

/// Writes a color into the channels of the pixel at `out`.
pub(super) fn fill(f: &mut FuncBuilder, target: &Target, out: I32, color: [u8; 3]) {
    for channel in 0..target.order.count() {
        let byte = match source(target.order, channel) {
            Some(index) => i32::from(color[index]),
            None => {
                (GRAY_HALF + GRAY.iter().zip(color).map(|(weight, byte)| weight * i32::from(byte)).sum::<i32>()) >> 16
            }
        };
        let value = (byte as f32 - target.mean[channel]) * target.scale[channel];
        f.get(out).op(I::F32Const(value.into())).store_f32(channel * target.plane as usize);
    }
}

/// Which of red, green and blue a channel of the tensor is; `None` for gray, which is all of them.
fn source(order: ChannelOrder, channel: usize) -> Option<usize> {
    match order {
        ChannelOrder::Rgb => Some(channel),
        ChannelOrder::Bgr => Some(2 - channel),
        ChannelOrder::Gray => None,
    }
}

/// Pushes red, green or blue.
fn byte(f: &mut FuncBuilder, from: I32, index: usize) {
    let offset = u32::try_from(index + 1).expect("a pixel has four bytes");
    f.get(from).op(I::I32Load8U(at(offset)));
}
