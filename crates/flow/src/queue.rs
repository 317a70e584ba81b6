//! The bounded queue between a source and the rest of its route.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::lock;
use crate::{Policy, QueueSpec};

/// What became of something that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Offered<T> {
    /// It is in the queue.
    Taken,
    /// The queue was full: one thing, this or the oldest, was dropped and counted.
    Dropped,
    /// There was no place in time; here it is back.
    Full(T),
    /// The queue takes nothing any more; here it is back.
    Closed(T),
}

/// What a taker finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Popped<T> {
    /// The oldest.
    Item(T),
    /// Nothing in time.
    Empty,
    /// Nothing, and nothing will come.
    End,
}

/// First in, first out, at most `capacity`.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    spec: QueueSpec,
    state: Mutex<State<T>>,
    has_item: Condvar,
    has_place: Condvar,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    dropped: u64,
    takers: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new(spec: QueueSpec) -> Self {
        let state = State { items: VecDeque::new(), closed: false, dropped: 0, takers: 0 };
        Self { spec, state: Mutex::new(state), has_item: Condvar::new(), has_place: Condvar::new() }
    }

    /// Offers something by the policy; waits at most `wait` where the policy is to block.
    pub(crate) fn offer(&self, item: T, wait: Duration) -> Offered<T> {
        let mut state = lock(&self.state);
        if state.items.len() >= self.spec.capacity.get() && !state.closed {
            match self.spec.policy {
                Policy::Block => {
                    let full = |state: &mut State<T>| state.items.len() >= self.spec.capacity.get() && !state.closed;
                    let waited = self.has_place.wait_timeout_while(state, wait, full);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                    if full(&mut state) {
                        return Offered::Full(item);
                    }
                }
                Policy::DropOldest => {
                    state.items.pop_front();
                    state.items.push_back(item);
                    state.dropped += 1;
                    return Offered::Dropped;
                }
                Policy::DropNewest => {
                    state.dropped += 1;
                    return Offered::Dropped;
                }
            }
        }
        if state.closed {
            return Offered::Closed(item);
        }
        state.items.push_back(item);
        if state.takers > 0 {
            self.has_item.notify_one();
        }
        Offered::Taken
    }

    /// Takes the oldest, waiting for it at most `wait`; `None` waits as long as it takes.
    pub(crate) fn pop(&self, wait: Option<Duration>) -> Popped<T> {
        let until = wait.map(|wait| Instant::now() + wait);
        let mut state = lock(&self.state);
        loop {
            if let Some(item) = state.items.pop_front() {
                self.has_place.notify_one();
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::End;
            }
            let rest = until.map(|until| until.saturating_duration_since(Instant::now()));
            if rest.is_some_and(|rest| rest.is_zero()) {
                return Popped::Empty;
            }
            state.takers += 1;
            state = match rest {
                None => self.has_item.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) => self.has_item.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
            state.takers -= 1;
        }
    }

    /// Takes nothing more; what is in it can still be taken out.
    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.has_item.notify_all();
        self.has_place.notify_all();
    }

    /// Closes it and throws away what is in it; answers how much that was.
    pub(crate) fn discard(&self) -> usize {
        let left = {
            let mut state = lock(&self.state);
            state.closed = true;
            std::mem::take(&mut state.items).len()
        };
        self.has_item.notify_all();
        self.has_place.notify_all();
        left
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.state).items.len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.spec.capacity.get()
    }

    pub(crate) fn dropped(&self) -> u64 {
        lock(&self.state).dropped
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::thread;

    use super::*;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    fn queue(policy: Policy) -> Queue<u32> {
        Queue::new(QueueSpec { capacity: NonZeroUsize::new(2).unwrap(), policy })
    }

    fn offer(queue: &Queue<u32>, item: u32) -> Offered<u32> {
        queue.offer(item, Duration::ZERO)
    }

    fn rest(queue: &Queue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| match queue.pop(NOW) {
            Popped::Item(item) => Some(item),
            Popped::Empty | Popped::End => None,
        })
        .collect()
    }

    #[test]
    fn a_full_queue_does_what_its_policy_says() {
        for (policy, third, left, dropped) in [
            (Policy::Block, Offered::Full(3), vec![1, 2], 0),
            (Policy::DropOldest, Offered::Dropped, vec![2, 3], 1),
            (Policy::DropNewest, Offered::Dropped, vec![1, 2], 1),
        ] {
            let queue = queue(policy);
            assert_eq!((offer(&queue, 1), offer(&queue, 2)), (Offered::Taken, Offered::Taken));
            assert_eq!(offer(&queue, 3), third, "{policy:?}");
            assert_eq!((rest(&queue), queue.dropped()), (left, dropped), "{policy:?}");
        }
    }

    #[test]
    fn a_closed_queue_gives_what_it_holds_and_takes_nothing() {
        let queue = queue(Policy::Block);
        assert_eq!(offer(&queue, 1), Offered::Taken);
        queue.close();
        assert_eq!(offer(&queue, 2), Offered::Closed(2));
        assert_eq!((queue.pop(None), queue.pop(None)), (Popped::Item(1), Popped::End));
    }

    #[test]
    fn what_is_discarded_is_counted() {
        let queue = queue(Policy::Block);
        offer(&queue, 1);
        offer(&queue, 2);
        assert_eq!((queue.discard(), queue.pop(None)), (2, Popped::End));
    }

    #[test]
    fn whoever_waits_is_woken_in_order() {
        let queue = queue(Policy::Block);
        let long = Duration::from_secs(60);
        thread::scope(|scope| {
            scope.spawn(|| {
                for item in 0..1000 {
                    assert_eq!(queue.offer(item, long), Offered::Taken);
                }
                queue.close();
            });
            let mut found = vec![];
            while let Popped::Item(item) = queue.pop(None) {
                found.push(item);
            }
            assert_eq!(found, (0..1000).collect::<Vec<_>>());
        });
    }
}
