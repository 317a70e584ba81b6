//! Lists and records: what the expansions of `#[wasmtube_guest::function(plain)]` and `#[derive(Record)]` call.

use crate::memory::{self, Number};
use crate::{Error, Record};

/// The elements of a list that lie in the argument of `function`, where they stay.
///
/// # Errors
/// [`Error::INVALID_ARGUMENT`] where the length is no multiple of an element's, or the host put the bytes on a boundary
/// that is not the elements'.
pub fn list<'a, T: Number>(function: &str, argument: &'a [u8]) -> Result<&'a [T], Error> {
    let size = size_of::<T>();
    if !argument.len().is_multiple_of(size) {
        let len = argument.len();
        return Err(invalid(function, &format!("{len} bytes are no list of elements of {size} bytes")));
    }
    memory::elements(argument)
        .ok_or_else(|| invalid(function, &format!("it does not lie on a boundary of {} bytes", abi::value::ALIGN)))
}

/// The bytes of a list that a function answers.
#[must_use]
pub fn list_bytes<T: Number>(elements: &[T]) -> Vec<u8> {
    memory::bytes(elements).to_vec()
}

/// A record that lies in the argument of `function`.
///
/// # Errors
/// [`Error::INVALID_ARGUMENT`] where the length is not that of the record.
pub fn record<T: Record>(function: &str, argument: &[u8]) -> Result<T, Error> {
    T::from_bytes(argument).ok_or_else(|| {
        let len = argument.len();
        invalid(function, &format!("{len} bytes are no record of {} bytes", T::FIELDS * abi::kind::RECORD_FIELD_BYTES))
    })
}

/// The words of a record with `N` fields, or `None` where there are more or fewer bytes.
#[must_use]
pub fn words<const N: usize>(bytes: &[u8]) -> Option<[[u8; 8]; N]> {
    let (words, rest) = bytes.as_chunks();
    if rest.is_empty() { words.try_into().ok() } else { None }
}

/// Sum of the lengths of texts.
#[must_use]
pub const fn length(texts: &[&str]) -> usize {
    let mut sum = 0;
    let mut index = 0;
    while index < texts.len() {
        sum += texts[index].len();
        index += 1;
    }
    sum
}

/// The bytes of texts one after another, `N` of them.
#[must_use]
pub const fn joined<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut bytes = [0; N];
    let (mut at, mut index) = (0, 0);
    while index < texts.len() {
        let (_, rest) = bytes.split_at_mut(at);
        let (place, _) = rest.split_at_mut(texts[index].len());
        place.copy_from_slice(texts[index].as_bytes());
        at += texts[index].len();
        index += 1;
    }
    bytes
}

fn invalid(function: &str, reason: &str) -> Error {
    Error::new(Error::INVALID_ARGUMENT, format!("the argument is not what `{function}` takes: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen bytes on their boundary.
    #[repr(align(16))]
    struct Aligned([u8; 16]);

    #[test]
    fn elements_stay_where_they_are() {
        let argument = Aligned([1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        let elements = list::<i64>("f", &argument.0).expect("are two");
        assert_eq!(elements, [1, -1]);
        assert_eq!(elements.as_ptr().addr(), argument.0.as_ptr().addr(), "nothing is copied");
        assert_eq!(list::<u16>("f", &argument.0[..4]).expect("are two"), [1, 0]);
        assert_eq!(list::<f64>("f", &[]).expect("is empty"), [0.0; 0]);
    }

    #[test]
    fn other_lengths_and_boundaries_are_refused() {
        let argument = Aligned([0; 16]);
        for (bytes, reason) in [
            (&argument.0[..15], "15 bytes are no list of elements of 8 bytes"),
            (&argument.0[1..9], "it does not lie on a boundary of 16 bytes"),
        ] {
            let error = list::<i64>("f", bytes).expect_err("is refused");
            assert_eq!(error.to_string(), format!("invalid-argument: the argument is not what `f` takes: {reason}"));
        }
    }

    #[test]
    fn lists_are_answered_side_by_side() {
        assert_eq!(list_bytes(&[1_u16, 0x203]), [1, 0, 3, 2]);
        assert_eq!(list_bytes(&[-2.0_f64]), [0, 0, 0, 0, 0, 0, 0, 0xc0]);
        assert!(list_bytes::<f32>(&[]).is_empty());
    }

    #[test]
    fn words_are_counted() {
        assert_eq!(words::<1>(&[7; 8]), Some([[7; 8]]));
        for len in [0, 7, 9, 16] {
            assert_eq!(words::<1>(&vec![0; len]), None, "{len}");
        }
    }

    #[test]
    fn texts_are_joined_while_compiling() {
        const TEXTS: &[&str] = &["a", "", "bc"];
        const BYTES: [u8; length(TEXTS)] = joined(TEXTS);
        assert_eq!(BYTES, *b"abc");
    }
}
