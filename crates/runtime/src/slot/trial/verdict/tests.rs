use super::*;

/// 100,000 calls, half of them within 1 ms, in which nothing failed.
fn old() -> Observed {
    Observed { calls: 100_000, timed: 1800, median: Some(Duration::from_millis(1)), ..Observed::default() }
}

/// The same kind of calls, all of them timed.
fn new(calls: u64) -> Observed {
    Observed { calls, timed: calls, ..old() }
}

fn traps(traps: u64) -> Failures {
    Failures { traps, ..Failures::default() }
}

fn timeouts(timeouts: u64) -> Failures {
    Failures { timeouts, ..Failures::default() }
}

fn error_objects(error_objects: u64) -> Failures {
    Failures { error_objects, ..Failures::default() }
}

/// A trial of so many seconds, by the default terms: 2,000 calls and 10 s, or an hour.
#[track_caller]
fn check(seconds: u64, compared: Compared, expected: &str) {
    let verdict = Terms::default().judge(&Compared { running: Duration::from_secs(seconds), ..compared });
    let shown = match verdict {
        Verdict::KeepOn => "keep on".into(),
        Verdict::Good => "good".into(),
        Verdict::GoBack(fault) => fault.to_string(),
    };
    assert_eq!(shown, expected);
}

/// Calls that could be repeated on the old version, which then answered.
#[track_caller]
fn check_outdone(calls: u64, outdone: Failures, expected: &str) {
    check(1, Compared { old: old(), new: new(calls), outdone, ..Compared::default() }, expected);
}

/// Calls that could not be repeated, after this many failures of the old version.
#[track_caller]
fn check_alone(before: Failures, calls: u64, failures: Failures, expected: &str) {
    let (old, new) = (Observed { failures: before, ..old() }, Observed { failures, ..new(calls) });
    check(1, Compared { old, new, ..Compared::default() }, expected);
}

/// Half of the calls within so many microseconds, of the old version and the new one, of which so many were timed.
#[track_caller]
fn check_times(before: (u64, u64), after: (u64, u64), expected: &str) {
    let timed = |observed: Observed, (timed, micros): (u64, u64)| {
        let median = (timed > 0).then_some(Duration::from_micros(micros));
        Observed { timed, median, ..observed }
    };
    let (old, new) = (timed(old(), before), timed(new(500), after));
    check(1, Compared { old, new, ..Compared::default() }, expected);
}

#[test]
fn a_version_is_good_after_enough_calls_and_time() {
    let after = |calls| Compared { old: old(), new: new(calls), ..Compared::default() };
    check(0, after(0), "keep on");
    check(9, after(5000), "keep on");
    check(10, after(1999), "keep on");
    check(10, after(2000), "good");
    check(3599, after(1999), "keep on");
    check(3600, after(1999), "good");
    check(3600, after(0), "good");
    check(10, Compared { new: new(2000), ..Compared::default() }, "good");
}

#[test]
fn one_trap_that_the_old_version_does_not_have_is_enough() {
    check_outdone(0, traps(1), "1 of 0 calls trapped or broke a limit");
    check_outdone(1000, traps(1), "1 of 1000 calls trapped or broke a limit");
    check_outdone(1000, timeouts(2), "2 of 1000 calls did not end in time");
    let both = Failures { traps: 1, timeouts: 1, error_objects: 99 };
    check_outdone(1000, both, "1 of 1000 calls trapped or broke a limit");
}

#[test]
fn failures_that_both_versions_have_are_not_the_new_ones() {
    check_outdone(1000, Failures::default(), "keep on");
}

