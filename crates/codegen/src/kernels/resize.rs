//! Other numbers of rows and columns. Whole repetitions load each pixel once; everything else follows a table with an
//! entry for each row and each column of the output: indices of pixels, and how they are blended.

use ir::Resize;
use plan::{View, entry_words};
use wasm_encoder::Instruction;

use super::{ELEMENT, LANES, bytes, four};
use crate::asm::{Axis, FuncBuilder, I32, V128, collapse, nest};
use crate::functions::{Call, Functions};

/// Repetitions up to this many are written without loops.
const UNROLL: usize = 16;

/// Each pixel of the input `times[0]` times below each other and `times[1]` times side by side.
pub(crate) fn repeat(functions: &mut Functions, times: [usize; 2], read: &View, write: &View) -> Call {
    let [images, rows, columns, channels] = four(&read.shape);
    let axis = |k: usize, count: usize, times: usize| Axis {
        count,
        steps: vec![bytes(times * write.strides[k]), bytes(read.strides[k])],
    };
    let pixels = collapse(vec![axis(0, images, 1), axis(1, rows, times[0]), axis(2, columns, times[1])]);
    let repetition = Repetition { pixels, times, channels, output: [write.strides[1], write.strides[2]] };
    functions.call("repeat", &repetition, [read.address, write.address], |f, [read, write]| {
        repetition.emit(f, read, write);
    })
}

/// Everything that shapes the code.
#[derive(Debug)]
struct Repetition {
    /// Steps of output and input in bytes.
    pixels: Vec<Axis>,
    times: [usize; 2],
    channels: usize,
    /// Elements between rows and pixels.
    output: [usize; 2],
}

impl Repetition {
    fn emit(&self, f: &mut FuncBuilder, read: I32, write: I32) {
        let (from, to, value) = (f.i32(), f.i32(), f.v128());
        nest(f, &[write, read], &self.pixels, &mut |f| {
            f.offset(from, read, 0);
            f.offset(to, write, 0);
            f.walk(to, bytes(LANES), self.channels / LANES, |f| {
                f.load(from, 0).set(value);
                self.spread(f, to, value, LANES);
                f.advance(from, bytes(LANES));
            });
            if !self.channels.is_multiple_of(LANES) {
                f.load(from, 0).set(value);
                self.spread(f, to, value, self.channels % LANES);
            }
        });
    }

    /// Stores a part of a pixel wherever it is repeated.
    fn spread(&self, f: &mut FuncBuilder, to: I32, value: V128, lanes: usize) {
        if self.times[0] * self.times[1] > UNROLL {
            let cursor = f.i32();
            f.offset(cursor, to, 0);
            let axes = [0, 1].map(|k| Axis { count: self.times[k], steps: vec![bytes(self.output[k])] });
            return nest(f, &[cursor], &axes, &mut |f| f.store(cursor, 0, value, lanes));
        }
        for row in 0..self.times[0] {
            for column in 0..self.times[1] {
                f.store(to, ELEMENT * (row * self.output[0] + column * self.output[1]), value, lanes);
            }
        }
    }
}

/// Pixels picked and blended as the table at `table` says.
pub(crate) fn call(functions: &mut Functions, op: &Resize, read: &View, table: u32, write: &View) -> Call {
    let [images, rows, columns, channels] = four(&write.shape);
    let blending = Blending {
        images: collapse(vec![Axis { count: images, steps: vec![bytes(write.strides[0]), bytes(read.strides[0])] }]),
        counts: [rows, columns],
        channels,
        entries: [entry_words(&op.rows), entry_words(&op.columns)],
        terms: [op.rows.terms(), op.columns.terms()],
        input: [read.strides[1], read.strides[2]],
        output: [write.strides[1], write.strides[2]],
    };
    functions.call("resize", &blending, [read.address, table, write.address], |f, [read, table, write]| {
        let (from, to) = (f.i32(), f.i32());
        nest(f, &[write, read], &blending.images, &mut |f| {
            f.offset(from, read, 0);
            f.offset(to, write, 0);
            blending.emit(f, [from, table, to]);
        });
    })
}

