//! Files that are large or hold very many of something take a time and a memory in proportion to what they are.
#![cfg(target_os = "linux")]

mod models;
mod wasm;
