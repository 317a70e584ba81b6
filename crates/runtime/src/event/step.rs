//! The steps of a deployment, in their order, and what is told of each.

use std::fmt;
use std::time::Duration;

use abi::Digest;

/// A step of the way from a file to a live version that nobody doubts any more. A deployment takes those that concern it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// A content came: a file changed, or somebody sent it. The time is what passed until its deployment began.
    Notice,
    /// Its file stands still, or proves itself whole.
    Settle,
    /// Its seal holds.
    Prove,
    /// It is read, held against the limits, and compiled.
    Compile,
    /// It offers what callers of the live version use.
    Compare,
    /// Its first instance is started. Others follow after the switch, of which no step tells.
    Warm,
    /// It finds itself fit, gives its known answers, and survives the last arguments. Where the instance that was tried
    /// must not serve, another one is started in its place.
    Check,
    /// The state of the live version is handed over to it.
    HandOver,
    /// It takes the place of the live version.
    Switch,
    /// The version before finishes its calls and is dropped.
    Drain,
    /// It serves under observation.
    Probation,
    /// The version before takes its place back.
    RollBack,
    /// It is what a restart brings back.
    Permanent,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::Notice,
        Self::Settle,
        Self::Prove,
        Self::Compile,
        Self::Compare,
        Self::Warm,
        Self::Check,
        Self::HandOver,
        Self::Switch,
        Self::Drain,
        Self::Probation,
        Self::RollBack,
        Self::Permanent,
    ];

    /// Its name, for programs: `notice`, `hand-over` ...
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Settle => "settle",
            Self::Prove => "prove",
            Self::Compile => "compile",
            Self::Compare => "compare",
            Self::Warm => "warm",
            Self::Check => "check",
            Self::HandOver => "hand-over",
            Self::Switch => "switch",
            Self::Drain => "drain",
            Self::Probation => "probation",
            Self::RollBack => "roll-back",
            Self::Permanent => "permanent",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepEnd {
    /// The deployment goes on.
    Done,
    /// There was nothing to do; the deployment goes on.
    Skipped,
    /// The candidate is refused.
    Failed,
    /// The step was not begun, since a newer candidate came.
    Cancelled,
}

impl StepEnd {
    /// Its name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for StepEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEvent {
    /// Name of the slot.
    pub slot: String,
    /// Which deployment of the slot, counted from 1.
    pub deployment: u64,
    /// The candidate.
    pub digest: Digest,
    /// The step.
    pub step: Step,
    /// How it ended.
    pub end: StepEnd,
    /// How long it took.
    pub took: Duration,
    /// Why it failed, was cancelled, or had nothing to do.
    pub reason: Option<String>,
}
