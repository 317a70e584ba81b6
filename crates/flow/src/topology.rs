//! What a node has, as data, and how it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use runtime::{Permission, Window};

use crate::RouteSpec;

/// A slot and what its functions may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotSpec {
    /// The file of its versions.
    pub file: PathBuf,
    /// Whether a version goes live when the file changes.
    pub follow: Follow,
    /// How long a call may take.
    pub deadline: Duration,
    /// Memory of an instance in bytes.
    pub memory_bytes: u64,
    /// Calls that run at once, where the function keeps no state.
    pub instances: NonZeroUsize,
    /// Keys whose state is kept, where the function keeps its state by key.
    pub keys: NonZeroUsize,
    /// Calls that wait for an instance.
    pub queue: usize,
    /// How long calls of a replaced version may still begin.
    pub drain: Duration,
    /// Where functions of the classic convention get their arguments; `None` leaves it to the file.
    pub window: Option<Window>,
    /// Whether the last argument of each function of an unsealed file is kept in memory, to try the next version with.
    pub keep_arguments: bool,
    /// What its functions may ask of the host.
    pub allow: BTreeSet<Permission>,
    /// What they read as their configuration.
    pub config: BTreeMap<String, String>,
}

/// Whether a file is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Follow {
    /// What appears in its place goes live.
    Changes,
    /// It is read when the slot is opened.
    Never,
}

/// The slots and routes of a node. `S` says what a source is, `K` what a sink is.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology<S, K> {
    /// Slots by name.
    pub slots: BTreeMap<String, SlotSpec>,
    /// Routes by name.
    pub routes: BTreeMap<String, RouteSpec<S, K>>,
}

/// What makes one topology of another. Entries that stay as they are do not occur.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<S, K> {
    /// Of the slots.
    pub slots: Changes<SlotSpec>,
    /// Of the routes. A route whose slot changes is not among them.
    pub routes: Changes<RouteSpec<S, K>>,
}

/// What makes one map of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes<T> {
    /// Names that are gone.
    pub removed: Vec<String>,
    /// What is new.
    pub added: BTreeMap<String, T>,
    /// What is different now, as it is to be.
    pub changed: BTreeMap<String, T>,
}

/// What has to be done to come from `old` to `new`.
#[must_use]
pub fn diff<S: Clone + PartialEq, K: Clone + PartialEq>(old: &Topology<S, K>, new: &Topology<S, K>) -> Change<S, K> {
    Change { slots: changes(&old.slots, &new.slots), routes: changes(&old.routes, &new.routes) }
}

fn changes<T: Clone + PartialEq>(old: &BTreeMap<String, T>, new: &BTreeMap<String, T>) -> Changes<T> {
    let removed = old.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
    let mut changes = Changes { removed, added: BTreeMap::new(), changed: BTreeMap::new() };
    for (name, spec) in new {
        match old.get(name) {
            None => changes.added.insert(name.clone(), spec.clone()),
            Some(before) if before != spec => changes.changed.insert(name.clone(), spec.clone()),
            Some(_) => None,
        };
    }
    changes
}

impl<S: Clone, K: Clone> Change<S, K> {
    /// The topology after the change.
    #[must_use]
    pub fn apply(self, old: &Topology<S, K>) -> Topology<S, K> {
        Topology { slots: self.slots.apply(&old.slots), routes: self.routes.apply(&old.routes) }
    }
}

impl<T: Clone> Changes<T> {
    /// Whether everything stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.changed.is_empty()
    }

    fn apply(self, old: &BTreeMap<String, T>) -> BTreeMap<String, T> {
        let mut new = old.clone();
        new.retain(|name, _| !self.removed.contains(name));
        new.extend(self.added);
        new.extend(self.changed);
        new
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Policy, QueueSpec};

    type Plain = Topology<u8, u8>;

    fn slot(memory_bytes: u64) -> SlotSpec {
        SlotSpec {
            file: "f.wasm".into(),
            follow: Follow::Changes,
            deadline: Duration::from_secs(5),
            memory_bytes,
            instances: NonZeroUsize::MIN,
            keys: NonZeroUsize::MIN,
            queue: 0,
            drain: Duration::from_secs(30),
            window: None,
            keep_arguments: true,
            allow: BTreeSet::new(),
            config: BTreeMap::new(),
        }
    }

    fn route((source, sinks): (u8, Vec<u8>)) -> RouteSpec<u8, u8> {
        let queue = QueueSpec { capacity: NonZeroUsize::MIN, policy: Policy::Block };
        RouteSpec { source, every: None, queue, window: None, call: None, sinks }
    }

    fn topologies() -> impl Strategy<Value = Plain> {
        let slots = prop::collection::btree_map("[a-d]", (0_u64..3).prop_map(slot), 0..4);
        let routes =
            prop::collection::btree_map("[a-e]", (0_u8..3, prop::collection::vec(0_u8..2, 0..2)).prop_map(route), 0..5);
        (slots, routes).prop_map(|(slots, routes)| Topology { slots, routes })
    }

    proptest! {
        #[test]
        fn a_change_leads_from_the_old_to_the_new(old in topologies(), new in topologies()) {
            prop_assert_eq!(diff(&old, &new).apply(&old), new);
        }

        #[test]
        fn what_stays_does_not_occur(old in topologies(), new in topologies()) {
            let change = diff(&old, &new);
            for (name, spec) in &new.routes {
                let stays = old.routes.get(name) == Some(spec);
                let occurs = change.routes.added.contains_key(name)
                    || change.routes.changed.contains_key(name)
                    || change.routes.removed.contains(name);
                prop_assert_eq!(stays, !occurs, "{}", name);
            }
            let same = diff(&old, &old);
            prop_assert!(same.slots.is_empty() && same.routes.is_empty());
        }
    }
}
