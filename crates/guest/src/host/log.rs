//! Lines for the log of the node: at most 4096 bytes each; those that come too fast are dropped and counted.

use super::calls;

/// Something is lost, or a person is needed.
pub fn error(text: &str) {
    calls::log(1, text);
}

/// Something is odd.
pub fn warn(text: &str) {
    calls::log(2, text);
}

/// Something was done.
pub fn info(text: &str) {
    calls::log(3, text);
}

/// Something for whoever looks for a mistake.
pub fn debug(text: &str) {
    calls::log(4, text);
}

/// Everything.
pub fn trace(text: &str) {
    calls::log(5, text);
}
