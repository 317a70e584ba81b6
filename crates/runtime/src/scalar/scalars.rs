//! Numbers and tuples of them whose types Rust knows.

use super::{Scalar, ScalarType};

/// `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, a tuple of up to eight of them, or `()`.
pub trait Scalars: sealed::Wasm {}

pub(crate) mod sealed {
    use super::{Scalar, ScalarType};

    /// What the engine takes and answers.
    pub trait Wasm: wasmtime::WasmParams + wasmtime::WasmResults + Copy + 'static {
        const TYPES: &'static [ScalarType];

        fn scalars(self) -> impl AsRef<[Scalar]>;
    }
}

macro_rules! number {
    ($($number:ty => $variant:ident, $convert:expr;)*) => {$(
        impl Scalars for $number {}

        impl sealed::Wasm for $number {
            const TYPES: &'static [ScalarType] = &[Self::TYPE];

            fn scalars(self) -> impl AsRef<[Scalar]> {
                [self.scalar()]
            }
        }

        impl Number for $number {
            const TYPE: ScalarType = ScalarType::$variant;

            fn scalar(self) -> Scalar {
                Scalar::$variant($convert(self))
            }
        }
    )*};
}

number! {
    i32 => I32, std::convert::identity;
    u32 => I32, u32::cast_signed;
    i64 => I64, std::convert::identity;
    u64 => I64, u64::cast_signed;
    f32 => F32, std::convert::identity;
    f64 => F64, std::convert::identity;
}

/// One number, of which a tuple has several.
pub trait Number: sealed::Wasm + wasmtime::WasmTy {
    const TYPE: ScalarType;

    fn scalar(self) -> Scalar;
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Number),*> Scalars for ($($name,)*) {}

        impl<$($name: Number),*> sealed::Wasm for ($($name,)*) {
            const TYPES: &'static [ScalarType] = &[$($name::TYPE),*];

            #[allow(non_snake_case, reason = "a name for each place of the tuple")]
            fn scalars(self) -> impl AsRef<[Scalar]> {
                let ($($name,)*) = self;
                [$($name.scalar()),*]
            }
        }
    };
}

impl Scalars for () {}

impl sealed::Wasm for () {
    const TYPES: &'static [ScalarType] = &[];

    fn scalars(self) -> impl AsRef<[Scalar]> {
        []
    }
}

tuple! { A }
tuple! { A B }
tuple! { A B C }
tuple! { A B C D }
tuple! { A B C D E }
tuple! { A B C D E F }
tuple! { A B C D E F G }
tuple! { A B C D E F G H }
