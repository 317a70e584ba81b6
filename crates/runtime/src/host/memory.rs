//! The memory of a caller, while a host function works on it.

use std::ops::Range;

use wasmtime::Caller;

use super::session::{HostFault, Session};
use crate::call_error::CallError;
use crate::instance::Host;
use crate::trap::Abort;

/// The memory and the session of the caller.
pub(super) struct Call<'a> {
    memory: &'a mut [u8],
    pub(super) session: &'a mut Session,
}

/// Begins a host function that uses no memory.
pub(super) fn session<'a>(caller: &'a mut Caller<'_, Host>) -> wasmtime::Result<&'a mut Session> {
    of(caller.data_mut())
}

/// Begins a host function.
pub(super) fn enter<'a>(caller: &'a mut Caller<'_, Host>) -> wasmtime::Result<Call<'a>> {
    let memory = caller.get_export(abi::export::MEMORY).and_then(wasmtime::Extern::into_memory);
    let memory = memory.ok_or_else(|| internal("a module without memory imports a function that needs one"))?;
    let (memory, host) = memory.data_and_store_mut(caller);
    Ok(Call { memory, session: of(host)? })
}

/// The session of an instance, within its deadline.
pub(super) fn of(host: &mut Host) -> wasmtime::Result<&mut Session> {
    let session = host.session.as_mut().ok_or_else(|| internal("an instance was started without its session"))?;
    session.check_deadline()?;
    Ok(session)
}

/// Ends the Wasm function with a message.
pub(super) fn abort(message: impl Into<String>) -> wasmtime::Error {
    wasmtime::Error::new(Abort(message.into()))
}

fn internal(reason: &str) -> wasmtime::Error {
    wasmtime::Error::new(HostFault(CallError::internal(reason)))
}

impl Call<'_> {
    /// The bytes that a pointer and a length of the caller name.
    pub(super) fn bytes(&self, what: &'static str, ptr: i32, len: i32) -> wasmtime::Result<&[u8]> {
        Ok(&self.memory[self.range(what, ptr, len)?])
    }

    /// The room that they name.
    pub(super) fn room(&mut self, what: &'static str, ptr: i32, len: i32) -> wasmtime::Result<&mut [u8]> {
        let range = self.range(what, ptr, len)?;
        Ok(&mut self.memory[range])
    }

    /// Puts a value into the room if it fits, and answers its length.
    pub(super) fn give(&mut self, value: Option<&[u8]>, room: Range<usize>) -> i32 {
        let Some(value) = value else { return abi::host::code::ABSENT };
        if let Some(room) = self.memory[room].get_mut(..value.len()) {
            room.copy_from_slice(value);
        }
        // Only the store of an application that keeps to no limit has larger ones.
        i32::try_from(value.len()).unwrap_or(abi::host::code::UNAVAILABLE)
    }

    pub(super) fn range(&self, what: &'static str, ptr: i32, len: i32) -> wasmtime::Result<Range<usize>> {
        let (ptr, len, memory) = (ptr.cast_unsigned(), len.cast_unsigned(), self.memory.len());
        let (start, bytes) = (usize::try_from(ptr)?, usize::try_from(len)?);
        match start.checked_add(bytes) {
            Some(end) if end <= memory => Ok(start..end),
            _ => Err(wasmtime::Error::new(HostFault(CallError::PointerOutOfRange { what, ptr, len, memory }))),
        }
    }
}
