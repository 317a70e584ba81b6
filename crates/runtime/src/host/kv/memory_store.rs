//! The store in memory. It is empty when the process starts.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{KeyValue, KvError};

/// What a store may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KvLimits {
    /// Most keys.
    pub keys: usize,
    /// Largest sum of the lengths of all keys and values, in bytes.
    pub bytes: usize,
}

impl Default for KvLimits {
    /// 1,024 keys, 1 MiB.
    fn default() -> Self {
        Self { keys: 1024, bytes: 1 << 20 }
    }
}

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    limits: KvLimits,
    content: Mutex<Content>,
}

#[derive(Debug, Clone, Default)]
struct Content {
    values: BTreeMap<Box<[u8]>, Arc<[u8]>>,
    bytes: usize,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(limits: KvLimits) -> Self {
        Self { limits, content: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyValue for MemoryStore {
    fn get(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        self.lock().values.get(key).cloned()
    }

    fn set(&self, key: &[u8], value: &[u8]) -> Result<(), KvError> {
        let value: Arc<[u8]> = value.into();
        let mut content = self.lock();
        let before = content.values.get(key).map(|before| before.len());
        let freed = before.map_or(0, |before| key.len() + before);
        let bytes = (content.bytes - freed).saturating_add(key.len()).saturating_add(value.len());
        if bytes > self.limits.bytes || (before.is_none() && content.values.len() >= self.limits.keys) {
            return Err(KvError::Full);
        }
        content.bytes = bytes;
        match content.values.get_mut(key) {
            Some(place) => *place = value,
            None => drop(content.values.insert(key.into(), value)),
        }
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<bool, KvError> {
        let mut content = self.lock();
        let Some(value) = content.values.remove(key) else { return Ok(false) };
        content.bytes -= key.len() + value.len();
        Ok(true)
    }

    fn next_key(&self, after: &[u8]) -> Option<Vec<u8>> {
        let content = self.lock();
        let (key, _) = content.values.range::<[u8], _>((Bound::Excluded(after), Bound::Unbounded)).next()?;
        Some(key.to_vec())
    }

    fn copy(&self) -> Arc<dyn KeyValue> {
        Arc::new(Self { limits: self.limits, content: Mutex::new(self.lock().clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: KvLimits = KvLimits { keys: 3, bytes: 20 };

    /// Sets values one after the other and compares what came of each.
    #[track_caller]
    fn check(sets: &[(&str, &str, Result<(), KvError>)]) -> MemoryStore {
        let store = MemoryStore::new(LIMITS);
        for (key, value, expected) in sets {
            assert_eq!(store.set(key.as_bytes(), value.as_bytes()), *expected, "{key}={value}");
        }
        store
    }

    #[test]
    fn keys_are_counted() {
        let store = check(&[
            ("a", "1", Ok(())),
            ("b", "2", Ok(())),
            ("c", "3", Ok(())),
            ("d", "4", Err(KvError::Full)),
            ("a", "5", Ok(())),
        ]);
        assert_eq!(store.delete(b"b"), Ok(true));
        assert_eq!(store.delete(b"b"), Ok(false));
        assert_eq!(store.set(b"d", b"4"), Ok(()));
        assert_eq!(store.get(b"a").as_deref(), Some(&b"5"[..]));
    }

    #[test]
    fn bytes_are_counted() {
        let store = check(&[
            ("a", "0123456789012345678", Ok(())),
            ("b", "", Err(KvError::Full)),
            ("a", "01234567890123456789", Err(KvError::Full)),
            ("a", "0123456789012345", Ok(())),
            ("b", "12", Ok(())),
            ("c", "", Err(KvError::Full)),
        ]);
        assert_eq!(store.delete(b"a"), Ok(true));
        assert_eq!(store.set(b"c", b"0123456789012345"), Ok(()));
        assert_eq!(store.set(b"d", b""), Err(KvError::Full));
        assert_eq!(store.lock().bytes, 20);
    }

    #[test]
    fn keys_come_in_order() {
        let store = check(&[("b", "", Ok(())), ("ab", "", Ok(())), ("a", "", Ok(()))]);
        let mut found = vec![Vec::new()];
        while let Some(next) = store.next_key(found.last().unwrap()) {
            found.push(next);
        }
        assert_eq!(found, [&b""[..], b"a", b"ab", b"b"]);
    }

    #[test]
    fn a_copy_goes_its_own_way() {
        let store = check(&[("a", "1", Ok(()))]);
        let copy = store.copy();
        assert_eq!((copy.set(b"a", b"2"), copy.set(b"b", b"3")), (Ok(()), Ok(())));
        assert_eq!((store.get(b"a").as_deref(), store.get(b"b")), (Some(&b"1"[..]), None));
        assert_eq!(copy.set(b"c", b"0123456789012345"), Err(KvError::Full));
    }
}
