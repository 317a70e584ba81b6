//! The exports `image` and `image_step`: a picture of packed RGB bytes becomes the first input tensor.
//!
//! Resizing gives the bytes that Pillow gives. An output pixel is a weighted sum of input pixels along one axis, rounded to
//! a byte, and of those along the other, rounded again. The weights are integers, in units of 2^-22: the filter at the
//! distances of the input pixels from `(i + 1/2) * scale`, in units of `max(scale, 1)`, divided by their sum. Sums go along
//! rows first, or along columns first where that leaves much less to do along rows.
//!
//! `image` checks the picture, stores the geometry and computes the weights of both axes. `image_step` computes one row of
//! the tensor. It keeps the rows of the picture that it has already summed, since neighboring rows of the tensor need the
//! same ones.

mod band;
mod check;
mod geometry;
mod pixel;
mod sums;
mod weights;

use abi::{ChannelOrder, Filter, Layout, Preprocess, Resize, export};
use plan::Plan;
use wasm_encoder::Instruction as I;

use crate::Profile;
use crate::asm::{FuncBuilder, I32, at, repeat};
use crate::functions::NamedFunction;

/// Bits of a weight behind the binary point.
const PRECISION: i32 = 22;
/// How many rows of the picture are kept after their sums: a power of two.
const KEPT_ROWS: u32 = 64;
/// Bytes that are added to sums along columns at a time.
const GROUP: u32 = 16;

pub(crate) use check::window_end;

/// What the two functions need to know of the tensor.
struct Target {
    columns: Axis,
    rows: Axis,
    /// Byte address of element `[0, channel 0, 0, 0]`.
    address: u32,
    /// Bytes between neighboring pixels of a row, between rows, between channels.
    pixel: u32,
    row: u32,
    plane: u32,
    resize: Resize,
    filter: Filter,
    order: ChannelOrder,
    mean: Vec<f32>,
    scale: Vec<f32>,
    state: State,
    /// Which rows of the picture are kept after their sums: one number for each of [`KEPT_ROWS`].
    tags: u32,
    /// The kept rows, and after them the row of the tensor that is computed: 4 bytes a pixel, of which the last three are
    /// red, green and blue.
    kept: u32,
    /// Bytes from one of these rows to the next.
    kept_row: u32,
    /// The sums along columns, one for each byte of the longer row: of the picture or of the tensor.
    sums: u32,
    /// These sums as bytes where they were the first.
    line: u32,
    /// The first address after the low memory: below it and above [`Self::end`] lies what is the caller's.
    low_end: u32,
    /// The first address after all this.
    end: u32,
}

/// Words that `image` writes and `image_step` reads.
struct State {
    pointer: u32,
    width: u32,
    /// Not zero where the first sums go along columns.
    columns_first: u32,
}

/// One axis of the tensor and the tables of its weights.
#[derive(Clone, Copy)]
struct Axis {
    /// Pixels of the tensor.
    size: u32,
    /// Where `image` leaves what depends on the picture.
    state: u32,
    /// For each pixel the first input pixel and their number, two words.
    bounds: u32,
    /// For each pixel as many weights as any may have.
    weights: u32,
}

impl Axis {
    /// Pixels that are computed: a letterboxed picture leaves some.
    fn count(self) -> u32 {
        self.state
    }

    /// Pixels of the tensor before the first that is computed.
    fn place(self) -> u32 {
        self.state + 4
    }

    /// Pixels of the resized picture before the first that is computed: what is cropped away.
    fn crop(self) -> u32 {
        self.state + 8
    }

    /// Bytes from the weights of a pixel to those of the next.
    fn stride(self) -> u32 {
        self.state + 12
    }
}

/// Hands out memory.
struct Space(u32);

impl Space {
    fn take(&mut self, bytes: u32) -> u32 {
        let at = self.0;
        self.0 += bytes.next_multiple_of(16);
        at
    }

    fn word(&mut self) -> u32 {
        self.take(4)
    }

    fn axis(&mut self, size: u32, filter: Filter) -> Axis {
        let reach = reach(filter);
        // ceil(reach * max(scale, 1)) * 2 + 1 for each pixel, where scale is at most the largest side / pixels.
        let weights = 2 * reach * export::IMAGE_SIDE_MAX + (2 * reach + 3) * size;
        Axis { size, state: self.take(16), bounds: self.take(8 * size), weights: self.take(4 * weights) }
    }
}

/// Distance at which the weights vanish, in input pixels of a picture that is not reduced.
fn reach(filter: Filter) -> u32 {
    match filter {
        Filter::Nearest | Filter::Bilinear => 1,
        Filter::Bicubic => 2,
    }
}

impl Target {
    fn new(preprocess: &Preprocess, plan: &Plan, scratch: u32) -> Self {
        let input = &plan.inputs[0];
        let narrow = |size: usize| u32::try_from(size).expect("within the memory");
        let &[_, a, b, c] = &input.shape[..] else { unreachable!("the compiler checks that pictures have rank 4") };
        let (height, width, pixel, row, plane) = match preprocess.layout {
            Layout::Nchw => (b, c, 4, 4 * c, 4 * b * c),
            Layout::Nhwc => (a, b, 4 * c, 4 * b * c, 4),
        };
        let (width, height) = (narrow(width), narrow(height));
        let kept_row = (4 * width).next_multiple_of(GROUP);
        let line = (3 * export::IMAGE_SIDE_MAX).next_multiple_of(GROUP);
        let mut space = Space(scratch);
        Self {
            columns: space.axis(width, preprocess.filter),
            rows: space.axis(height, preprocess.filter),
            address: input.address,
            pixel: narrow(pixel),
            row: narrow(row),
            plane: narrow(plane),
            resize: preprocess.resize,
            filter: preprocess.filter,
            order: preprocess.channels,
            mean: preprocess.mean.clone(),
            scale: preprocess.scale.clone(),
            state: State { pointer: space.word(), width: space.word(), columns_first: space.word() },
            tags: space.take(4 * KEPT_ROWS),
            kept: space.take(kept_row * (KEPT_ROWS + 1)),
            kept_row,
            sums: space.take(4 * kept_row.max(line)),
            line: space.take(line),
            low_end: plan.weights_start,
            end: space.0,
        }
    }
}

/// The two exports.
pub(crate) struct Picture {
    pub(crate) functions: Vec<NamedFunction>,
    /// How many values `image_step` accepts, which `image` answers.
    pub(crate) bands: u32,
    /// The first address after the memory that they use.
    pub(crate) end: u32,
}

/// The two exports, with memory of their own from `scratch`.
pub(crate) fn functions(profile: Profile, preprocess: &Preprocess, plan: &Plan, scratch: u32) -> Picture {
    let target = Target::new(preprocess, plan, scratch);
    let functions = vec![
        NamedFunction { name: export::IMAGE.into(), function: check::emit(profile, &target) },
        NamedFunction { name: export::IMAGE_STEP.into(), function: band::emit(profile, &target) },
    ];
    Picture { functions, bands: target.rows.size, end: target.end }
}

/// `target` = the word at a constant address.
fn load(f: &mut FuncBuilder, target: I32, address: u32) {
    f.const_i32(0).op(I::I32Load(at(address))).set(target);
}

/// The word at a constant address = `value`.
fn store(f: &mut FuncBuilder, address: u32, value: I32) {
    f.const_i32(0).get(value).op(I::I32Store(at(address)));
}
