//! Two versions of a slot while one of them is judged: which of them gets a call, and what follows from how they do.
//! Nothing here acts or reads a clock.

mod choice;
mod verdict;

pub use choice::{Chosen, Share, ShareError};
pub use verdict::{Compared, Failures, Fault, Observed, Terms, Verdict};
