use abi::ChannelOrder;
use wasm_encoder::{BlockType, Instruction as I};

use super::{Target, at, state};
use crate::Profile;
use crate::asm::{F64, FuncBuilder, I32, V128};

/// `image_step(band)`: computes row `band` of the tensor.
pub(super) fn emit(profile: Profile, target: &Target) -> FuncBuilder {
    let (mut builder, [band]) = FuncBuilder::new(profile, &[]);
    let f = &mut builder;
    let [width, height] = [f.i32(), f.i32()];
    load(f, width, state::WIDTH);
    load(f, height, state::HEIGHT);
    f.get(band).const_i32(target.height).op(I::I32GeU).get(width).op(I::I32Eqz).op(I::I32Or);
    f.op(I::If(BlockType::Empty)).op(I::Unreachable).op(I::End);

    let position = f.i32();
    let rows = Triangle::new(f, height, state::SCALE_Y);
    f.get(band).const_i32(0).op(I::I32Load(at(state::CROP_Y))).op(I::I32Add).set(position);
    rows.center_at(f, position);
    sum_rows(f, target, &rows, width);

    let out = f.i32();
    f.get(band).const_i32(target.row).op(I::I32Mul).const_i32(target.address).op(I::I32Add).set(out);
    let columns = Triangle::new(f, width, state::SCALE_X);
    load(f, position, state::CROP_X);
    let sums = f.v128();
    f.walk(out, target.pixel.into(), target.width as usize, |f| {
        columns.center_at(f, position);
        sum_columns(f, target, &columns, sums);
        // The sums of weights make the mean.
        f.get(sums).get(rows.total).get(columns.total).op(I::F64Mul).op(I::F32DemoteF64);
        f.op(I::F32x4Splat).op(I::F32x4Div).set(sums);
        write_pixel(f, target, out, sums);
        f.advance(position, 1);
    });
    builder
}

/// `scratch = sum over rows: weight * row`, as floats.
fn sum_rows(f: &mut FuncBuilder, target: &Target, rows: &Triangle, width: I32) {
    let [from, to, end, elements] = [(); 4].map(|()| f.i32());
    f.get(width).const_i32(3).op(I::I32Mul).set(elements);
    f.const_i32(target.scratch).const_i32(0).get(elements).const_i32(2).op(I::I32Shl).op(I::MemoryFill(0));
    let weight = f.v128();
    let value = f.v128();
    rows.each(f, |f, row, factor| {
        f.get(factor).op(I::F32DemoteF64).op(I::F32x4Splat).set(weight);
        f.const_i32(0).op(I::I32Load(at(state::POINTER))).get(row).get(elements).op(I::I32Mul).op(I::I32Add).set(from);
        f.const_i32(target.scratch).set(to);
        let whole = |f: &mut FuncBuilder| {
            f.get(elements).const_i32(-4).op(I::I32And);
        };
        f.const_i32(target.scratch);
        whole(f);
        f.const_i32(2).op(I::I32Shl).op(I::I32Add).set(end);
        until(f, to, end, |f| {
            f.get(from).op(I::I32Load(at(0))).op(I::I32x4Splat).op(I::I16x8ExtendLowI8x16U);
            f.op(I::I32x4ExtendLowI16x8U).op(I::F32x4ConvertI32x4U).set(value);
            accumulate(f, to, weight, value, 4);
            f.advance(from, 4);
            f.advance(to, 16);
        });
        f.const_i32(target.scratch).get(elements).const_i32(2).op(I::I32Shl).op(I::I32Add).set(end);
        until(f, to, end, |f| {
            f.get(from).op(I::I32Load8U(at(0))).op(I::F32ConvertI32U).op(I::F32x4Splat).set(value);
            accumulate(f, to, weight, value, 1);
            f.advance(from, 1);
            f.advance(to, 4);
        });
    });
}

fn accumulate(f: &mut FuncBuilder, to: I32, weight: V128, value: V128, lanes: usize) {
    f.load(to, 0).get(weight).get(value).op(I::F32x4Mul).op(I::F32x4Add).set(value);
    f.store(to, 0, value, lanes);
}

/// `sums = sum over columns: weight * scratch[column]`: red, green, blue and a lane without meaning.
fn sum_columns(f: &mut FuncBuilder, target: &Target, columns: &Triangle, sums: V128) {
    let from = f.i32();
    f.splat(0.0).set(sums);
    columns.each(f, |f, column, factor| {
        f.get(column).const_i32(12).op(I::I32Mul).const_i32(target.scratch).op(I::I32Add).set(from);
        f.get(sums).load(from, 0).get(factor).op(I::F32DemoteF64).op(I::F32x4Splat);
        f.op(I::F32x4Mul).op(I::F32x4Add).set(sums);
    });
}

