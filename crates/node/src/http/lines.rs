//! Calls of a slot that wait for a thread: a line for each slot, so that what one slot does holds up no other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure::Failure;
use crate::refusal::Class;

/// Calls of one slot that go on at once. Those that find no instance wait in line for one in the slot itself.
pub(super) const EACH: usize = 16;
/// Calls of one slot that wait for such a place, each of which holds a connection.
const WAITING: usize = 48;

/// The lines of all slots.
#[derive(Debug, Default)]
pub(super) struct Lines {
    slots: Mutex<HashMap<String, Arc<Line>>>,
}

#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Somebody who waits, until it is dropped: also where the client went away.
struct Waiting<'l>(&'l Line);

impl Lines {
    /// A place for a call of the slot, for which it waits so long at most.
    ///
    /// # Errors
    /// [`Class::NotNow`]: as many wait as may, or the time went by.
    pub(super) async fn enter(&self, slot: &str, patience: Duration) -> Result<OwnedSemaphorePermit, Failure> {
        let line = self.line(slot);
        if let Ok(place) = Arc::clone(&line.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = line.join().ok_or_else(|| busy(slot, format!("{WAITING} others wait already")))?;
        match tokio::time::timeout(patience, Arc::clone(&line.places).acquire_owned()).await {
            Ok(place) => place.map_err(|error| Failure::internal(&error)),
            Err(_) => Err(busy(slot, format!("this one waited {patience:?} for one of them to end"))),
        }
    }

    fn line(&self, slot: &str) -> Arc<Line> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = slots.get(slot) {
            return Arc::clone(line);
        }
        // Lines where nobody is: of slots that are gone, as likely as not.
        slots.retain(|_, line| Arc::strong_count(line) > 1 || line.places.available_permits() < EACH);
        let line = Arc::new(Line { places: Arc::new(Semaphore::new(EACH)), waiting: AtomicUsize::new(0) });
        slots.insert(slot.into(), Arc::clone(&line));
        line
    }
}

impl Line {
    fn join(&self) -> Option<Waiting<'_>> {
        let waiting = Waiting(self);
        (self.waiting.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn busy(slot: &str, why: String) -> Failure {
    let message = format!("{EACH} calls of the slot `{slot}` go on, and {why}: call less often");
    Failure::of(Class::NotNow, "busy", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_slot_that_is_full_holds_up_no_other() {
        let lines = Lines::default();
        let mut places = vec![];
        for _ in 0..EACH {
            places.push(lines.enter("full", SHORT).await.unwrap());
        }
        let refused = lines.enter("full", SHORT).await.unwrap_err();
        assert_eq!((refused.code(), refused.status()), ("busy", 503));
        assert!(refused.message().contains("waited 20ms"), "{}", refused.message());
        drop(lines.enter("other", SHORT).await.unwrap());
        places.pop();
        places.push(lines.enter("full", SHORT).await.unwrap());
    }

    #[tokio::test]
    async fn a_line_has_an_end() {
        let lines = Arc::new(Lines::default());
        let mut places = vec![];
        for _ in 0..EACH {
            places.push(lines.enter("full", SHORT).await.unwrap());
        }
        let wait = || {
            let lines = Arc::clone(&lines);
            tokio::spawn(async move { lines.enter("full", Duration::from_secs(60)).await.map(drop) })
        };
        let waiting: Vec<_> = (0..WAITING).map(|_| wait()).collect();
        while lines.line("full").waiting.load(Ordering::Relaxed) < WAITING {
            tokio::task::yield_now().await;
        }
        let refused = lines.enter("full", Duration::from_secs(60)).await.unwrap_err();
        assert!(refused.message().contains("48 others wait already"), "{}", refused.message());
        // Who goes away makes room, and so does who ends.
        waiting[0].abort();
        drop(places);
        for task in waiting.into_iter().skip(1) {
            task.await.unwrap().unwrap();
        }
        assert_eq!(lines.line("full").places.available_permits(), EACH);
    }
}
