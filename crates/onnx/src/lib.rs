//! ONNX in, intermediate representation out; the only crate that knows ONNX and its operator sets.
//!
//! ```text
//! bytes -decode-> Model -resolve-> Model -import-> ir::Graph
//! ```
//!
//! [`decode()`] bounds what a file may make of memory as it reads it. [`resolve()`] takes in what tensors keep in other
//! files. [`import()`] normalizes:
//! differences between operator sets, optional inputs, settings that are attributes in one version and inputs in
//! another, automatic padding, integer arithmetic on shapes and the order of channels all end there. Nothing in the
//! bytes makes this crate panic; what it refuses it refuses with every reason at once.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod decode;
mod external;
mod import;
mod model;
mod proto;
mod text;

pub use decode::{Limits, decode};
pub use external::{ExternalData, ExternalError, ExternalPart, resolve};
pub use import::{Array, Element, ImportOptions, Imported, OPSETS, import, operators};
pub use model::Model;
pub use text::text;
