//! Convolution of each channel with its own window: a tile of pixels by four channels, every input column loaded once.

use ir::Clamp;
use plan::{Depthwise, View};
use wasm_encoder::Instruction;

use super::activation::clamp;
use super::{ELEMENT, LANES, bytes, four, moved, split_evenly};
use crate::asm::{Axis, FuncBuilder, I32, V128, collapse, nest};
use crate::functions::{Call, Functions};

/// Pixels of a tile.
const TILE: usize = 4;

/// Everything that shapes the code; distances in elements, `[row, pixel]`.
#[derive(Debug)]
struct Geometry {
    /// Steps of output, input and residual in bytes.
    images: Vec<Axis>,
    rows: usize,
    columns: usize,
    channels: usize,
    kernel: [usize; 2],
    strides: [usize; 2],
    dilations: [usize; 2],
    input: [usize; 2],
    output: [usize; 2],
    residual: Option<[usize; 2]>,
    activation: Option<Clamp>,
}

pub(crate) fn call(functions: &mut Functions, conv: &Depthwise, reads: &[&View], weights: u32, write: &View) -> Call {
    let [images, rows, columns, channels] = four(&write.shape);
    let pitch = |view: &View| [view.strides[1], view.strides[2]];
    let input = reads[0];
    let residual = conv.residual.then(|| reads[1]);
    let steps = [write, input].into_iter().chain(residual).map(|view| bytes(view.strides[0])).collect();
    let geometry = Geometry {
        images: collapse(vec![Axis { count: images, steps }]),
        rows,
        columns,
        channels,
        kernel: conv.kernel,
        strides: conv.strides,
        dilations: conv.dilations,
        input: pitch(input),
        output: pitch(write),
        residual: residual.map(pitch),
        activation: conv.activation,
    };
    let before = conv.padding.top * input.strides[1] + conv.padding.left * input.strides[2];
    let first = moved(input, -i64::try_from(before).expect("within the memory"));
    let name = "depthwise";
    match residual {
        Some(residual) => {
            let addresses = [first, weights, write.address, residual.address];
            functions.call(name, &geometry, addresses, |f, [i, w, o, r]| repeat(f, &geometry, [i, w, o], Some(r)))
        }
        None => {
            let addresses = [first, weights, write.address];
            functions.call(name, &geometry, addresses, |f, [i, w, o]| repeat(f, &geometry, [i, w, o], None))
        }
    }
}

/// Every image, each with pointers of its own.
fn repeat(f: &mut FuncBuilder, geometry: &Geometry, [input, weights, output]: [I32; 3], residual: Option<I32>) {
    let pointers: Vec<I32> = [output, input].into_iter().chain(residual).collect();
    let copies: Vec<I32> = pointers.iter().map(|_| f.i32()).collect();
    nest(f, &pointers, &geometry.images, &mut |f| {
        for (copy, pointer) in copies.iter().zip(&pointers) {
            f.offset(*copy, *pointer, 0);
        }
        emit(f, geometry, [copies[1], weights, copies[0]], copies.get(2).copied());
    });
}

fn emit(f: &mut FuncBuilder, geometry: &Geometry, [input, weights, output]: [I32; 3], residual: Option<I32>) {
    let Geometry { rows, columns, channels, strides, kernel, .. } = *geometry;
    let tile = Tile {
        geometry,
        input: f.i32(),
        packed: f.i32(),
        output: f.i32(),
        residual: residual.map(|_| f.i32()),
        accumulators: f.v128s(TILE),
        taps: f.v128s(kernel[1]),
        value: f.v128(),
    };
    let block = bytes(LANES * (kernel[0] * kernel[1] + 1));
    let row = |f: &mut FuncBuilder| {
        for (count, pixels) in split_evenly(columns, TILE) {
            f.walk(input, bytes(pixels * strides[1] * geometry.input[1]), count, |f| {
                f.offset(tile.input, input, 0);
                f.offset(tile.output, output, 0);
                if let (Some(cursor), Some(residual)) = (tile.residual, residual) {
                    f.offset(cursor, residual, 0);
                }
                f.offset(tile.packed, weights, 0);
                f.walk(tile.input, bytes(LANES), channels / LANES, |f| {
                    tile.emit(f, pixels, LANES);
                    f.advance(tile.output, bytes(LANES));
                    if let Some(cursor) = tile.residual {
                        f.advance(cursor, bytes(LANES));
                    }
                    f.advance(tile.packed, block);
                });
                if channels % LANES != 0 {
                    tile.emit(f, pixels, channels % LANES);
                }
                f.advance(output, bytes(pixels * geometry.output[1]));
                if let (Some(residual), Some([_, pixel])) = (residual, geometry.residual) {
                    f.advance(residual, bytes(pixels * pixel));
                }
            });
        }
        f.advance(input, -bytes(columns * strides[1] * geometry.input[1]));
        f.advance(output, bytes(geometry.output[0]) - bytes(columns * geometry.output[1]));
        if let (Some(residual), Some([row, pixel])) = (residual, geometry.residual) {
            f.advance(residual, bytes(row) - bytes(columns * pixel));
        }
    };
    f.walk(input, bytes(strides[0] * geometry.input[0]), rows, row);
}

/// The locals of a tile.
struct Tile<'g> {
    geometry: &'g Geometry,
    input: I32,
    packed: I32,
    output: I32,
    residual: Option<I32>,
    accumulators: Vec<V128>,
    taps: Vec<V128>,
    value: V128,
}

impl Tile<'_> {
    fn emit(&self, f: &mut FuncBuilder, pixels: usize, lanes: usize) {
        let Geometry { kernel: [kh, kw], strides, dilations, input, output, residual, activation, .. } = *self.geometry;
        let accumulators = &self.accumulators[..pixels];
        f.load(self.packed, 0).set(accumulators[0]);
        for accumulator in &accumulators[1..] {
            f.get(accumulators[0]).set(*accumulator);
        }
        for ky in 0..kh {
            for (kx, tap) in self.taps.iter().enumerate() {
                f.load(self.packed, 16 * (1 + ky * kw + kx)).set(*tap);
            }
            for column in 0..(pixels - 1) * strides[1] + (kw - 1) * dilations[1] + 1 {
                // Tap kx of pixel p reads column p * stride + kx * dilation.
                let pairs: Vec<(usize, usize)> = (0..kw)
                    .filter_map(|kx| Some((column.checked_sub(kx * dilations[1])?, kx)))
                    .filter(|(shift, _)| shift % strides[1] == 0 && shift / strides[1] < pixels)
                    .map(|(shift, kx)| (shift / strides[1], kx))
                    .collect();
                if pairs.is_empty() {
                    continue;
                }
                f.load(self.input, ELEMENT * (ky * dilations[0] * input[0] + column * input[1])).set(self.value);
                for (pixel, kx) in pairs {
                    f.multiply_add(accumulators[pixel], self.value, self.taps[kx]);
                }
            }
            if ky + 1 < kh {
                f.pin(accumulators);
            }
        }
        for (pixel, accumulator) in accumulators.iter().enumerate() {
            if let (Some(cursor), Some([_, distance])) = (self.residual, residual) {
                f.get(*accumulator).load(cursor, ELEMENT * pixel * distance);
                f.op(Instruction::F32x4Add).set(*accumulator);
            }
            clamp(f, *accumulator, activation);
            f.store(self.output, ELEMENT * pixel * output[1], *accumulator, lanes);
        }
    }
}
