//! The text form of a graph, for people and for tests. It has no stability.
//!
//! ```text
//! graph "digits" {
//!   input %0 "image" : f32[1, 1, 8, 8]
//!   const %1 "w" : f32[2] = [1.0, 2.0]
//!   %2 = transpose(%0) {permutation = [0, 2, 3, 1]} : f32[1, 8, 8, 1] "conv1"
//!   output "scores" = %2
//! }
//! ```
//!
//! A constant is written `= [..]`, `= splat V`, or, where it has more than 16 elements, as `= hash H`, which cannot be
//! read back. Tests may also write `= random SEED`: values in `[-1, 1)` from a fixed generator.

mod attribute;
mod parse;
mod print;

pub use parse::{ParseError, parse};
pub use print::print;
