//! The library as C sees it: the header, a program in C, and every function with right and wrong arguments.
#![allow(clippy::unwrap_used, reason = "tests")]

mod header;
mod misuse;
mod program;
mod running;
mod slots;
