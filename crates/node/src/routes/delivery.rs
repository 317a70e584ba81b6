//! Events of other nodes, on their way into the routes that take them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use flow::{DEPTH_MAX, Event, EventId, Inlet, StreamId, is_too_deep};

use super::{Routes, of_inlet, rest};
use crate::body::{Delivery, Receipt};
use crate::config::NodesSpec;
use crate::refusal::{Class, Refusal};

/// How long a delivery waits for places in full queues.
const WAIT: Duration = Duration::from_secs(2);
/// Events of one delivery.
const EVENTS_MAX: usize = 10_000;
/// Characters of the name of a node or route.
const NAME_MAX: usize = 128;

impl Routes {
    /// Gives each event to every route that takes it. A stream is acknowledged as far as all of them have it.
    pub(crate) fn deliver(&self, delivery: Delivery) -> Result<Receipt, Refusal> {
        check(&delivery)?;
        let begun = Instant::now();
        let (takers, changing) = self.takers();
        let mut busy = false;
        let mut unclaimed = BTreeSet::new();
        let mut shares: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
        for event in delivery.events {
            // Were it acknowledged now, the route that is being changed would never get it.
            if changing.iter().any(|nodes| takes(nodes, &event.id.stream)) {
                busy = true;
                continue;
            }
            let mut taken = false;
            for (position, (nodes, _)) in takers.iter().enumerate() {
                if takes(nodes, &event.id.stream) {
                    shares.entry(position).or_default().push(event.clone());
                    taken = true;
                }
            }
            if !taken {
                unclaimed.insert(event.id.stream);
            }
        }
        let mut acknowledged: BTreeMap<StreamId, Option<u64>> = BTreeMap::new();
        for (position, events) in shares {
            let (_, inlet) = &takers[position];
            let streams: BTreeSet<StreamId> = events.iter().map(|event| event.id.stream.clone()).collect();
            let delivered = inlet.deliver(events, rest(begun, WAIT)).map_err(|error| of_inlet(&error))?;
            busy |= !delivered.refused.is_empty();
            let last: BTreeMap<StreamId, u64> =
                delivered.acknowledged.into_iter().map(|id| (id.stream, id.sequence)).collect();
            for stream in streams {
                let here = last.get(&stream).copied();
                acknowledged.entry(stream).and_modify(|all| *all = (*all).min(here)).or_insert(here);
            }
        }
        let id = |(stream, sequence): (StreamId, Option<u64>)| Some(EventId { stream, sequence: sequence? });
        Ok(Receipt {
            by: self.node.clone(),
            acknowledged: acknowledged.into_iter().filter_map(id).collect(),
            busy,
            unclaimed: unclaimed.into_iter().collect(),
        })
    }

    /// The routes that take events of other nodes, and what those take that are being changed.
    fn takers(&self) -> (Vec<(NodesSpec, Inlet)>, Vec<NodesSpec>) {
        let table = self.lock();
        let inlet = |running: &super::Running| Some((super::taken(&running.spec)?.clone(), running.route.inlet()));
        (table.running.values().filter_map(inlet).collect(), table.changing.clone())
    }
}

fn takes(nodes: &NodesSpec, stream: &StreamId) -> bool {
    nodes.route.as_ref().is_none_or(|route| *route == stream.route)
        && nodes.origin.as_ref().is_none_or(|origin| *origin == stream.origin)
}

fn check(delivery: &Delivery) -> Result<(), Refusal> {
    let invalid = |message: String| Err(Refusal::new(Class::Invalid, "invalid_delivery", message));
    if delivery.events.len() > EVENTS_MAX {
        return Err(Refusal::new(
            Class::TooLarge,
            "too_large",
            format!("a delivery has at most {EVENTS_MAX} events, not {}", delivery.events.len()),
        ));
    }
    for event in &delivery.events {
        let StreamId { origin, route, .. } = &event.id.stream;
        for name in [origin, route] {
            if name.is_empty() || name.chars().count() > NAME_MAX {
                return invalid(format!("names of nodes and routes have 1 to {NAME_MAX} characters"));
            }
        }
        if is_too_deep(&event.value) {
            return invalid(format!("the value of {} is nested more deeply than {DEPTH_MAX} levels", event.id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flow::Timestamp;
    use flow::memory::event;

    use super::*;

    #[track_caller]
    fn check_takes(route: Option<&str>, origin: Option<&str>, expected: bool) {
        let nodes = NodesSpec { route: route.map(Into::into), origin: origin.map(Into::into) };
        assert_eq!(takes(&nodes, &event(0, Timestamp(0)).id.stream), expected);
    }

    #[test]
    fn a_route_takes_what_its_source_names() {
        check_takes(None, None, true);
        check_takes(Some("route"), None, true);
        check_takes(Some("route"), Some("origin"), true);
        check_takes(Some("other"), None, false);
        check_takes(Some("route"), Some("other"), false);
    }

    #[test]
    fn a_delivery_that_is_malformed_is_refused() {
        let delivery = |sequences: &[u64]| Delivery {
            from: "origin".into(),
            events: sequences.iter().map(|sequence| event(*sequence, Timestamp(0))).collect(),
        };
        // What comes twice is passed over by the routes.
        assert_eq!(check(&delivery(&[0, 1, 5, 1])), Ok(()));
        let refusal = check(&delivery(&(0..10_001).collect::<Vec<_>>())).unwrap_err();
        assert_eq!(refusal.class, Class::TooLarge);
        let mut nameless = delivery(&[0]);
        nameless.events[0].id.stream.origin = String::new();
        assert_eq!(check(&nameless).unwrap_err().code, "invalid_delivery");
        let mut deep = delivery(&[0]);
        deep.events[0].value = (0..=DEPTH_MAX).fold(1.into(), |value, _| vec![value].into());
        assert!(check(&deep).unwrap_err().message.contains("nested"), "{deep:?}");
    }
}
