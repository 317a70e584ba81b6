//! Being told to end.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::render::complain;

/// Calls `tell` at the first signal to stop; the second one ends the process.
pub(super) fn watch(tell: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let stopping = AtomicBool::new(false);
    let handle = move || {
        if stopping.swap(true, Ordering::SeqCst) {
            complain("stopped at once\n");
            process::exit(1);
        }
        complain("stopping; once more stops at once\n");
        tell();
    };
    ctrlc::set_handler(handle).context("cannot watch for signals")
}
