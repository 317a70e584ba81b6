//! The weights of one axis, as Pillow's `Resample.c` and `Geometry.c` compute them, operation by operation.

use abi::{Filter, Resize, export};
use wasm_encoder::Instruction as I;

use super::{Axis, PRECISION, Target, at, geometry, load, reach, repeat};
use crate::asm::{F64, FuncBuilder, I32};

/// Fills the tables of an axis for a picture with `side` pixels along it, which become `resized`.
pub(super) fn emit(f: &mut FuncBuilder, target: &Target, axis: Axis, side: I32, resized: I32) {
    let scale = f.f64();
    f.get(side).op(I::F64ConvertI32U).get(resized).op(I::F64ConvertI32U).op(I::F64Div).set(scale);
    let [index, count, crop, bounds] = [(); 4].map(|()| f.i32());
    load(f, count, axis.count());
    load(f, crop, axis.crop());
    f.const_i32(axis.bounds).set(bounds);
    match target.filter {
        Filter::Nearest => {
            let position = f.f64();
            f.const_i32(0).const_i32(4).op(I::I32Store(at(axis.stride())));
            f.get(scale).const_f64(0.5).op(I::F64Mul).set(position);
            repeat(f, index, crop, crop_most(target), |f| step(f, position, scale));
            repeat(f, index, count, axis.size, |f| {
                nearest(f, axis, index, bounds, position, side);
                step(f, position, scale);
                f.advance(bounds, 8);
            });
        }
        Filter::Bilinear | Filter::Bicubic => {
            let kernel = Kernel::new(f, target.filter, axis, scale, side);
            let (position, weights) = (f.i32(), f.i32());
            f.const_i32(axis.weights).set(weights);
            f.get(crop).set(position);
            repeat(f, index, count, axis.size, |f| {
                kernel.center_at(f, position, bounds);
                kernel.write(f, weights);
                f.get(weights).get(kernel.stride).op(I::I32Add).set(weights);
                f.advance(position, 1);
                f.advance(bounds, 8);
            });
        }
    }
}

/// The longest possible crop.
fn crop_most(target: &Target) -> u32 {
    match target.resize {
        Resize::ShorterSide { pixels } => {
            let [width, height] = geometry::boxed([target.columns.size, target.rows.size], pixels);
            width.max(height) * (export::IMAGE_SIDE_MAX / 2)
        }
        Resize::Stretch | Resize::Letterbox { .. } => 0,
    }
}

/// Positions are added up rather than multiplied, as Pillow does: a tie between two pixels depends on it.
fn step(f: &mut FuncBuilder, position: F64, scale: F64) {
    f.get(position).get(scale).op(I::F64Add).set(position);
}

/// One pixel with all the weight.
fn nearest(f: &mut FuncBuilder, axis: Axis, index: I32, bounds: I32, position: F64, side: I32) {
    f.get(bounds).get(position).get(side).const_i32(1).op(I::I32Sub).op(I::F64ConvertI32U).op(I::F64Min);
    f.op(I::I32TruncSatF64U).op(I::I32Store(at(0)));
    f.get(bounds).const_i32(1).op(I::I32Store(at(4)));
    f.get(index).const_i32(2).op(I::I32Shl).const_i32(1 << PRECISION).op(I::I32Store(at(axis.weights)));
}

/// The filter around a position along one axis.
struct Kernel {
    filter: Filter,
    size: I32,
    scale: F64,
    /// Distance from the center to where the weight vanishes.
    support: F64,
    /// What makes a distance one of the filter that is not widened.
    narrow: F64,
    center: F64,
    first: I32,
    count: I32,
    /// Bytes from the weights of a pixel to those of the next.
    stride: I32,
    element: I32,
    weight: F64,
    total: F64,
}

