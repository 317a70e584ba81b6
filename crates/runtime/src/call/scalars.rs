//! Plain numbers.

use crate::Scalar;
use crate::call_error::CallError;
use crate::instance::Instance;
use crate::scalar::Scalars;

impl Instance {
    /// Calls the function at `position`, whose type the arguments fit and which returns `results` numbers.
    pub(crate) fn call_scalars(
        &mut self,
        position: usize,
        arguments: &[Scalar],
        results: usize,
    ) -> Result<Vec<Scalar>, CallError> {
        self.params.clear();
        self.params.extend(arguments.iter().map(|scalar| scalar.to_val()));
        self.results.clear();
        self.results.resize(results, wasmtime::Val::I32(0));
        let func = self.entries[position].func;
        let func = func.ok_or_else(|| CallError::internal("a component was called with numbers"))?;
        if let Err(error) = func.call(&mut self.store, &self.params, &mut self.results) {
            return Err(self.fault(&error));
        }
        let scalar = |value| Scalar::from_val(value).ok_or_else(|| CallError::internal("a number was expected"));
        self.results.iter().map(scalar).collect()
    }

    /// As [`Self::call_scalars`], where the type was compared before.
    #[inline]
    pub(crate) fn call_resolved<A: Scalars, R: Scalars>(
        &mut self,
        position: usize,
        arguments: A,
    ) -> Result<R, CallError> {
        let Some(typed) = self.entries[position].typed::<A, R>(&self.store) else {
            return Err(CallError::internal("a function was resolved with another type than its own"));
        };
        typed.call(&mut self.store, arguments).map_err(|error| self.fault(&error))
    }
}
