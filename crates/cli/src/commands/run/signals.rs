use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use anyhow::Context as _;

use super::End;
use crate::render::complain;

/// Tells of the first signal to stop; the second one ends the process.
pub(super) fn watch(ends: Sender<End>) -> anyhow::Result<()> {
    let stopping = AtomicBool::new(false);
    let handle = move || {
        if stopping.swap(true, Ordering::SeqCst) {
            complain("stopped at once\n");
            process::exit(1);
        }
        complain("stopping; once more stops at once\n");
        // Whoever is gone has stopped already.
        drop(ends.send(End::Signal));
    };
    ctrlc::set_handler(handle).context("cannot watch for signals")
}
