//! Values that functions keep by key. The store belongs to the slot, so that they survive swaps.

mod memory_store;

use std::fmt;
use std::sync::Arc;

use abi::host::{KEY_BYTES_MAX, VALUE_BYTES_MAX, code};
use wasmtime::Caller;

use super::memory::enter;
use crate::instance::Host;

pub use memory_store::{KvLimits, MemoryStore};

/// Where the values of a slot are kept. Several calls use it at once; each operation is whole by itself.
///
/// Functions wait for it within their deadline, so it answers from memory and bounds what it holds; one that also writes
/// to a disk does that elsewhere. Keys have 1 to 256 bytes and values at most 65,536 when they come here.
pub trait KeyValue: fmt::Debug + Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Option<Arc<[u8]>>;
    /// Keeps a value in place of the one that was there.
    ///
    /// # Errors
    /// [`KvError::Full`], [`KvError::Unavailable`]: what was there stays.
    fn set(&self, key: &[u8], value: &[u8]) -> Result<(), KvError>;
    /// Removes a value; whether there was one.
    ///
    /// # Errors
    /// [`KvError::Unavailable`]: what was there stays.
    fn delete(&self, key: &[u8]) -> Result<bool, KvError>;
    /// The first key in the order of their bytes that is greater.
    fn next_key(&self, after: &[u8]) -> Option<Vec<u8>>;
    /// Another store with the same content and limits, in memory, for versions that are only tried out: what is done to
    /// it leaves no trace here.
    fn copy(&self) -> Arc<dyn KeyValue>;
}

/// Why a value is not kept or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KvError {
    /// The key is empty or too long.
    #[error("a key has at least 1 and at most {KEY_BYTES_MAX} bytes")]
    BadKey,
    /// The value is too long.
    #[error("a value has at most {VALUE_BYTES_MAX} bytes")]
    TooLarge,
    /// The store holds as many keys or bytes as it may.
    #[error("the store is full")]
    Full,
    /// Nothing can be kept now.
    #[error("nothing can be kept now")]
    Unavailable,
}

impl KvError {
    pub(super) fn code(self) -> i32 {
        match self {
            Self::BadKey => code::BAD_KEY,
            Self::TooLarge => code::TOO_LARGE,
            Self::Full => code::FULL,
            Self::Unavailable => code::UNAVAILABLE,
        }
    }
}

pub(super) fn check_key(key: &[u8]) -> Result<(), KvError> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX { Err(KvError::BadKey) } else { Ok(()) }
}

pub(super) fn check_value(value: &[u8]) -> Result<(), KvError> {
    if value.len() > VALUE_BYTES_MAX { Err(KvError::TooLarge) } else { Ok(()) }
}

pub(super) fn kv_get(
    mut caller: Caller<'_, Host>,
    key: i32,
    key_len: i32,
    room: i32,
    room_len: i32,
) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let room = call.range("room given to `kv_get`", room, room_len)?;
    let key = call.bytes("key given to `kv_get`", key, key_len)?;
    if let Err(error) = check_key(key) {
        return Ok(error.code());
    }
    let value = call.session.store().get(key);
    Ok(call.give(value.as_deref(), room))
}

pub(super) fn kv_set(
    mut caller: Caller<'_, Host>,
    key: i32,
    key_len: i32,
    value: i32,
    value_len: i32,
) -> wasmtime::Result<i32> {
    let call = enter(&mut caller)?;
    let key = call.bytes("key given to `kv_set`", key, key_len)?;
    let value = call.bytes("value given to `kv_set`", value, value_len)?;
    let set = check_key(key)
        .and_then(|()| check_value(value))
        .and_then(|()| call.session.writable())
        .and_then(|store| store.set(key, value));
    Ok(set.map_or_else(KvError::code, |()| 0))
}

pub(super) fn kv_delete(mut caller: Caller<'_, Host>, key: i32, key_len: i32) -> wasmtime::Result<i32> {
    let call = enter(&mut caller)?;
    let key = call.bytes("key given to `kv_delete`", key, key_len)?;
    let deleted = check_key(key).and_then(|()| call.session.writable()).and_then(|store| store.delete(key));
    Ok(deleted.map_or_else(KvError::code, i32::from))
}

pub(super) fn kv_next_key(
    mut caller: Caller<'_, Host>,
    key: i32,
    key_len: i32,
    room: i32,
    room_len: i32,
) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let room = call.range("room given to `kv_next_key`", room, room_len)?;
    let after = call.bytes("key given to `kv_next_key`", key, key_len)?;
    if after.len() > KEY_BYTES_MAX {
        return Ok(code::BAD_KEY);
    }
    let next = call.session.store().next_key(after);
    Ok(call.give(next.as_deref(), room))
}
