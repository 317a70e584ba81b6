//! Core ABI v1: the function gives memory for its argument and says where its result lies.
//!
//! Ownership: the host reads the result, frees it, then frees the argument. A result inside the argument is not freed by
//! itself, one that overlaps it partly is an error. Empty is `(0, 0)` and never freed. After a trap nothing is freed.

use abi::value::{ALIGN, ErrorObject, Packed};

use super::Argument;
use crate::call_error::CallError;
use crate::instance::{Instance, Raw};
use crate::shown;

impl Instance {
    /// Calls the function at `position` and answers the bytes of its result.
    pub(crate) fn call_core(&mut self, position: usize, argument: Argument<'_>) -> Result<Vec<u8>, CallError> {
        let len = self.argument_len(argument)?;
        let ptr = if len == 0 { 0 } else { self.put(argument.bytes, len)? };
        let word = match (&self.entries[position].raw, argument.size) {
            (Raw::Data(call), None) => call.call(&mut self.store, (ptr, len)),
            (Raw::Picture(call), Some((width, height))) => {
                call.call(&mut self.store, (ptr, len, width.cast_signed(), height.cast_signed()))
            }
            _ => return Err(CallError::internal("a function was called in another form than its own")),
        };
        let packed = Packed::decode(word.map_err(|error| self.fault(&error))?);
        let given = Place { ptr: ptr.cast_unsigned(), len: len.cast_unsigned() };
        self.take(given, packed)
    }

    fn put(&mut self, bytes: &[u8], len: i32) -> Result<i32, CallError> {
        let core = self.core.as_ref().ok_or_else(no_core)?;
        let ptr = core.alloc.call(&mut self.store, (len, ALIGN.cast_signed())).map_err(|error| self.fault(&error))?;
        if ptr == 0 {
            return Err(self.no_room(bytes.len()));
        }
        if !ptr.cast_unsigned().is_multiple_of(ALIGN) {
            self.spoiled = true;
            return Err(CallError::Misaligned { ptr: ptr.cast_unsigned(), align: ALIGN });
        }
        self.write("memory for the argument", ptr.cast_unsigned(), bytes)?;
        Ok(ptr)
    }

    fn take(&mut self, argument: Place, result: Packed) -> Result<Vec<u8>, CallError> {
        let place = Place { ptr: result.ptr, len: result.len };
        let inside = place.len > 0 && place.lies_in(argument);
        if place.overlaps(argument) && !inside {
            self.spoiled = true;
            return Err(CallError::PartialOverlap { ptr: place.ptr, len: place.len });
        }
        let fits = self.check_result_len(place.len);
        let bytes = match place.len {
            0 => Vec::new(),
            len => {
                let found = self.read("result", place.ptr, len)?;
                if fits.is_ok() { found.to_vec() } else { Vec::new() }
            }
        };
        if !inside {
            self.free(place)?;
        }
        self.free(argument)?;
        fits?;
        if result.is_error { Err(guest_error(&bytes)) } else { Ok(bytes) }
    }

    fn free(&mut self, place: Place) -> Result<(), CallError> {
        if place.len == 0 {
            return Ok(());
        }
        let core = self.core.as_ref().ok_or_else(no_core)?;
        let words = (place.ptr.cast_signed(), place.len.cast_signed());
        core.free.call(&mut self.store, words).map_err(|error| self.fault(&error))
    }
}

fn no_core() -> CallError {
    CallError::internal("a core function was loaded without allocator")
}

fn guest_error(bytes: &[u8]) -> CallError {
    match serde_json::from_slice::<ErrorObject>(bytes) {
        Ok(error) => CallError::GuestError(error),
        Err(error) => CallError::BadAnswer { wanted: "an error object", reason: shown::written(&error) },
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    ptr: u32,
    len: u32,
}

impl Place {
    fn end(self) -> u64 {
        u64::from(self.ptr) + u64::from(self.len)
    }

    fn lies_in(self, other: Self) -> bool {
        self.ptr >= other.ptr && self.end() <= other.end()
    }

    fn overlaps(self, other: Self) -> bool {
        self.len > 0 && other.len > 0 && u64::from(self.ptr) < other.end() && u64::from(other.ptr) < self.end()
    }
}
