//! The paper's convention: the argument lies at an index, the result replaces it there, its length is answered.

use super::Argument;
use crate::call_error::CallError;
use crate::instance::{Instance, Raw};

impl Instance {
    /// Calls the function at `position` and answers the bytes of its result.
    pub(crate) fn call_classic(&mut self, position: usize, argument: Argument<'_>) -> Result<Vec<u8>, CallError> {
        let len = self.argument_len(argument)?;
        let window = self.window(argument.bytes.len(), self.limits.result_bytes)?;
        self.write("window for the argument", window.base, argument.bytes)?;
        let index = window.base.cast_signed();
        let answer = match (&self.entries[position].raw, argument.size) {
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
}
