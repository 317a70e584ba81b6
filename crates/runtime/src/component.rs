//! Values of components in JSON.
//!
//! | WIT | JSON |
//! |---|---|
//! | `bool`, `string` | the same |
//! | `s8` ... `u64` | a number; `s64` and `u64` are also read from a string of digits, for writers whose numbers end at 2^53 |
//! | `f32`, `f64` | a number; infinities and what is not a number have no JSON and are an error |
//! | `char` | a string of one Unicode scalar value |
//! | `list<T>` | an array; `list<u8>` is written as base64 (RFC 4648, section 4, padded) and read from that or from an array |
//! | `record` | an object of all fields; one of type `option` may be left out; an unknown field is an error |
//! | `tuple` | an array |
//! | `variant` | `{"case": value}`, or `"case"` for a case without a value |
//! | `enum` | a string |
//! | `option<T>` | `null` or the value; where `T` is an option itself, `null` or `{"some": value}` |
//! | `result` | `{"ok": value}` or `{"err": value}`; `null` is the value where there is no type |
//! | `flags` | an array of the names that are set |
//!
//! The argument of a function with one parameter is the value of that parameter; with more it is an array of them in
//! order, or an object by name; without any it is nothing, `null` or `[]`. The answer is the value of the result, or
//! nothing.
//!
//! `serde` types cross by the same rules without the text, and a little more: what is infinite or not a number crosses, a
//! `list<u8>` may be wanted as bytes or as a sequence, `option<option<T>>` is `Option<Option<T>>`, and `result` is Rust's
//! own `Result`.

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod from_json;
mod misfit;
mod names;
mod numbers;
pub(crate) mod to_json;

use wasmtime::component::Val;

pub(crate) use misfit::Misfit;
pub(crate) use numbers::recycle;

/// The size of a value: the bytes of its numbers and texts, and one for each element of a list of others.
pub(crate) fn size(value: &Val) -> usize {
    let sum = |values: &[Val]| values.iter().map(size).sum::<usize>();
    match value {
        Val::Bool(_) | Val::S8(_) | Val::U8(_) => 1,
        Val::S16(_) | Val::U16(_) => 2,
        Val::S32(_) | Val::U32(_) | Val::Float32(_) | Val::Char(_) => 4,
        Val::S64(_) | Val::U64(_) | Val::Float64(_) => 8,
        Val::String(text) | Val::Enum(text) => text.len(),
        Val::List(values) => match values.first() {
            Some(number) if is_number(number) => size(number) * values.len(),
            _ => sum(values) + values.len(),
        },
        Val::Tuple(values) | Val::FixedLengthList(values) => sum(values),
        Val::Record(fields) => fields.iter().map(|(_, value)| size(value)).sum(),
        Val::Map(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Val::Variant(_, value) | Val::Option(value) | Val::Result(Ok(value) | Err(value)) => {
            1 + value.as_deref().map_or(0, size)
        }
        Val::Flags(names) => names.len(),
        Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => 4,
    }
}

/// Whether a value is a number. All elements of a list are of one type.
fn is_number(value: &Val) -> bool {
    use Val::{Float32, Float64, S8, S16, S32, S64, U8, U16, U32, U64};
    matches!(value, S8(_) | U8(_) | S16(_) | U16(_) | S32(_) | U32(_) | S64(_) | U64(_) | Float32(_) | Float64(_))
}

#[cfg(test)]
mod tests;
