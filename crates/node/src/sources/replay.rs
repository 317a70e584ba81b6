//! The rows of a CSV or JSON lines file, one value each.
//!
//! The file is read as its rows are asked for. A row that is wrong is an error and passed over; where the file itself
//! cannot be read, it is opened anew when the next value is due, and the rows that were given are skipped.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flow::{Source, SourceError};
use serde_json::{Map, Value};

use super::{failed, open};
use crate::config::ReplaySpec;

/// Longest row.
const ROW_BYTES_MAX: u64 = 1 << 20;

/// Reads the rows one after the other.
#[derive(Debug)]
pub(super) struct ReplaySource {
    spec: ReplaySpec,
    rows: Option<Rows>,
    /// Rows that were given or passed over since the beginning of the file.
    passed: u64,
}

/// An open file.
#[derive(Debug)]
enum Rows {
    Csv(Box<CsvRows>),
    Lines(LineRows),
}

/// What comes of a row.
enum Row {
    Value(Value),
    /// The row is wrong; those after it can be read.
    Wrong(String),
    /// Nothing more can be read.
    Lost(String),
    End,
}

impl ReplaySource {
    pub(super) fn new(spec: ReplaySpec) -> Self {
        Self { spec, rows: None, passed: 0 }
    }

    fn open(&self) -> Result<Rows, SourceError> {
        let ReplaySpec { path, column, .. } = &self.spec;
        let file = open(path)?;
        let is_csv = path.extension().is_some_and(|extension| extension == "csv");
        let mut rows = if is_csv {
            let rows = CsvRows::new(file, column.as_deref());
            Rows::Csv(Box::new(rows.map_err(|reason| failed(format_args!("{}: {reason}", path.display())))?))
        } else {
            Rows::Lines(LineRows { reader: BufReader::new(file), line: 0 })
        };
        for _ in 0..self.passed {
            match rows.next() {
                Row::Value(_) | Row::Wrong(_) => {}
                Row::End => break,
                Row::Lost(reason) => return Err(at(path, &reason)),
            }
        }
        Ok(rows)
    }
}

impl Source for ReplaySource {
    fn read(&mut self) -> Result<Option<Value>, SourceError> {
        let mut rows = match self.rows.take() {
            Some(rows) => rows,
            None => self.open()?,
        };
        let mut row = rows.next();
        if let (Row::End, true) = (&row, self.spec.repeat) {
            self.passed = 0;
            rows = self.open()?;
            row = match rows.next() {
                Row::End => Row::Wrong("the file has no rows to repeat".into()),
                row => row,
            };
        }
        let outcome = match row {
            Row::Value(value) => Ok(Some(value)),
            Row::Wrong(reason) => Err(at(&self.spec.path, &reason)),
            Row::Lost(reason) => return Err(at(&self.spec.path, &reason)),
            Row::End => Ok(None),
        };
        self.passed += u64::from(!matches!(outcome, Ok(None)));
        self.rows = Some(rows);
        outcome
    }
}

fn at(path: &Path, reason: &str) -> SourceError {
    failed(format_args!("{}: {reason}", path.display()))
}

impl Rows {
    fn next(&mut self) -> Row {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Lines(rows) => rows.next(),
        }
    }
}

/// Rows after a header row.
#[derive(Debug)]
struct CsvRows {
    reader: csv::Reader<Bounded<File>>,
    headers: Vec<String>,
    /// Position of the column whose fields are the values.
    column: Option<usize>,
    record: csv::StringRecord,
}