impl Kernel {
    fn new(f: &mut FuncBuilder, filter: Filter, axis: Axis, scale: F64, size: I32) -> Self {
        let [support, narrow, center, weight, total] = [(); 5].map(|()| f.f64());
        let [first, count, stride, element] = [(); 4].map(|()| f.i32());
        f.get(scale).const_f64(1.0).op(I::F64Max).set(support);
        f.const_f64(1.0).get(support).op(I::F64Div).set(narrow);
        f.const_f64(f64::from(reach(filter))).get(support).op(I::F64Mul).set(support);
        // Four bytes for each of 2 ceil(support) + 1 weights.
        f.const_i32(0).get(support).op(I::F64Ceil).op(I::I32TruncSatF64U).const_i32(3).op(I::I32Shl).const_i32(4);
        f.op(I::I32Add).tee(stride).op(I::I32Store(at(axis.stride())));
        Self { filter, size, scale, support, narrow, center, first, count, stride, element, weight, total }
    }

    /// Moves the center to `(position + 1/2) * scale` and finds the elements under the filter.
    fn center_at(&self, f: &mut FuncBuilder, position: I32, bounds: I32) {
        f.get(position).op(I::F64ConvertI32U).const_f64(0.5).op(I::F64Add).get(self.scale).op(I::F64Mul);
        f.set(self.center);
        f.get(self.center).get(self.support).op(I::F64Sub).const_f64(0.5).op(I::F64Add);
        f.op(I::I32TruncSatF64U).set(self.first);
        f.get(self.center).get(self.support).op(I::F64Add).const_f64(0.5).op(I::F64Add);
        f.get(self.size).op(I::F64ConvertI32U).op(I::F64Min).op(I::I32TruncSatF64U);
        f.get(self.first).op(I::I32Sub).set(self.count);
        f.get(bounds).get(self.first).op(I::I32Store(at(0)));
        f.get(bounds).get(self.count).op(I::I32Store(at(4)));
    }

    /// Writes the weights of the elements, each divided by the sum of all.
    fn write(&self, f: &mut FuncBuilder, weights: I32) {
        f.const_f64(0.0).set(self.total);
        repeat(f, self.element, self.count, export::IMAGE_SIDE_MAX, |f| {
            self.weigh(f);
            f.get(self.total).get(self.weight).op(I::F64Add).set(self.total);
        });
        repeat(f, self.element, self.count, export::IMAGE_SIDE_MAX, |f| {
            self.weigh(f);
            f.get(weights).get(self.element).const_i32(2).op(I::I32Shl).op(I::I32Add);
            f.get(self.weight).get(self.total).op(I::F64Div).const_f64(f64::from(1 << PRECISION)).op(I::F64Mul);
            f.const_f64(0.5).get(self.weight).op(I::F64Copysign).op(I::F64Add);
            f.op(I::I32TruncSatF64S).op(I::I32Store(at(0)));
        });
    }

    /// `weight` = the filter at the distance of `element` from the center.
    fn weigh(&self, f: &mut FuncBuilder) {
        let x = self.weight;
        f.get(self.element).get(self.first).op(I::I32Add).op(I::F64ConvertI32U).get(self.center).op(I::F64Sub);
        f.const_f64(0.5).op(I::F64Add).get(self.narrow).op(I::F64Mul).op(I::F64Abs).set(x);
        match self.filter {
            Filter::Nearest => unreachable!("it has no weights"),
            Filter::Bilinear => {
                f.const_f64(1.0).get(x).op(I::F64Sub).const_f64(0.0).op(I::F64Max).set(x);
            }
            Filter::Bicubic => {
                // ((a + 2) x - (a + 3)) x x + 1 below 1, (((x - 5) x + 8) x - 4) a below 2, with a = -1/2.
                f.const_f64(1.5).get(x).op(I::F64Mul).const_f64(2.5).op(I::F64Sub).get(x).op(I::F64Mul);
                f.get(x).op(I::F64Mul).const_f64(1.0).op(I::F64Add);
                f.get(x).const_f64(5.0).op(I::F64Sub).get(x).op(I::F64Mul).const_f64(8.0).op(I::F64Add);
                f.get(x).op(I::F64Mul).const_f64(4.0).op(I::F64Sub).const_f64(-0.5).op(I::F64Mul);
                f.const_f64(0.0).get(x).const_f64(2.0).op(I::F64Lt).op(I::Select);
                f.get(x).const_f64(1.0).op(I::F64Lt).op(I::Select).set(x);
            }
        }
    }
}
