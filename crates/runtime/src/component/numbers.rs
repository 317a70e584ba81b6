//! Lists of numbers, each number in the bytes that it has.

use wasmtime::component::Val;

use crate::plain::Number;
use crate::wit::WitType;

macro_rules! numbers {
    ($($wit:ident => $variant:ident($rust:ty), $($from:ident)|+;)*) => {
        /// The elements of a list of numbers.
        #[derive(Debug)]
        pub(super) enum Numbers {
            $($wit(Vec<$rust>),)*
        }

        impl Numbers {
            /// None yet of this type, with room for some, or `None` if it is no type of numbers.
            pub(super) fn new(element: &WitType, room: usize) -> Option<Self> {
                match element {
                    $(WitType::$wit => Some(Self::$wit(Vec::with_capacity(room))),)*
                    _ => None,
                }
            }

            /// Appends a number that is one of this type without a question, and says whether it is.
            #[inline]
            pub(super) fn push(&mut self, number: Number) -> bool {
                match (self, number) {
                    $($((Self::$wit(numbers), Number::$from(number)) => match number.try_into() {
                        Ok(number) => numbers.push(number),
                        Err(_) => return false,
                    },)+)*
                    (Self::F64(numbers), Number::Signed(number)) => numbers.push(number as f64),
                    (Self::F64(numbers), Number::Unsigned(number)) => numbers.push(number as f64),
                    (Self::F32(numbers), Number::Signed(number)) => numbers.push(number as f32),
                    (Self::F32(numbers), Number::Unsigned(number)) => numbers.push(number as f32),
                    _ => return false,
                }
                true
            }

            /// Appends a value of this type, and says whether it is one.
            pub(super) fn push_val(&mut self, value: &Val) -> bool {
                match (self, value) {
                    $((Self::$wit(numbers), Val::$variant(number)) => numbers.push(*number),)*
                    _ => return false,
                }
                true
            }

            pub(super) fn len(&self) -> usize {
                match self {
                    $(Self::$wit(numbers) => numbers.len(),)*
                }
            }

            pub(super) fn into_list(self) -> Val {
                Val::List(match self {
                    $(Self::$wit(numbers) => numbers.into_iter().map(Val::$variant).collect(),)*
                })
            }
        }
    };
}

numbers! {
    S8 => S8(i8), Signed;
    U8 => U8(u8), Unsigned;
    S16 => S16(i16), Signed;
    U16 => U16(u16), Unsigned;
    S32 => S32(i32), Signed | Unsigned;
    U32 => U32(u32), Signed | Unsigned;
    S64 => S64(i64), Signed | Unsigned;
    U64 => U64(u64), Signed | Unsigned;
    F32 => Float32(f32), Single;
    F64 => Float64(f64), Double;
}
