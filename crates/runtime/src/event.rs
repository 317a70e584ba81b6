//! What happens to a slot, for those who watch it.

mod step;

use std::fmt;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use abi::Digest;

pub use step::{Step, StepEnd, StepEvent};

/// Something that happened to a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotEvent {
    /// A version went live.
    Published {
        /// Name of the slot.
        slot: String,
        /// The version before.
        old: Digest,
        /// The version that is live now.
        new: Digest,
        /// Time to compile it.
        compile: Duration,
        /// Time to start its first instance and to check it.
        check: Duration,
        /// Time of the exchange itself, the only part that a call could meet.
        switch: Duration,
    },
    /// A candidate was refused; the live version stays.
    Refused {
        /// Name of the slot.
        slot: String,
        /// The candidate, where it could be read.
        digest: Option<Digest>,
        /// Why, and what to do.
        reason: String,
    },
    /// A replaced version finished its last call and was dropped.
    Drained {
        /// Name of the slot.
        slot: String,
        /// The replaced version.
        digest: Digest,
        /// Time since it was replaced.
        after: Duration,
    },
    /// A replaced version still has leases after the drain deadline: calls that start on them are refused.
    DrainOverdue {
        /// Name of the slot.
        slot: String,
        /// The replaced version.
        digest: Digest,
        /// How many are held.
        leases: usize,
    },
    /// The instance of a key was dropped, with the state of the key, to make room for another key.
    Evicted {
        /// Name of the slot.
        slot: String,
        /// The version.
        digest: Digest,
        /// The key that was idle for the longest.
        key: String,
    },
    /// A call broke its instance, which was dropped.
    Trapped {
        /// Name of the slot.
        slot: String,
        /// The version.
        digest: Digest,
        /// The function that was called.
        function: String,
        /// What the caller was told.
        reason: String,
        /// Whether the instance held state that is lost now.
        state_lost: bool,
    },
}

type Listener = Arc<dyn Fn(&StepEvent) + Send + Sync>;

/// The subscribers of one slot, and who listens to its steps.
pub(crate) struct Events {
    slot: String,
    subscribers: Mutex<Vec<SyncSender<SlotEvent>>>,
    listeners: Mutex<Vec<Listener>>,
}

impl Events {
    pub(crate) fn new(slot: String) -> Self {
        Self { slot, subscribers: Mutex::default(), listeners: Mutex::default() }
    }

    pub(crate) fn slot(&self) -> &str {
        &self.slot
    }

    pub(crate) fn subscribe(&self, capacity: usize) -> Receiver<SlotEvent> {
        let (sender, receiver) = mpsc::sync_channel(capacity.max(1));
        self.lock().push(sender);
        receiver
    }

    pub(crate) fn listen(&self, listener: impl Fn(&StepEvent) + Send + Sync + 'static) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::new(listener));
    }

    /// On this thread. A listener may add another one, so none is called under the lock.
    pub(crate) fn tell(&self, step: &StepEvent) {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|listener| listener(step));
    }

    /// Never blocks: a subscriber whose channel is full misses the event.
    pub(crate) fn emit(&self, event: &SlotEvent) {
        self.lock().retain(|subscriber| match subscriber.try_send(event.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                tracing::warn!(slot = self.slot, "a subscriber is too slow and misses an event");
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SyncSender<SlotEvent>>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("slot", &self.slot).finish_non_exhaustive()
    }
}
