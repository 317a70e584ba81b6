//! How results and errors cross in the core ABI v1.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// Everything that crosses lies on this boundary.
pub const ALIGN: u32 = 16;

/// Bit 31 of a result's length: the bytes are an [`ErrorObject`].
pub const ERROR_BIT: u32 = 1 << 31;

/// Where a result lies: the decoded form of the `i64` that a data function answers, `ptr << 32 | len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Address of the first byte.
    pub ptr: u32,
    /// Number of bytes, at most 2^31 - 1.
    pub len: u32,
    /// Whether the bytes are an [`ErrorObject`].
    pub is_error: bool,
}

impl Packed {
    /// From the `i64` of a data function.
    #[must_use]
    pub fn decode(word: i64) -> Self {
        let word = word.cast_unsigned();
        let len = u32::try_from(word & 0xffff_ffff).expect("masked to 32 bits");
        let ptr = u32::try_from(word >> 32).expect("32 bits are left");
        Self { ptr, len: len & !ERROR_BIT, is_error: len & ERROR_BIT != 0 }
    }

    /// To the `i64` of a data function.
    #[must_use]
    pub fn encode(self) -> i64 {
        let flag = if self.is_error { ERROR_BIT } else { 0 };
        (u64::from(self.ptr) << 32 | u64::from(self.len | flag)).cast_signed()
    }
}

/// What a function answers instead of a result, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(deny_unknown_fields)]
#[error("{code}: {message}")]
pub struct ErrorObject {
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_results_survive_the_trip() {
        for packed in [
            Packed { ptr: 0, len: 0, is_error: false },
            Packed { ptr: u32::MAX, len: (1 << 31) - 1, is_error: true },
            Packed { ptr: 16, len: 25, is_error: false },
        ] {
            assert_eq!(Packed::decode(packed.encode()), packed);
        }
    }
}