impl CsvRows {
    fn new(file: File, column: Option<&str>) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(Bounded::new(file));
        let headers = reader.headers().map_err(|error| csv_reason(&error))?;
        let headers: Vec<String> = headers.iter().map(str::to_owned).collect();
        let position = |wanted: &str| {
            let found = headers.iter().position(|header| header == wanted);
            found.ok_or_else(|| format!("line 1 has no column `{wanted}`, but {}", headers.join(", ")))
        };
        let column = column.map(position).transpose()?;
        let mut seen = HashSet::new();
        if let (None, Some(twice)) = (column, headers.iter().find(|header| !seen.insert(*header))) {
            return Err(format!("line 1 has the column `{twice}` twice: rename one, or choose a `column`"));
        }
        Ok(Self { reader, headers, column, record: csv::StringRecord::new() })
    }

    fn next(&mut self) -> Row {
        self.reader.get_mut().left = ROW_BYTES_MAX;
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Row::End,
            Ok(true) => Row::Value(match self.column {
                Some(column) => field(self.record.get(column).unwrap_or_default()),
                None => {
                    let fields = self.headers.iter().cloned().zip(self.record.iter().map(field));
                    Value::Object(fields.collect::<Map<_, _>>())
                }
            }),
            Err(error) if error.is_io_error() => Row::Lost(csv_reason(&error)),
            Err(error) => Row::Wrong(csv_reason(&error)),
        }
    }
}

fn csv_reason(error: &csv::Error) -> String {
    let line = error.position().map(csv::Position::line);
    match (error.kind(), line) {
        (csv::ErrorKind::UnequalLengths { expected_len, len, .. }, Some(line)) => {
            format!("line {line} has {len} fields, but line 1 has {expected_len}")
        }
        (csv::ErrorKind::Utf8 { .. }, Some(line)) => format!("line {line} is not UTF-8"),
        (_, _) => error.to_string(),
    }
}

/// A number where the field is one, else the text.
fn field(text: &str) -> Value {
    // JSON decides what a number is, so that neither `inf` nor `0x1` is one.
    let number = text.parse::<serde_json::Number>().ok().filter(|number| number.as_f64().is_some_and(f64::is_finite));
    number.map_or_else(|| text.into(), Value::Number)
}

/// A reader that fails when too much is read for one row.
#[derive(Debug)]
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R> Bounded<R> {
    fn new(inner: R) -> Self {
        Self { inner, left: ROW_BYTES_MAX }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a row is longer than 1 MiB, is a quote not closed?",
            ));
        }
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

/// Lines of any JSON; empty ones are passed over.
#[derive(Debug)]
struct LineRows {
    reader: BufReader<File>,
    line: u64,
}

impl LineRows {
    fn next(&mut self) -> Row {
        let mut text = vec![];
        loop {
            text.clear();
            let read = (&mut self.reader).take(ROW_BYTES_MAX + 1).read_until(b'\n', &mut text);
            match read {
                Err(error) => return Row::Lost(error.to_string()),
                Ok(0) => return Row::End,
                Ok(_) => self.line += 1,
            }
            if text.len() as u64 > ROW_BYTES_MAX {
                return match self.skip_line(&text) {
                    Ok(()) => Row::Wrong(format!("line {} is longer than 1 MiB", self.line)),
                    Err(error) => Row::Lost(error.to_string()),
                };
            }
            // Some programs mark a file as UTF-8.
            let json = text.strip_prefix("\u{FEFF}".as_bytes()).filter(|_| self.line == 1).unwrap_or(&text);
            if !json.trim_ascii().is_empty() {
                return match serde_json::from_slice(json) {
                    Ok(value) => Row::Value(value),
                    Err(error) => {
                        Row::Wrong(format!("line {} is not JSON, column {}: {error}", self.line, error.column()))
                    }
                };
            }
        }
    }

    /// Passes over the rest of a line that begins so.
    fn skip_line(&mut self, begun: &[u8]) -> io::Result<()> {
        if begun.ends_with(b"\n") {
            return Ok(());
        }
        loop {
            let buffered = self.reader.fill_buf()?;
            let (length, is_end) = match buffered.iter().position(|byte| *byte == b'\n') {
                Some(position) => (position + 1, true),
                None => (buffered.len(), buffered.is_empty()),
            };
            self.reader.consume(length);
            if is_end {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
