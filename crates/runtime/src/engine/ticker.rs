//! The clock of guarded code: moves the epoch on while calls run, looks now and then for a while when none does, and
//! sleeps in the end.
//!
//! Setting an alarm costs the first of a row of calls more than all else together. While the thread *dozes*, a call with
//! a long deadline leaves it asleep: the next look is soon enough, and the call counts the ticks in that the epoch is
//! behind.

#[cfg(not(target_os = "linux"))]
#[path = "ticker/signal.rs"]
mod alarm;
#[cfg(target_os = "linux")]
#[path = "ticker/timer.rs"]
mod alarm;
mod arrears;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use alarm::Alarm;
use arrears::Arrears;

pub(super) const THREAD: &str = "wasmtube-ticker";
/// Ticks without any call after which the thread dozes: waking it for each of a row of short calls would cost more
/// than they do.
const IDLE_TICKS: u32 = 8;

/// How often a thread that dozes looks, and for how long after the last call it does.
#[derive(Debug, Clone, Copy)]
struct Pace {
    tick: Duration,
    look: Duration,
    doze: Duration,
}

/// What the thread does.
mod mode {
    /// It moves the epoch on.
    pub(super) const TICKING: u8 = 0;
    /// It sleeps until its next look.
    pub(super) const DOZING: u8 = 1;
    /// It was asleep until its next look, and is woken for a call.
    pub(super) const WAKING: u8 = 2;
    /// It sleeps until somebody sets the alarm.
    pub(super) const PARKED: u8 = 3;
}

/// The ticker's handle; dropping it ends the thread.
pub(crate) struct Ticker {
    state: Arc<State>,
    pace: Pace,
}

struct State {
    mode: AtomicU8,
    stop: AtomicBool,
    /// Whether a call came that left the thread asleep.
    called: AtomicBool,
    alarm: Alarm,
    arrears: Arrears,
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
pub(crate) struct Running<'a>(&'a Ticker);

/// What a call knows of the epoch, for [`Ticker::allow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// The thread moves it on.
    Current,
    /// It may be behind the wall clock.
    Behind,
}

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine, tick: Duration) -> io::Result<Self> {
        let look = Duration::from_millis(250).max(8 * tick);
        Self::paced(engine, Pace { tick, look, doze: 40 * look })
    }

    fn paced(engine: wasmtime::Engine, pace: Pace) -> io::Result<Self> {
        let state = Arc::new(State::new(pace.tick)?);
        let of_thread = Arc::clone(&state);
        thread::Builder::new().name(THREAD.into()).spawn(move || run(&engine, &of_thread, pace))?;
        Ok(Self { state, pace })
    }

    /// Watches these locks for as long as they exist.
    pub(crate) fn watch(&self, locks: Weak<dyn Watched>) {
        self.state.watched().push(locks);
    }

    /// Call before guarded code runs that may take `limit`, after the watched lock under which it runs was taken.
    #[inline]
    pub(crate) fn wake(&self, limit: Duration) -> Epoch {
        // The thread takes the lock after its store to `mode`, so either this call sees it at rest, or it sees the lock
        // held.
        match self.state.mode.load(Ordering::SeqCst) {
            mode::TICKING => Epoch::Current,
            mode => {
                self.wake_from(mode, limit);
                Epoch::Behind
            }
        }
    }

    /// Call before guarded code runs under no watched lock, and hold the answer while it does.
    pub(crate) fn enter(&self) -> Running<'_> {
        // With the thread's store to `mode` and its load of `running`, all sequentially consistent: either this call
        // sees it at rest or it sees this call.
        self.state.running.0.fetch_add(1, Ordering::SeqCst);
        self.wake(Duration::ZERO);
        Running(self)
    }

    /// Gives guarded code so many epochs from now on, by `set`, which gets their number from where the engine is.
    #[inline]
    pub(crate) fn allow(&self, epoch: Epoch, epochs: u64, mut set: impl FnMut(u64)) {
        match epoch {
            Epoch::Current => set(epochs),
            Epoch::Behind => self.allow_behind(epochs, set),
        }
    }

    #[cold]
    fn allow_behind(&self, epochs: u64, mut set: impl FnMut(u64)) {
        self.state.arrears.set(|| self.state.rests(), |missing| set(epochs.saturating_add(missing)));
    }

    /// Reads no clock, as all of this delays the call.
    #[cold]
    fn wake_from(&self, mode: u8, limit: Duration) {
        if mode == mode::DOZING && limit >= 2 * self.pace.look {
            self.state.called.store(true, Ordering::Relaxed);
        } else if self.state.turn(mode::PARKED, mode::TICKING) || self.state.turn(mode::DOZING, mode::WAKING) {
            // For a tick from now, when the first epoch is due.
            self.state.alarm.set(self.pace.tick);
        }
    }

    /// Epochs after which a call that may take `limit` is over: the running tick may be almost over, hence one more.
    pub(crate) fn epochs(&self, limit: Duration) -> u64 {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        nanoseconds(limit).div_ceil(nanoseconds(self.pace.tick).max(1)).min(u64::MAX / 4) + 1
    }
}

