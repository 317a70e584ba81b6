//! A file of events, one line of JSON each.
//!
//! The file is opened for each event and the line is written at once. So an event is in the hands of the system when
//! [`Sink::write`] returns, others may move the file away, and a full disk is over as soon as there is room again. It is
//! not forced to the medium: a loss of power can take the last seconds.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use flow::{Event, Sink, SinkError};

use super::{failed, line};
use crate::config::JsonLinesSpec;

/// Appends to the file, and begins it anew when it is full.
#[derive(Debug)]
pub(super) struct JsonLines {
    spec: JsonLinesSpec,
    /// Length of the file after the last event; whatever else it is was written by others or by an earlier run.
    length: Option<u64>,
}

impl JsonLines {
    pub(super) fn new(spec: JsonLinesSpec) -> Self {
        Self { spec, length: None }
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let (mut file, mut length) = self.open()?;
        let needed = line.len() as u64;
        if length > 0 && length.saturating_add(needed) > self.spec.max_bytes {
            drop(file);
            fs::rename(&self.spec.path, self.spec.older())?;
            (file, length) = self.open()?;
        }
        let is_foreign = self.length != Some(length);
        self.length = None;
        let mut text = vec![];
        // A line that was cut off stays a line of its own.
        if is_foreign && length > 0 && last_byte(&mut file)? != b'\n' {
            text.push(b'\n');
        }
        text.extend_from_slice(line);
        append_whole(&mut file, length, &text)?;
        self.length = Some(length.saturating_add(text.len() as u64));
        Ok(())
    }

    fn open(&self) -> io::Result<(File, u64)> {
        let path = &self.spec.path;
        // Opening anything else may take forever.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
        }
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    }
}

impl Sink for JsonLines {
    fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        let line = line(event)?;
        let appended = self.append(&line);
        appended.map_err(|error| {
            let path = self.spec.path.display();
            match error.kind() {
                ErrorKind::StorageFull => {
                    failed(format_args!("cannot write {path}: the disk is full, make room on it"))
                }
                ErrorKind::NotFound => failed(format_args!("cannot write {path}: its folder is not there, make it")),
                _ => failed(format_args!("cannot write {path}: {error}")),
            }
        })
    }
}

/// What a file of lines can do.
trait Lines: Write {
    /// Takes away what lies beyond the length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Lines for File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// Writes all of the text at the end of a file of this length, or nothing.
fn append_whole(file: &mut impl Lines, length: u64, text: &[u8]) -> io::Result<()> {
    file.write_all(text).inspect_err(|_| {
        // Where a part stays all the same, the next event begins a new line.
        if let Err(error) = file.cut(length) {
            tracing::debug!(%error, "cannot remove a part of an event");
        }
    })
}

fn last_byte(file: &mut File) -> io::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use flow::Timestamp;
    use flow::memory::event;

    use super::*;

    fn sink(path: &Path, max_bytes: u64) -> JsonLines {
        JsonLines::new(JsonLinesSpec { path: path.to_owned(), max_bytes })
    }

    fn write(sink: &mut JsonLines, sequence: u64) -> Result<(), String> {
        sink.write(&event(sequence, Timestamp(5))).map_err(|error| error.reason)
    }

    /// The positions of the events of a file; what is no event is the text itself.
    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text}");
        text.lines()
            .map(|line| serde_json::from_str(line).map_or_else(|_| line.into(), |e: Event| e.id.sequence.to_string()))
            .collect()
    }

    #[test]
    fn events_are_appended_and_there_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut first = sink(&path, 1 << 20);
        write(&mut first, 0).unwrap();
        assert_eq!(lines(&path), ["0"]);
        write(&mut first, 1).unwrap();
        write(&mut sink(&path, 1 << 20), 2).unwrap();
        assert_eq!(lines(&path), ["0", "1", "2"]);
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        fs::write(&path, "{\"origin\":\"dev").unwrap();
        let mut sink = sink(&path, 1 << 20);
        write(&mut sink, 0).unwrap();
        write(&mut sink, 1).unwrap();
        assert_eq!(lines(&path), ["{\"origin\":\"dev", "0", "1"]);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"foreign").unwrap();
        write(&mut sink, 2).unwrap();
        assert_eq!(lines(&path), ["{\"origin\":\"dev", "0", "1", "foreign", "2"]);
    }

    #[test]
    fn a_full_file_becomes_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let length = line(&event(0, Timestamp(5))).unwrap().len() as u64;
        let mut sink = sink(&path, 2 * length);
        for sequence in 0..5 {
            write(&mut sink, sequence).unwrap();
        }
        assert_eq!((lines(&path), lines(&sink.spec.older())), (vec!["4".into()], vec!["2".into(), "3".into()]));
    }

    #[test]
    fn an_event_that_is_larger_than_a_file_has_one_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut sink = sink(&path, 1);
        for sequence in 0..3 {
            write(&mut sink, sequence).unwrap();
        }
        assert_eq!((lines(&path), lines(&sink.spec.older())), (vec!["2".into()], vec!["1".into()]));
    }

    #[test]
    fn the_file_may_be_moved_and_its_folder_may_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        let path = inner.join("out.jsonl");
        let mut sink = sink(&path, 1 << 20);
        let missing = format!("cannot write {}: its folder is not there, make it", path.display());
        assert_eq!(write(&mut sink, 0), Err(missing.clone()));
        fs::create_dir(&inner).unwrap();
        write(&mut sink, 1).unwrap();
        fs::rename(&path, inner.join("kept")).unwrap();
        write(&mut sink, 2).unwrap();
        assert_eq!((lines(&inner.join("kept")), lines(&path)), (vec!["1".into()], vec!["2".into()]));
        fs::remove_dir_all(&inner).unwrap();
        assert_eq!(write(&mut sink, 3), Err(missing));
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let expected = format!("cannot write {}: it is not a file", folder.path().display());
        assert_eq!(write(&mut sink(folder.path(), 1 << 20), 0), Err(expected));
    }

    /// A disk with room for some bytes.
    struct Disk {
        content: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let length = bytes.len().min(self.room - self.content.len());
            if length == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.content.extend_from_slice(&bytes[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Lines for Disk {
        fn cut(&mut self, length: u64) -> io::Result<()> {
            self.content.truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_keeps_no_part_of_an_event() {
        let mut disk = Disk { content: b"first\n".to_vec(), room: 9 };
        assert_eq!(append_whole(&mut disk, 6, b"second\n").unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(disk.content, b"first\n");
        disk.room = 20;
        append_whole(&mut disk, 6, b"third\n").unwrap();
        assert_eq!(disk.content, b"first\nthird\n");
    }
}
