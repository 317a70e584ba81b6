//! Real modules, threads, files and clocks: what a host promises to the functions that it runs.
#![allow(clippy::unwrap_used, reason = "tests")]

extern crate wasmtube_runtime as runtime;

mod classic;
mod component;
mod component_random;
mod core_v1;
mod files;
mod guest;
mod limits;
mod load;
mod model;
mod plain;
mod publish;
mod scalars;
mod swap;
