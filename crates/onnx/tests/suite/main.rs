//! Models go in as bytes, graphs and refusals come out as text.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod builder;
mod check;

mod arithmetic;
mod composed;
mod convolution;
mod damaged;
mod decoding;
mod dimensions;
mod external;
mod files;
mod frozen;
mod given_shapes;
mod half;
mod integers;
mod pages;
mod pooling;
mod refusals;
mod resizing;
mod schemas;
mod shaping;
mod structure;