/// Everything that shapes the code; distances in elements, `[row, pixel]`.
#[derive(Debug)]
struct Blending {
    /// Steps of output and input in bytes.
    images: Vec<Axis>,
    counts: [usize; 2],
    channels: usize,
    /// Words of an entry of the table, of which the first are indices, as many as there are terms.
    entries: [usize; 2],
    terms: [usize; 2],
    input: [usize; 2],
    output: [usize; 2],
}

/// Where what an output is made of lies, and the share of each; a single one has none.
struct Terms {
    sources: Vec<I32>,
    shares: Vec<V128>,
}

impl Terms {
    fn new(f: &mut FuncBuilder, count: usize) -> Self {
        let shares = if count == 1 { 0 } else { count };
        Self { sources: (0..count).map(|_| f.i32()).collect(), shares: f.v128s(shares) }
    }
}

impl Blending {
    /// One image; moves `write`.
    fn emit(&self, f: &mut FuncBuilder, [read, table, write]: [I32; 3]) {
        let [rows, columns] = self.terms.map(|count| Terms::new(f, count));
        let pixels = Terms::new(f, rows.sources.len() * columns.sources.len());
        let [row, column, to] = [(); 3].map(|()| f.i32());
        let [sum, value] = [(); 2].map(|()| f.v128());
        f.offset(row, table, 0);
        f.walk(row, bytes(self.entries[0]), self.counts[0], |f| {
            self.entry(f, 0, row, &rows);
            for source in &rows.sources {
                f.get(*source).get(read).op(Instruction::I32Add).set(*source);
            }
            f.offset(column, table, bytes(self.counts[0] * self.entries[0]));
            f.walk(column, bytes(self.entries[1]), self.counts[1], |f| {
                self.entry(f, 1, column, &columns);
                join(f, &rows, &columns, &pixels);
                f.offset(to, write, 0);
                f.walk(to, bytes(LANES), self.channels / LANES, |f| {
                    blend(f, &pixels, sum, value);
                    f.store(to, 0, sum, LANES);
                    pixels.sources.iter().for_each(|source| f.advance(*source, bytes(LANES)));
                });
                if !self.channels.is_multiple_of(LANES) {
                    blend(f, &pixels, sum, value);
                    f.store(to, 0, sum, self.channels % LANES);
                }
                f.advance(write, bytes(self.output[1]));
            });
            f.advance(write, bytes(self.output[0]) - bytes(self.counts[1] * self.output[1]));
        });
    }

    /// Reads an entry of the table: the distances from the first row or pixel, and the shares.
    fn entry(&self, f: &mut FuncBuilder, axis: usize, entry: I32, terms: &Terms) {
        for (k, source) in terms.sources.iter().enumerate() {
            f.load_i32(entry, ELEMENT * k).const_i32(bytes(self.input[axis])).op(Instruction::I32Mul).set(*source);
        }
        if let [near, far] = terms.shares[..] {
            f.load_splat(entry, ELEMENT * terms.sources.len()).set(far);
            f.splat(1.0).get(far).op(Instruction::F32x4Sub).set(near);
        }
    }
}

/// The pixels where rows and columns meet.
fn join(f: &mut FuncBuilder, rows: &Terms, columns: &Terms, pixels: &Terms) {
    for (k, pixel) in pixels.sources.iter().enumerate() {
        let (row, column) = (k / columns.sources.len(), k % columns.sources.len());
        f.get(rows.sources[row]).get(columns.sources[column]).op(Instruction::I32Add).set(*pixel);
        let Some(share) = pixels.shares.get(k) else { continue };
        match (rows.shares.get(row), columns.shares.get(column)) {
            (Some(u), Some(v)) => f.get(*u).get(*v).op(Instruction::F32x4Mul).set(*share),
            (Some(only), None) | (None, Some(only)) => f.get(*only).set(*share),
            (None, None) => unreachable!("one row and one column meet in one pixel, which has no share"),
        };
    }
}

/// `sum` of the pixels by their shares.
fn blend(f: &mut FuncBuilder, pixels: &Terms, sum: V128, value: V128) {
    f.load(pixels.sources[0], 0).set(sum);
    let Some((first, others)) = pixels.shares.split_first() else { return };
    f.get(sum).get(*first).op(Instruction::F32x4Mul).set(sum);
    for (source, share) in pixels.sources[1..].iter().zip(others) {
        f.load(*source, 0).set(value);
        f.multiply_add(sum, value, *share);
    }
}
