//! From the outcome of a call to what crosses.

use crate::Error;

/// The bytes that cross, and whether they are an error object.
fn crossing(outcome: Result<Vec<u8>, Error>) -> (Vec<u8>, bool) {
    let outcome = outcome.and_then(|bytes| match u32::try_from(bytes.len()) {
        Ok(len) if len < abi::value::ERROR_BIT => Ok(bytes),
        _ => Err(Error::new(Error::INVALID_ANSWER, "the answer has 2^31 bytes or more")),
    });
    match outcome {
        Ok(bytes) => (bytes, false),
        Err(error) => (serde_json::to_vec(&error.0).expect("texts and a boolean always become JSON"), true),
    }
}

/// One call from the host: runs `call` and hands its outcome over.
#[cfg(target_arch = "wasm32")]
pub fn serve<'a>(argument: &'a [u8], call: impl FnOnce(&'a [u8]) -> Result<Vec<u8>, Error>) -> i64 {
    crate::panic::keep_message();
    let (bytes, is_error) = crossing(call(argument));
    packed(crate::memory::hand_over(&bytes), bytes.len(), is_error)
}

/// Where the message of the first panic lies, 0 if there was none. It stays the instance's own.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn last_panic() -> i64 {
    crate::panic::message().map_or(0, |message| packed(message.as_ptr(), message.len(), false))
}

#[cfg(target_arch = "wasm32")]
fn packed(address: *const u8, len: usize, is_error: bool) -> i64 {
    // Lossless: addresses of wasm32 have 32 bits, and lengths were checked.
    abi::value::Packed { ptr: address.addr() as u32, len: len as u32, is_error }.encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_cross_as_they_are() {
        assert_eq!(crossing(Ok(vec![1, 2])), (vec![1, 2], false));
        assert_eq!(crossing(Ok(vec![])), (vec![], false));
    }

    #[test]
    fn errors_cross_as_objects() {
        let (bytes, is_error) = crossing(Err(Error::new("busy", "the \"bus\" is busy").retryable()));
        assert!(is_error);
        assert_eq!(
            String::from_utf8(bytes).expect("is text"),
            r#"{"code":"busy","message":"the \"bus\" is busy","retryable":true}"#
        );
    }
}
