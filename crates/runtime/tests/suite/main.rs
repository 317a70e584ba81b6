//! Real modules, threads, files and clocks: what a host promises to the functions that it runs.
#![allow(clippy::unwrap_used, reason = "tests")]

extern crate wasmtube_runtime as runtime;

#[cfg(target_os = "linux")]
mod cache;
mod classic;
mod classic_large;
mod component;
mod component_random;
mod component_typed;
mod composition;
mod concurrency;
mod core_v1;
mod counters;
mod cuts;
mod examples;
mod files;
mod guest;
mod host;
mod host_component;
mod host_wasi;
mod limits;
mod load;
mod model;
mod pending;
mod plain;
mod publish;
#[cfg(unix)]
mod rehearsal;
mod replacing;
mod scalars;
mod steps;
mod swap;
