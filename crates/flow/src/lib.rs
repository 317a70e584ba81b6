//! What flows through a node: values become events, events go through routes to sinks.
//!
//! ```text
//! Source -> Event -> bounded queue -> window -> function -> sinks
//! ```
//!
//! A [`RouteSpec`] says what a route is, a [`Topology`] which slots and routes a node has, and [`diff`] what changes
//! from one to the next. A [`Route`] is one that runs. Nothing here opens a file or a socket, and time is asked of a
//! [`Clock`].
//!
//! An event has an identity, [`EventId`]. Where a route has neither window nor function, events keep theirs from node
//! to node, so that one that arrives twice is noticed; otherwise the route begins new ones.
//!
//! ```
//! # extern crate wasmtube_flow as flow;
//! use std::{num::NonZeroUsize, sync::Arc, time::Duration};
//! use flow::memory::{Silent, VecSink, VecSource};
//! use flow::{Input, Policy, QueueSpec, Route, RouteParts, SystemClock, WindowSpec};
//!
//! let two = NonZeroUsize::new(2).expect("two is not zero");
//! let sink = VecSink::new();
//! let parts = RouteParts {
//!     name: "pairs".into(),
//!     origin: "device".into(),
//!     input: Input::Polled { source: Box::new(VecSource::new((1..=4).map(|n| Ok(n.into())).collect())), every: None },
//!     queue: QueueSpec { capacity: two, policy: Policy::Block },
//!     window: Some(WindowSpec::Count { size: two, every: two }),
//!     call: None,
//!     sinks: vec![Box::new(sink.clone())],
//! };
//! let observer = Arc::new(Silent::default());
//! let route = Route::start(parts, Arc::new(flow::memory::NoFunctions), Arc::new(SystemClock::new()), observer.clone())?;
//! observer.wait_for_end(Duration::from_secs(10)).expect("the source is short");
//! let values: Vec<String> = sink.events().iter().map(|event| event.value.to_string()).collect();
//! assert_eq!(values, ["[1,2]", "[3,4]"]);
//! # assert_eq!(route.stop(Duration::from_secs(10)).left, 0);
//! # Ok::<(), flow::StartRouteError>(())
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod memory;

mod call;
mod clock;
mod depth;
mod event;
mod pace;
mod queue;
mod route;
mod seen;
mod sink;
mod source;
mod spec;
mod topology;
mod window;

pub use call::Functions;
pub use clock::{Clock, Stop, SystemClock, VirtualClock};
pub use depth::{DEPTH_MAX, is_too_deep};
pub use event::{Event, EventId, StreamId, Timestamp};
pub use route::{
    Counters, Delivered, Inlet, InletError, Input, Route, RouteObserver, RouteParts, RouteStatus, StartRouteError,
    Stopped,
};
pub use seen::Seen;
pub use sink::{Sink, SinkError};
pub use source::{Source, SourceError};
pub use spec::{CallSpec, Policy, QueueSpec, RouteSpec, WindowSpec};
pub use topology::{Change, Changes, Follow, SlotSpec, Topology, diff};
