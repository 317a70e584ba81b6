//! Lines for the log: bounded in length, and in number over time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use abi::Digest;
use abi::host::LOG_BYTES_MAX;
use wasmtime::Caller;

use super::memory::{abort, enter};
use crate::instance::Host;

/// Lines that may come at once.
const BURST: u32 = 100;
/// Time after which one more may come.
const PACE: Duration = Duration::from_millis(50);

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something is lost, or a person is needed.
    Error,
    /// Something is odd.
    Warn,
    /// Something was done.
    Info,
    /// Something for whoever looks for a mistake.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// From the number that functions give: 1 is an error, 5 a trace.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        const LEVELS: [LogLevel; 5] =
            [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];
        LEVELS.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// In lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a function said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine<'a> {
    /// Name of the slot.
    pub slot: &'a str,
    /// The version.
    pub digest: Digest,
    /// How grave it is.
    pub level: LogLevel,
    /// The line, of at most 4096 bytes before characters that are none were replaced. It may hold any character: whoever
    /// shows it takes care of those that move a cursor.
    pub text: &'a str,
    /// Whether it was longer.
    pub cut: bool,
    /// Whether the version is only tried out.
    pub rehearsal: bool,
    /// Lines that were dropped since the last one, because they came too fast.
    pub dropped: u64,
}

/// Where lines go. Called while the function waits, so it must not block.
pub trait LogSink: Send + Sync {
    /// Takes a line.
    fn line(&self, line: &LogLine<'_>);
}

/// The log of the process: each line is an event of `tracing`, with slot, version and text as fields.
#[derive(Debug, Clone, Copy)]
pub struct ProcessLog;

impl LogSink for ProcessLog {
    fn line(&self, line: &LogLine<'_>) {
        macro_rules! event {
            ($level:ident) => {{
                let LogLine { slot, text, cut, rehearsal, dropped, .. } = *line;
                let digest = line.digest.short();
                tracing::event!(tracing::Level::$level, slot, %digest, text, cut, rehearsal, dropped, "a function says");
            }};
        }
        match line.level {
            LogLevel::Error => event!(ERROR),
            LogLevel::Warn => event!(WARN),
            LogLevel::Info => event!(INFO),
            LogLevel::Debug => event!(DEBUG),
            LogLevel::Trace => event!(TRACE),
        }
    }
}

/// A line without its text.
pub(super) struct Line<'a> {
    pub(super) slot: &'a str,
    pub(super) digest: Digest,
    pub(super) level: LogLevel,
    pub(super) rehearsal: bool,
}

/// The log of one slot.
pub(super) struct Log {
    sink: Arc<dyn LogSink>,
    serving: Mutex<Rate>,
    /// So that a version that is tried out takes nothing from the one that serves.
    rehearsing: Mutex<Rate>,
}

impl Log {
    pub(super) fn new(sink: Arc<dyn LogSink>) -> Self {
        Self { sink, serving: Mutex::default(), rehearsing: Mutex::default() }
    }

    pub(super) fn write(&self, line: &Line<'_>, bytes: &[u8], now: Instant) {
        let rate = if line.rehearsal { &self.rehearsing } else { &self.serving };
        let Some(dropped) = rate.lock().unwrap_or_else(PoisonError::into_inner).take(now) else { return };
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOG_BYTES_MAX)]);
        let cut = bytes.len() > LOG_BYTES_MAX;
        // What is left of a character at the cut is not worth a sign.
        let text = if cut { text.trim_end_matches(char::REPLACEMENT_CHARACTER) } else { &text };
        let &Line { slot, digest, level, rehearsal } = line;
        self.sink.line(&LogLine { slot, digest, level, text, cut, rehearsal, dropped });
    }
}

/// How many lines may still come.
#[derive(Debug, Default)]
struct Rate {
    /// Lines that count, and since when.
    spent: u32,
    since: Option<Instant>,
    dropped: u64,
}

impl Rate {
    /// The right to one more line, with the number of those that were dropped before it.
    fn take(&mut self, now: Instant) -> Option<u64> {
        let since = *self.since.get_or_insert(now);
        let earned = now.saturating_duration_since(since).as_nanos() / PACE.as_nanos();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        if earned >= self.spent {
            (self.spent, self.since) = (0, Some(now));
        } else {
            self.spent -= earned;
            self.since = since.checked_add(PACE * earned);
        }
        if self.spent >= BURST {
            self.dropped += 1;
            return None;
        }
        self.spent += 1;
        Some(std::mem::take(&mut self.dropped))
    }
}

pub(super) fn log(mut caller: Caller<'_, Host>, level: i32, text: i32, len: i32) -> wasmtime::Result<()> {
    let call = enter(&mut caller)?;
    let text = call.bytes("text given to `log`", text, len)?;
    let level = LogLevel::from_number(level)
        .ok_or_else(|| abort(format!("`log` was given the level {level}: 1 is an error, 5 a trace")))?;
    call.session.log(level, text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines at these milliseconds; answers how many were dropped before each that passed.
    #[track_caller]
    fn check_rate(milliseconds: &[u64], expected: &[Option<u64>]) {
        let (mut rate, begin) = (Rate::default(), Instant::now());
        for _ in 0..BURST {
            assert_eq!(rate.take(begin), Some(0));
        }
        let found: Vec<_> = milliseconds.iter().map(|&at| rate.take(begin + Duration::from_millis(at))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn after_a_burst_lines_come_at_a_pace() {
        check_rate(&[0, 49, 50, 51, 100], &[None, None, Some(2), None, Some(1)]);
        check_rate(&[99, 99, 100, 100], &[Some(0), None, Some(1), None]);
        check_rate(&[10_000; 101], &[&[Some(0); 100][..], &[None]].concat());
    }

    #[test]
    fn levels_have_numbers_and_names() {
        assert_eq!(LogLevel::from_number(1), Some(LogLevel::Error));
        assert_eq!(LogLevel::from_number(5), Some(LogLevel::Trace));
        for number in [0, 6, -1, i32::MIN, i32::MAX] {
            assert_eq!(LogLevel::from_number(number), None);
        }
        assert_eq!(LogLevel::Debug.to_string(), "debug");
    }
}
