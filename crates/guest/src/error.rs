use std::fmt;

use abi::value::ErrorObject;

/// Why a function gives no answer: what the host receives instead of a result.
///
/// Any [`std::error::Error`] becomes one by `?`, with the code [`Error::FAILED`] and the messages of all its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub(crate) ErrorObject);

impl Error {
    /// Code of an argument that cannot be read as the type that the function takes.
    pub const INVALID_ARGUMENT: &str = "invalid-argument";
    /// Code of an answer that cannot be written.
    pub const INVALID_ANSWER: &str = "invalid-answer";
    /// Code of an error that came by `?` from another library.
    pub const FAILED: &str = "failed";

    /// An error with a stable word for programs and a sentence for people. The same call would fail again.
    #[must_use]
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self(ErrorObject { code: code.into(), message: message.into(), retryable: false })
    }

    /// The same error, marked as one that may not happen again.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// A deliberate absence: `Error` is no `std::error::Error`, or this would overlap with `From<Error> for Error`.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            message.push_str(": ");
            message.push_str(&inner.to_string());
            source = inner.source();
        }
        Self::new(Self::FAILED, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read sensor {number}")]
    struct Outer {
        number: u32,
        source: std::num::ParseIntError,
    }

    #[test]
    fn other_errors_bring_their_sources() {
        let source = "x".parse::<u32>().expect_err("is no number");
        let error = Error::from(Outer { number: 7, source });
        assert_eq!(error.to_string(), "failed: cannot read sensor 7: invalid digit found in string");
        assert!(!error.is_retryable());
    }

    #[test]
    fn retryable_is_kept() {
        let error = Error::new("busy", "the sensor is busy").retryable();
        assert!(error.is_retryable());
        assert_eq!((error.code(), error.message()), ("busy", "the sensor is busy"));
    }
}
