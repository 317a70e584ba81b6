//! Calls with numbers whose types Rust knows: name and types are compared once.

use std::fmt;
use std::marker::PhantomData;

use super::{Lease, expected, takes_scalars};
use crate::call_error::CallError;
use crate::scalar::{self, Scalars};

/// A function whose name was looked up and whose type was compared: [`Lease::resolve`]. It holds the lease.
pub struct Resolved<A, R> {
    lease: Lease,
    position: usize,
    types: PhantomData<fn(A) -> R>,
}

impl Lease {
    /// Looks a function with numbers up, for calls that take some ten nanoseconds beside the function itself.
    ///
    /// `A` and `R` are a number, a tuple of numbers, or `()`; integers of Wasm may be signed or not.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], and [`CallError::WrongArguments`] where the function has another type.
    ///
    /// ```
    /// # use wasmtube_runtime as runtime;
    /// # use runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, Version};
    /// # let wasm = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i32)
    /// #   (i32.add (local.get 0) (local.get 1))))"#)?;
    /// # let engine = Engine::new(EngineOptions::default())?;
    /// # let slot = Slot::new("sums", Version::load(&engine, wasm, LoadOptions::default())?, SlotPolicy::default())?;
    /// let lease = slot.acquire();
    /// let add = lease.resolve::<(i32, i32), i32>("add")?;
    /// assert_eq!(add.call((2, 3))?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve<A: Scalars, R: Scalars>(&self, name: &str) -> Result<Resolved<A, R>, CallError> {
        let (position, function) = self.find(name)?;
        let signature = &function.signature;
        let takes_scalars = takes_scalars(function);
        if !takes_scalars || signature.params != A::TYPES || signature.results != R::TYPES {
            return Err(CallError::WrongArguments {
                function: function.name.clone(),
                expected: if takes_scalars { signature.to_string() } else { expected(function) },
                given: format!("({}) -> ({})", scalar::list(A::TYPES), scalar::list(R::TYPES)),
            });
        }
        Ok(Resolved { lease: self.clone(), position, types: PhantomData })
    }
}

impl<A: Scalars, R: Scalars> Resolved<A, R> {
    /// Calls the function.
    ///
    /// # Errors
    /// Whatever the function breaks.
    #[inline]
    pub fn call(&self, arguments: A) -> Result<R, CallError> {
        let version = self.lease.version();
        let name = &version.interface().functions()[self.position].name;
        self.lease.run(name, |instance| {
            let answer = instance.call_resolved::<A, R>(self.position, arguments)?;
            if let Some(recorder) = version.recorder() {
                recorder.note_scalars(self.position, arguments.scalars().as_ref());
            }
            Ok(answer)
        })
    }
}

impl<A, R> Clone for Resolved<A, R> {
    fn clone(&self) -> Self {
        Self { lease: self.lease.clone(), position: self.position, types: PhantomData }
    }
}

impl<A, R> fmt::Debug for Resolved<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved").field("lease", &self.lease).field("position", &self.position).finish()
    }
}
