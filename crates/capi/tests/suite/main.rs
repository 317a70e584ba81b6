//! The library as C sees it: the header, a program in C, and every function with right and wrong arguments.
#![allow(clippy::unwrap_used, reason = "tests")]

mod calls;
mod guests;
mod header;
mod misuse;
mod models;
mod program;
mod running;
mod slots;
