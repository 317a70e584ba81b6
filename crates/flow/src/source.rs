//! Where values come from.

use serde_json::Value;

/// Why a source gave no value this time. It is asked again when its next value is due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SourceError {
    /// What is wrong, where, and what to do.
    pub reason: String,
}

/// A place that is asked for values, at the pace that its route sets.
pub trait Source: Send {
    /// The next value; `None` when there will be no more.
    ///
    /// # Errors
    /// [`SourceError`]: there is no value this time.
    fn read(&mut self) -> Result<Option<Value>, SourceError>;
}
