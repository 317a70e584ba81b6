//! The matrix kernel: `output[row, column, channel] = activation(bias + residual + input * weights)`.
//!
//! An output pixel reads `tap_rows x tap_columns` runs of consecutive elements, so a convolution needs no copy of its
//! input: in channels-last order the taps of a window's row and their channels are one run. A tile of 4 pixels by 8
//! channels stays in registers (Goto and van de Geijn, *Anatomy of High-Performance Matrix Multiplication*, 2008); the
//! weights are packed so that one pointer walks `[bias][depth][panel]` panel after panel.

use ir::Clamp;
use plan::{PanelWidth, packed_panels};
use wasm_encoder::Instruction;

use super::activation::clamp;
use super::{ELEMENT, LANES, bytes, split_evenly};
use crate::asm::{Axis, FuncBuilder, I32, V128, nest};
use crate::functions::{Call, Functions};

/// Pixels of a tile.
const TILE: usize = 4;
/// Steps along the depth in one turn of the inner loop.
const UNROLL: usize = 4;
/// Pixels between two [`FuncBuilder::pin`]s: as many as keep the operands of a step in registers.
const PIN: usize = 3;
/// Weights larger than this leave the second-level cache before the next row of tiles needs them again.
const CACHED_WEIGHTS: usize = 400_000;

/// Repetitions at a distance, in elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taps {
    pub(crate) count: usize,
    pub(crate) stride: usize,
}

/// Everything that shapes the code; distances in elements, `[row, pixel]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gemm {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) channels: usize,
    pub(crate) run: usize,
    pub(crate) tap_rows: Taps,
    pub(crate) tap_columns: Taps,
    pub(crate) input: [usize; 2],
    pub(crate) output: [usize; 2],
    pub(crate) residual: Option<[usize; 2]>,
    pub(crate) panel: usize,
    pub(crate) activation: Option<Clamp>,
    /// Repetitions of all this, such as images and groups: steps of output, input, weights and residual in bytes.
    pub(crate) repeats: Vec<Axis>,
}

impl Gemm {
    /// Weights for one output channel.
    pub(crate) fn depth(&self) -> usize {
        self.run * self.tap_rows.count * self.tap_columns.count
    }

    /// Makes one row of all pixels where no operand jumps between rows.
    pub(crate) fn flatten(&mut self) {
        let columns = self.columns;
        let continues = |[row, pixel]: [usize; 2]| row == columns * pixel;
        if continues(self.input) && continues(self.output) && self.residual.is_none_or(continues) {
            self.columns *= std::mem::replace(&mut self.rows, 1);
        }
    }

    /// Whether all pixels meet one panel before the next: where the weights are too large to stay cached.
    fn panels_outermost(&self) -> bool {
        let weights = self.depth() * self.channels * ELEMENT;
        let input = self.rows * self.columns * self.input[1] * ELEMENT;
        weights > CACHED_WEIGHTS && input < weights
    }

    /// Runs of panels of equal width: `(count, width, channels that exist in the last one)`.
    fn panels(&self) -> Vec<(usize, usize, usize)> {
        let mut runs: Vec<(usize, usize, usize)> = vec![];
        for (first, width) in packed_panels(self.channels, PanelWidth(self.panel)) {
            let valid = width.min(self.channels - first);
            match runs.last_mut() {
                Some((count, same, full)) if *same == width && *full == valid => *count += 1,
                _ => runs.push((1, width, valid)),
            }
        }
        runs
    }

    fn panel_bytes(&self, width: usize) -> i64 {
        bytes(width * (self.depth() + 1))
    }
}

/// The call for `addresses`: input, weights, output, and the residual if there is one.
pub(crate) fn call(functions: &mut Functions, gemm: &Gemm, addresses: [u32; 3], residual: Option<u32>) -> Call {
    let [input, weights, output] = addresses;
    match residual {
        Some(residual) => functions.call("conv", gemm, [input, weights, output, residual], |f, [i, w, o, r]| {
            repeat(f, gemm, [i, w, o], Some(r));
        }),
        None => functions.call("conv", gemm, [input, weights, output], |f, [i, w, o]| {
            repeat(f, gemm, [i, w, o], None);
        }),
    }
}

