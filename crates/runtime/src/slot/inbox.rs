//! The candidates of a slot that are being prepared: the newest wins. Each is prepared on its own thread, so that none
//! waits for a compilation that it makes useless; one at a time is compared with the live version and switched to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use abi::Digest;

/// The candidates of a slot.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    newest: Mutex<Newest>,
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct Newest {
    /// How many came.
    count: u64,
    any: Option<(u64, Digest)>,
    /// The newest of those from a file, whose threads may begin in another order than the contents came.
    from_file: Option<(Instant, Digest)>,
}

/// A candidate on its way.
#[derive(Debug)]
pub(super) struct Ticket<'a> {
    inbox: &'a Inbox,
    number: u64,
    digest: Digest,
    noticed: Option<Instant>,
    /// Whether it is given up for a newer one.
    gives_way: bool,
}

impl Inbox {
    /// A candidate comes; `noticed` says when its file changed, of one from a file. Those before it are given up, unless
    /// they are of the same content.
    pub(super) fn enter(&self, digest: Digest, noticed: Option<Instant>) -> Ticket<'_> {
        let mut newest = lock(&self.newest);
        let number = newest.number();
        let is_late = matches!((newest.from_file, noticed), (Some((newest, _)), Some(noticed)) if noticed < newest);
        if !is_late {
            newest.any = Some((number, digest));
            newest.from_file = noticed.map(|noticed| (noticed, digest)).or(newest.from_file);
        }
        Ticket { inbox: self, number, digest, noticed, gives_way: true }
    }

    /// As [`Self::enter`], for a version that is compiled already: it does not give way itself.
    pub(super) fn enter_compiled(&self, digest: Digest) -> Ticket<'_> {
        Ticket { gives_way: false, ..self.enter(digest, None) }
    }

    /// As [`Self::enter`], for what is known to be refused: nothing is given up for it.
    pub(super) fn enter_in_vain(&self, digest: Digest) -> Ticket<'_> {
        let number = lock(&self.newest).number();
        Ticket { inbox: self, number, digest, noticed: None, gives_way: false }
    }
}

impl Newest {
    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

impl<'a> Ticket<'a> {
    /// Which candidate of the slot this is, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The candidate of another content for which this one is given up.
    pub(super) fn newer(&self) -> Option<Digest> {
        if !self.gives_way {
            return None;
        }
        let newest = lock(&self.inbox.newest);
        let from_file = match (newest.from_file, self.noticed) {
            (Some((at, digest)), Some(noticed)) if noticed < at => Some(digest),
            _ => None,
        };
        let any = newest.any.and_then(|(number, digest)| (number > self.number).then_some(digest));
        any.or(from_file).filter(|digest| *digest != self.digest)
    }

    /// Waits until no other candidate is compared and switched to.
    pub(super) fn turn(&self) -> MutexGuard<'a, ()> {
        lock(&self.inbox.turn)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn digest(content: u8) -> Digest {
        Digest::of(&[content])
    }

    #[test]
    fn the_newest_wins() {
        let inbox = Inbox::default();
        let first = inbox.enter(digest(1), None);
        assert_eq!((first.number(), first.newer()), (1, None));
        let second = inbox.enter(digest(2), None);
        assert_eq!((first.newer(), second.newer()), (Some(digest(2)), None));
        assert_eq!(inbox.enter(digest(1), None).newer(), None);
    }

    #[test]
    fn the_same_content_is_not_given_up_for_itself() {
        let inbox = Inbox::default();
        let first = inbox.enter(digest(1), None);
        let between = inbox.enter(digest(2), None);
        let again = inbox.enter(digest(1), None);
        assert_eq!((first.newer(), between.newer(), again.newer()), (None, Some(digest(1)), None));
    }

    #[test]
    fn what_is_compiled_gives_no_way() {
        let inbox = Inbox::default();
        let before = inbox.enter(digest(1), None);
        let compiled = inbox.enter_compiled(digest(2));
        let after = inbox.enter(digest(3), None);
        assert_eq!((before.newer(), compiled.newer(), after.newer()), (Some(digest(3)), None, None));
    }

    #[test]
    fn nothing_is_given_up_for_what_is_refused_anyhow() {
        let inbox = Inbox::default();
        let first = inbox.enter(digest(1), None);
        let damaged = inbox.enter_in_vain(digest(2));
        assert_eq!((first.newer(), damaged.number()), (None, 2));
    }

    #[test]
    fn a_late_thread_does_not_make_an_old_content_of_the_file_the_newest() {
        let inbox = Inbox::default();
        let begun = Instant::now();
        let newer = inbox.enter(digest(2), Some(begun + Duration::from_millis(1)));
        let older = inbox.enter(digest(1), Some(begun));
        assert_eq!((newer.newer(), older.newer()), (None, Some(digest(2))));
        let sent = inbox.enter(digest(3), None);
        assert_eq!((newer.newer(), sent.newer()), (Some(digest(3)), None));
    }
}
