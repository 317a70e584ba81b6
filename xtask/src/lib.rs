//! What developers and CI run, as `cargo xtask COMMAND`.
//!
//! [`ci`] is the list of checks and runs them; [`tidy`] holds the house rules that a compiler does not know; [`bless`]
//! accepts new expectations; [`mod@bench`] starts a benchmark. The crate stays light, since it is built before anything
//! else: it starts the tools and never links what they check.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod bench;
pub mod bless;
pub mod ci;
pub mod tidy;

mod aarch64;
mod child;
mod components;
mod models;
mod page;
mod program;
mod projects;
mod python;

use std::path::Path;

/// The folder of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}
