//! The largest or mean element of windows.
//!
//! Shapes are static, so each output row knows which rows of its window lie inside the input. Rows (and columns) with
//! the same part of the window form a band; every pair of a band of rows and a band of columns gets code without edges.

use plan::{Pool, PoolKind, View};
use wasm_encoder::Instruction;

use super::{ELEMENT, LANES, bytes, four};
use crate::asm::{Axis, FuncBuilder, I32, V128, collapse, nest};
use crate::functions::{Call, Functions};

/// Windows up to this many elements are written without loops.
const UNROLL: usize = 16;

/// Everything that shapes the code; distances in elements, `[row, pixel]`.
#[derive(Debug)]
struct Geometry {
    /// Steps of output and input in bytes.
    images: Vec<Axis>,
    pool: Pool,
    rows: Vec<Band>,
    columns: Vec<Band>,
    channels: usize,
    input: [usize; 2],
    output: [usize; 2],
}

/// Neighboring outputs with the same part of the window inside the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Band {
    /// First output.
    first: usize,
    count: usize,
    /// First input of the first output's window.
    input: usize,
    /// Inputs of each window.
    taps: usize,
}

pub(crate) fn call(functions: &mut Functions, pool: &Pool, read: &View, write: &View) -> Call {
    let [images, output_rows, output_columns, channels] = four(&write.shape);
    let [_, rows, columns, _] = four(&read.shape);
    let geometry = Geometry {
        images: vec![Axis { count: images, steps: vec![bytes(write.strides[0]), bytes(read.strides[0])] }],
        pool: pool.clone(),
        rows: bands(output_rows, rows, pool.kernel[0], pool.strides[0], pool.padding.top),
        columns: bands(output_columns, columns, pool.kernel[1], pool.strides[1], pool.padding.left),
        channels,
        input: [read.strides[1], read.strides[2]],
        output: [write.strides[1], write.strides[2]],
    };
    functions.call("pool", &geometry, [read.address, write.address], |f, [read, write]| {
        let images = collapse(geometry.images.clone());
        nest(f, &[write, read], &images, &mut |f| geometry.emit(f, read, write));
    })
}

fn bands(outputs: usize, inputs: usize, kernel: usize, stride: usize, before: usize) -> Vec<Band> {
    let mut bands: Vec<Band> = vec![];
    for output in 0..outputs {
        let start = output * stride;
        let input = start.saturating_sub(before);
        let end = (start + kernel).saturating_sub(before).min(inputs);
        let taps = end.saturating_sub(input);
        match bands.last_mut() {
            Some(band) if band.taps == taps && band.input + band.count * stride == input => band.count += 1,
            _ => bands.push(Band { first: output, count: 1, input, taps }),
        }
    }
    bands
}

impl Geometry {
    fn emit(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        let [from, to, source, target] = [(); 4].map(|()| f.i32());
        let accumulator = f.v128();
        for rows in &self.rows {
            for columns in &self.columns {
                f.offset(from, read, bytes(rows.input * self.input[0] + columns.input * self.input[1]));
                f.offset(to, write, bytes(rows.first * self.output[0] + columns.first * self.output[1]));
                let axis = |band: &Band, k: usize| Axis {
                    count: band.count,
                    steps: vec![bytes(self.output[k]), bytes(self.pool.strides[k] * self.input[k])],
                };
                nest(f, &[to, from], &[axis(rows, 0), axis(columns, 1)], &mut |f| {
                    f.offset(source, from, 0);
                    f.offset(target, to, 0);
                    f.walk(target, bytes(LANES), self.channels / LANES, |f| {
                        self.window(f, source, target, accumulator, [rows.taps, columns.taps], LANES);
                        f.advance(source, bytes(LANES));
                    });
                    if !self.channels.is_multiple_of(LANES) {
                        let rest = self.channels % LANES;
                        self.window(f, source, target, accumulator, [rows.taps, columns.taps], rest);
                    }
                });
            }
        }
    }

    fn window(&self, f: &mut FuncBuilder, from: I32, to: I32, fold: V128, taps: [usize; 2], lanes: usize) {
        let (identity, instruction) = match self.pool.kind {
            PoolKind::Max => (f32::NEG_INFINITY, Instruction::F32x4Max),
            PoolKind::Mean | PoolKind::MeanOfWindow => (0.0, Instruction::F32x4Add),
        };
        f.splat(identity).set(fold);
        if taps[0] * taps[1] <= UNROLL {
            for row in 0..taps[0] {
                for column in 0..taps[1] {
                    let offset = ELEMENT * (row * self.input[0] + column * self.input[1]);
                    f.get(fold).load(from, offset).op(instruction.clone()).set(fold);
                }
            }
        } else {
            let cursor = f.i32();
            f.offset(cursor, from, 0);
            let axes = [0, 1].map(|k| Axis { count: taps[k], steps: vec![bytes(self.input[k])] });
            nest(f, &[cursor], &axes, &mut |f| {
                f.get(fold).load(cursor, 0).op(instruction.clone()).set(fold);
            });
        }
        let divisor = match self.pool.kind {
            PoolKind::Max => None,
            PoolKind::Mean => Some(taps[0] * taps[1]),
            PoolKind::MeanOfWindow => Some(self.pool.kernel[0] * self.pool.kernel[1]),
        };
        if let Some(divisor) = divisor {
            f.get(fold).splat(divisor as f32).op(Instruction::F32x4Div).set(fold);
        }
        f.store(to, 0, fold, lanes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_the_same_window_form_a_band() {
        let band = |first, count, input, taps| Band { first, count, input, taps };
        assert_eq!(bands(4, 4, 3, 1, 1), [band(0, 1, 0, 2), band(1, 2, 0, 3), band(3, 1, 2, 2)]);
        assert_eq!(bands(2, 4, 2, 2, 0), [band(0, 2, 0, 2)]);
        assert_eq!(bands(3, 5, 3, 2, 1), [band(0, 1, 0, 2), band(1, 1, 1, 3), band(2, 1, 3, 2)]);
    }
}
