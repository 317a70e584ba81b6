//! Components: values of WIT types, which the engine carries in and out.

use wasmtime::component::Val;

use crate::call_error::CallError;
use crate::instance::{Instance, Raw};
use crate::trap::is_of_guest;

/// Room on the host for what a call carries out, for each byte that its result may have as JSON. A value takes more room
/// than its text: a list of bools, which are two characters each, takes 32 bytes for each.
const HOST_BYTES: usize = 16;

impl Instance {
    /// Calls the function at `position`, whose types the arguments have, and answers its result.
    pub(crate) fn call_component(
        &mut self,
        position: usize,
        arguments: &[Val],
        has_result: bool,
    ) -> Result<Option<Val>, CallError> {
        let Raw::Component(function) = self.entries[position].raw else {
            return Err(CallError::internal("a function was called in another form than its own"));
        };
        self.store.set_hostcall_fuel(self.limits.result_bytes.saturating_mul(HOST_BYTES));
        let mut result = [Val::Bool(false)];
        match function.call(&mut self.store, arguments, &mut result[..usize::from(has_result)]) {
            Ok(()) => {
                let [result] = result;
                Ok(has_result.then_some(result))
            }
            Err(error) if is_of_guest(&error) => Err(self.fault(&error)),
            // The engine could not read what the function answered. The memory may be half-written.
            Err(error) => {
                self.spoiled = true;
                Err(CallError::BadAnswer { wanted: "a value of its type", reason: format!("{error:#}") })
            }
        }
    }
}