impl Running<'_> {
    /// As [`Ticker::allow`], for what runs under no watched lock.
    pub(crate) fn allow(&self, limit: Duration, set: impl FnMut(u64)) {
        self.0.allow_behind(self.0.epochs(limit), set);
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
        self.0.state.running.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl State {
    fn new(tick: Duration) -> io::Result<Self> {
        Ok(Self {
            mode: AtomicU8::new(mode::TICKING),
            stop: AtomicBool::new(false),
            called: AtomicBool::new(false),
            alarm: Alarm::new()?,
            arrears: Arrears::new(tick),
            running: Counted::default(),
            watched: Mutex::default(),
        })
    }

    fn mode(&self) -> u8 {
        self.mode.load(Ordering::SeqCst)
    }

    fn turn(&self, from: u8, to: u8) -> bool {
        self.mode.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Whether the epoch may be behind.
    fn rests(&self) -> bool {
        matches!(self.mode(), mode::DOZING | mode::WAKING)
    }

    /// Whether the thread has to go on at once.
    fn is_wanted(&self) -> bool {
        self.mode() == mode::WAKING || self.stop.load(Ordering::SeqCst)
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

fn run(engine: &wasmtime::Engine, state: &State, pace: Pace) {
    let mut last = Instant::now();
    let mut idle = 0;
    while !state.stop.load(Ordering::SeqCst) {
        // A thread that was kept from the processor catches up, so that deadlines are those of the wall clock.
        while last.elapsed() >= pace.tick {
            last += pace.tick;
            engine.increment_epoch();
        }
        thread::sleep(pace.tick.saturating_sub(last.elapsed()));
        idle = if state.is_idle(|locks| locks.seems_held()) { idle + 1 } else { 0 };
        if idle < IDLE_TICKS {
            continue;
        }
        idle = 0;
        state.arrears.begin(last);
        state.mode.store(mode::DOZING, Ordering::SeqCst);
        if state.is_idle(|locks| locks.is_any_held()) || !state.turn(mode::DOZING, mode::TICKING) {
            last = doze(engine, state, pace);
        }
    }
}

/// Sleeps until there are calls, and answers up to when ticks are counted.
fn doze(engine: &wasmtime::Engine, state: &State, pace: Pace) -> Instant {
    let mut called = Instant::now();
    loop {
        state.alarm.set(pace.look);
        // Whoever turned the mode before this set the alarm before.
        if !state.is_wanted() {
            state.alarm.wait();
        }
        let counted = state.arrears.count(|| engine.increment_epoch());
        if state.is_wanted() || !state.is_idle(|locks| locks.seems_held()) {
            state.mode.store(mode::TICKING, Ordering::SeqCst);
            return counted;
        }
        if state.called.swap(false, Ordering::Relaxed) {
            called = Instant::now();
        }
        if called.elapsed() >= pace.doze && state.turn(mode::DOZING, mode::PARKED) {
            if !state.is_idle(|locks| locks.is_any_held()) && state.turn(mode::PARKED, mode::TICKING) {
                return counted;
            }
            // Nothing runs, so whoever comes sets the alarm, or has found out before this thread did.
            while state.mode() == mode::PARKED && !state.stop.load(Ordering::SeqCst) {
                state.alarm.wait();
            }
            engine.increment_epoch();
            return Instant::now();
        }
    }
}

#[cfg(test)]
mod tests;