fn repeat(f: &mut FuncBuilder, gemm: &Gemm, [input, weights, output]: [I32; 3], residual: Option<I32>) {
    let pointers: Vec<I32> = [output, input, weights].into_iter().chain(residual).collect();
    // One repetition moves the pointers, so each begins with copies.
    let copies: Vec<I32> = pointers.iter().map(|_| f.i32()).collect();
    let emitter = Emitter::new(f, gemm, [copies[1], copies[2], copies[0]], copies.get(3).copied());
    nest(f, &pointers, &gemm.repeats, &mut |f| {
        for (copy, pointer) in copies.iter().zip(&pointers) {
            f.offset(*copy, *pointer, 0);
        }
        emitter.emit(f);
    });
}

/// The locals of one kernel function.
struct Emitter<'g> {
    gemm: &'g Gemm,
    /// Input of the first pixel of a tile.
    input: I32,
    /// First output of a tile.
    output: I32,
    residual: Option<I32>,
    weights: I32,
    panel_start: I32,
    /// Position in the weights while a tile is computed.
    packed: I32,
    tap_row: I32,
    tap: I32,
    accumulators: Vec<V128>,
    a: Vec<V128>,
    b: Vec<V128>,
}

impl<'g> Emitter<'g> {
    fn new(f: &mut FuncBuilder, gemm: &'g Gemm, [input, weights, output]: [I32; 3], residual: Option<I32>) -> Self {
        let vectors = gemm.panel / LANES;
        let tile = if gemm.rows * gemm.columns == 1 { 1 } else { TILE };
        Self {
            gemm,
            input,
            output,
            residual,
            weights,
            panel_start: f.i32(),
            packed: f.i32(),
            tap_row: f.i32(),
            tap: f.i32(),
            accumulators: f.v128s(tile * vectors),
            a: f.v128s(tile),
            b: f.v128s(vectors),
        }
    }

    fn emit(&self, f: &mut FuncBuilder) {
        if self.gemm.panels_outermost() { self.emit_panels_outermost(f) } else { self.emit_pixels_outermost(f) }
    }

    /// For each tile of pixels, all panels: the weights stream, the pixels stay.
    fn emit_pixels_outermost(&self, f: &mut FuncBuilder) {
        let gemm = self.gemm;
        self.pixel_tiles(f, |f, pixels| {
            f.offset(self.packed, self.weights, 0);
            let mut channels = 0;
            for (count, width, valid) in gemm.panels() {
                f.walk(self.output, bytes(width), count, |f| {
                    self.tile(f, pixels, width, valid);
                    self.advance_residual(f, bytes(width));
                });
                channels += count * width;
            }
            f.advance(self.output, -bytes(channels));
            self.advance_residual(f, -bytes(channels));
        });
    }

    /// For each panel, all tiles of pixels: the pixels stream, the panel stays.
    fn emit_panels_outermost(&self, f: &mut FuncBuilder) {
        f.offset(self.panel_start, self.weights, 0);
        for (count, width, valid) in self.gemm.panels() {
            f.walk(self.panel_start, self.gemm.panel_bytes(width), count, |f| {
                self.pixel_tiles(f, |f, pixels| {
                    f.offset(self.packed, self.panel_start, 0);
                    self.tile(f, pixels, width, valid);
                });
                let Gemm { rows, input, output, residual, .. } = *self.gemm;
                f.advance(self.input, -bytes(rows * input[0]));
                f.advance(self.output, bytes(width) - bytes(rows * output[0]));
                if let Some([row, _]) = residual {
                    self.advance_residual(f, bytes(width) - bytes(rows * row));
                }
            });
        }
    }

    /// Runs `body` for each tile of pixels with `input`, `output` and `residual` at its first pixel. Afterwards they
    /// have moved by all rows.
    fn pixel_tiles(&self, f: &mut FuncBuilder, body: impl Fn(&mut FuncBuilder, usize)) {
        let Gemm { rows, columns, input, output, residual, .. } = *self.gemm;
        let tiles = split_evenly(columns, self.a.len());
        let row = |f: &mut FuncBuilder| {
            for (count, pixels) in &tiles {
                f.walk(self.input, bytes(pixels * input[1]), *count, |f| {
                    body(f, *pixels);
                    f.advance(self.output, bytes(pixels * output[1]));
                    if let Some([_, pixel]) = residual {
                        self.advance_residual(f, bytes(pixels * pixel));
                    }
                });
            }
            f.advance(self.output, bytes(output[0]) - bytes(columns * output[1]));
            if let Some([row, pixel]) = residual {
                self.advance_residual(f, bytes(row) - bytes(columns * pixel));
            }
            f.advance(self.input, -bytes(columns * input[1]));
        };
        // A row may be narrower than its pitch and a stride of rows may be zero only where there is one row.
        if rows == 1 {
            row(f);
            f.advance(self.input, bytes(input[0]));
        } else {
            f.walk(self.input, bytes(input[0]), rows, row);
        }
    }

