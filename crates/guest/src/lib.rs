//! SDK for functions in Rust: a function that takes and returns `serde` types becomes one that the host can call.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! wasmtube_guest::module! { name: "thermostat", version: "1.0.0", state: stateless }
//!
//! #[derive(Deserialize)]
//! struct Reading { celsius: f32 }
//!
//! #[derive(Serialize)]
//! struct Command { heat: bool }
//!
//! /// Switches the heating on below 20 degrees.
//! #[wasmtube_guest::function]
//! fn decide(reading: Reading) -> Result<Command, wasmtube_guest::Error> {
//!     if reading.celsius < -273.15 {
//!         return Err(wasmtube_guest::Error::new("impossible", "colder than absolute zero"));
//!     }
//!     Ok(Command { heat: reading.celsius < 20.0 })
//! }
//!
//! # fn main() {}
//! ```
//!
//! Build such a crate as `cdylib` for `wasm32-unknown-unknown`, then seal it: the macros leave declarations in the file
//! that packing turns into its manifest. On any other target the macros add no exports, so that the functions are
//! ordinary ones with ordinary tests.
//!
//! The dependency must be called `wasmtube_guest`, and a crate that uses the macros cannot `forbid(unsafe_code)`: an
//! export takes raw addresses. `deny` is fine.
//!
//! # Panics
//! There is nothing to unwind to: a panic ends the call with a trap, and the host drops the instance. The message is
//! kept for the host, which may ask for it by the export `wasmtube_panic: () -> i64`: the packed address and length of
//! UTF-8 text, 0 if nothing panicked. Running out of memory or of stack traps without a message. For failures that a
//! caller should understand, return an [`Error`].
#![deny(unsafe_code, missing_docs)]

pub mod host;

mod error;
mod image;
mod json;
#[allow(unsafe_code, reason = "values cross at raw addresses; everything unsafe stands in this module")]
mod memory;
#[cfg(any(test, target_arch = "wasm32"))]
mod panic;
mod plain;
mod record;
#[cfg(any(test, target_arch = "wasm32"))]
mod serve;

pub use error::Error;
/// Makes a function callable by the host under its own name.
///
/// The types are recognised as they are written:
///
/// | argument | what crosses |
/// |---|---|
/// | none | nothing; an argument is refused |
/// | `&[u8]` | bytes as they are |
/// | [`Image`] | packed RGB bytes, width and height |
/// | any other type, by value | JSON; the type implements [`serde::de::DeserializeOwned`] |
///
/// | answer | what crosses |
/// |---|---|
/// | `Vec<u8>` | bytes as they are |
/// | any other type | JSON; the type implements [`serde::Serialize`]; `()` is `null` |
/// | `Result<T, E>` | `T` as above, or the error object; `E` is [`Error`] or implements [`std::error::Error`] |
///
/// Write `Result`, `Vec<u8>` and `Image` by these names: an alias is taken for a JSON type. An argument that cannot be
/// read is answered with an error of code [`Error::INVALID_ARGUMENT`]; the function is not called then. The first
/// paragraph of the function's documentation goes into the manifest.
///
/// # Numbers without JSON
/// `#[wasmtube_guest::function(plain)]` makes numbers cross as they lie in memory, which costs little more than copying
/// them: lists of numbers side by side, and records of 8 bytes for each field. Then nothing crosses as JSON:
///
/// | argument | what crosses |
/// |---|---|
/// | `&[T]`, where `T` is one of `i8`, `i16`, `u16`, `i32`, `u32`, `i64`, `u64`, `f32`, `f64` | `list<T>`, borrowed where the host put it |
/// | `Vec<T>` of these | `list<T>`, copied |
/// | any other type, by value | a record; the type derives [`Record`] |
/// | none, `&[u8]`, [`Image`] | as above |
///
/// | answer | what crosses |
/// |---|---|
/// | `Vec<T>` of these | `list<T>` |
/// | none | nothing |
/// | any other type | a record; the type derives [`Record`] |
/// | `Vec<u8>`, `Result<T, E>` | as above |
///
/// ```
/// wasmtube_guest::module! { name: "range", version: "1.0.0", state: stateless }
///
/// #[derive(wasmtube_guest::Record)]
/// struct Range { low: f64, high: f64, count: u64 }
///
/// /// The smallest and the largest of the values.
/// #[wasmtube_guest::function(plain)]
/// fn range(values: &[f64]) -> Range {
///     let fold = |start, pick: fn(f64, f64) -> f64| values.iter().copied().fold(start, pick);
///     Range { low: fold(f64::INFINITY, f64::min), high: fold(f64::NEG_INFINITY, f64::max), count: values.len() as u64 }
/// }
/// # fn main() {}
/// ```
///
/// The host gives and takes such values as slices, vectors and structs (`Lease::call`), or as arrays and objects where
/// people write JSON.
pub use guest_macros::function;
/// Declares the module, once in a crate, and exports the services that the host needs: the marker of the core ABI v1,
/// the allocator and the last panic.
///
/// `name` and `version` are texts; `state` is `stateless` (nothing is kept between calls: any instance may serve any
/// call), `slot` (one instance serves all calls) or `keyed` (one instance for each key).
///
/// ```
/// wasmtube_guest::module! { name: "stats", version: "1.0.0", state: stateless }
/// # fn main() {}
/// ```
pub use guest_macros::module;
pub use image::Image;
pub use record::Record;

/// For the expansions of the macros only.
#[doc(hidden)]
pub mod __private {
    pub use std::vec::Vec;

    pub use crate::json::{from_json, no_argument, to_json};
    pub use crate::memory::{Number, alloc, argument, free};
    pub use crate::plain::{joined, length, list, list_bytes, record, words};
    #[cfg(target_arch = "wasm32")]
    pub use crate::serve::{last_panic, serve};
}
