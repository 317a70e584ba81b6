//! How far the sending of a file is.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Smaller files are sent before anybody looks, in bytes.
const SHOWN_FROM: u64 = 8 << 20;

/// A bar on standard error that removes itself when dropped; nothing where that is no terminal, or the file is small.
pub(crate) struct Upload {
    bar: ProgressBar,
}

impl Upload {
    /// Nothing is sent yet of `bytes`.
    pub(crate) fn start(bytes: u64) -> Self {
        let is_shown = bytes > SHOWN_FROM && io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32} {decimal_bytes} of {decimal_total_bytes}") {
            bar.set_style(style);
        }
        bar.set_message("sending");
        Self { bar }
    }

    /// So many bytes are sent.
    pub(crate) fn sent(&self, bytes: u64) {
        self.bar.set_position(bytes);
        if self.bar.length() == Some(bytes) {
            self.bar.set_message("the node checks");
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
