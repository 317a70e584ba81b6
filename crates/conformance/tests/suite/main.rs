//! One binary, because each test binary links the whole engine.
#![allow(clippy::unwrap_used, reason = "tests")]

mod classic;
mod composed;
mod damaged;
mod diff;
mod extremes;
mod guests;
mod harness;
mod hostile;
mod kernels;
mod languages;
mod models;
mod pictures;
mod random;
mod sealed;
