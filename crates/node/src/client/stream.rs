//! Server-sent events, as the HTML standard has them: lines `field: value`, an empty line after each event.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::time::Duration;

use crate::body::NodeEvent;
use crate::client::ClientError;

/// A node says something at least every 15 s, if only that it is still there.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Longest line that is read, in bytes.
const LINE_MAX: u64 = 1 << 20;

/// What happens on a node, as it happens. It ends when the node ends the connection; [`NodeEvent::id`] of the last one
/// says where to go on.
pub struct EventStream {
    lines: BufReader<Box<dyn Read + Send>>,
    url: String,
    ended: bool,
}

impl EventStream {
    pub(super) fn new(reader: impl Read + Send + 'static, url: &str) -> Self {
        Self { lines: BufReader::new(Box::new(reader)), url: url.into(), ended: false }
    }

    /// The data of the next event; `None` at the end.
    fn data(&mut self) -> Result<Option<String>, ClientError> {
        let mut data: Option<String> = None;
        let mut line = String::new();
        loop {
            line.clear();
            let read = (&mut self.lines).take(LINE_MAX).read_line(&mut line).map_err(|error| self.failed(error))?;
            if read as u64 == LINE_MAX && !line.ends_with('\n') {
                return Err(self.malformed("a line of the stream of events is too long".into()));
            }
            if !line.ends_with('\n') {
                // An event that was cut off is sent again to whoever asks again.
                return Ok(None);
            }
            let text = line.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                if data.is_some() {
                    return Ok(data);
                }
            } else if let Some(value) = text.strip_prefix("data:") {
                let value = value.strip_prefix(' ').unwrap_or(value);
                let all = data.get_or_insert_default();
                if !all.is_empty() {
                    all.push('\n');
                }
                all.push_str(value);
                if all.len() as u64 > LINE_MAX {
                    return Err(self.malformed("an event is too long".into()));
                }
            }
        }
    }

    fn failed(&self, error: io::Error) -> ClientError {
        if error.kind() == io::ErrorKind::InvalidData {
            return self.malformed(error.to_string());
        }
        ClientError::of_transport(error.into(), &self.url, SILENCE_MAX)
    }

    fn malformed(&self, reason: String) -> ClientError {
        ClientError::Malformed { url: self.url.clone(), reason }
    }
}

impl Iterator for EventStream {
    type Item = Result<NodeEvent, ClientError>;

    /// Waits for the next event. After an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let event = self.data().and_then(|data| {
            let event = data.map(|data| serde_json::from_str(&data));
            event.transpose().map_err(|error| self.malformed(error.to_string()))
        });
        self.ended = !matches!(event, Ok(Some(_)));
        event.transpose()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("url", &self.url).field("ended", &self.ended).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(text: &str) -> EventStream {
        EventStream::new(io::Cursor::new(text.to_owned()), "http://127.0.0.1:1")
    }

    fn event(id: u64) -> NodeEvent {
        NodeEvent {
            id,
            time: 5,
            kind: "published".into(),
            level: "info".into(),
            subject: Some("stats".into()),
            message: "line one".into(),
            digest: None,
            step: None,
        }
    }

    fn data(id: u64) -> String {
        serde_json::to_string(&event(id)).unwrap()
    }

    #[test]
    fn events_are_told_apart_by_empty_lines() {
        let text = format!(
            ": here\n\nid: 1\nevent: published\ndata: {}\n\n:\n\ndata:{}\r\nretry: 5\r\n\r\n\ndata: {{\"cut\":",
            data(1),
            data(2)
        );
        let found: Vec<NodeEvent> = stream(&text).map(Result::unwrap).collect();
        assert_eq!(found, [event(1), event(2)]);
    }

    #[test]
    fn data_of_several_lines_is_one_event() {
        let pretty = serde_json::to_string_pretty(&event(7)).unwrap();
        let lines: String = pretty.lines().map(|line| format!("data: {line}\n")).collect();
        let found: Vec<NodeEvent> = stream(&format!("{lines}\n")).map(Result::unwrap).collect();
        assert_eq!(found, [event(7)]);
    }

    #[test]
    fn what_is_no_event_ends_the_stream() {
        let mut stream = stream(&format!("data: nothing\n\ndata: {}\n\n", data(1)));
        assert!(matches!(stream.next(), Some(Err(ClientError::Malformed { .. }))));
        assert!(stream.next().is_none());
    }

    #[test]
    fn lines_have_an_end() {
        let long = "x".repeat(usize::try_from(LINE_MAX).unwrap() + 1);
        assert!(matches!(stream(&long).next(), Some(Err(ClientError::Malformed { .. }))));
        let lines = format!("data: {}\n", "x".repeat(1 << 19)).repeat(3);
        assert!(matches!(stream(&lines).next(), Some(Err(ClientError::Malformed { .. }))));
    }
}
