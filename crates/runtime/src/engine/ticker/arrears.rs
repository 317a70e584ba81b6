//! How far the epoch is behind the wall clock while the ticker rests between two looks.

use std::hint;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Ticks that are not counted yet. The ticker writes, calls read.
pub(super) struct Arrears {
    origin: Instant,
    tick: u64,
    /// Up to when ticks are counted, in nanoseconds after `origin`.
    counted: AtomicU64,
    /// Odd while the epoch is moved on.
    moves: AtomicU64,
}

impl Arrears {
    pub(super) fn new(tick: Duration) -> Self {
        Self {
            origin: Instant::now(),
            tick: nanoseconds(tick).max(1),
            counted: AtomicU64::new(0),
            moves: AtomicU64::new(0),
        }
    }

    /// The epoch is that of `last`.
    pub(super) fn begin(&self, last: Instant) {
        self.counted.store(nanoseconds(last.saturating_duration_since(self.origin)), Ordering::SeqCst);
    }

    /// Moves the epoch on to the present with `tick` for each tick, and answers up to when ticks are counted now.
    pub(super) fn count(&self, mut tick: impl FnMut()) -> Instant {
        self.moves.fetch_add(1, Ordering::SeqCst);
        let missing = self.missing();
        (0..missing).for_each(|_| tick());
        let counted = self.counted.load(Ordering::SeqCst) + missing * self.tick;
        self.counted.store(counted, Ordering::SeqCst);
        self.moves.fetch_add(1, Ordering::SeqCst);
        self.origin + Duration::from_nanos(counted)
    }

    /// Sets a deadline with the number of ticks that are missing now, again where the epoch was moved on meanwhile.
    /// None is missing unless `rests`.
    pub(super) fn set(&self, rests: impl Fn() -> bool, mut set: impl FnMut(u64)) {
        loop {
            let before = self.moves.load(Ordering::SeqCst);
            let missing = if rests() { self.missing() } else { 0 };
            set(missing);
            if before.is_multiple_of(2) && self.moves.load(Ordering::SeqCst) == before && (missing == 0 || rests()) {
                return;
            }
            hint::spin_loop();
        }
    }

    fn missing(&self) -> u64 {
        let now = nanoseconds(self.origin.elapsed());
        now.saturating_sub(self.counted.load(Ordering::SeqCst)) / self.tick
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::Arrears;

    #[test]
    fn missing_ticks_are_counted_once() {
        let arrears = Arrears::new(Duration::from_millis(1));
        let begun = Instant::now();
        arrears.begin(begun);
        thread::sleep(Duration::from_millis(5));
        let mut ticks = 0;
        let until = arrears.count(|| ticks += 1);
        assert!(ticks >= 5, "{ticks}");
        assert_eq!((until - begun).as_millis(), ticks);
        arrears.set(|| false, |missing| assert_eq!(missing, 0));
    }

    /// Whatever the ticker does meanwhile, the epoch and what is missing are together the time that has gone by.
    #[test]
    fn a_deadline_fits_the_epoch_that_it_was_set_in() {
        let tick = Duration::from_micros(10);
        let (arrears, epoch, done) = (Arrears::new(tick), AtomicU64::new(0), AtomicBool::new(false));
        arrears.begin(arrears.origin);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    arrears.count(|| {
                        epoch.fetch_add(1, Ordering::SeqCst);
                    });
                    thread::sleep(Duration::from_micros(50));
                }
            });
            for _ in 0..20_000 {
                let ticks = || u64::try_from(arrears.origin.elapsed().as_nanos() / tick.as_nanos()).unwrap();
                let (before, mut set) = (ticks(), 0);
                arrears.set(|| true, |missing| set = epoch.load(Ordering::SeqCst) + missing);
                let after = ticks();
                assert!((before..=after).contains(&set), "{set} is not in {before}..={after}");
            }
            done.store(true, Ordering::SeqCst);
        });
    }
}
