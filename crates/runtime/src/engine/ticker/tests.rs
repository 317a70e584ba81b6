use super::*;

/// Long for the thread, short for a test.
const LONG: Duration = Duration::from_millis(100);

fn ticker(doze: Duration) -> Ticker {
    let pace = Pace { tick: Duration::from_millis(1), look: Duration::from_millis(10), doze };
    Ticker::paced(wasmtime::Engine::default(), pace).unwrap()
}

#[track_caller]
fn wait_for(ticker: &Ticker, mode: u8) {
    let begun = Instant::now();
    while ticker.state.mode() != mode {
        assert!(begun.elapsed() < Duration::from_secs(30), "mode {} instead of {mode}", ticker.state.mode());
        thread::yield_now();
    }
}

#[test]
fn a_deadline_is_rounded_up_and_has_one_tick_more() {
    let ticker = Ticker::start(wasmtime::Engine::default(), Duration::from_millis(5)).unwrap();
    let epochs = |milliseconds| ticker.epochs(Duration::from_millis(milliseconds));
    assert_eq!([epochs(0), epochs(1), epochs(5), epochs(6)], [1, 2, 2, 3]);
    assert_eq!(ticker.epochs(Duration::MAX), u64::MAX / 5_000_000 + 2);
}

impl Watched for Mutex<()> {
    fn seems_held(&self) -> bool {
        self.try_lock().is_err()
    }

    fn is_any_held(&self) -> bool {
        self.try_lock().is_err()
    }
}

#[test]
fn a_held_lock_keeps_the_ticker_awake() {
    for (doze, rest) in [(Duration::MAX, mode::DOZING), (Duration::ZERO, mode::PARKED)] {
        for limit in [Duration::ZERO, LONG] {
            let ticker = ticker(doze);
            let lock = Arc::new(Mutex::new(()));
            let watched: Weak<Mutex<()>> = Arc::downgrade(&lock);
            ticker.watch(watched);
            for _ in 0..3 {
                wait_for(&ticker, rest);
                let held = lock.lock().unwrap();
                ticker.wake(limit);
                wait_for(&ticker, mode::TICKING);
                thread::sleep(Duration::from_millis(40));
                assert!(!ticker.state.rests() && ticker.state.mode() != mode::PARKED, "it rests while a call runs");
                drop(held);
            }
            drop(lock);
            while !ticker.state.watched().is_empty() {
                thread::yield_now();
            }
        }
    }
}

#[test]
fn code_under_no_lock_keeps_the_ticker_awake() {
    for (doze, rest) in [(Duration::MAX, mode::DOZING), (Duration::ZERO, mode::PARKED)] {
        let ticker = ticker(doze);
        for _ in 0..3 {
            wait_for(&ticker, rest);
            let running = ticker.enter();
            wait_for(&ticker, mode::TICKING);
            thread::sleep(Duration::from_millis(40));
            assert_eq!(ticker.state.mode(), mode::TICKING, "it rests while a call runs");
            drop(running);
        }
    }
}

#[test]
fn a_call_with_a_long_deadline_leaves_the_ticker_asleep_and_keeps_it_from_parking() {
    let ticker = ticker(Duration::from_millis(200));
    wait_for(&ticker, mode::DOZING);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(400) {
        assert_eq!(ticker.wake(LONG), Epoch::Behind);
        assert_eq!(ticker.state.mode(), mode::DOZING);
        thread::sleep(Duration::from_millis(5));
    }
    wait_for(&ticker, mode::PARKED);
    ticker.wake(LONG);
    assert_eq!(ticker.state.mode(), mode::TICKING, "nobody looks any more, so the alarm is set");
}

#[test]
fn ticks_of_a_doze_are_counted_for_who_comes_in_it() {
    let ticker = ticker(Duration::MAX);
    let pace = ticker.pace;
    wait_for(&ticker, mode::DOZING);
    let (mut least, mut most) = (u64::MAX, 0);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(300) {
        ticker.allow(ticker.wake(LONG), 0, |missing| (least, most) = (least.min(missing), most.max(missing)));
    }
    assert_eq!(least, 0);
    assert!(most >= 5 && Duration::from_millis(most) >= pace.look / 2, "{most} of {pace:?}");
}
