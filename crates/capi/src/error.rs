//! Errors that cross to C.

use std::any::Any;
use std::ffi::{CStr, CString};

/// Which kind of operation failed, and whose turn it is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The library was called against the rules of this header: a null pointer, text that is not UTF-8.
    Misuse = 1,
    /// The engine or the watcher cannot be set up on this machine.
    Setup = 2,
    /// The file cannot be read.
    File = 3,
    /// The bytes are no module that can be run here.
    Load = 4,
    /// The version did not pass its checks; a version that was live before it still is.
    Publish = 5,
    /// The call has no result; the slot lives on.
    Call = 6,
    /// The library is at fault: please report it.
    Internal = 7,
}

/// Why a function did not do what it was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) code: CString,
    pub(crate) message: CString,
    /// Code and word on repeating from the error object that the function itself answered.
    pub(crate) guest: Option<(CString, bool)>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, code: &str, message: &str) -> Self {
        Self { kind, code: c_text(code), message: c_text(message), guest: None }
    }

    /// Of an error with its sources.
    pub(crate) fn of(kind: ErrorKind, code: &str, error: &dyn std::error::Error) -> Self {
        Self::new(kind, code, &runtime::one_line(error))
    }

    pub(crate) fn null(what: &str) -> Self {
        Self::new(ErrorKind::Misuse, "null_argument", &format!("`{what}` is NULL"))
    }

    pub(crate) fn guest(mut self, code: &str, retryable: bool) -> Self {
        self.guest = Some((c_text(code), retryable));
        self
    }

    /// Of what a panic carries.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let said = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
        let said = said.unwrap_or_else(|| "no message".into());
        Self::new(ErrorKind::Internal, "panic", &format!("internal error, please report it: {said}"))
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &CStr {
        &self.message
    }

    /// The word for programs.
    #[must_use]
    pub fn code(&self) -> &CStr {
        &self.code
    }
}

/// Text for C, where a NUL byte would end it early.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\\0")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_bytes_do_not_cut_a_message() {
        assert_eq!(Error::new(ErrorKind::Call, "a", "b\0c").message(), c"b\\0c");
    }

    #[track_caller]
    fn check_panic(payload: &(dyn Any + Send), expected: &CStr) {
        assert_eq!(Error::panicked(payload).message(), expected);
    }

    #[test]
    fn a_panic_keeps_its_message() {
        check_panic(&"one", c"internal error, please report it: one");
        check_panic(&String::from("two"), c"internal error, please report it: two");
        check_panic(&3, c"internal error, please report it: no message");
    }
}