/// Normalizes red, green and blue into the channels of a pixel.
fn write_pixel(f: &mut FuncBuilder, target: &Target, out: I32, rgb: V128) {
    for (channel, (mean, scale)) in target.mean.iter().zip(&target.scale).enumerate() {
        f.get(out).get(rgb);
        match target.order {
            ChannelOrder::Rgb => lane(f, channel),
            ChannelOrder::Bgr => lane(f, 2 - channel),
            ChannelOrder::Gray => {
                lane(f, 0);
                f.op(I::F32Const(0.299.into())).op(I::F32Mul);
                for (index, weight) in [(1, 0.587_f32), (2, 0.114)] {
                    f.get(rgb);
                    lane(f, index);
                    f.op(I::F32Const(weight.into())).op(I::F32Mul).op(I::F32Add);
                }
            }
        }
        f.op(I::F32Const((*mean).into())).op(I::F32Sub).op(I::F32Const((*scale).into())).op(I::F32Mul);
        f.store_f32(channel * target.plane as usize);
    }
}

fn lane(f: &mut FuncBuilder, index: usize) {
    f.op(I::F32x4ExtractLane(u8::try_from(index).expect("a vector has four lanes")));
}

/// The triangle of weights around a position along one axis.
struct Triangle {
    size: I32,
    scale: F64,
    /// Distance from the center to where the weight vanishes.
    support: F64,
    center: F64,
    first: I32,
    end: I32,
    weight: F64,
    /// Sum of the weights, set by [`Triangle::each`].
    total: F64,
}

impl Triangle {
    fn new(f: &mut FuncBuilder, size: I32, scale_at: u32) -> Self {
        let [scale, support, center, weight, total] = [(); 5].map(|()| f.f64());
        f.const_i32(0).op(I::F64Load(at(scale_at))).tee(scale).const_f64(1.0).op(I::F64Max).set(support);
        let (first, end) = (f.i32(), f.i32());
        Self { size, scale, support, center, first, end, weight, total }
    }

    /// Moves the center to `(position + 1/2) * scale` and finds the elements under the triangle.
    fn center_at(&self, f: &mut FuncBuilder, position: I32) {
        f.get(position).op(I::F64ConvertI32S).const_f64(0.5).op(I::F64Add).get(self.scale).op(I::F64Mul);
        f.set(self.center);
        // From floor(center - support + 1/2), not below 0, to floor(center + support + 1/2), not above the size.
        f.get(self.center).get(self.support).op(I::F64Sub).const_f64(0.5).op(I::F64Add);
        f.op(I::I32TruncSatF64U).set(self.first);
        f.get(self.center).get(self.support).op(I::F64Add).const_f64(0.5).op(I::F64Add).get(self.size);
        f.op(I::F64ConvertI32U).op(I::F64Min).op(I::I32TruncSatF64U).set(self.end);
        // A center in the last half pixel still has one element.
        f.get(self.first).get(self.size).const_i32(1).op(I::I32Sub);
        f.get(self.first).get(self.size).op(I::I32LtU).op(I::Select).set(self.first);
        f.get(self.end).get(self.first).const_i32(1).op(I::I32Add);
        f.get(self.end).get(self.first).op(I::I32GtU).op(I::Select).set(self.end);
    }

    /// Runs `body` for each element under the triangle, with its weight.
    fn each(&self, f: &mut FuncBuilder, body: impl FnOnce(&mut FuncBuilder, I32, F64)) {
        let element = f.i32();
        f.get(self.first).set(element).const_f64(0.0).set(self.total);
        until(f, element, self.end, |f| {
            f.get(element).op(I::F64ConvertI32U).const_f64(0.5).op(I::F64Add).get(self.center).op(I::F64Sub);
            f.op(I::F64Abs).get(self.support).op(I::F64Div).set(self.weight);
            f.const_f64(1.0).get(self.weight).op(I::F64Sub).const_f64(0.0).op(I::F64Max).set(self.weight);
            f.get(self.total).get(self.weight).op(I::F64Add).set(self.total);
            body(f, element, self.weight);
            f.advance(element, 1);
        });
    }
}

/// Runs `body`, which moves `position`, until it is `end`.
fn until(f: &mut FuncBuilder, position: I32, end: I32, body: impl FnOnce(&mut FuncBuilder)) {
    f.op(I::Block(BlockType::Empty));
    f.get(position).get(end).op(I::I32Eq).op(I::BrIf(0));
    f.op(I::Loop(BlockType::Empty));
    body(f);
    f.get(position).get(end).op(I::I32Ne).op(I::BrIf(0)).op(I::End).op(I::End);
}

fn load(f: &mut FuncBuilder, target: I32, address: u32) {
    f.const_i32(0).op(I::I32Load(at(address))).set(target);
}
