//! Which events are given to a function together.

use std::collections::VecDeque;
use std::time::Duration;

use crate::{Event, Timestamp, WindowSpec};

/// Events of a window by time; one that has as many is complete.
const EVENTS_MAX: usize = 1_000_000;
/// A window by time is complete at the latest so many lengths after its first event came. Otherwise one event from the
/// future, or a clock that is set back, would keep it open.
const LENGTHS_MAX: u32 = 2;

/// The events of a window that is not complete yet.
#[derive(Debug)]
pub(crate) struct Window {
    spec: WindowSpec,
    events: VecDeque<Event>,
    /// Of a count window: events since the last window.
    since: usize,
    /// Of a time window: when its first event came, by a clock that never goes back.
    opened: Duration,
}

impl Window {
    pub(crate) fn new(spec: WindowSpec) -> Self {
        Self { spec, events: VecDeque::new(), since: 0, opened: Duration::ZERO }
    }

    /// Adds an event that comes `now`, by a clock that never goes back; answers the window that it completes.
    pub(crate) fn push(&mut self, event: Event, now: Duration) -> Option<Vec<Event>> {
        match self.spec {
            WindowSpec::Count { size, every } => {
                self.events.push_back(event);
                self.since += 1;
                if self.since < every.get() {
                    // A window that is smaller than the distance to the next needs no more than its own events.
                    while self.events.len() > size.get() {
                        self.events.pop_front();
                    }
                    return None;
                }
                self.since = 0;
                while self.events.len() > size.get() {
                    self.events.pop_front();
                }
                if every < size {
                    return Some(self.events.iter().cloned().collect());
                }
                Some(std::mem::take(&mut self.events).into())
            }
            WindowSpec::Time { .. } => {
                // An event from before the open interval came late and belongs to no other window any more.
                let is_full = self.events.len() >= EVENTS_MAX;
                let is_complete = is_full || self.is_overdue(now) || self.closes().is_some_and(|end| event.time >= end);
                let complete = is_complete.then(|| self.take()).flatten();
                if self.events.is_empty() {
                    self.opened = now;
                }
                self.events.push_back(event);
                complete
            }
        }
    }

    /// When the open window is complete at the latest, whatever comes.
    pub(crate) fn closes(&self) -> Option<Timestamp> {
        let WindowSpec::Time { length } = self.spec else { return None };
        let length = u64::try_from(length.as_micros()).unwrap_or(u64::MAX).max(1);
        let first = self.events.front()?.time.0;
        Some(Timestamp((first / length).saturating_add(1).saturating_mul(length)))
    }

    /// The window that time has completed: `unix` is the time of day, `now` that of a clock that never goes back.
    pub(crate) fn close(&mut self, unix: Timestamp, now: Duration) -> Option<Vec<Event>> {
        if self.closes()? <= unix || self.is_overdue(now) { self.take() } else { None }
    }

    fn is_overdue(&self, now: Duration) -> bool {
        let WindowSpec::Time { length } = self.spec else { return false };
        !self.events.is_empty() && now.saturating_sub(self.opened) >= length.saturating_mul(LENGTHS_MAX)
    }

    /// Events that wait for a window.
    pub(crate) fn waiting(&self) -> usize {
        match self.spec {
            WindowSpec::Count { .. } => self.since,
            WindowSpec::Time { .. } => self.events.len(),
        }
    }

    fn take(&mut self) -> Option<Vec<Event>> {
        let events: Vec<Event> = std::mem::take(&mut self.events).into();
        (!events.is_empty()).then_some(events)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use super::*;
    use crate::memory::event;

    fn count(size: usize, every: usize) -> WindowSpec {
        WindowSpec::Count { size: NonZeroUsize::new(size).unwrap(), every: NonZeroUsize::new(every).unwrap() }
    }

    fn sequences(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.id.sequence).collect()
    }

    #[track_caller]
    fn check(spec: WindowSpec, times_ms: &[u64], expected: &[&[u64]], waiting: usize) {
        let mut window = Window::new(spec);
        let found: Vec<_> = times_ms
            .iter()
            .zip(0..)
            .filter_map(|(&time, sequence)| window.push(event(sequence, Timestamp(time * 1000)), Duration::ZERO))
            .map(|events| sequences(&events))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(window.waiting(), waiting);
    }

    #[test]
    fn windows_by_count() {
        check(count(2, 2), &[0; 5], &[&[0, 1], &[2, 3]], 1);
        check(count(3, 1), &[0; 4], &[&[0], &[0, 1], &[0, 1, 2], &[1, 2, 3]], 0);
        check(count(3, 2), &[0; 6], &[&[0, 1], &[1, 2, 3], &[3, 4, 5]], 0);
        check(count(1, 3), &[0; 7], &[&[2], &[5]], 1);
    }

    #[test]
    fn windows_by_time_are_aligned() {
        let spec = WindowSpec::Time { length: Duration::from_millis(10) };
        check(spec, &[7, 9, 10, 19, 35, 36], &[&[0, 1], &[2, 3]], 2);
        check(spec, &[12, 5, 20], &[&[0, 1]], 1);
    }

    #[test]
    fn time_completes_a_window_that_no_event_follows() {
        let mut window = Window::new(WindowSpec::Time { length: Duration::from_millis(10) });
        assert_eq!((window.closes(), window.close(Timestamp(u64::MAX), Duration::ZERO)), (None, None));
        assert!(window.push(event(0, Timestamp(12_345)), Duration::ZERO).is_none());
        assert_eq!(window.closes(), Some(Timestamp(20_000)));
        assert!(window.close(Timestamp(19_999), Duration::ZERO).is_none());
        assert_eq!(window.close(Timestamp(20_000), Duration::ZERO).map(|events| sequences(&events)), Some(vec![0]));
        assert_eq!(window.closes(), None);
    }

    #[test]
    fn an_event_from_the_future_does_not_keep_a_window_open() {
        let ms = Duration::from_millis;
        let mut window = Window::new(WindowSpec::Time { length: ms(10) });
        assert!(window.push(event(0, Timestamp(u64::MAX)), ms(100)).is_none());
        assert!(window.push(event(1, Timestamp(5_000)), ms(119)).is_none());
        assert_eq!(window.push(event(2, Timestamp(6_000)), ms(120)).map(|events| sequences(&events)), Some(vec![0, 1]));
        assert!(window.close(Timestamp(7_000), ms(139)).is_none());
        assert_eq!(window.close(Timestamp(7_000), ms(140)).map(|events| sequences(&events)), Some(vec![2]));
    }
}
