//! Photos become packed RGB bytes, upright.

mod jpeg;

use std::io::Cursor;

use abi::export::IMAGE_SIDE_MAX;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

/// Most pixels of a picture: 2^27, 400 MB of RGB.
pub const PIXELS_MAX: u64 = 1 << 27;

/// A picture of packed RGB bytes, row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// Why bytes are no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The bytes are neither PNG nor JPEG.
    #[error("the picture is neither PNG nor JPEG: convert it to one of them")]
    Format,
    /// A side is zero or too long, or the area too large.
    #[error(
        "the picture has {width} x {height} pixels, allowed are sides of 1 to {IMAGE_SIDE_MAX} and {PIXELS_MAX} pixels"
    )]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The bytes are not width x height x 3.
    #[error("a picture of {width} x {height} pixels has {expected} bytes of RGB, not {given}")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes of that size.
        expected: u64,
        /// Bytes that were given.
        given: usize,
    },
    /// The file is damaged or uses what the decoder does not know.
    #[error("the picture cannot be decoded: {reason}")]
    Decode {
        /// What the decoder says.
        reason: String,
    },
}

impl Picture {
    /// A picture from packed RGB bytes.
    ///
    /// # Errors
    /// [`PictureError::Size`] and [`PictureError::Length`].
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, PictureError> {
        check_size(width, height)?;
        let expected = u64::from(width) * u64::from(height) * 3;
        if u64::try_from(rgb.len()) != Ok(expected) {
            return Err(PictureError::Length { width, height, expected, given: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    /// Decodes a PNG or JPEG file. The EXIF orientation is applied; an alpha channel is dropped, gray becomes RGB and
    /// 16 bits become 8.
    ///
    /// # Errors
    /// [`PictureError::Format`], [`PictureError::Size`] before anything is decoded, [`PictureError::Decode`] also for a
    /// file that was cut.
    pub fn decode(file: &[u8]) -> Result<Self, PictureError> {
        let undecodable = |error: ImageError| PictureError::Decode { reason: error.to_string() };
        let format = image::guess_format(file).map_err(|_| PictureError::Format)?;
        if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
            return Err(PictureError::Format);
        }
        let mut reader = ImageReader::with_format(Cursor::new(file), format);
        let mut limits = image::Limits::no_limits();
        // 16 bits of RGBA for the largest picture, and room for the decoder's own tables.
        limits.max_alloc = Some(PIXELS_MAX * 8 + (64 << 20));
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(undecodable)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height)?;
        if format == ImageFormat::Jpeg && !jpeg::is_whole(file) {
            let reason = "the file is cut, its end marker is missing: fetch or save it again".into();
            return Err(PictureError::Decode { reason });
        }
        let orientation = decoder.orientation().map_err(undecodable)?;
        let mut decoded = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
        decoded.apply_orientation(orientation);
        let rgb = decoded.into_rgb8();
        Self::from_rgb(rgb.width(), rgb.height(), rgb.into_raw())
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green and blue of each pixel.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    let side = 1..=IMAGE_SIDE_MAX;
    let fits = side.contains(&width) && side.contains(&height) && u64::from(width) * u64::from(height) <= PIXELS_MAX;
    if fits { Ok(()) } else { Err(PictureError::Size { width, height }) }
}

#[cfg(test)]
mod tests;
