//! The configuration of a slot, which the application gives and functions read.

use std::collections::BTreeMap;
use std::sync::Arc;

use abi::host::{KEY_BYTES_MAX, VALUE_BYTES_MAX, code};
use arc_swap::ArcSwap;
use wasmtime::Caller;

use super::memory::enter;
use crate::instance::Host;

/// Most entries.
const ENTRIES_MAX: usize = 1024;

pub(super) type Entries = BTreeMap<String, String>;

/// The configuration of a slot: texts by key. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    entries: Arc<ArcSwap<Entries>>,
}

/// Why a configuration is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A key cannot be asked for.
    #[error("a key has {bytes} bytes: a key has at least 1 and at most {KEY_BYTES_MAX}")]
    Key {
        /// Its length.
        bytes: usize,
    },
    /// A value is too long.
    #[error("the value of `{key}` has {bytes} bytes, the limit is {VALUE_BYTES_MAX}")]
    Value {
        /// Its key.
        key: String,
        /// Its length.
        bytes: usize,
    },
    /// There are too many entries.
    #[error("there are {entries} entries, the limit is {ENTRIES_MAX}")]
    Entries {
        /// How many.
        entries: usize,
    },
}

impl Configuration {
    /// Takes the place of what was there. A call that runs goes on with what was there when it began.
    ///
    /// # Errors
    /// [`ConfigurationError`]: what was there stays.
    pub fn replace(&self, entries: BTreeMap<String, String>) -> Result<(), ConfigurationError> {
        if entries.len() > ENTRIES_MAX {
            return Err(ConfigurationError::Entries { entries: entries.len() });
        }
        for (key, value) in &entries {
            if key.is_empty() || key.len() > KEY_BYTES_MAX {
                return Err(ConfigurationError::Key { bytes: key.len() });
            }
            if value.len() > VALUE_BYTES_MAX {
                return Err(ConfigurationError::Value { key: key.clone(), bytes: value.len() });
            }
        }
        self.entries.store(Arc::new(entries));
        Ok(())
    }

    pub(super) fn entries(&self) -> Arc<Entries> {
        self.entries.load_full()
    }
}

pub(super) fn config_get(
    mut caller: Caller<'_, Host>,
    key: i32,
    key_len: i32,
    room: i32,
    room_len: i32,
) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let room = call.range("room given to `config_get`", room, room_len)?;
    let key = call.bytes("key given to `config_get`", key, key_len)?;
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Ok(code::BAD_KEY);
    }
    let entries = call.session.configuration();
    let value = str::from_utf8(key).ok().and_then(|key| entries.get(key));
    Ok(call.give(value.map(String::as_bytes), room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(entries: &[(String, String)], expected: Result<(), ConfigurationError>) {
        assert_eq!(Configuration::default().replace(entries.iter().cloned().collect()), expected);
    }

    #[test]
    fn a_configuration_is_bounded() {
        let entry = |key: usize, value: usize| [("k".repeat(key), "v".repeat(value))];
        check(&entry(256, 65_536), Ok(()));
        check(&entry(0, 1), Err(ConfigurationError::Key { bytes: 0 }));
        check(&entry(257, 1), Err(ConfigurationError::Key { bytes: 257 }));
        check(&entry(1, 65_537), Err(ConfigurationError::Value { key: "k".into(), bytes: 65_537 }));
        let many: Vec<_> = (0..1025).map(|number| (number.to_string(), String::new())).collect();
        check(&many[1..], Ok(()));
        check(&many, Err(ConfigurationError::Entries { entries: 1025 }));
    }
}
