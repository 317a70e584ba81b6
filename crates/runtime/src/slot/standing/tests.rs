use proptest::prelude::*;

use super::*;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// One transition, written as `begin a`, with the running time in minutes where it matters: `roll back a 5`.
fn next(standing: Standing, transition: &str) -> Standing {
    let words: Vec<&str> = transition.split(' ').collect();
    let minutes = |text: &str| Duration::from_secs(60 * text.parse::<u64>().unwrap());
    match words[..] {
        ["begin", name, ref rest @ ..] => {
            let running = rest.first().map_or(Duration::ZERO, |text| minutes(text));
            match standing.begin(digest(name), running) {
                Ok(Begun::Mark(next)) => next,
                Ok(Begun::Known) => standing,
                Err(held) => panic!("{held}"),
            }
        }
        ["refuse", name] => standing.refused(digest(name)),
        ["pass", name] => standing.passed(digest(name)),
        ["roll", "back", name, ref rest @ ..] => {
            let running = rest.first().map_or(Duration::ZERO, |text| minutes(text));
            standing.rolled_back(digest(name), "trapped", running)
        }
        ["seal"] => standing.ran_sealed(),
        ["close"] => standing.closed(),
        // A process reads what the one before wrote.
        ["start"] => read(&standing).found_at_start(),
        _ => panic!("no transition: {transition}"),
    }
}

fn read(standing: &Standing) -> Standing {
    serde_json::from_slice(&serde_json::to_vec(standing).unwrap()).unwrap()
}

fn after(transitions: &str) -> Standing {
    transitions.split(", ").filter(|transition| !transition.is_empty()).fold(Standing::default(), next)
}

fn name(wanted: Digest) -> &'static str {
    ["a", "b", "c"].into_iter().find(|name| digest(name) == wanted).unwrap()
}

fn shown(standing: &Standing) -> String {
    let names = |digests: &[Digest]| digests.iter().map(|digest| name(*digest)).collect::<String>();
    let held = |held: &Quarantined| {
        let how = if held.crashed { "crashed" } else { "failed" };
        let (times, left) = (held.times, held.left(Duration::ZERO).as_secs());
        format!(" {} {how} {times} {left}", name(held.digest))
    };
    let mut text = format!("good {} trial {}", names(&standing.permanent), names(&standing.on_trial));
    if !standing.quarantined.is_empty() {
        text += " held";
        text.extend(standing.quarantined.iter().map(held));
    }
    if standing.has_run_sealed {
        text += " sealed";
    }
    text
}

#[track_caller]
fn check(transitions: &str, expected: &str) {
    assert_eq!(shown(&after(transitions)), expected);
}

#[track_caller]
fn check_held(transitions: &str, name: &str, running: Duration, expected: Option<u64>) {
    let left = after(transitions).held(digest(name), running).map(|held| held.left.as_secs());
    assert_eq!(left, expected);
}

#[test]
fn a_trial_ends_in_one_of_three_ways() {
    check("", "good  trial ");
    check("begin a", "good  trial a");
    check("begin a, begin a", "good  trial a");
    check("begin a, pass a", "good a trial ");
    check("begin a, refuse a", "good  trial ");
    check("begin a, roll back a", "good  trial  held a failed 1 30");
}

#[test]
fn what_was_good_is_not_marked_again() {
    check("begin a, pass a, begin a", "good a trial ");
    check("begin a, pass a, begin b, pass b, begin a", "good ab trial ");
    check("begin a, pass a, begin b, pass b, begin a, pass a", "good ba trial ");
}

#[test]
fn the_last_good_one_stays_until_another_one_is() {
    check("pass a, begin b", "good a trial b");
    check("pass a, begin b, roll back b", "good a trial  held b failed 1 30");
    check("pass a, begin b, pass b, begin a, roll back a", "good b trial  held a failed 1 30");
    check("pass a, pass b, roll back b", "good a trial  held b failed 1 30");
    check("pass a, roll back a", "good  trial  held a failed 1 30");
}

#[test]
fn a_mark_found_at_start_is_a_quarantine() {
    check("pass a, begin b, start", "good a trial  held b crashed 1 600");
    check("pass a, begin b, close, start", "good a trial ");
    check("pass a, begin b, refuse b, start", "good a trial ");
    check("pass a, begin b, pass b, start", "good ab trial ");
    check("pass a, begin a, start", "good a trial ");
    check("begin a, start, start", "good  trial  held a crashed 1 600");
    check("begin a, start, begin a 10, start", "good  trial  held a crashed 2 2400");
}

#[test]
fn of_two_trials_each_has_its_mark() {
    check("begin a, begin b", "good  trial ab");
    check("begin a, begin b, refuse b", "good  trial a");
    check("begin a, begin b, refuse a, pass b", "good b trial ");
    check("begin a, begin b, start", "good  trial  held a crashed 1 600 b crashed 1 600");
}

#[test]
fn who_has_run_a_sealed_version_knows_it_for_ever() {
    check("begin a, seal, roll back a, start", "good  trial  held a failed 1 30 sealed");
}

