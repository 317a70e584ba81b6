use crate::Error;

/// A picture that the host gives: packed rows of red, green and blue bytes, the first row on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image<'a> {
    pixels: &'a [u8],
    width: u32,
    height: u32,
}

impl<'a> Image<'a> {
    /// A picture of `width` x `height` pixels of three bytes each.
    ///
    /// # Errors
    /// [`Error::INVALID_ARGUMENT`] where the bytes are not exactly `width` x `height` x 3.
    pub fn new(pixels: &'a [u8], width: u32, height: u32) -> Result<Self, Error> {
        let wanted = u64::from(width).checked_mul(u64::from(height)).and_then(|pixels| pixels.checked_mul(3));
        if wanted == Some(pixels.len() as u64) {
            return Ok(Self { pixels, width, height });
        }
        let len = pixels.len();
        Err(Error::new(
            Error::INVALID_ARGUMENT,
            format!("a picture of {width} x {height} pixels has {width} x {height} x 3 bytes, not {len}"),
        ))
    }

    /// The bytes, row by row: `width` x `height` x 3.
    #[must_use]
    pub fn pixels(&self) -> &'a [u8] {
        self.pixels
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_of_the_right_length_is_taken() {
        let image = Image::new(&[1, 2, 3, 4, 5, 6], 2, 1).expect("2 x 1 x 3 = 6");
        assert_eq!((image.pixels().len(), image.width(), image.height()), (6, 2, 1));
    }

    #[test]
    fn picture_of_another_length_is_refused() {
        let error = Image::new(&[0; 5], 2, 1).expect_err("one byte is missing");
        assert_eq!(error.to_string(), "invalid-argument: a picture of 2 x 1 pixels has 2 x 1 x 3 bytes, not 5");
        assert!(Image::new(&[], u32::MAX, u32::MAX).is_err());
    }
}
