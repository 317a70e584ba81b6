//! Which entries go when there is no room for one more. Nothing here looks at a clock: entries are in the order of a
//! counter, which each entry has its number of, so that the order outlives the process.

use std::collections::{BTreeMap, HashMap};

use abi::Digest;

use super::key::EntryKey;

/// What lies in a folder, and how much may.
#[derive(Debug)]
pub(super) struct Quota {
    limit: u64,
    bytes: u64,
    entries: BTreeMap<EntryKey, Held>,
    pins: HashMap<Digest, usize>,
    counter: u64,
}

#[derive(Debug)]
struct Held {
    bytes: u64,
    /// When it was used last, by the counter.
    used: u64,
    /// Whether engines of this process can load it. Others go first and are never pinned.
    is_ours: bool,
}

/// There is no room without removing what is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes of compiled code do not fit: {pinned} of the {limit} are in use; allow more")]
pub(super) struct Full {
    pub(super) bytes: u64,
    pub(super) pinned: u64,
    pub(super) limit: u64,
}

/// A place for an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    /// Number of the entry.
    pub(super) serial: u64,
    /// What has to go for it.
    pub(super) removed: Vec<EntryKey>,
}

impl Quota {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, bytes: 0, entries: BTreeMap::new(), pins: HashMap::new(), counter: 0 }
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether more was allowed before.
    pub(super) fn is_exceeded(&self) -> bool {
        self.bytes > self.limit
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes note of an entry that was there before.
    pub(super) fn found(&mut self, key: EntryKey, bytes: u64, serial: u64, is_ours: bool) {
        self.counter = self.counter.max(serial.saturating_add(1));
        self.insert(key, Held { bytes, used: serial, is_ours });
    }

    /// Makes room for an entry. Where there is none, nothing changes.
    pub(super) fn admit(&mut self, key: EntryKey, bytes: u64) -> Result<Admitted, Full> {
        let limit = self.limit;
        let others = self.bytes.saturating_sub(self.entries.get(&key).map_or(0, |held| held.bytes));
        let fits = |rest: u64| rest.checked_add(bytes).is_some_and(|sum| sum <= limit);
        let (removed, rest) = self.choose(others, Some(key), fits);
        if !fits(rest) {
            return Err(Full { bytes, pinned: rest, limit });
        }
        removed.iter().for_each(|key| self.remove(key));
        let serial = self.next();
        self.insert(key, Held { bytes, used: serial, is_ours: true });
        Ok(Admitted { serial, removed })
    }

    /// What goes from a folder in which more was allowed before.
    pub(super) fn trim(&mut self) -> Vec<EntryKey> {
        let (removed, _) = self.choose(self.bytes, None, |rest| rest <= self.limit);
        removed.iter().for_each(|key| self.remove(key));
        removed
    }

    /// What may go, least used first, until the rest fits; and the bytes of the rest.
    fn choose(&self, mut rest: u64, but: Option<EntryKey>, fits: impl Fn(u64) -> bool) -> (Vec<EntryKey>, u64) {
        if fits(rest) {
            return (vec![], rest);
        }
        let free = self.entries.iter().filter(|(key, held)| Some(**key) != but && !self.is_pinned(key, held));
        let mut by_age: Vec<_> = free.collect();
        by_age.sort_by_key(|(_, held)| (held.is_ours, held.used));
        let mut removed = Vec::new();
        for (key, held) in by_age {
            if fits(rest) {
                break;
            }
            rest = rest.saturating_sub(held.bytes);
            removed.push(*key);
        }
        (removed, rest)
    }

    /// Takes note of a use.
    pub(super) fn used(&mut self, key: &EntryKey) {
        let now = self.next();
        if let Some(held) = self.entries.get_mut(key) {
            held.used = now;
        }
    }

    pub(super) fn remove(&mut self, key: &EntryKey) {
        if let Some(held) = self.entries.remove(key) {
            self.bytes = self.bytes.saturating_sub(held.bytes);
        }
    }

    /// Keeps what was compiled from a file, as often as it is said.
    pub(super) fn pin(&mut self, digest: Digest) {
        *self.pins.entry(digest).or_default() += 1;
    }

    pub(super) fn unpin(&mut self, digest: Digest) {
        if let Some(count) = self.pins.get_mut(&digest) {
            *count -= 1;
            if *count == 0 {
                self.pins.remove(&digest);
            }
        }
    }

    fn is_pinned(&self, key: &EntryKey, held: &Held) -> bool {
        held.is_ours && self.pins.contains_key(&key.digest)
    }

    fn insert(&mut self, key: EntryKey, held: Held) {
        self.remove(&key);
        self.bytes = self.bytes.saturating_add(held.bytes);
        self.entries.insert(key, held);
    }

    fn next(&mut self) -> u64 {
        let now = self.counter;
        self.counter = now.saturating_add(1);
        now
    }
}

#[cfg(test)]
mod tests;
