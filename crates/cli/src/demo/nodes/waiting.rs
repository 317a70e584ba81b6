//! Waiting for what should happen.

use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

const LOOK: Duration = Duration::from_millis(50);

/// Looks again and again until it has happened.
///
/// # Errors
/// It did not happen for a long time, or looking failed.
pub(super) fn wait_until(what: &str, mut has_happened: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !has_happened()? {
        anyhow::ensure!(Instant::now() < until, "{what}: not so after {} s", PATIENCE.as_secs());
        thread::sleep(LOOK);
    }
    Ok(())
}
