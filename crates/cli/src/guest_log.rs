//! What functions write to their log, where they run in this process: lines on standard error.

use std::io::{self, Write as _};
use std::sync::Arc;

use runtime::{HostFunctions, KvLimits, LogLine, LogSink, MemoryStore};

use crate::args::HostArguments;
use crate::render::printable::printable;
use crate::usage::usage;

/// What a function may ask that is called here: its store is empty and goes with the process.
///
/// # Errors
/// The configuration is too large, or is no use.
pub(crate) fn host_functions(arguments: &HostArguments) -> anyhow::Result<HostFunctions> {
    let store = Arc::new(MemoryStore::new(KvLimits::default()));
    let allow = arguments.allow.iter().copied().collect();
    let host = HostFunctions::over("", allow, store, Arc::new(StandardError));
    host.configuration().replace(arguments.configuration()?).map_err(|error| usage(format!("--config: {error}")))?;
    Ok(host)
}

struct StandardError;

impl LogSink for StandardError {
    fn line(&self, line: &LogLine<'_>) {
        // Nobody is left to tell that standard error is gone.
        drop(writeln!(io::stderr(), "{}", text(line)));
    }
}

fn text(line: &LogLine<'_>) -> String {
    let mut text = format!("{}: {}", line.level, printable(line.text));
    if line.cut {
        text.push_str(" ... (cut)");
    }
    if line.rehearsal {
        text.push_str(" (while the version was tried)");
    }
    if line.dropped > 0 {
        text.push_str(&format!(" ({} lines before it were dropped, as they came too fast)", line.dropped));
    }
    text
}
