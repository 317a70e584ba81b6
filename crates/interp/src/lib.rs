//! The slow, obvious evaluator of the IR: the oracle that compiled models are compared with, and the constant folder.
//!
//! Everything is `f32`, multiplied and then added, in the order that the operators' formulas are written; the functions
//! of an element come from the `libm` crate. So the same graph and inputs give the same bits on every machine.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod elements;
mod evaluate;
mod fold;
mod ops;

pub use evaluate::{EvalError, evaluate, evaluate_all, evaluate_observed};
pub use fold::fold;

#[cfg(test)]
mod check;
