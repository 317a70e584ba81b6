//! Random bytes of the system.

use abi::host::{RANDOM_BYTES_MAX, code};
use wasmtime::Caller;

use super::memory::enter;
use crate::instance::Host;

pub(super) fn random_fill(mut caller: Caller<'_, Host>, room: i32, len: i32) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let room = call.room("room given to `random_fill`", room, len)?;
    Ok(fill(room))
}

/// Random bytes for the runtime itself.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills the room; 0, or one of the codes.
pub(super) fn fill(room: &mut [u8]) -> i32 {
    if room.len() > RANDOM_BYTES_MAX {
        return code::TOO_LARGE;
    }
    getrandom::fill(room).map_or(code::UNAVAILABLE, |()| 0)
}
