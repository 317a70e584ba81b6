//! Where the values of a node come from, one file for each kind.
//!
//! A source opens nothing when it is made. What cannot be read is an error each time that a value is due, so that a file
//! may appear, vanish and come back while the node runs.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use flow::{Input, Seen, Source, SourceError};
use serde_json::{Number, Value};

use crate::config::SourceSpec;

mod file;
mod replay;
mod signal;

/// How the values of a route come in; `every` is the time between two of them, `seen` what was taken of other nodes.
#[must_use]
pub fn input(spec: &SourceSpec, every: Option<Duration>, seen: &Seen) -> Input {
    let source: Box<dyn Source> = match spec {
        SourceSpec::File(spec) => Box::new(file::FileSource::new(spec.clone())),
        SourceSpec::Replay(spec) => Box::new(replay::ReplaySource::new(spec.clone())),
        SourceSpec::Signal(spec) => Box::new(signal::SignalSource::new(spec.clone())),
        SourceSpec::Push => return Input::Pushed,
        SourceSpec::Nodes(_) => return Input::Received(seen.clone()),
    };
    Input::Polled { source, every }
}

fn failed(reason: impl fmt::Display) -> SourceError {
    SourceError { reason: reason.to_string() }
}

/// Opens a file, but nothing that would let a reader wait or never end.
fn open(path: &Path) -> Result<File, SourceError> {
    let cannot = |error: io::Error| failed(format_args!("cannot read {}: {error}", path.display()));
    if !path.metadata().map_err(cannot)?.is_file() {
        return Err(failed(format_args!("cannot read {}: it is not a file", path.display())));
    }
    File::open(path).map_err(cannot)
}

/// A number as JSON, an integer where it is rounded and not too large; `None` for what JSON does not have.
fn number(value: f64, round: bool) -> Option<Value> {
    /// Up to here every integer has its own floating point number.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if round && value.abs() <= EXACT_MAX {
        return format!("{:.0}", value.round()).parse::<i64>().ok().map(Value::from);
    }
    Number::from_f64(if round { value.round() } else { value }).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_rounded_to_integers_where_that_is_exact() {
        for (value, round, expected) in [
            (0.5, false, Some(json!(0.5))),
            (0.5, true, Some(json!(1))),
            (-0.4, true, Some(json!(0))),
            (-2.5, true, Some(json!(-3))),
            (9e15, true, Some(json!(9_000_000_000_000_000_i64))),
            (1e300, true, Some(json!(1e300))),
            (f64::INFINITY, true, None),
            (f64::NAN, false, None),
        ] {
            assert_eq!(number(value, round), expected, "{value}");
        }
    }
}
