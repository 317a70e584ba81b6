//! ONNX bytes to one sealed, self-contained Wasm file.
//!
//! ```text
//! bytes -> onnx::decode -> onnx::resolve -> onnx::import -> passes::optimize -> plan::plan -> codegen::emit -> abi::pack -> file
//! ```
//!
//! Each arrow is followed by a gate: the graph verifier after import and after every pass, the plan checker, the Wasm
//! validator. The compiler does no I/O and reads neither clock nor environment: the same bytes and options give the
//! same file on every machine.
//!
//! ```
//! # fn model() -> Vec<u8> { vec![] }
//! use wasmtube_compiler::{ModelSource, Options, compile};
//!
//! let onnx: Vec<u8> = model();
//! match compile(&ModelSource::whole(&onnx), &Options::named("mobilenet")) {
//!     Ok(artifact) => println!("{} bytes, {}", artifact.wasm.len(), artifact.digest),
//!     Err(refused) => refused.reasons().iter().for_each(|reason| println!("{reason}: {}", reason.help)),
//! }
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod check;
mod deviation;
mod diff;
mod given;
mod golden;
mod labels;
mod manifest;
mod options;
mod picture;
mod pipeline;
mod preprocess;
#[cfg(test)]
mod testing;

pub use check::{BOUND, CheckError, Checked, CheckedOutput, OtherOutputs, Run, RunError, check};
pub use codegen::Profile;
pub use deviation::Deviation;
pub use diff::{Cause, Diff, DiffError, Fault, OutputDiff, PassDiff, StepDiff, StepRun, Trial, diff};
pub use given::{Given, GivenError};
pub use ir::{Class, Code, Diagnostic, Diagnostics, Tensor};
pub use onnx::{Array, Element, ExternalData, ExternalError, ExternalPart, operators};
pub use options::{ModelSource, Options, Progress, Stage};
pub use pipeline::{Artifact, compile, compile_observed, dump};
pub use preprocess::{PreprocessName, PreprocessSpec, ResizeSpec, UnknownPreprocess};
