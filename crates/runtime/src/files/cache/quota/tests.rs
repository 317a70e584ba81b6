use proptest::prelude::*;

use super::*;

const LIMIT: u64 = 100;

fn digest(number: u8) -> Digest {
    Digest::of(&[number])
}

/// Of file `number`, compiled for one of two environments.
fn key(number: u8, environment: u8) -> EntryKey {
    EntryKey::parse(&format!("{}-{}", digest(number), format!("{environment:02x}").repeat(16))).unwrap()
}

/// What goes for an entry of so many bytes.
#[track_caller]
fn check_admit(quota: &mut Quota, number: u8, bytes: u64, gone: &[u8]) {
    let admitted = quota.admit(key(number, 0), bytes).unwrap();
    assert_eq!(admitted.removed, gone.iter().map(|number| key(*number, 0)).collect::<Vec<_>>());
}

#[test]
fn the_least_used_goes_first() {
    let mut quota = Quota::new(LIMIT);
    for number in 0..4 {
        check_admit(&mut quota, number, 25, &[]);
    }
    quota.used(&key(0, 0));
    check_admit(&mut quota, 4, 1, &[1]);
    check_admit(&mut quota, 5, 50, &[2, 3]);
    assert_eq!((quota.bytes(), quota.len()), (76, 3));
    check_admit(&mut quota, 5, 75, &[0]);
    assert_eq!((quota.bytes(), quota.len()), (76, 2), "an entry takes the place of the one before of its name");
}

#[test]
fn what_is_pinned_stays_and_what_does_not_fit_changes_nothing() {
    let mut quota = Quota::new(LIMIT);
    check_admit(&mut quota, 0, 60, &[]);
    check_admit(&mut quota, 1, 30, &[]);
    quota.pin(digest(0));
    quota.pin(digest(0));
    quota.unpin(digest(0));
    assert_eq!(quota.admit(key(2, 0), 41), Err(Full { bytes: 41, pinned: 60, limit: LIMIT }));
    assert_eq!(quota.admit(key(2, 0), u64::MAX), Err(Full { bytes: u64::MAX, pinned: 60, limit: LIMIT }));
    assert_eq!((quota.bytes(), quota.len()), (90, 2));
    check_admit(&mut quota, 2, 40, &[1]);
    quota.unpin(digest(0));
    check_admit(&mut quota, 3, 60, &[0]);
}

#[test]
fn the_order_outlives_the_process() {
    let mut quota = Quota::new(LIMIT);
    for (number, serial) in [(0, 7), (1, 3), (2, 5)] {
        quota.found(key(number, 0), 30, serial, true);
    }
    let admitted = quota.admit(key(3, 0), 30).unwrap();
    assert_eq!(admitted, Admitted { serial: 8, removed: vec![key(1, 0)] });
    quota.found(key(4, 0), 0, u64::MAX, true);
    assert_eq!(quota.admit(key(4, 0), 0).unwrap().serial, u64::MAX, "a number that is damaged breaks nothing");
}

#[test]
fn what_this_process_cannot_load_goes_first_even_if_it_is_of_a_pinned_file() {
    let mut quota = Quota::new(LIMIT);
    quota.found(key(0, 1), 50, 9, false);
    quota.found(key(1, 0), 50, 1, true);
    quota.pin(digest(0));
    let admitted = quota.admit(key(0, 0), 50).unwrap();
    assert_eq!(admitted.removed, [key(0, 1)]);
}

#[test]
fn where_more_was_allowed_before_only_what_is_pinned_stays() {
    let mut quota = Quota::new(LIMIT);
    for (number, serial) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        quota.found(key(number, 0), 60, serial, true);
    }
    quota.pin(digest(0));
    quota.pin(digest(2));
    assert_eq!(quota.trim(), [key(1, 0), key(3, 0)]);
    assert_eq!((quota.bytes(), quota.trim()), (120, vec![]));
    quota.unpin(digest(0));
    assert_eq!((quota.trim(), quota.bytes()), (vec![key(0, 0)], 60));
}

#[derive(Debug, Clone)]
enum Step {
    Found(u8, u64, u64, bool),
    Admit(u8, u64),
    Used(u8),
    Remove(u8),
    Pin(u8),
    Unpin(u8),
    Trim,
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..8u8;
    prop_oneof![
        1 => (number.clone(), 0..60u64, any::<u64>(), any::<bool>()).prop_map(|(n, b, s, o)| Step::Found(n, b, s, o)),
        8 => (number.clone(), 0..120u64).prop_map(|(number, bytes)| Step::Admit(number, bytes)),
        2 => number.clone().prop_map(Step::Used),
        1 => number.clone().prop_map(Step::Remove),
        4 => number.clone().prop_map(Step::Pin),
        2 => number.prop_map(Step::Unpin),
        1 => Just(Step::Trim),
    ]
}

proptest! {
    #[test]
    fn a_pinned_entry_is_never_evicted(steps in prop::collection::vec(step(), 1..80)) {
        let mut quota = Quota::new(LIMIT);
        // By file: its bytes, if it has an entry, and how often it is pinned.
        let mut entries = BTreeMap::<u8, (u64, bool)>::new();
        let mut pins = BTreeMap::<u8, usize>::new();
        for step in steps {
            let is_pinned = |number: &u8| entries.get(number).is_some_and(|(_, is_ours)| *is_ours)
                && pins.get(number).is_some_and(|count| *count > 0);
            match step {
                Step::Found(number, bytes, serial, is_ours) => {
                    quota.found(key(number, 0), bytes, serial, is_ours);
                    entries.insert(number, (bytes, is_ours));
                }
                Step::Admit(number, bytes) => {
                    let others = entries.iter().filter(|(other, _)| **other != number);
                    let pinned: u64 = others.filter(|(other, _)| is_pinned(other)).map(|(_, (bytes, _))| bytes).sum();
                    match quota.admit(key(number, 0), bytes) {
                        Ok(Admitted { removed, .. }) => {
                            for gone in &removed {
                                let gone = (0..8).find(|number| key(*number, 0) == *gone).unwrap();
                                prop_assert!(!is_pinned(&gone) && gone != number);
                            }
                            entries.retain(|number, _| !removed.contains(&key(*number, 0)));
                            entries.insert(number, (bytes, true));
                            prop_assert!(quota.bytes() <= LIMIT);
                        }
                        Err(_) => prop_assert!(pinned + bytes > LIMIT, "there was room"),
                    }
                }
                Step::Trim => {
                    let gone: Vec<u8> = entries.keys().copied().filter(|number| !is_pinned(number)).collect();
                    let removed = quota.trim();
                    prop_assert!(removed.iter().all(|key_of| gone.iter().any(|number| key(*number, 0) == *key_of)));
                    prop_assert!(quota.bytes() <= LIMIT || removed.len() == gone.len());
                    entries.retain(|number, _| !removed.contains(&key(*number, 0)));
                }
                Step::Used(number) => quota.used(&key(number, 0)),
                Step::Remove(number) => {
                    quota.remove(&key(number, 0));
                    entries.remove(&number);
                }
                Step::Pin(number) => {
                    quota.pin(digest(number));
                    *pins.entry(number).or_default() += 1;
                }
                Step::Unpin(number) => {
                    let count = pins.entry(number).or_default();
                    *count = count.saturating_sub(1);
                    quota.unpin(digest(number));
                }
            }
            prop_assert_eq!(quota.bytes(), entries.values().map(|(bytes, _)| bytes).sum::<u64>());
            prop_assert_eq!(quota.len(), entries.len());
        }
    }
}
