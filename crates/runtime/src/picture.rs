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
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder as _, RgbImage};

    use super::*;

    /// 32 x 16 pixels, the left half red and the right half blue.
    fn red_left_blue_right() -> RgbImage {
        RgbImage::from_fn(32, 16, |x, _| if x < 16 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) })
    }

    fn png(picture: &RgbImage) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    /// A JPEG with an EXIF block that holds the orientation and nothing else.
    fn jpeg(picture: &RgbImage, orientation: u8) -> Vec<u8> {
        let mut plain = Vec::new();
        JpegEncoder::new_with_quality(&mut plain, 95)
            .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
            .unwrap();
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
    }

    fn is_red(picture: &Picture, x: u32, y: u32) -> bool {
        let at = ((y * picture.width() + x) * 3) as usize;
        picture.rgb()[at] > 200 && picture.rgb()[at + 2] < 60
    }

    #[test]
    fn png_comes_out_as_it_went_in() {
        let source = red_left_blue_right();
        let picture = Picture::decode(&png(&source)).unwrap();
        assert_eq!((picture.width(), picture.height()), (32, 16));
        assert_eq!(picture.rgb(), source.as_raw());
    }

    #[test]
    fn exif_orientation_is_applied() {
        // Corners after decoding: whether top left and bottom right are red.
        for (orientation, size, corners) in [
            (1, (32, 16), (true, false)),
            (2, (32, 16), (false, true)),
            (3, (32, 16), (false, true)),
            (6, (16, 32), (true, false)),
            (8, (16, 32), (false, true)),
        ] {
            let picture = Picture::decode(&jpeg(&red_left_blue_right(), orientation)).unwrap();
            assert_eq!((picture.width(), picture.height()), size, "orientation {orientation}");
            let found = (is_red(&picture, 2, 2), is_red(&picture, size.0 - 3, size.1 - 3));
            assert_eq!(found, corners, "orientation {orientation}");
        }
    }

    #[test]
    fn broken_files_are_refused() {
        assert_eq!(Picture::decode(b"GIF89a"), Err(PictureError::Format));
        assert_eq!(Picture::decode(b""), Err(PictureError::Format));
        let whole = png(&red_left_blue_right());
        for cut in [9, 20, 40, whole.len() - 20] {
            assert!(matches!(Picture::decode(&whole[..cut]), Err(PictureError::Decode { .. })), "cut at {cut}");
        }
    }

    #[test]
    fn a_jpeg_that_was_cut_is_refused() {
        let whole = jpeg(&red_left_blue_right(), 1);
        assert!(Picture::decode(&whole).is_ok());
        assert!(Picture::decode(&[&whole[..], b"a film that was appended"].concat()).is_ok());
        for cut in [whole.len() / 2, whole.len() - 20, whole.len() - 1] {
            assert!(matches!(Picture::decode(&whole[..cut]), Err(PictureError::Decode { .. })), "cut at {cut}");
        }
        let error = Picture::decode(&whole[..whole.len() - 20]).unwrap_err();
        let expected =
            "the picture cannot be decoded: the file is cut, its end marker is missing: fetch or save it again";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_huge_header_is_refused_before_decoding() {
        let mut file = png(&red_left_blue_right());
        file[16..20].copy_from_slice(&20_000_u32.to_be_bytes());
        let checksum = crc32(&file[12..29]);
        file[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(Picture::decode(&file), Err(PictureError::Size { width: 20_000, height: 16 }));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc: u32, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }

    #[test]
    fn rgb_must_have_the_length_of_its_size() {
        assert!(Picture::from_rgb(2, 2, vec![0; 12]).is_ok());
        assert!(matches!(
            Picture::from_rgb(2, 2, vec![0; 11]),
            Err(PictureError::Length { expected: 12, given: 11, .. })
        ));
        assert!(matches!(Picture::from_rgb(0, 2, Vec::new()), Err(PictureError::Size { .. })));
    }
}
