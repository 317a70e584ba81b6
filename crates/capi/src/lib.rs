//! The C interface of the runtime: `libwasmtube`, whose header `include/wasmtube.h` is made from this crate.
//!
//! Every function is a thin shell: [`pointers`] turns what C gives into values or an [`Error`], the safe modules do the
//! work, and [`exports`] hands the result over and catches panics. What must hold on the side of C stands in the header.
#![deny(unsafe_code, missing_docs)]

mod call;
mod code;
mod describe;
mod engine;
mod error;
#[allow(unsafe_code, reason = "what C calls; everything unsafe stands in this module and in `pointers`")]
mod exports;
mod options;
#[allow(unsafe_code, reason = "what C gives and gets lies at raw addresses")]
mod pointers;
mod slot;
mod tensors;

pub use engine::Engine;
pub use error::{Error, ErrorKind};
pub use exports::*;
pub use options::Options;
pub use pointers::Bytes;
pub use slot::Slot;
pub use tensors::{Outputs, TensorView};

/// Version of this interface. It grows when a program that was built for the version before would break.
pub const ABI_VERSION: u32 = 2;
/// Length of a digest as text, with the NUL byte at its end.
pub const DIGEST_BYTES: usize = 65;
