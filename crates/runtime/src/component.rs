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

pub(crate) mod from_json;
pub(crate) mod to_json;

#[cfg(test)]
mod tests;
