//! Which events of other nodes have come already.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::clock::lock;
use crate::{EventId, StreamId};

/// Streams that are remembered; the one that was silent longest is forgotten for a new one.
const STREAMS_MAX: usize = 4096;

/// What a route has taken of other nodes. Clones are the same, so that a route that takes the place of another one goes
/// on where that ended.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    streams: Arc<Mutex<Streams>>,
}

impl Seen {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Streams> {
        lock(&self.streams)
    }
}

/// The last event of each stream that was taken. A stream arrives in order, so whatever is not after it came before.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    last: HashMap<StreamId, Mark>,
    turn: u64,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    sequence: u64,
    turn: u64,
}

impl Streams {
    /// Whether the event has not come yet.
    pub(crate) fn is_new(&self, id: &EventId) -> bool {
        self.last.get(&id.stream).is_none_or(|mark| id.sequence > mark.sequence)
    }

    /// Remembers that the event was taken.
    pub(crate) fn note(&mut self, id: &EventId) {
        self.turn += 1;
        let mark = Mark { sequence: id.sequence, turn: self.turn };
        if let Some(known) = self.last.get_mut(&id.stream) {
            *known = mark;
            return;
        }
        if self.last.len() >= STREAMS_MAX {
            let oldest = self.last.iter().min_by_key(|(_, mark)| mark.turn).map(|(stream, _)| stream.clone());
            if let Some(oldest) = oldest {
                tracing::warn!(stream = %oldest, "too many streams, the oldest is forgotten");
                self.last.remove(&oldest);
            }
        }
        self.last.insert(id.stream.clone(), mark);
    }

    /// The last event of the stream that was taken.
    pub(crate) fn last(&self, stream: &StreamId) -> Option<u64> {
        self.last.get(stream).map(|mark| mark.sequence)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(route: &str, sequence: u64) -> EventId {
        EventId { stream: StreamId { origin: "device".into(), route: route.into(), start: 1 }, sequence }
    }

    #[test]
    fn the_stream_that_was_silent_longest_is_forgotten() {
        let mut seen = Streams::default();
        for stream in 0..STREAMS_MAX {
            seen.note(&id(&stream.to_string(), 7));
        }
        seen.note(&id("0", 8));
        seen.note(&id("one more", 0));
        assert!(!seen.is_new(&id("0", 8)) && !seen.is_new(&id("2", 7)));
        assert!(seen.is_new(&id("1", 0)), "forgotten");
    }

    proptest! {
        /// A sender repeats from the last acknowledged event; acknowledgements and ends of batches get lost.
        #[test]
        fn every_event_is_new_once_and_in_order(rounds in prop::collection::vec((0_u64..2, 0_u64..9, any::<bool>()), 0..60)) {
            let mut seen = Streams::default();
            let mut acknowledged = [0_u64; 2];
            let mut taken = [vec![], vec![]];
            for (stream, length, heard) in rounds {
                let index = usize::try_from(stream).unwrap();
                let from = acknowledged[index];
                for sequence in from..from + length {
                    let id = id(&stream.to_string(), sequence);
                    if seen.is_new(&id) {
                        seen.note(&id);
                        taken[index].push(sequence);
                    }
                }
                let last = seen.last(&id(&stream.to_string(), 0).stream);
                if let (Some(last), true) = (last, heard) {
                    acknowledged[index] = last + 1;
                }
            }
            for taken in taken {
                let expected: Vec<u64> = (0..).take(taken.len()).collect();
                prop_assert_eq!(taken, expected);
            }
        }
    }
}
