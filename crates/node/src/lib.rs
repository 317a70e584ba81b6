//! A running node: functions in slots, routes that feed them, and the interface by which people and other nodes use it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod body;
pub mod client;
pub mod config;
pub mod http;
pub mod sinks;
pub mod sources;

mod call;
mod describe;
mod journal;
mod neighbors;
mod node;
mod refusal;
mod routes;
mod slots;
mod upstream;

pub use call::Argument;
pub use config::Config;
pub use flow::{Input, Seen, Stop, WindowSpec};
pub use node::{Node, StartNodeError};
pub use refusal::{Class, Refusal};
