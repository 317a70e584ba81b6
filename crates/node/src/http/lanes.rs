//! Threads for what blocks, so many for each kind, and for the calls of each slot, that none can keep the others from
//! running.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;

use super::failure::Failure;
use super::lines::{self, Lines};

/// Kinds of work. What finds no place in its lane waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Looking at what is there.
    Look,
    /// Asking neighbors.
    Neighbor,
    /// Compiling, and exchanging versions. The runtime says how many compile at once; of several for a slot the newest wins,
    /// so that none should have to wait here.
    Change,
    /// Going back to a version, which waits for nobody who compiles.
    Back,
    /// Taking values and events.
    Take,
}

const LOOK: usize = 8;
const NEIGHBOR: usize = 16;
/// Slots all of whose places may be taken before one has to wait for a thread.
const SLOTS: usize = 24;
const CHANGE: usize = 8;
const BACK: usize = 2;
const TAKE: usize = 8;

/// Work that goes on at once, of all kinds.
pub(super) const PLACES: usize = LOOK + NEIGHBOR + CHANGE + BACK + TAKE + SLOTS * lines::EACH;

/// The places of each lane.
#[derive(Debug)]
pub(super) struct Lanes {
    look: Arc<Semaphore>,
    neighbor: Arc<Semaphore>,
    change: Arc<Semaphore>,
    back: Arc<Semaphore>,
    take: Arc<Semaphore>,
    lines: Lines,
}

impl Lanes {
    pub(super) fn new() -> Self {
        let places = |places| Arc::new(Semaphore::new(places));
        Self {
            look: places(LOOK),
            neighbor: places(NEIGHBOR),
            change: places(CHANGE),
            back: places(BACK),
            take: places(TAKE),
            lines: Lines::default(),
        }
    }

    /// Runs work on a thread of its own. It keeps its place until it is done, even where nobody waits for it any more.
    ///
    /// # Errors
    /// [`Failure`] where the work panics.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let places = match lane {
            Lane::Look => &self.look,
            Lane::Neighbor => &self.neighbor,
            Lane::Change => &self.change,
            Lane::Back => &self.back,
            Lane::Take => &self.take,
        };
        let place = Arc::clone(places).acquire_owned().await.map_err(|error| Failure::internal(&error))?;
        run_at(place, work).await
    }

    /// As [`Self::run`], for a call of a slot, which waits for its place so long at most.
    ///
    /// # Errors
    /// [`Failure`] where too many calls of the slot go on, and where the work panics.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        slot: &str,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        run_at(self.lines.enter(slot, patience).await?, work).await
    }
}

async fn run_at<T: Send + 'static>(
    place: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let work = move || {
        let answer = work();
        drop(place);
        answer
    };
    task::spawn_blocking(work).await.map_err(|error| Failure::internal(&error))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap()
    }

    #[test]
    fn a_full_lane_holds_up_no_other() {
        let lanes = Arc::new(Lanes::new());
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let runtime = runtime();
        let hold = |held: &Arc<std::sync::Mutex<mpsc::Receiver<()>>>| {
            let (lanes, held) = (Arc::clone(&lanes), Arc::clone(held));
            runtime.spawn(async move { lanes.run(Lane::Change, move || held.lock().unwrap().recv().is_ok()).await })
        };
        let changes: Vec<_> = (0..CHANGE + 3).map(|_| hold(&held)).collect();
        assert_eq!(runtime.block_on(lanes.run(Lane::Look, || 7)).unwrap(), 7);
        assert_eq!(runtime.block_on(lanes.run(Lane::Back, || 8)).unwrap(), 8);
        for _ in &changes {
            release.send(()).unwrap();
        }
        for change in changes {
            assert!(runtime.block_on(change).unwrap().unwrap());
        }
    }

    #[test]
    fn a_panic_is_answered_and_gives_its_place_back() {
        let lanes = Lanes::new();
        let runtime = runtime();
        for _ in 0..=CHANGE {
            let panicked = runtime.block_on(lanes.run(Lane::Change, || panic!("on purpose")));
            assert_eq!(panicked.unwrap_err().code(), "internal");
        }
    }
}
