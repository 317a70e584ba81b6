//! Drops what is no longer used: unmapping a module or an instance takes longer than a call, so no caller does it.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use abi::Digest;

use crate::event::{Events, SlotEvent, Step, StepEnd, StepEvent};
use crate::instance::Instance;
use crate::version::Version;

pub(super) const THREAD: &str = "wasmtube-reaper";
/// How often versions that still have leases are looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What is to be dropped.
pub(crate) enum Waste {
    /// An instance whose call failed.
    Instance(Box<Instance>),
    /// A version that was replaced.
    Version(Retired),
}

/// A replaced version on its way out.
pub(crate) struct Retired {
    pub(crate) version: Arc<Version>,
    pub(crate) since: Instant,
    /// Leases older than this are told that their version is retired.
    pub(crate) drain: Duration,
    pub(crate) events: Arc<Events>,
    /// The deployment that replaced it.
    pub(crate) deployment: u64,
    /// What replaced it.
    pub(crate) by: Digest,
}

/// The queue of the thread; dropping it ends the thread once the last version is drained.
pub(crate) struct Reaper {
    waste: Sender<Waste>,
}

impl Reaper {
    pub(super) fn start() -> io::Result<Self> {
        let (waste, queue) = mpsc::channel();
        thread::Builder::new().name(THREAD.into()).spawn(move || run(&queue))?;
        Ok(Self { waste })
    }

    /// Hands something over; where the thread is gone the caller drops it.
    pub(crate) fn take(&self, waste: Waste) {
        drop(self.waste.send(waste));
    }
}

fn run(queue: &mpsc::Receiver<Waste>) {
    let mut draining: Vec<Retired> = Vec::new();
    loop {
        let received = if draining.is_empty() {
            queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            queue.recv_timeout(LOOK)
        };
        match received {
            Ok(Waste::Instance(instance)) => drop(instance),
            Ok(Waste::Version(retired)) => draining.push(retired),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        draining.retain(|retired| !is_drained(retired));
    }
}

fn is_drained(retired: &Retired) -> bool {
    let Retired { version, since, drain, events, .. } = retired;
    let leases = Arc::strong_count(version) - 1;
    let digest = version.digest();
    if leases == 0 {
        let after = since.elapsed();
        events.tell(&StepEvent {
            slot: events.slot().into(),
            deployment: retired.deployment,
            digest: retired.by,
            step: Step::Drain,
            end: StepEnd::Done,
            took: after,
            reason: None,
        });
        events.emit(&SlotEvent::Drained { slot: events.slot().into(), digest, after });
        return true;
    }
    if since.elapsed() >= *drain && version.retire() {
        events.emit(&SlotEvent::DrainOverdue { slot: events.slot().into(), digest, leases });
    }
    false
}
