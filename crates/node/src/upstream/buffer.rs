//! Events in the order in which they are to be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use flow::{Event, EventId, StreamId, Timestamp};

/// How long a stream that the other node has no route for is left alone.
const PARKED: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Buffer {
    events: VecDeque<Event>,
    /// Streams that are not sent before that moment.
    parked: BTreeMap<StreamId, Instant>,
    pub(super) acknowledged: u64,
    pub(super) dropped: u64,
}

impl Buffer {
    /// Adds an event; `false` where the oldest one had to go for it.
    pub(super) fn push(&mut self, event: Event, capacity: usize) -> bool {
        let mut fits = true;
        while self.events.len() >= capacity {
            self.events.pop_front();
            self.dropped += 1;
            fits = false;
        }
        self.events.push_back(event);
        fits
    }

    /// The oldest events that may be sent now, which stay in the buffer.
    pub(super) fn batch(&mut self, most: usize, now: Instant) -> Vec<Event> {
        self.parked.retain(|_, until| *until > now);
        let parked = &self.parked;
        self.events.iter().filter(|event| !parked.contains_key(&event.id.stream)).take(most).cloned().collect()
    }

    /// Removes what need not be sent again; answers how many events that were.
    pub(super) fn acknowledge(&mut self, last: &[EventId]) -> usize {
        let last: BTreeMap<&StreamId, u64> = last.iter().map(|id| (&id.stream, id.sequence)).collect();
        let before = self.events.len();
        self.events.retain(|event| last.get(&event.id.stream).is_none_or(|last| event.id.sequence > *last));
        let removed = before - self.events.len();
        self.acknowledged += removed as u64;
        removed
    }

    /// Gives up an event that can never be sent.
    pub(super) fn give_up(&mut self, id: &EventId) {
        let before = self.events.len();
        self.events.retain(|event| event.id != *id);
        self.dropped += (before - self.events.len()) as u64;
    }

    /// Leaves a stream alone for a while.
    pub(super) fn park(&mut self, stream: StreamId, now: Instant) {
        self.parked.insert(stream, now + PARKED);
    }

    pub(super) fn unpark(&mut self) {
        self.parked.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.events.front().map(|event| event.time)
    }
}

#[cfg(test)]
mod tests {
    use flow::memory::event;

    use super::*;

    fn buffer(count: u64) -> Buffer {
        let mut buffer = Buffer::default();
        for sequence in 0..count {
            assert!(buffer.push(event(sequence, Timestamp(sequence)), 100));
        }
        buffer
    }

    fn sequences(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.id.sequence).collect()
    }

    #[test]
    fn events_stay_until_they_are_acknowledged() {
        let mut buffer = buffer(5);
        assert_eq!(sequences(&buffer.batch(3, Instant::now())), [0, 1, 2]);
        assert_eq!(sequences(&buffer.batch(3, Instant::now())), [0, 1, 2]);
        assert_eq!(buffer.acknowledge(&[event(1, Timestamp(0)).id]), 2);
        assert_eq!(sequences(&buffer.batch(9, Instant::now())), [2, 3, 4]);
        assert_eq!((buffer.acknowledged, buffer.oldest()), (2, Some(Timestamp(2))));
        let mut other = event(9, Timestamp(0)).id;
        other.stream.start += 1;
        assert_eq!(buffer.acknowledge(&[other]), 0);
    }

    #[test]
    fn a_full_buffer_drops_the_oldest_and_counts_it() {
        let mut buffer = buffer(3);
        assert!(!buffer.push(event(3, Timestamp(3)), 3));
        assert_eq!((sequences(&buffer.batch(9, Instant::now())), buffer.dropped), (vec![1, 2, 3], 1));
        assert!(!buffer.push(event(4, Timestamp(4)), 2));
        assert_eq!((sequences(&buffer.batch(9, Instant::now())), buffer.dropped), (vec![3, 4], 3));
    }

    #[test]
    fn a_stream_that_nobody_takes_does_not_hold_up_the_others() {
        let now = Instant::now();
        let mut buffer = buffer(2);
        let mut other = event(7, Timestamp(0));
        other.id.stream.route = "other".into();
        buffer.push(other, 100);
        buffer.park(event(0, Timestamp(0)).id.stream, now);
        assert_eq!(sequences(&buffer.batch(9, now)), [7]);
        assert_eq!(sequences(&buffer.batch(9, now + PARKED)), [0, 1, 7]);
    }

    #[test]
    fn an_event_that_can_never_be_sent_is_given_up() {
        let mut buffer = buffer(3);
        buffer.give_up(&event(1, Timestamp(0)).id);
        assert_eq!((sequences(&buffer.batch(9, Instant::now())), buffer.dropped), (vec![0, 2], 1));
    }
}
