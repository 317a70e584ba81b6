//! The clocks.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use wasmtime::Caller;

use super::memory::session;
use crate::instance::Host;

/// Nanoseconds since 1970. Devices without a battery for their clock begin there after each start.
pub(super) fn wall() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}

/// Nanoseconds since somebody first asked; the same for all instances of the process.
pub(super) fn monotonic() -> i64 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    i64::try_from(BEGIN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn clock_wall(mut caller: Caller<'_, Host>) -> wasmtime::Result<i64> {
    session(&mut caller)?;
    Ok(wall())
}

pub(super) fn clock_monotonic(mut caller: Caller<'_, Host>) -> wasmtime::Result<i64> {
    session(&mut caller)?;
    Ok(monotonic())
}
