//! What holds the crates to each other: engines that run emitted modules, oracles that say what is right, and the
//! models and reference outputs that tests and benchmarks read.
#![forbid(unsafe_code)]

pub mod clock;
pub mod engine;
pub mod inputs;
pub mod models;
pub mod numpy;
pub mod peak;
pub mod references;
