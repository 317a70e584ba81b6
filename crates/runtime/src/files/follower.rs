//! What becomes of the new content of a file.

use abi::Digest;

use super::OpenError;
use crate::call_error::CallError;
use crate::{Candidate, Deploy, LoadOptions, Slot};

/// Decides about the contents of a followed file.
pub trait Follower: Send + Sync {
    /// The content that is live; it is left alone.
    fn live(&self) -> Option<Digest>;
    /// Takes a new content, whole and still, on a thread of its own with a low priority; answers whether it is live now.
    /// While the file is young, one that was refused is looked at again. The next content may come while this one is
    /// still being prepared: the newest is to win, as with [`Slot::deploy`].
    fn deploy(&self, candidate: Candidate) -> bool;
    /// Hears that [`Self::deploy`] panicked.
    fn broke(&self, digest: Digest);
    /// Hears that what lies at the path cannot be read: a directory, a pipe, a file too large or without permission.
    /// It hears so once for as long as that lies there; a path where nothing lies is none.
    fn unreadable(&self, error: &OpenError);
    /// Hears that after something refused or unreadable the live content lies at the path again.
    fn restored(&self);
}

/// Publishes what it is given.
pub(super) struct SlotFollower {
    pub(super) slot: Slot,
    pub(super) load: LoadOptions,
}

impl Follower for SlotFollower {
    fn live(&self) -> Option<Digest> {
        Some(self.slot.digest())
    }

    fn deploy(&self, candidate: Candidate) -> bool {
        self.slot.deploy(candidate, Deploy::at_once(self.load.clone())).is_ok()
    }

    fn broke(&self, digest: Digest) {
        self.slot.refuse(Some(digest), &CallError::internal("preparing the file panicked"));
    }

    fn unreadable(&self, error: &OpenError) {
        self.slot.refuse(None, error);
    }

    fn restored(&self) {}
}
