//! What a function may ask of its host, where its slot allows it (`allow` of the slot, `--allow` of `wasmtube call`).
//!
//! A file asks for what its code uses, and is refused where the slot does not allow that. Code that uses none of these
//! modules asks for nothing.
//!
//! On any target but Wasm the modules work on a host in memory, one for each thread, so that functions that use them
//! have ordinary tests: [`kv`] begins empty, the configuration is what `config::set_for_tests` says, and
//! `log::take_for_tests` answers what was logged.

pub mod clock;
pub mod config;
pub mod kv;
pub mod log;
pub mod random;

#[cfg_attr(target_arch = "wasm32", path = "host/imports.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "host/in_memory.rs")]
#[cfg_attr(target_arch = "wasm32", allow(unsafe_code, reason = "imports are called with raw addresses"))]
mod calls;

use std::fmt;

use abi::host::code;

/// Why the host does not do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// A key is empty or longer than 256 bytes.
    BadKey,
    /// A value, or the number of random bytes, is above 65,536 bytes.
    TooLarge,
    /// The store holds as many keys or bytes as it may.
    Full,
    /// The host cannot do it now: nothing is kept while an instance starts, or the system failed.
    Unavailable,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadKey => "a key has at least 1 and at most 256 bytes",
            Self::TooLarge => "the host takes at most 65536 bytes at once",
            Self::Full => "the store of the slot is full",
            Self::Unavailable => "the host cannot do it now",
        })
    }
}

impl std::error::Error for HostError {}

/// What an answer of the host means: a number from 0 on, nothing where there is no such key, or an error.
fn answered(answer: i32) -> Result<Option<usize>, HostError> {
    match answer {
        code::ABSENT => Ok(None),
        code::BAD_KEY => Err(HostError::BadKey),
        code::TOO_LARGE => Err(HostError::TooLarge),
        code::FULL => Err(HostError::Full),
        number => usize::try_from(number).map(Some).map_err(|_| HostError::Unavailable),
    }
}

/// Asks for something of unknown length, whose room is made larger until it fits.
fn ask(mut get: impl FnMut(&mut [u8]) -> i32) -> Result<Option<Vec<u8>>, HostError> {
    let mut room = vec![0; 256];
    loop {
        let Some(len) = answered(get(&mut room))? else { return Ok(None) };
        let fits = len <= room.len();
        room.resize(len, 0);
        if fits {
            return Ok(Some(room));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_below_zero_are_errors() {
        for (answer, expected) in [
            (0, Ok(Some(0))),
            (i32::MAX, Ok(Some(2_147_483_647))),
            (-1, Ok(None)),
            (-2, Err(HostError::BadKey)),
            (-3, Err(HostError::TooLarge)),
            (-4, Err(HostError::Full)),
            (-5, Err(HostError::Unavailable)),
            (i32::MIN, Err(HostError::Unavailable)),
        ] {
            assert_eq!(answered(answer), expected, "{answer}");
        }
    }

    #[test]
    fn room_grows_until_a_value_fits() {
        for len in [0, 1, 256, 257, 65_536] {
            let value = vec![7; len];
            let mut calls = 0;
            let found = ask(|room| {
                calls += 1;
                if let Some(room) = room.get_mut(..len) {
                    room.copy_from_slice(&value);
                }
                i32::try_from(len).expect("it is small")
            });
            assert_eq!(found, Ok(Some(value)));
            assert_eq!(calls, if len > 256 { 2 } else { 1 });
        }
    }
}
