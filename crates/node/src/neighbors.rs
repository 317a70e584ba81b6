//! The other nodes that this one knows, asked on behalf of its page.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use runtime::one_line;

use crate::body;
use crate::client::{Client, ClientError};
use crate::config::{Config, NodeUrl};
use crate::refusal::{Class, Refusal};

/// How long a neighbor may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);
/// Name of the upstream node where the configuration gives it no other.
pub(crate) const UPSTREAM: &str = "upstream";

/// The neighbors of a node by name.
#[derive(Debug, Default)]
pub(crate) struct Neighbors {
    table: Mutex<BTreeMap<String, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    client: Client,
    is_upstream: bool,
}

impl Neighbors {
    /// Knows those of the configuration from now on, and the upstream node.
    pub(crate) fn set(&self, config: &Config) {
        let upstream = config.upstream.as_ref().map(|upstream| &upstream.url);
        let known =
            |url: &NodeUrl, is_upstream| Known { client: Client::with_patience(url.as_str(), PATIENCE), is_upstream };
        let mut table: BTreeMap<String, Known> =
            config.neighbors.iter().map(|(name, url)| (name.clone(), known(url, upstream == Some(url)))).collect();
        if let Some(url) = upstream.filter(|_| !table.values().any(|neighbor| neighbor.is_upstream)) {
            table.insert(UPSTREAM.into(), known(url, true));
        }
        *self.lock() = table;
    }

    /// Asks all of them at once; `here` are the slots of this node.
    pub(crate) fn ask(&self, here: &[body::Slot]) -> Vec<body::Neighbor> {
        let known: Vec<(String, Known)> =
            self.lock().iter().map(|(name, known)| (name.clone(), known.clone())).collect();
        thread::scope(|scope| {
            let asked: Vec<_> = known.iter().map(|(name, known)| scope.spawn(move || ask(name, known, here))).collect();
            asked
                .into_iter()
                .zip(&known)
                .map(|(thread, (name, known))| {
                    thread.join().unwrap_or_else(|_| {
                        let problem = "internal error, please report it: asking the neighbor panicked";
                        neighbor(name, known, None, Some(problem.into()), vec![])
                    })
                })
                .collect()
        })
    }

    pub(crate) fn client(&self, name: &str) -> Result<Client, Refusal> {
        let table = self.lock();
        table
            .get(name)
            .map(|known| known.client.clone())
            .ok_or_else(|| Refusal::missing("no_such_neighbor", "neighbor", name, "this node knows", table.keys()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ask(name: &str, known: &Known, here: &[body::Slot]) -> body::Neighbor {
    let answers = known.client.node().and_then(|node| Ok((node, known.client.slots()?)));
    match answers {
        Ok((node, slots)) => {
            let slots = slots.into_iter().map(|slot| compare(slot, here)).collect();
            neighbor(name, known, Some(node), None, slots)
        }
        Err(error) => neighbor(name, known, None, Some(one_line(&error)), vec![]),
    }
}

fn neighbor(
    name: &str,
    known: &Known,
    node: Option<body::Node>,
    problem: Option<String>,
    slots: Vec<body::NeighborSlot>,
) -> body::Neighbor {
    let Known { client, is_upstream } = known;
    body::Neighbor { name: name.into(), url: client.url().into(), upstream: *is_upstream, node, problem, slots }
}

fn compare(slot: body::Slot, here: &[body::Slot]) -> body::NeighborSlot {
    let ours = here.iter().find(|ours| ours.name == slot.name);
    let digest = slot.live.as_ref().map(|version| version.digest.clone());
    let same = ours.map(|ours| ours.live.as_ref().map(|version| &version.digest) == digest.as_ref());
    let functions = slot.live.map(|version| version.functions).unwrap_or_default();
    body::NeighborSlot { name: slot.name, digest, same, functions }
}

/// Why a neighbor gave no answer, said to whoever asked this node to ask it.
pub(crate) fn of_client(neighbor: &str, error: &ClientError) -> Refusal {
    Refusal::new(Class::Unreachable, "unreachable", format!("neighbor `{neighbor}`: {}", one_line(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str, digest: Option<&str>) -> body::Slot {
        let live = digest.map(|digest| body::Version {
            digest: digest.into(),
            name: None,
            version: None,
            sealed: false,
            convention: "classic".into(),
            bytes: 1,
            since: 0,
            calls: 0,
            failed: 0,
            functions: vec![],
        });
        body::Slot { name: name.into(), file: String::new(), live, problem: None, history: vec![] }
    }

    #[track_caller]
    fn check(there: Option<&str>, here: Option<Option<&str>>, expected: Option<bool>) {
        let here: Vec<body::Slot> = here.into_iter().map(|digest| slot("stats", digest)).collect();
        assert_eq!(compare(slot("stats", there), &here).same, expected);
    }

    #[test]
    fn digests_are_compared_with_the_slot_of_the_same_name() {
        check(Some("a"), Some(Some("a")), Some(true));
        check(Some("a"), Some(Some("b")), Some(false));
        check(Some("a"), Some(None), Some(false));
        check(Some("a"), None, None);
        check(None, Some(None), Some(true));
    }
}
