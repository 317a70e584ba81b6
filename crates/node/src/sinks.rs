//! Where the events of a node go, one file for each kind.

use std::fmt;

use flow::{Event, Sink, SinkError};

use crate::config::SinkSpec;

mod json_lines;
mod stdout;

/// The sink of a specification. It opens nothing before the first event. `upstream` gives the one that sends events to
/// the upstream node.
#[must_use]
pub fn open(spec: &SinkSpec, upstream: impl FnOnce() -> Box<dyn Sink>) -> Box<dyn Sink> {
    match spec {
        SinkSpec::Stdout => Box::new(stdout::Stdout::new()),
        SinkSpec::JsonLines(spec) => Box::new(json_lines::JsonLines::new(spec.clone())),
        SinkSpec::Upstream => upstream(),
    }
}

fn failed(reason: impl fmt::Display) -> SinkError {
    SinkError { reason: reason.to_string() }
}

/// `{"origin", "route", "start", "sequence", "time", "value"}` and the end of the line.
fn line(event: &Event) -> Result<Vec<u8>, SinkError> {
    let written = serde_json::to_vec(event);
    let mut line = written.map_err(|error| failed(format_args!("the event {} has no JSON: {error}", event.id)))?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use flow::Timestamp;
    use flow::memory::event;

    use super::*;

    #[test]
    fn a_line_tells_whose_event_it_is_and_its_value() {
        let mut event = event(7, Timestamp(1_000_000));
        event.value = serde_json::json!({"text": "a\nb"});
        let expected = concat!(
            r#"{"origin":"origin","route":"route","start":1,"sequence":7,"time":1000000,"value":{"text":"a\nb"}}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(line(&event).unwrap()).unwrap(), expected);
    }
}
