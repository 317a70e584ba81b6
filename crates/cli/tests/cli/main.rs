//! Runs the real binary on real files.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod away;
mod bench;
mod bombs;
mod build;
mod call;
mod check;
mod demo;
mod diff;
mod explain;
mod external;
mod folder;
mod host;
mod hostile;
mod inputs;
mod inspect;
mod large;
mod new;
mod node;
mod onnx;
mod output;
mod pack;
mod photos;
mod readme;
mod running;
mod types;
mod usage;
mod watch;
mod window;
