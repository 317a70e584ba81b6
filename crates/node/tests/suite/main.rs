//! Nodes with real files, real sockets and the real clock: what they promise to those who run them and to each other.
#![allow(clippy::unwrap_used, reason = "tests")]

extern crate wasmtube_node as node;

mod cache;
mod configuration;
mod host;
mod http;
mod minute;
mod running;
mod slots;
mod upstream;
