//! What takes long says what it does: again and again on a terminal, once elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::complain;

/// Whoever waits less long sees nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// The same where there is no terminal, and every line stays.
const PATIENCE_OF_LOGS: Duration = Duration::from_secs(5);
const FRAME: Duration = Duration::from_millis(100);

/// A spinner on standard error that names the present stage and removes itself when dropped; where that is no terminal,
/// one line.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped to end the wait.
    done: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    /// `advice` says how to wait less long.
    pub(crate) fn start(advice: Option<&'static str>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        let (done, wait) = mpsc::channel::<()>();
        let shown = bar.clone();
        let is_terminal = io::stderr().is_terminal();
        let patience = if is_terminal { PATIENCE } else { PATIENCE_OF_LOGS };
        let show_when_long = move || {
            if wait.recv_timeout(patience) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            if is_terminal {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(FRAME);
            } else {
                let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
                complain(&format!("still compiling: {}{advice}\n", shown.message()));
            }
        };
        // Without the thread there is no spinner, and nothing else is lost.
        let waiting = thread::Builder::new().name("wasmtube-progress".into()).spawn(show_when_long).ok();
        Self { bar, done: Some(done), waiting }
    }

    /// Names what is done from now on.
    pub(crate) fn stage(&self, name: impl Into<String>) {
        self.bar.set_message(name.into());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done = None;
        if let Some(waiting) = self.waiting.take() {
            drop(waiting.join());
        }
        self.bar.finish_and_clear();
    }
}
