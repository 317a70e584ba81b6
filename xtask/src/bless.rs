//! Accepts what the tests say as the new expectation.

use crate::child;
use crate::ci::TEST_TARGETS;

/// Runs the tests whose names contain `filter` (all if empty) and lets them rewrite their expectations. Answers
/// whether everything else in them held.
///
/// The tests of one program run in one process here, unlike in CI: inline expectations are rewritten in the source
/// file, and processes that did so side by side would destroy it.
///
/// # Errors
/// Cargo cannot be started.
pub fn run(filter: &[String]) -> anyhow::Result<bool> {
    let mut cargo = child::cargo();
    cargo.args(["test", "--locked", "--no-fail-fast"]).args(TEST_TARGETS).arg("--").args(filter);
    cargo.env("BLESS", "1").env("UPDATE_EXPECT", "1");
    let held = child::run(cargo, None)?;
    println!("read the difference as code before you commit it: git diff");
    Ok(held)
}
