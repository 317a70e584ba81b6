//! Plain numbers.

use crate::Scalar;
use crate::call_error::CallError;
use crate::instance::Instance;

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
}
