//! Calls of components.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::component::Val;

use super::Lease;
use super::typed::wanted;
use crate::call::Argument;
use crate::call_error::CallError;
use crate::component::{decode, encode, from_json, recycle, size, to_json};
use crate::instance::Instance;
use crate::module::Function;
use crate::wit::WitFunction;

impl Lease {
    /// With JSON in and out.
    pub(super) fn call_component(&self, position: usize, function: &Function, text: &str) -> Result<String, CallError> {
        let wit = wit(function)?;
        let limits = self.version.limits();
        if text.len() > limits.argument_bytes {
            return Err(CallError::ArgumentTooLarge { bytes: text.len(), limit: limits.argument_bytes });
        }
        let arguments = from_json::arguments(wit, text).map_err(|reason| bad_argument(function, wit, reason))?;
        let call = |instance: &mut Instance| instance.call_component(position, &arguments, wit.result.is_some());
        let answer = match (self.run(&function.name, call)?, &wit.result) {
            (Some(value), Some(ty)) => to_json::text(&value, ty)
                .map_err(|reason| CallError::BadAnswer { wanted: "a value with a form in JSON", reason })?,
            _ => String::new(),
        };
        if answer.len() > limits.result_bytes {
            return Err(CallError::ResultTooLarge { bytes: answer.len(), limit: limits.result_bytes });
        }
        if let Some(recorder) = self.version.recorder() {
            recorder.note_value(position, Argument::data(text.as_bytes()));
        }
        Ok(answer)
    }

    /// With `serde` types in and out.
    pub(super) fn call_values<A: Serialize + ?Sized, R: DeserializeOwned>(
        &self,
        position: usize,
        function: &Function,
        argument: &A,
    ) -> Result<R, CallError> {
        let wit = wit(function)?;
        let arguments =
            encode::arguments(wit, argument).map_err(|misfit| bad_argument(function, wit, misfit.to_string()))?;
        let answer = self.run_component(position, function, wit, arguments)?;
        decode::result(answer.zip(wit.result.as_ref())).map_err(|misfit| wanted(&misfit))
    }

    fn run_component(
        &self,
        position: usize,
        function: &Function,
        wit: &WitFunction,
        arguments: Vec<Val>,
    ) -> Result<Option<Val>, CallError> {
        let limits = self.version.limits();
        let given = arguments.iter().map(size).sum();
        if given > limits.argument_bytes {
            return Err(CallError::ArgumentTooLarge { bytes: given, limit: limits.argument_bytes });
        }
        let call = |instance: &mut Instance| instance.call_component(position, &arguments, wit.result.is_some());
        let answer = self.run(&function.name, call)?;
        let bytes = answer.as_ref().map_or(0, size);
        if bytes > limits.result_bytes {
            return Err(CallError::ResultTooLarge { bytes, limit: limits.result_bytes });
        }
        match self.version.recorder() {
            Some(recorder) => recorder.note_arguments(position, wit, arguments, given),
            None => arguments.into_iter().for_each(recycle),
        }
        Ok(answer)
    }
}

fn wit(function: &Function) -> Result<&WitFunction, CallError> {
    let missing = || CallError::internal("a function of a component was loaded without its type");
    function.wit.as_ref().ok_or_else(missing)
}

fn bad_argument(function: &Function, wit: &WitFunction, reason: String) -> CallError {
    CallError::BadArgument { function: function.name.clone(), expected: wit.to_string(), reason }
}
