//! The paper's convention for pictures, as compiled models serve it: `predict(index, length, width, height) -> length`.
//!
//! Packed RGB bytes lie at `index`; the first output replaces them there, as JSON in the paper's form. See
//! `docs/classic.md`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Where the paper's host puts every argument.
pub const INDEX: u32 = 42;
/// First address of the low memory that a compiled model with preprocessing leaves to its caller.
pub const LOW_START: u32 = 32;
/// Sides of the largest picture that fits at [`INDEX`] whatever the input of the model is.
pub const SIDE: u32 = 224;
/// Largest answer that [`INDEX`] has room for; models that may answer more want a window at the end of memory.
pub const LOW_ANSWER_MAX: u64 = 1 << 20;
/// Most bytes of one number of an answer: `-0.0000123456789`, and the comma behind it.
pub const NUMBER_BYTES_MAX: u32 = 18;
/// What ends an answer.
pub const ANSWER_END: &str = "]}";

/// An answer up to its first number.
#[must_use]
pub fn answer_start(shape: &[u64]) -> String {
    let sizes: Vec<String> = shape.iter().map(|size| format!("{size}")).collect();
    format!(r#"{{"dtype":"FP32","shape":[{}],"strides":null,"data":["#, sizes.join(","))
}

/// Most bytes that the answer of this shape may have: what must be free at `index`. `None` where it overflows.
#[must_use]
pub fn answer_bytes_max(shape: &[u64]) -> Option<u64> {
    let elements = shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))?;
    let frame = answer_start(shape).len() + ANSWER_END.len();
    elements.checked_mul(NUMBER_BYTES_MAX.into())?.checked_add(frame as u64)
}

/// How much low memory a compiled model leaves to its caller, from address 0: room at [`INDEX`] for a picture of the
/// input's size, for one of [`SIDE`] x [`SIDE`] pixels, and for the answer. 0 where the answer is too large for that.
#[must_use]
pub fn low_bytes(width: u64, height: u64, output: &[u64]) -> u64 {
    let answer = answer_bytes_max(output).filter(|bytes| *bytes <= LOW_ANSWER_MAX);
    let picture = (3 * width * height).max(3 * u64::from(SIDE) * u64::from(SIDE));
    answer.map_or(0, |answer| u64::from(INDEX) + answer.max(picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_begin_as_the_paper_s() {
        assert_eq!(answer_start(&[1, 1000]), r#"{"dtype":"FP32","shape":[1,1000],"strides":null,"data":["#);
        assert_eq!(answer_start(&[]), r#"{"dtype":"FP32","shape":[],"strides":null,"data":["#);
        assert_eq!(answer_bytes_max(&[1, 1000]), Some(18_000 + 56 + 2));
        assert_eq!(answer_bytes_max(&[u64::MAX, 2]), None);
    }

    #[test]
    fn low_memory_holds_the_picture_and_the_answer() {
        assert_eq!(low_bytes(8, 8, &[1, 10]), 42 + 150_528);
        assert_eq!(low_bytes(300, 200, &[1, 10]), 42 + 180_000);
        assert_eq!(low_bytes(8, 8, &[1, 10_000]), 42 + answer_bytes_max(&[1, 10_000]).expect("no overflow"));
        assert_eq!(low_bytes(416, 416, &[1, 3549, 85]), 0);
    }
}