    fn advance_residual(&self, f: &mut FuncBuilder, bytes: i64) {
        if let Some(residual) = self.residual {
            f.advance(residual, bytes);
        }
    }

    /// One tile: `pixels` by `width` channels, of which `valid` exist. Leaves `packed` after the panel.
    fn tile(&self, f: &mut FuncBuilder, pixels: usize, width: usize, valid: usize) {
        let vectors = width / LANES;
        for j in 0..vectors {
            f.load(self.packed, 16 * j).set(self.accumulators[j]);
        }
        for i in 1..pixels {
            for j in 0..vectors {
                f.get(self.accumulators[j]).set(self.accumulators[i * vectors + j]);
            }
        }
        f.advance(self.packed, bytes(width));
        self.taps(f, pixels, vectors);
        for i in 0..pixels {
            for j in 0..vectors {
                let accumulator = self.accumulators[i * vectors + j];
                let lanes = valid.saturating_sub(j * LANES);
                if lanes == 0 {
                    continue;
                }
                if let (Some(residual), Some([_, pixel])) = (self.residual, self.gemm.residual) {
                    f.get(accumulator).load(residual, ELEMENT * i * pixel + 16 * j);
                    f.op(Instruction::F32x4Add).set(accumulator);
                }
                clamp(f, accumulator, self.gemm.activation);
                f.store(self.output, ELEMENT * i * self.gemm.output[1] + 16 * j, accumulator, lanes);
            }
        }
    }

    fn taps(&self, f: &mut FuncBuilder, pixels: usize, vectors: usize) {
        let Gemm { tap_rows, tap_columns, .. } = *self.gemm;
        let run = |f: &mut FuncBuilder, start: I32| self.run(f, start, pixels, vectors);
        match (tap_rows.count, tap_columns.count) {
            (1, 1) => run(f, self.input),
            (rows, 1) => {
                f.offset(self.tap_row, self.input, 0);
                f.walk(self.tap_row, bytes(tap_rows.stride), rows, |f| run(f, self.tap_row));
            }
            (1, columns) => {
                f.offset(self.tap, self.input, 0);
                f.walk(self.tap, bytes(tap_columns.stride), columns, |f| run(f, self.tap));
            }
            (rows, columns) => {
                f.offset(self.tap_row, self.input, 0);
                f.walk(self.tap_row, bytes(tap_rows.stride), rows, |f| {
                    f.offset(self.tap, self.tap_row, 0);
                    f.walk(self.tap, bytes(tap_columns.stride), columns, |f| run(f, self.tap));
                });
            }
        }
    }

    /// The products of one run of consecutive elements.
    fn run(&self, f: &mut FuncBuilder, start: I32, pixels: usize, vectors: usize) {
        let (turns, rest) = (self.gemm.run / UNROLL, self.gemm.run % UNROLL);
        let position = f.i32();
        f.offset(position, start, 0);
        let width = vectors * LANES;
        f.walk(position, bytes(UNROLL), turns, |f| {
            for k in 0..UNROLL {
                self.products(f, position, k, pixels, vectors);
            }
            f.advance(self.packed, bytes(UNROLL * width));
        });
        for k in 0..rest {
            self.products(f, position, k, pixels, vectors);
        }
        f.advance(self.packed, bytes(rest * width));
    }

    /// Step `k` along the depth: one element of each pixel times one row of the panel.
    fn products(&self, f: &mut FuncBuilder, position: I32, k: usize, pixels: usize, vectors: usize) {
        for j in 0..vectors {
            f.load(self.packed, 16 * (k * vectors + j)).set(self.b[j]);
        }
        let all: Vec<usize> = (0..pixels).collect();
        for some in all.chunks(PIN) {
            for &i in some {
                f.load_splat(position, ELEMENT * (i * self.gemm.input[1] + k)).set(self.a[i]);
            }
            for &i in some {
                for j in 0..vectors {
                    f.multiply_add(self.accumulators[i * vectors + j], self.a[i], self.b[j]);
                }
            }
            f.pin(&self.accumulators[..pixels * vectors]);
        }
    }
}
