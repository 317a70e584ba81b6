//! The clock of guarded code: moves the epoch on while calls run and sleeps when none does.

#[cfg(not(target_os = "linux"))]
#[path = "ticker/signal.rs"]
mod alarm;
#[cfg(target_os = "linux")]
#[path = "ticker/timer.rs"]
mod alarm;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use alarm::Alarm;

pub(super) const THREAD: &str = "wasmtube-ticker";
/// Ticks without any call after which the thread parks: waking it for each of a row of short calls would cost more
/// than they do.
const IDLE_TICKS: u32 = 8;

/// The ticker's handle; dropping it ends the thread.
pub(crate) struct Ticker {
    state: Arc<State>,
    tick: Duration,
}

struct State {
    /// Whether the thread waits for the alarm, which whoever finds that is to set.
    parked: AtomicBool,
    stop: AtomicBool,
    alarm: Alarm,
    running: Counted,
    watched: Mutex<Vec<Weak<dyn Watched>>>,
}

/// Code that runs under no lock that is watched. Apart from what every call reads.
#[derive(Default)]
#[repr(align(128))]
struct Counted(AtomicUsize);

/// Locks that are held while guarded code runs.
pub(crate) trait Watched: Send + Sync {
    /// Whether one of the locks is held, as far as can be seen without taking the others.
    fn seems_held(&self) -> bool;
    /// Whether one of the locks is held. Takes each of the others for a moment: whoever locks it afterwards sees what the
    /// caller wrote before.
    fn is_any_held(&self) -> bool;
}

/// Keeps the ticker awake for code that runs under no watched lock.
pub(crate) struct Running<'a>(&'a State);

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine, tick: Duration) -> io::Result<Self> {
        let state = Arc::new(State::new()?);
        let of_thread = Arc::clone(&state);
        thread::Builder::new().name(THREAD.into()).spawn(move || run(&engine, &of_thread, tick))?;
        Ok(Self { state, tick })
    }

    /// Watches these locks for as long as they exist.
    pub(crate) fn watch(&self, locks: Weak<dyn Watched>) {
        self.state.watched().push(locks);
    }

    /// Call before guarded code runs, after the watched lock under which it runs was taken.
    #[inline]
    pub(crate) fn wake(&self) {
        // The thread takes the lock after its store to `parked`, so either this call sees it parked, or it sees the lock
        // held.
        if self.state.parked.load(Ordering::SeqCst) {
            self.set_alarm();
        }
    }

    /// Call before guarded code runs under no watched lock, and hold the answer while it does.
    pub(crate) fn enter(&self) -> Running<'_> {
        // With the thread's store to `parked` and its load of `running`, all sequentially consistent: either this call
        // sees it parked or it sees this call.
        self.state.running.0.fetch_add(1, Ordering::SeqCst);
        self.wake();
        Running(&self.state)
    }

    /// For a tick from now, when the first epoch is due. Reads no clock, as all of this delays the call.
    #[cold]
    fn set_alarm(&self) {
        if self.state.parked.swap(false, Ordering::SeqCst) {
            self.state.alarm.set(self.tick);
        }
    }

    /// Epochs after which a call that may take `limit` is over: the running tick may be almost over, hence one more.
    pub(crate) fn epochs(&self, limit: Duration) -> u64 {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        nanoseconds(limit).div_ceil(nanoseconds(self.tick).max(1)).min(u64::MAX / 4) + 1
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        self.state.alarm.set(Duration::ZERO);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl State {
    fn new() -> io::Result<Self> {
        Ok(Self {
            parked: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            alarm: Alarm::new()?,
            running: Counted::default(),
            watched: Mutex::default(),
        })
    }

    fn is_idle(&self, is_held: fn(&dyn Watched) -> bool) -> bool {
        let mut idle = self.running.0.load(Ordering::SeqCst) == 0;
        self.watched().retain(|locks| {
            let Some(locks) = locks.upgrade() else { return false };
            idle = idle && !is_held(&*locks);
            true
        });
        idle
    }

    fn watched(&self) -> MutexGuard<'_, Vec<Weak<dyn Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(engine: &wasmtime::Engine, state: &State, tick: Duration) {
    let mut last = Instant::now();
    let mut idle = 0;
    while !state.stop.load(Ordering::SeqCst) {
        // A thread that was kept from the processor catches up, so that deadlines are those of the wall clock.
        while last.elapsed() >= tick {
            last += tick;
            engine.increment_epoch();
        }
        thread::sleep(tick.saturating_sub(last.elapsed()));
        idle = if state.is_idle(|locks| locks.seems_held()) { idle + 1 } else { 0 };
        if idle < IDLE_TICKS {
            continue;
        }
        idle = 0;
        state.parked.store(true, Ordering::SeqCst);
        if !state.is_idle(|locks| locks.is_any_held()) && state.parked.swap(false, Ordering::SeqCst) {
            continue;
        }
        // Nothing runs, so whoever comes sets the alarm, or has found out before this thread did.
        state.alarm.wait();
        last = Instant::now();
        engine.increment_epoch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_rounded_up_and_has_one_tick_more() {
        let ticker = Ticker::start(wasmtime::Engine::default(), Duration::from_millis(5)).unwrap();
        let epochs = |milliseconds| ticker.epochs(Duration::from_millis(milliseconds));
        assert_eq!([epochs(0), epochs(1), epochs(5), epochs(6)], [1, 2, 2, 3]);
        assert_eq!(ticker.epochs(Duration::MAX), u64::MAX / 5_000_000 + 2);
    }

    impl Watched for Mutex<()> {
        fn seems_held(&self) -> bool {
            false
        }

        fn is_any_held(&self) -> bool {
            self.try_lock().is_err()
        }
    }

    #[test]
    fn a_held_lock_keeps_the_ticker_awake() {
        let ticker = Ticker::start(wasmtime::Engine::default(), Duration::from_millis(1)).unwrap();
        let lock = Arc::new(Mutex::new(()));
        let watched: Weak<Mutex<()>> = Arc::downgrade(&lock);
        ticker.watch(watched);
        for _ in 0..3 {
            while !ticker.state.parked.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            let held = lock.lock().unwrap();
            ticker.wake();
            thread::sleep(Duration::from_millis(20));
            assert!(!ticker.state.parked.load(Ordering::SeqCst), "it does not park while a call runs");
            drop(held);
        }
        drop(lock);
        while !ticker.state.watched().is_empty() {
            thread::yield_now();
        }
    }

    #[test]
    fn the_ticker_parks_without_calls_and_wakes_for_one() {
        let ticker = Ticker::start(wasmtime::Engine::default(), Duration::from_millis(1)).unwrap();
        let wait_for = |parked: bool| {
            while ticker.state.parked.load(Ordering::SeqCst) != parked {
                thread::yield_now();
            }
        };
        for _ in 0..3 {
            wait_for(true);
            let running = ticker.enter();
            wait_for(false);
            thread::sleep(Duration::from_millis(20));
            assert!(!ticker.state.parked.load(Ordering::SeqCst), "it does not park while a call runs");
            drop(running);
        }
    }
}
