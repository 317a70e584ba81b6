//! What a route is, as data.

use std::num::NonZeroUsize;
use std::time::Duration;

/// What a full queue does with the next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Whoever brings it waits.
    Block,
    /// The oldest event makes place.
    DropOldest,
    /// The new event is dropped.
    DropNewest,
}

/// A bounded queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSpec {
    /// How many events it holds.
    pub capacity: NonZeroUsize,
    /// What happens to one more.
    pub policy: Policy,
}

/// Which events are given to a function together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowSpec {
    /// The last `size` events, after every `every`th event; `every == size` does not overlap. With `every < size`
    /// the first windows hold fewer events.
    Count {
        /// Events in a window.
        size: NonZeroUsize,
        /// Events between two windows.
        every: NonZeroUsize,
    },
    /// The events whose times lie in the same interval; intervals are aligned to the Unix epoch.
    Time {
        /// Length of the interval.
        length: Duration,
    },
}

/// A function that events are given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpec {
    /// Name of the slot.
    pub slot: String,
    /// Name of the function.
    pub function: String,
    /// `Some("values")` gives `{"values": ARGUMENT}` instead of the bare argument. The argument is the value of the
    /// event, or the list of the values of the window.
    pub field: Option<String>,
}

/// A route: source, window, function, sinks. `S` says what a source is, `K` what a sink is.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteSpec<S, K> {
    /// Where values come from.
    pub source: S,
    /// Time between two values; `None` as fast as they are taken, or as they arrive.
    pub every: Option<Duration>,
    /// Between the source and the rest.
    pub queue: QueueSpec,
    /// What is given to the function together.
    pub window: Option<WindowSpec>,
    /// What is done with values.
    pub call: Option<CallSpec>,
    /// Where the outcome goes.
    pub sinks: Vec<K>,
}