#[test]
fn back_off_grows_and_is_bounded() {
    check("roll back a, roll back a", "good  trial  held a failed 2 120");
    check("roll back a, roll back a, roll back a, roll back a", "good  trial  held a failed 4 1920");
    check(&["roll back a"; 5].join(", "), "good  trial  held a failed 5 3600");
    check(&["roll back a"; 99].join(", "), "good  trial  held a failed 99 3600");
    let crashes = |times: usize| ["begin a 1440, start"].repeat(times).join(", ");
    check(&crashes(4), "good  trial  held a crashed 4 38400");
    check(&crashes(5), "good  trial  held a crashed 5 86400");
    check(&crashes(40), "good  trial  held a crashed 40 86400");
    check("roll back a, begin a 1, start", "good  trial  held a crashed 2 2400");
    let often = Quarantined { times: u32::MAX, ..after("roll back a").quarantined[0].clone() };
    assert_eq!(often.left(Duration::ZERO), Duration::from_secs(3600));
}

#[test]
fn what_was_good_meanwhile_begins_with_the_first_back_off() {
    check("roll back a, roll back a, begin a 2, pass a", "good a trial ");
    check("roll back a, roll back a, begin a 2, pass a, roll back a", "good  trial  held a failed 1 30");
    check("roll back a, begin a 1, refuse a", "good  trial  held a failed 1 30");
}

#[test]
fn a_quarantine_ends_after_its_back_off() {
    let seconds = Duration::from_secs;
    check_held("roll back a", "a", seconds(0), Some(30));
    check_held("roll back a", "a", seconds(29), Some(1));
    check_held("roll back a", "a", seconds(30), None);
    check_held("roll back a", "b", seconds(0), None);
    check_held("roll back a 5", "a", seconds(310), Some(20));
    check_held("roll back a 5", "a", seconds(330), None);
}

/// Nothing but running time goes in, and what one process counted does not reach the next one.
#[test]
fn a_clock_in_1970_changes_nothing() {
    check_held("roll back a 5", "a", Duration::ZERO, Some(330));
    check_held("roll back a 5, start", "a", Duration::ZERO, Some(30));
    check_held("roll back a 5, start, start", "a", Duration::from_secs(29), Some(1));
    check_held("begin a 5, start", "a", Duration::from_secs(599), Some(1));
}

#[test]
fn who_is_held_back_is_told_why_and_how_long() {
    let standing = after("roll back a, roll back a");
    let held = standing.begin(digest("a"), Duration::from_millis(500)).unwrap_err();
    let expected = "ca978112ca1b is held back for 120 s more, because it failed here 2 times: trapped; wait, or deploy a file that was mended";
    assert_eq!(held.to_string(), expected);
    let long = Standing::default().rolled_back(digest("a"), &"x".repeat(9999), Duration::ZERO);
    assert_eq!(long.quarantined[0].reason.chars().count(), 513);
}

#[test]
fn what_is_remembered_is_bounded() {
    let number = |number: u32| Digest::of(&number.to_le_bytes());
    let standing = (0..1000).fold(Standing::default(), |standing, at| {
        standing.passed(number(at)).rolled_back(number(1000 + at), "trapped", Duration::ZERO)
    });
    assert_eq!((standing.permanent.len(), standing.last_good()), (PERMANENT_MAX, Some(number(999))));
    assert_eq!(standing.quarantined.len(), QUARANTINED_MAX);
    assert!(standing.held(number(1999), Duration::ZERO).is_some());
}

fn transitions() -> impl Strategy<Value = Vec<String>> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let of_name = prop::sample::select(vec!["begin", "refuse", "pass", "roll back"]);
    let of_all = prop::sample::select(vec!["seal", "close", "start"]);
    let one = prop_oneof![
        4 => (of_name, name).prop_map(|(verb, name)| {
            // Late enough for every back-off.
            format!("{verb} {name}{}", if verb == "begin" { " 9999" } else { "" })
        }),
        1 => of_all.prop_map(ToOwned::to_owned),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn no_version_is_two_things_at_once(transitions in transitions()) {
        let mut standing = Standing::default();
        for transition in transitions {
            standing = next(standing, &transition);
            for name in ["a", "b", "c"] {
                let digest = digest(name);
                let is_held = standing.held(digest, Duration::ZERO).is_some();
                let count = |digests: &[Digest]| digests.iter().filter(|other| **other == digest).count();
                let (permanent, on_trial) = (count(&standing.permanent), count(&standing.on_trial));
                prop_assert!(permanent + on_trial <= 1, "{transition}: {standing:?}");
                prop_assert!(permanent + usize::from(is_held) <= 1, "{transition}: {standing:?}");
            }
            if transition == "start" || transition == "close" {
                prop_assert!(standing.on_trial.is_empty());
            }
            // Running time since a quarantine is all that a process keeps to itself.
            prop_assert_eq!(&read(&standing).permanent, &standing.permanent);
            prop_assert_eq!(&read(&standing).on_trial, &standing.on_trial);
        }
    }
}
