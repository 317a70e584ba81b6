//! Functions on numbers, looked up and checked once.

use std::fmt;
use std::marker::PhantomData;

use super::{Lease, expected};
use crate::call_error::CallError;
use crate::module::{Form, Function};
use crate::{Scalar, ScalarType, scalar};

/// What a [`TypedFunction`] takes or answers: a number, or a tuple of up to eight; `()` for none. Numbers are `i32`, `u32`,
/// `i64`, `u64`, `f32` and `f64`; whether an integer is signed makes no difference to a function.
pub trait Numbers: sealed::Numbers {}

impl<T: sealed::Numbers> Numbers for T {}

/// A function of one version whose types are checked: what is left to do for a call is the call.
///
/// ```
/// # extern crate wasmtube_runtime as runtime;
/// # use runtime::{Engine, LoadOptions, Slot, SlotPolicy, Version};
/// # let engine = Engine::new(Default::default())?;
/// let add = r#"(module (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;
/// let version = Version::load(&engine, wat::parse_str(add)?, LoadOptions::default())?;
/// let lease = Slot::new("arithmetic", version, SlotPolicy::default())?.acquire();
/// let add = lease.function::<(i32, i32), i32>("f")?;
/// assert_eq!(add.call((6, 7))?, 13);
/// assert_eq!(add.call((-1, 1))?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TypedFunction<'l, A, R> {
    lease: &'l Lease,
    position: usize,
    function: &'l Function,
    types: PhantomData<fn(A) -> R>,
}

impl Lease {
    /// A function on numbers, for many calls.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where the function takes or answers something else.
    pub fn function<A: Numbers, R: Numbers>(&self, name: &str) -> Result<TypedFunction<'_, A, R>, CallError> {
        let (position, function) = self.find(name)?;
        let on_numbers = match function.form {
            Form::Scalars => true,
            Form::Component => false,
            Form::Data | Form::Picture | Form::ClassicData | Form::ClassicPicture | Form::Tensors => {
                function.declared.is_none()
            }
        };
        let signature = &function.signature;
        if !on_numbers || signature.params != A::TYPES || signature.results != R::TYPES {
            return Err(CallError::WrongArguments {
                function: name.into(),
                expected: if on_numbers { signature.to_string() } else { expected(function) },
                given: format!("({}) -> ({})", scalar::list(A::TYPES), scalar::list(R::TYPES)),
            });
        }
        Ok(TypedFunction { lease: self, position, function, types: PhantomData })
    }
}

impl<A: Numbers, R: Numbers> TypedFunction<'_, A, R> {
    /// Calls the function.
    ///
    /// # Errors
    /// Whatever the function breaks.
    #[inline]
    pub fn call(&self, arguments: A) -> Result<R, CallError> {
        self.lease.run(&self.function.name, |instance| {
            let answer = instance.call_typed::<A, R>(self.position, arguments)?;
            if let Some(recorder) = self.lease.version.recorder() {
                recorder.note_scalars(self.position, arguments.scalars().as_ref());
            }
            Ok(answer)
        })
    }
}

impl<A, R> fmt::Debug for TypedFunction<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedFunction").field("name", &self.function.name).finish_non_exhaustive()
    }
}

mod sealed {
    use super::{Scalar, ScalarType};

    pub trait Numbers: wasmtime::WasmResults + Copy + 'static {
        const TYPES: &'static [ScalarType];
        fn scalars(self) -> impl AsRef<[Scalar]>;
    }

    pub trait Number: wasmtime::WasmTy + Copy + 'static {
        const TYPE: ScalarType;
        fn scalar(self) -> Scalar;
    }

    macro_rules! number {
        ($($type:ty, $variant:ident, $value:ident => $scalar:expr;)*) => {$(
            impl Number for $type {
                const TYPE: ScalarType = ScalarType::$variant;
                fn scalar(self) -> Scalar {
                    let $value = self;
                    Scalar::$variant($scalar)
                }
            }

            impl Numbers for $type {
                const TYPES: &'static [ScalarType] = &[Self::TYPE];
                fn scalars(self) -> impl AsRef<[Scalar]> {
                    [self.scalar()]
                }
            }
        )*};
    }

    number! {
        i32, I32, value => value;
        u32, I32, value => value.cast_signed();
        i64, I64, value => value;
        u64, I64, value => value.cast_signed();
        f32, F32, value => value;
        f64, F64, value => value;
    }

    macro_rules! tuple {
        ($($name:ident)*) => {
            impl<$($name: Number),*> Numbers for ($($name,)*) {
                const TYPES: &'static [ScalarType] = &[$($name::TYPE),*];
                fn scalars(self) -> impl AsRef<[Scalar]> {
                    #[allow(non_snake_case, reason = "a type and the value of it have one name")]
                    let ($($name,)*) = self;
                    [$($name.scalar()),*]
                }
            }
        };
    }

    tuple! {}
    tuple! { A }
    tuple! { A B }
    tuple! { A B C }
    tuple! { A B C D }
    tuple! { A B C D E }
    tuple! { A B C D E F }
    tuple! { A B C D E F G }
    tuple! { A B C D E F G H }
}
