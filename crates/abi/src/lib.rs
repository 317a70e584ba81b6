//! The contract between the compiler, the functions and the host.
//!
//! Everything that two sides must agree on and that neither may decide alone stands here: the names of exports
//! ([`export`]) and of what functions may ask of the host ([`host`]), how a value crosses ([`value`], [`kind`]), what a
//! file says of itself ([`Manifest`]), how it proves that it is whole ([`Seal`]) and how it is identified ([`Digest`]). The
//! crate does no I/O and needs no standard library.
//!
//! A sealed file is a Wasm binary whose *first* section is the custom section `wasmtube` (the head) and whose *last*
//! section is the empty custom section `wasmtube-end`:
//!
//! ```text
//! magic version | custom "wasmtube": schema u32, file length u64, sha256 [32], manifest JSON | ... | custom "wasmtube-end"
//! ```
//!
//! The hash covers the whole file with its own 32 bytes taken as zero, so a cut or a changed byte anywhere is found
//! before anything is compiled.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod classic;
pub mod export;
pub mod host;
pub mod kind;
pub mod value;

mod declarations;
mod digest;
mod manifest;
mod preprocess;
mod reason;
mod seal;
mod section;
mod window;

pub use declarations::{DECLARATION_SECTION, Declaration, DeclarationError, read_declarations, remove_declarations};
pub use digest::{Digest, ParseDigestError};
pub use kind::KindError;
pub use manifest::{
    DataType, FunctionDecl, Golden, GoldenOutput, Manifest, ModelDecl, Producer, State, TensorDecl, ValueKind,
};
pub use preprocess::{ChannelOrder, Filter, Layout, Place, Preprocess, Resize};
pub use seal::{END_SECTION, HEAD_SECTION, Head, SCHEMA, Seal, SealError, check_unsealed, pack, read_seal};
pub use window::{ParseWindowError, Window};