#[test]
fn calls_that_cannot_be_repeated_are_compared_by_rate() {
    check_alone(traps(0), 1, traps(1), "1 of 1 calls trapped or broke a limit");
    check_alone(traps(0), 1000, traps(1), "1 of 1000 calls trapped or broke a limit");
    check_alone(traps(1), 1000, traps(1), "keep on");
    check_alone(traps(1), 1000, traps(2), "2 of 1000 calls trapped or broke a limit");
    check_alone(traps(100), 1000, traps(2), "keep on");
    check_alone(traps(100), 1000, traps(3), "3 of 1000 calls trapped or broke a limit");
    check_alone(traps(100_000), 1000, traps(1000), "keep on");
    check_alone(timeouts(100), 1000, timeouts(2), "keep on");
    check_alone(timeouts(100), 1000, timeouts(3), "3 of 1000 calls did not end in time");
    check_alone(timeouts(100), 1000, traps(1), "1 of 1000 calls trapped or broke a limit");
    check_alone(traps(u64::MAX), u64::MAX, traps(u64::MAX), "keep on");
}

#[test]
fn callers_cause_some_error_objects() {
    check_outdone(1000, error_objects(18), "keep on");
    check_outdone(1000, error_objects(19), "19 of 1000 calls were answered with an error");
    check_alone(error_objects(0), 1000, error_objects(18), "keep on");
    check_alone(error_objects(0), 1000, error_objects(19), "19 of 1000 calls were answered with an error");
    check_alone(error_objects(10_000), 1000, error_objects(218), "keep on");
    check_alone(error_objects(10_000), 1000, error_objects(219), "219 of 1000 calls were answered with an error");
    check_alone(error_objects(0), 9, error_objects(9), "keep on");
    check_alone(error_objects(0), 10, error_objects(10), "10 of 10 calls were answered with an error");
}

#[test]
fn at_the_end_error_objects_are_not_spared() {
    let of = |calls, alone, outdone| {
        let new = Observed { failures: error_objects(alone), ..new(calls) };
        Compared { old: old(), new, outdone: error_objects(outdone), ..Compared::default() }
    };
    check(9, of(2000, 21, 0), "keep on");
    check(10, of(2000, 21, 0), "21 of 2000 calls were answered with an error");
    check(10, of(2000, 20, 20), "good");
    check(10, of(2000, 0, 21), "21 of 2000 calls were answered with an error");
    check(3600, of(3, 1, 0), "good");
    check(3600, of(3, 3, 0), "3 of 3 calls were answered with an error");
}

#[test]
fn a_slow_version_is_known_by_its_median() {
    check_times((1800, 1000), (500, 4000), "keep on");
    check_times((1800, 1000), (500, 4010), "keep on");
    check_times(
        (1800, 1000),
        (500, 4011),
        "half of the calls take 4.011ms or more, with the version before it was 1ms",
    );
    check_times((32, 1000), (32, 10_000), "half of the calls take 10ms or more, with the version before it was 1ms");
    check_times((31, 1000), (500, 10_000), "keep on");
    check_times((1800, 1000), (31, 10_000), "keep on");
    check_times((0, 0), (500, 10_000), "keep on");
    check_times((1800, 10_000), (500, 1000), "keep on");
}

#[test]
fn what_a_cold_cache_takes_is_not_slow() {
    check_times((1800, 1), (500, 14), "keep on");
    check_times((1800, 1), (500, 15), "half of the calls take 15µs or more, with the version before it was 1µs");
}

#[test]
fn terms_with_few_calls_judge_by_as_few() {
    let slow = |timed| Observed { timed, median: Some(Duration::from_secs(1)), ..new(timed) };
    let terms = Terms { calls_min: 5, ..Terms::default() };
    let judge = |timed| terms.judge(&Compared { old: old(), new: slow(timed), ..Compared::default() });
    assert_eq!(judge(4), Verdict::KeepOn);
    assert_eq!(judge(5), Verdict::GoBack(Fault::Slow { new: Duration::from_secs(1), old: Duration::from_millis(1) }));
    let none = Terms { calls_min: 0, time_min: Duration::ZERO, ..Terms::default() };
    assert_eq!(none.judge(&Compared::default()), Verdict::Good);
}
