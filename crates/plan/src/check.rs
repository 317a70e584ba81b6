//! The independent checker: compares every step with its node, then replays the schedule on tags instead of numbers.
//!
//! Every word of the arena carries the tag of the element that was written there last. A step may read a value only if
//! each of its words carries the tag of exactly that element, before the step and after it has written, and a border
//! only if each of its words is zero. What a node reads, with which border and into which shape, is derived from the
//! graph; of the plan only addresses and strides are believed. Packed weights are checked for their place and size,
//! not for their numbers, but for tables, which say where a kernel reads.

use ir::Graph;

use crate::{Plan, Step};

mod replay;
mod roots;
mod structure;
mod tags;

/// A schedule that would compute a wrong result: a defect of the planner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A word does not hold what a step needs.
    #[error("{at} needs element {element} of value {value} at address {address}, which holds {found}")]
    Stale {
        /// The step.
        at: At,
        /// Index of the value.
        value: usize,
        /// Element in row-major order; of a border, its number.
        element: usize,
        /// Where it should be.
        address: u64,
        /// What is there.
        found: String,
    },
    /// A step touches a byte outside the memory that is its own.
    #[error("{at} touches address {address}, outside of what it may")]
    Outside {
        /// The step.
        at: At,
        /// The address.
        address: u64,
    },
    /// A step does not do what its node says.
    #[error("{at} does not fit its node: {what}")]
    Mismatch {
        /// The step.
        at: At,
        /// What differs.
        what: &'static str,
    },
    /// A node has neither a step nor an alias.
    #[error("`{origin}` is never computed")]
    Missing {
        /// The ONNX node.
        origin: String,
    },
    /// The plan as a whole contradicts itself or the graph.
    #[error("{what}")]
    Plan {
        /// What is wrong.
        what: &'static str,
    },
}

/// Where in the schedule something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Index of the step, or the number of steps for what the host reads at the end.
    pub step: usize,
    /// What is computed; `host` for the host.
    pub kernel: &'static str,
    /// The ONNX node.
    pub origin: String,
}

impl At {
    fn of(index: usize, step: &Step) -> Self {
        Self { step: index, kernel: step.kernel.name(), origin: step.origin.clone() }
    }

    fn host(step: usize) -> Self {
        Self { step, kernel: "host", origin: "host".into() }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {} ({} at `{}`)", self.step, self.kernel, self.origin)
    }
}

/// Checks a plan: its structure, then two inferences, as on a fresh instance and on one that has served before.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(plan: &Plan) -> Result<(), CheckError> {
    structure::check(plan)?;
    replay::check(plan)
}

/// Which values have no step, by index.
fn aliases(plan: &Plan, graph: &Graph) -> Vec<bool> {
    let mut is_alias = vec![false; graph.values().len()];
    plan.aliases.iter().for_each(|alias| is_alias[alias.index()] = true);
    is_alias
}

#[cfg(test)]
mod tests;
