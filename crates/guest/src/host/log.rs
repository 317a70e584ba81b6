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

/// What was logged on this thread since the last time: levels from 1, an error, to 5, and lines.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn take_for_tests() -> Vec<(i32, String)> {
    calls::take_logged()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_levels() {
        for (number, log) in (1..).zip([error, warn, info, debug, trace]) {
            log("a line");
            assert_eq!(take_for_tests(), [(number, "a line".into())]);
        }
    }
}
