//! The paper's convention: the argument lies at an index, the result replaces it there, its length is answered.

use super::Argument;
use crate::call_error::CallError;
use crate::instance::{Instance, Raw};

/// A function that is called in this convention.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Classic<'a> {
    /// By its position.
    Entry(usize),
    /// An export that the file's own convention does not know.
    Export(&'a str),
}

/// Bytes of the window that the argument and the result need, and would have where there is room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) need: usize,
    pub(crate) wish: usize,
}

impl Instance {
    /// Calls the function and answers the bytes of its result.
    pub(crate) fn call_classic(
        &mut self,
        function: Classic<'_>,
        argument: Argument<'_>,
        room: Room,
    ) -> Result<Vec<u8>, CallError> {
        let len = self.argument_len(argument)?;
        let (position, export) = match function {
            Classic::Entry(position) => (position, None),
            Classic::Export(name) => (0, Some(self.classic_export(name, argument)?)),
        };
        let window = self.window(room.need, room.wish)?;
        self.write("window for the argument", window.base, argument.bytes)?;
        let index = window.base.cast_signed();
        let raw = export.as_ref().unwrap_or(&self.entries[position].raw);
        let answer = match (raw, argument.size) {
            (Raw::ClassicData(call), None) => call.call(&mut self.store, (index, len)),
            (Raw::ClassicPicture(call), Some((width, height))) => {
                call.call(&mut self.store, (index, len, width.cast_signed(), height.cast_signed()))
            }
            _ => return Err(CallError::internal("a function was called in another form than its own")),
        };
        let len = answer.map_err(|error| self.fault(&error))?.cast_unsigned();
        if len > window.bytes {
            // The function wrote behind its window, where its own memory may have grown since.
            self.spoiled = true;
            return Err(CallError::ResultBeyondWindow { len, window: window.bytes });
        }
        self.check_result_len(len)?;
        Ok(self.read("result", window.base, len)?.to_vec())
    }

    fn classic_export(&mut self, name: &str, argument: Argument<'_>) -> Result<Raw, CallError> {
        let found = match argument.size {
            None => self.typed_export(name).map(Raw::ClassicData),
            Some(_) => self.typed_export(name).map(Raw::ClassicPicture),
        };
        found.ok_or_else(|| CallError::internal("an export has another type than when the module was read"))
    }
}
