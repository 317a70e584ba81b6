//! Zeros around the rows and columns of a buffer. The end of a row and the start of the next lie side by side.

use ir::Padding;
use plan::View;
use wasm_encoder::Instruction;

use super::{bytes, four, moved};
use crate::asm::{Axis, FuncBuilder, I32, nest};
use crate::functions::{Call, Functions};

/// Distances in elements.
#[derive(Debug)]
struct Geometry {
    /// Number of images and the distance between them.
    images: [usize; 2],
    rows: usize,
    row: usize,
    /// From the first byte of the border to the first element.
    before: usize,
    /// Border between the last element of a row and the first of the next.
    between: usize,
    /// From the last element to the last byte of the border.
    after: usize,
}

pub(crate) fn call(functions: &mut Functions, write: &View) -> Call {
    let [images, rows, _, channels] = four(&write.shape);
    let [image, row, pixel, _] = four(&write.strides);
    debug_assert_eq!(pixel, channels, "a buffer with a border is not a part of another");
    let Padding { top, left, bottom, right } = write.border;
    let before = top * row + left * pixel;
    let geometry = Geometry {
        images: [images, image],
        rows,
        row,
        before,
        between: (left + right) * pixel,
        after: bottom * row + right * pixel,
    };
    let start = moved(write, -i64::try_from(before).expect("within the memory"));
    functions.call("zero_border", &geometry, [start], |f, [start]| {
        let [count, distance] = geometry.images;
        let images = [Axis { count, steps: vec![bytes(distance)] }];
        let row = f.i32();
        nest(f, &[start], &images, &mut |f| {
            f.offset(row, start, 0);
            emit(f, &geometry, row);
        });
    })
}

fn emit(f: &mut FuncBuilder, geometry: &Geometry, start: I32) {
    let Geometry { rows, row, before, between, after, .. } = *geometry;
    fill(f, start, before);
    let filled = row - between;
    f.advance(start, bytes(before + filled));
    if between > 0 {
        f.walk(start, bytes(row), rows - 1, |f| fill(f, start, between));
    } else {
        f.advance(start, bytes(row * (rows - 1)));
    }
    fill(f, start, after);
}

fn fill(f: &mut FuncBuilder, start: I32, elements: usize) {
    if elements > 0 {
        f.get(start).const_i32(0).const_i32(bytes(elements)).op(Instruction::MemoryFill(0));
    }
}
