//! What a slot allows.

use std::time::Duration;

use crate::FaultPoints;

/// What a slot allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotPolicy {
    /// Whether a version may lack or change functions of the one before.
    pub allow_breaking: bool,
    /// How long leases of a replaced version may still begin calls.
    pub drain: Duration,
}

impl Default for SlotPolicy {
    /// Nothing may break; 30 s to drain.
    fn default() -> Self {
        Self { allow_breaking: false, drain: Duration::from_secs(30) }
    }
}

/// What belongs to a slot for as long as it is there.
#[derive(Debug, Clone, Default)]
pub struct SlotOptions {
    /// What it allows.
    pub policy: SlotPolicy,
    /// What hears of the places between the steps of a deployment.
    pub faults: FaultPoints,
}
