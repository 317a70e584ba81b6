//! What takes long says what it does: a bar on a terminal, one line elsewhere.

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
/// Positions of the bar.
const LENGTH: f64 = 1000.0;

/// A bar on standard error that names the present stage and removes itself when dropped; where that is no terminal, one
/// line.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped to end the wait.
    done: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    /// A bar for work in stages; `advice` says how to wait less long.
    pub(crate) fn start(advice: Option<&'static str>) -> Self {
        Self::with("{spinner} {bar:32} {msg} ({elapsed})", advice)
    }

    /// A line for work whose end cannot be foreseen.
    #[cfg(feature = "compiler")]
    pub(crate) fn doing(name: &'static str) -> Self {
        let progress = Self::with("{spinner} {msg} ({elapsed})", None);
        progress.bar.set_message(name);
        progress
    }

    fn with(template: &str, advice: Option<&'static str>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(LENGTH as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
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
                complain(&format!("still busy: {}{advice}\n", shown.message()));
            }
        };
        // Without the thread there is no bar, and nothing else is lost.
        let waiting = thread::Builder::new().name("wasmtube-progress".into()).spawn(show_when_long).ok();
        Self { bar, done: Some(done), waiting }
    }

    /// Names what is done from now on, and the share of everything that is done already, from 0 to 1.
    pub(crate) fn stage(&self, name: &'static str, done: f64) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is right")]
        self.bar.set_position((done * LENGTH) as u64);
        self.bar.set_message(name);
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
