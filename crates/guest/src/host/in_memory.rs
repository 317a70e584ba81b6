//! A host in memory, for tests of functions on other targets. It answers what the real one does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use abi::host::{KEY_BYTES_MAX, RANDOM_BYTES_MAX, VALUE_BYTES_MAX, code};

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

thread_local! {
    static KEPT: RefCell<Entries> = const { RefCell::new(BTreeMap::new()) };
    static CONFIGURED: RefCell<Entries> = const { RefCell::new(BTreeMap::new()) };
    static LOGGED: RefCell<Vec<(i32, String)>> = const { RefCell::new(Vec::new()) };
    static RANDOM: RefCell<u64> = const { RefCell::new(0) };
}

pub(super) fn configure(entries: Entries) {
    CONFIGURED.set(entries);
}

pub(super) fn take_logged() -> Vec<(i32, String)> {
    LOGGED.take()
}

pub(super) fn log(level: i32, text: &str) {
    LOGGED.with_borrow_mut(|lines| lines.push((level, text.into())));
}

pub(super) fn clock_wall() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn clock_monotonic() -> i64 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    i64::try_from(BEGIN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn kv_get(key: &[u8], room: &mut [u8]) -> i32 {
    KEPT.with_borrow(|kept| if is_key(key) { give(kept.get(key), room) } else { code::BAD_KEY })
}

pub(super) fn kv_set(key: &[u8], value: &[u8]) -> i32 {
    if !is_key(key) {
        return code::BAD_KEY;
    }
    if value.len() > VALUE_BYTES_MAX {
        return code::TOO_LARGE;
    }
    KEPT.with_borrow_mut(|kept| kept.insert(key.into(), value.into()));
    0
}

pub(super) fn kv_delete(key: &[u8]) -> i32 {
    if !is_key(key) {
        return code::BAD_KEY;
    }
    KEPT.with_borrow_mut(|kept| kept.remove(key)).map_or(0, |_| 1)
}

pub(super) fn kv_next_key(key: &[u8], room: &mut [u8]) -> i32 {
    if key.len() > KEY_BYTES_MAX {
        return code::BAD_KEY;
    }
    KEPT.with_borrow(|kept| {
        let next = kept.range::<[u8], _>((Bound::Excluded(key), Bound::Unbounded)).next();
        give(next.map(|(key, _)| key), room)
    })
}

pub(super) fn config_get(key: &[u8], room: &mut [u8]) -> i32 {
    CONFIGURED.with_borrow(|configured| if is_key(key) { give(configured.get(key), room) } else { code::BAD_KEY })
}

/// The same bytes in each run of a test: those of SplitMix64.
pub(super) fn random_fill(room: &mut [u8]) -> i32 {
    if room.len() > RANDOM_BYTES_MAX {
        return code::TOO_LARGE;
    }
    RANDOM.with_borrow_mut(|state| {
        for piece in room.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            piece.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..piece.len()]);
        }
    });
    0
}

fn is_key(key: &[u8]) -> bool {
    (1..=KEY_BYTES_MAX).contains(&key.len())
}

fn give(value: Option<&Vec<u8>>, room: &mut [u8]) -> i32 {
    let Some(value) = value else { return code::ABSENT };
    if let Some(room) = room.get_mut(..value.len()) {
        room.copy_from_slice(value);
    }
    i32::try_from(value.len()).unwrap_or(code::UNAVAILABLE)
}
