//! A running node: functions in slots, routes that feed them, and the interface by which people and other nodes use it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod body;
