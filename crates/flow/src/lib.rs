//! What flows through a node: values become events, events go through routes to sinks.
//!
//! ```text
//! Source -> Event -> bounded queue -> window -> function -> sinks
//! ```
//!
//! A [`RouteSpec`] says what a route is, a [`Topology`] which slots and routes a node has, and [`diff`] what changes
//! from one to the next. Nothing here opens a file or a socket, and time is asked of a [`Clock`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod event;
mod sink;
mod source;
mod spec;

pub use event::{Event, EventId, StreamId, Timestamp};
pub use sink::{Sink, SinkError};
pub use source::{Source, SourceError};
pub use spec::{CallSpec, Policy, QueueSpec, RouteSpec, WindowSpec};
