//! The clock of guarded code: moves the epoch on while calls run and sleeps when none does.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

pub(super) const THREAD: &str = "wasmtube-ticker";
/// Ticks without any call after which the thread parks: waking it for each of a row of short calls would cost more
/// than they do.
const IDLE_TICKS: u32 = 8;

/// The ticker's handle; dropping it ends the thread.
pub(crate) struct Ticker {
    state: Arc<State>,
    thread: Thread,
    tick: Duration,
}

#[derive(Default)]
struct State {
    parked: AtomicBool,
    stop: AtomicBool,
    running: Counted,
    flags: Mutex<Vec<Weak<[Flag]>>>,
}

/// Code that runs at no place of a pool. Apart from what every call reads.
#[derive(Default)]
#[repr(align(128))]
struct Counted(AtomicUsize);

/// Whether a call runs at one place. The places share no cache line, as each call writes its own twice.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Flag(AtomicBool);

/// Keeps the ticker awake for code that runs at no place.
pub(crate) struct Running<'a>(&'a State);

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine, tick: Duration) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let of_thread = Arc::clone(&state);
        let handle = thread::Builder::new().name(THREAD.into()).spawn(move || run(&engine, &of_thread, tick))?;
        Ok(Self { state, thread: handle.thread().clone(), tick })
    }

    /// Flags for the places of a pool.
    pub(crate) fn flags(&self, places: usize) -> Arc<[Flag]> {
        let flags: Arc<[Flag]> = (0..places).map(|_| Flag::default()).collect();
        self.state.flags().push(Arc::downgrade(&flags));
        flags
    }

    /// Call before guarded code runs at a place, and [`Flag::end`] after it.
    #[inline]
    pub(crate) fn begin(&self, flag: &Flag) {
        // With the thread's store to `parked` and its loads of the flags, all sequentially consistent: either this call
        // sees it parked or it sees this call.
        flag.0.swap(true, Ordering::SeqCst);
        self.wake();
    }

    /// Call before guarded code runs elsewhere, and hold the answer while it does.
    pub(crate) fn enter(&self) -> Running<'_> {
        self.state.running.0.fetch_add(1, Ordering::SeqCst);
        self.wake();
        Running(&self.state)
    }

    #[inline]
    fn wake(&self) {
        if self.state.parked.load(Ordering::SeqCst) && self.state.parked.swap(false, Ordering::SeqCst) {
            self.thread.unpark();
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
        self.thread.unpark();
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Flag {
    #[inline]
    pub(crate) fn end(&self) {
        self.0.store(false, Ordering::Release);
    }
}

impl State {
    fn is_idle(&self) -> bool {
        let mut idle = self.running.0.load(Ordering::SeqCst) == 0;
        self.flags().retain(|flags| {
            let flags = flags.upgrade();
            idle &= flags.iter().flat_map(|flags| flags.iter()).all(|flag| !flag.0.load(Ordering::SeqCst));
            flags.is_some()
        });
        idle
    }

    fn flags(&self) -> MutexGuard<'_, Vec<Weak<[Flag]>>> {
        self.flags.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(engine: &wasmtime::Engine, state: &State, tick: Duration) {
    let mut last = Instant::now();
    let mut idle = 0;
    while !state.stop.load(Ordering::SeqCst) {
        thread::sleep(tick);
        // A thread that was kept from the processor catches up, so that deadlines are those of the wall clock.
        while last.elapsed() >= tick {
            last += tick;
            engine.increment_epoch();
        }
        idle = if state.is_idle() { idle + 1 } else { 0 };
        if idle < IDLE_TICKS {
            continue;
        }
        state.parked.store(true, Ordering::SeqCst);
        while state.parked.load(Ordering::SeqCst)
            && state.is_idle()
            && !state.stop.load(Ordering::SeqCst)
        {
            thread::park();
        }
        state.parked.store(false, Ordering::SeqCst);
        last = Instant::now();
        idle = 0;
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

    #[test]
    fn a_place_keeps_the_ticker_awake_until_its_call_ends() {
        let ticker = Ticker::start(wasmtime::Engine::default(), Duration::from_millis(1)).unwrap();
        let flags = ticker.flags(2);
        for flag in flags.iter() {
            while !ticker.state.parked.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            ticker.begin(flag);
            thread::sleep(Duration::from_millis(20));
            assert!(!ticker.state.parked.load(Ordering::SeqCst), "it does not park while a call runs");
            assert!(!ticker.state.is_idle());
            flag.end();
            assert!(ticker.state.is_idle());
        }
        drop(flags);
        assert!(ticker.state.is_idle());
        assert_eq!(ticker.state.flags().len(), 0, "flags of a dropped pool are forgotten");
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
