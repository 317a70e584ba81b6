//! The one thread that prepares new versions, at a low priority so that calls do not feel it.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};
use std::thread;

pub(super) const THREAD: &str = "wasmtube-compile";
/// Calls come first, yet a tenth of a core is left to prepare a version where calls take all there is.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
type Job = Box<dyn FnOnce() + Send>;

/// The queue of the thread; dropping it ends the thread after its last job.
pub(crate) struct Background {
    jobs: Sender<Job>,
}

impl Background {
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new().name(THREAD.into()).spawn(move || {
            lower_priority();
            for job in queue {
                if panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("a background job panicked; please report this");
                }
            }
        })?;
        Ok(Self { jobs })
    }

    /// Runs `job` after those before it.
    pub(crate) fn submit(&self, job: impl FnOnce() + Send + 'static) {
        if self.jobs.send(Box::new(job)).is_err() {
            tracing::error!("the compile thread is gone; please report this");
        }
    }
}

/// To a low one of the ordinary priorities. Only on Linux it belongs to the thread and not to the process.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, "cannot lower the priority of the compile thread");
    }
}
