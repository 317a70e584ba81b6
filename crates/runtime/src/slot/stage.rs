//! One step after the other: times each, tells of it, and passes its fault point.

use std::error::Error;
use std::time::{Duration, Instant};

use abi::Digest;

use super::inbox::Ticket;
use crate::event::{Events, Step, StepEnd, StepEvent};
use crate::publish_error::PublishError;
use crate::{FaultPoint, FaultPoints, one_line};

/// Where a deployment is.
pub(super) struct Stage<'a> {
    pub(super) events: &'a Events,
    pub(super) faults: &'a FaultPoints,
    pub(super) ticket: &'a Ticket<'a>,
    pub(super) digest: Digest,
}

impl Stage<'_> {
    /// Takes a step.
    pub(super) fn step<R, E: Error>(
        &self,
        step: Step,
        point: FaultPoint,
        work: impl FnOnce() -> Result<R, E>,
    ) -> Result<R, E> {
        let begun = Instant::now();
        match work() {
            Ok(done) => {
                self.done(step, point, begun.elapsed());
                Ok(done)
            }
            Err(error) => {
                self.failed(step, begun.elapsed(), &error);
                Err(error)
            }
        }
    }

    /// A step was taken.
    pub(super) fn done(&self, step: Step, point: FaultPoint, took: Duration) {
        self.faults.pass(point);
        self.tell(step, StepEnd::Done, took, None);
    }

    /// A step was taken in vain.
    pub(super) fn failed(&self, step: Step, took: Duration, error: &dyn Error) {
        self.tell(step, StepEnd::Failed, took, Some(one_line(error)));
    }

    /// There is nothing to do in a step.
    pub(super) fn skip(&self, step: Step, reason: &str) {
        self.tell(step, StepEnd::Skipped, Duration::ZERO, Some(reason.into()));
    }

    /// Whether `step` may begin: not where a newer candidate came.
    pub(super) fn may_begin(&self, step: Step) -> Result<(), PublishError> {
        let Some(by) = self.ticket.newer() else { return Ok(()) };
        let error = PublishError::Superseded { by };
        self.tell(step, StepEnd::Cancelled, Duration::ZERO, Some(error.to_string()));
        Err(error)
    }

    fn tell(&self, step: Step, end: StepEnd, took: Duration, reason: Option<String>) {
        let (slot, deployment) = (self.events.slot(), self.ticket.number());
        tracing::debug!(slot, deployment, digest = %self.digest, %step, %end, ?took, reason, "step");
        let (slot, digest) = (slot.into(), self.digest);
        self.events.tell(&StepEvent { slot, deployment, digest, step, end, took, reason });
    }
}
