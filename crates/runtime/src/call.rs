//! The conventions: how arguments get into an instance and results out of it.

mod classic;
mod component;
mod core_v1;
mod model;
mod scalars;

pub(crate) use classic::{Classic, Room};

/// A value on its way into a function: bytes, and the size if they are a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Argument<'a> {
    pub(crate) bytes: &'a [u8],
    /// Width and height in pixels.
    pub(crate) size: Option<(u32, u32)>,
}

impl<'a> Argument<'a> {
    pub(crate) fn data(bytes: &'a [u8]) -> Self {
        Self { bytes, size: None }
    }

    pub(crate) fn picture(rgb: &'a [u8], width: u32, height: u32) -> Self {
        Self { bytes: rgb, size: Some((width, height)) }
    }
}
