//! Answers as text.

pub(crate) mod bar;
#[cfg(feature = "compiler")]
pub(crate) mod deviation;
#[cfg(feature = "compiler")]
pub(crate) mod diagnostics;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod listing;
pub(crate) mod moment;
pub(crate) mod printable;
pub(crate) mod progress;
pub(crate) mod ranking;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod tensor;
pub(crate) mod units;
pub(crate) mod upload;

use std::io::{self, Write as _};

/// Writes `text` to standard output at once.
///
/// # Errors
/// What the system says, such as that nobody reads any more.
pub(crate) fn print(text: &str) -> io::Result<()> {
    print_bytes(text.as_bytes())
}

/// Writes `text` to standard error; if nobody can read that, there is nobody to tell.
pub(crate) fn complain(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// Writes bytes to standard output at once.
///
/// # Errors
/// What the system says.
pub(crate) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
