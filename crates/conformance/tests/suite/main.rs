//! One binary, because each test binary links the whole engine.
#![allow(clippy::unwrap_used, reason = "tests")]

mod agreement;
#[allow(dead_code, reason = "the suite of `onnx` uses the rest")]
#[path = "../../../onnx/tests/suite/builder.rs"]
mod builder;
mod classic;
mod composed;
mod corpus;
mod damaged;
mod diff;
mod extremes;
mod guests;
mod harness;
mod hostile;
mod kernels;
mod languages;
mod models;
mod mutants;
mod numbers;
mod pictures;
mod random;
mod sealed;
