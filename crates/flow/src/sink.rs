//! Where events go.

use crate::Event;

/// Why a sink did not take an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SinkError {
    /// What is wrong, where, and what to do.
    pub reason: String,
}

/// A place that takes events, in their order.
pub trait Sink: Send {
    /// Takes one event. Blocks where the sink cannot keep up.
    ///
    /// # Errors
    /// [`SinkError`]: the event is lost to this sink.
    fn write(&mut self, event: &Event) -> Result<(), SinkError>;
}
