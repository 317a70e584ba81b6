//! The exports `image` and `image_step`: a picture of packed RGB bytes becomes the first input tensor.
//!
//! Resizing is bilinear with antialiasing as Pillow defines it: an output pixel is the mean of the input under a
//! triangle centered at `(i + 1/2) * scale` that reaches `max(scale, 1)` to both sides. `image` checks the picture and
//! stores the geometry; `image_step` computes one row of the tensor: first the weighted sum of the picture's rows into
//! a row of floats, then for each pixel the weighted sum along that row.

mod band;
mod check;

use abi::{ChannelOrder, Preprocess, Resize, export};
use plan::Port;
use wasm_encoder::MemArg;

use crate::Profile;
use crate::functions::NamedFunction;

/// Words that `image` writes and `image_step` reads.
mod state {
    pub(super) const POINTER: u32 = 32;
    pub(super) const WIDTH: u32 = 36;
    pub(super) const HEIGHT: u32 = 40;
    /// Pixels of the tensor's row (column) 0 before the resized picture's: what is cropped away.
    pub(super) const CROP_X: u32 = 44;
    pub(super) const CROP_Y: u32 = 48;
    /// Input pixels for one resized pixel, `f64`.
    pub(super) const SCALE_X: u32 = 56;
    pub(super) const SCALE_Y: u32 = 64;
}

/// What the two functions need to know of the tensor.
struct Target {
    width: u32,
    height: u32,
    /// Byte address of element `[0, channel 0, 0, 0]`.
    address: u32,
    /// Bytes between neighboring pixels of a row, between rows, between channels.
    pixel: u32,
    row: u32,
    plane: u32,
    resize: Resize,
    order: ChannelOrder,
    mean: Vec<f32>,
    scale: Vec<f32>,
    /// Address of a row of floats of the widest picture.
    scratch: u32,
}

impl Target {
    fn new(preprocess: &Preprocess, input: &Port, scratch: u32) -> Self {
        let channels = preprocess.mean.len();
        let narrow = |size: usize| u32::try_from(size).expect("within the memory");
        let &[_, a, b, c] = &input.shape[..] else { unreachable!("the compiler checks that pictures have rank 4") };
        let channels_first = a == channels;
        let (height, width) = if channels_first { (b, c) } else { (a, b) };
        let (pixel, row, plane) =
            if channels_first { (4, 4 * width, 4 * width * height) } else { (4 * channels, 4 * width * channels, 4) };
        Self {
            width: narrow(width),
            height: narrow(height),
            address: input.address,
            pixel: narrow(pixel),
            row: narrow(row),
            plane: narrow(plane),
            resize: preprocess.resize,
            order: preprocess.channels,
            mean: preprocess.mean.clone(),
            scale: preprocess.scale.clone(),
            scratch,
        }
    }
}

/// The two exports, and the first address after the memory that they use from `scratch`.
pub(crate) fn functions(
    profile: Profile,
    preprocess: &Preprocess,
    input: &Port,
    scratch: u32,
) -> (Vec<NamedFunction>, u32) {
    let target = Target::new(preprocess, input, scratch);
    let functions = vec![
        NamedFunction { name: export::IMAGE.into(), function: check::emit(profile, &target) },
        NamedFunction { name: export::IMAGE_STEP.into(), function: band::emit(profile, &target) },
    ];
    // One vector more than the widest row: the last pixel is read as four floats.
    (functions, scratch + 12 * export::IMAGE_SIDE_MAX + 16)
}

/// Access to a byte boundary at a constant address.
fn at(address: u32) -> MemArg {
    MemArg { offset: u64::from(address), align: 0, memory_index: 0 }
}
