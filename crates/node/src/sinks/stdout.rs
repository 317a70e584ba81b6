//! Standard output, one line of JSON for each event. A line is written whole and at once.

use std::io::{self, Write};

use flow::{Event, Sink, SinkError};

use super::{failed, line};

/// A stream of lines that others may write as well.
#[derive(Debug)]
pub(super) struct Stdout<W> {
    stream: W,
}

impl Stdout<io::Stdout> {
    pub(super) fn new() -> Self {
        Self { stream: io::stdout() }
    }
}

impl<W: Write + Send> Sink for Stdout<W> {
    fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        let line = line(event)?;
        // Standard output is locked for the whole of one `write_all`.
        let written = self.stream.write_all(&line).and_then(|()| self.stream.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => failed("nobody reads standard output any more"),
            _ => failed(format_args!("cannot write to standard output: {error}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use flow::Timestamp;
    use flow::memory::event;

    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_event_is_a_line() {
        let mut sink = Stdout { stream: vec![] };
        for sequence in 0..2 {
            sink.write(&event(sequence, Timestamp(5))).unwrap();
        }
        let text = String::from_utf8(sink.stream).unwrap();
        let sequences: Vec<u64> =
            text.lines().map(|line| serde_json::from_str::<Event>(line).unwrap().id.sequence).collect();
        assert_eq!(sequences, [0, 1]);
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let reason = |kind| Stdout { stream: Broken(kind) }.write(&event(0, Timestamp(5))).unwrap_err().reason;
        assert_eq!(reason(io::ErrorKind::BrokenPipe), "nobody reads standard output any more");
        assert_eq!(reason(io::ErrorKind::StorageFull), "cannot write to standard output: no storage space");
    }
}
