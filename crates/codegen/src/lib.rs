//! Writes a [`plan::Plan`] as one self-contained WebAssembly module.
//!
//! [`emit()`] asks each kernel family for the functions of a step and assembles them into a module with
//! the exports of a compiled model (`abi::export`). A kernel is one function over addresses, `(input, weights, output,
//! residual)`, so layers of equal geometry share it. [`asm`] knows instructions and loops, and nothing of tensors.
//!
//! The loops of kernels end by comparing a pointer with its start plus a constant, so that the work of a step can be
//! bounded from the file alone. Those that resize a picture depend on its size.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod asm;

mod classic;
mod emit;
mod functions;
mod image;
mod kernels;

pub use emit::{EmitError, Module, emit, low_bytes};

/// Which instructions a module may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// 128-bit vectors with fused multiply-add where the processor has it (relaxed SIMD).
    Relaxed,
    /// 128-bit vectors, the same bits on every engine and processor.
    Simd128,
}

impl Profile {
    /// The name on the command line and in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Simd128 => "simd128",
        }
    }
}
