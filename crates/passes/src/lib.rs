//! Named rewrites of the graph in a fixed order, each followed by a check of the result.
//!
//! A pass takes a graph and answers one that computes the same outputs from the same inputs, up to rounding. It keeps
//! the inputs and the names, order and types of the outputs, and keeps for each node the origin of its principal
//! operator.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod clamps;
mod common_subexpressions;
mod eliminate_dead;
mod fold_affine;
mod fold_constants;
mod fuse_activation;
mod fuse_residual;
mod layout;
mod lower_batch_norm;
mod pass;
mod rewrite;
mod simplify;
mod split_max_pool;

pub use pass::{PASSES, Pass, PassError, apply, optimize, run_until};
pub use rewrite::RewriteError;
