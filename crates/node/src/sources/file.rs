//! A number out of a text file that others write: `/proc`, hwmon, thermal zones.

use std::io::Read;

use flow::{Source, SourceError};
use serde_json::Value;

use super::{failed, number, open};
use crate::config::FileSpec;

/// Larger files are no readings of a sensor.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// Characters of a word that a message shows.
const SHOWN_MAX: usize = 40;

/// Reads the file anew for each value.
#[derive(Debug)]
pub(super) struct FileSource {
    spec: FileSpec,
}

impl FileSource {
    pub(super) fn new(spec: FileSpec) -> Self {
        Self { spec }
    }

    fn text(&self) -> Result<String, SourceError> {
        let path = self.spec.path.display();
        let mut bytes = vec![];
        open(&self.spec.path)?
            .take(FILE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(format_args!("cannot read {path}: {error}")))?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(failed(format_args!("{path} is larger than 64 KiB: name a file that holds a reading")));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Source for FileSource {
    fn read(&mut self) -> Result<Option<Value>, SourceError> {
        let FileSpec { path, word, scale, round } = &self.spec;
        let text = self.text()?;
        let Some(found) = text.split_whitespace().nth(*word) else {
            let words = text.split_whitespace().count();
            let reason = format_args!("{} has {words} words, so there is no word {word}, from 0", path.display());
            return Err(failed(reason));
        };
        // What is not changed keeps all its digits.
        if let (true, Ok(integer)) = (*scale == 1.0, found.parse::<i64>()) {
            return Ok(Some(integer.into()));
        }
        let value = found.parse::<f64>().ok().and_then(|parsed| number(parsed * scale, *round));
        value.map(Some).ok_or_else(|| {
            let shown: String = found.chars().take(SHOWN_MAX).collect();
            failed(format_args!("word {word} of {} is `{shown}`, which is no number", path.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn source(path: &Path, word: usize, scale: f64, round: bool) -> FileSource {
        FileSource::new(FileSpec { path: path.to_owned(), word, scale, round })
    }

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, word: usize, scale: f64, round: bool, expected: Result<Value, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reading");
        fs::write(&path, text).unwrap();
        let found = source(&path, word, scale, round).read();
        match expected {
            Ok(expected) => assert_eq!(found, Ok(Some(expected))),
            Err(expected) => {
                let reason = found.unwrap_err().reason.replace(&path.display().to_string(), "PATH");
                assert_eq!(reason, expected);
            }
        }
    }

    #[test]
    fn a_word_is_scaled_and_rounded() {
        check("0.52 0.58 0.59 1/467 12\n", 1, 100.0, true, Ok(json!(58)));
        check("0.52 0.58", 0, 1.0, false, Ok(json!(0.52)));
        check("48250\n", 0, 0.001, false, Ok(json!(48.25)));
        check("  9007199254740993\n", 0, 1.0, true, Ok(json!(9_007_199_254_740_993_i64)));
        check("-7", 0, 1.0, false, Ok(json!(-7)));
        check(b"\xFF 3", 1, 2.0, true, Ok(json!(6)));
    }

    #[test]
    fn what_is_no_reading_is_an_error() {
        check("", 0, 1.0, false, Err("PATH has 0 words, so there is no word 0, from 0"));
        check("1 2", 2, 1.0, false, Err("PATH has 2 words, so there is no word 2, from 0"));
        check("12kB", 0, 1.0, false, Err("word 0 of PATH is `12kB`, which is no number"));
        check("inf", 0, 1.0, true, Err("word 0 of PATH is `inf`, which is no number"));
        check("1e308", 0, 1e10, true, Err("word 0 of PATH is `1e308`, which is no number"));
        check(vec![b'1'; 65537], 0, 1.0, false, Err("PATH is larger than 64 KiB: name a file that holds a reading"));
        check(vec![b' '; 65536], 0, 1.0, false, Err("PATH has 0 words, so there is no word 0, from 0"));
    }

    #[test]
    fn the_file_may_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reading");
        let mut source = source(&path, 0, 1.0, false);
        assert!(source.read().is_err());
        fs::write(&path, "1").unwrap();
        assert_eq!(source.read(), Ok(Some(json!(1))));
        fs::write(&path, "2").unwrap();
        assert_eq!(source.read(), Ok(Some(json!(2))));
        fs::remove_file(&path).unwrap();
        assert!(source.read().is_err());
        fs::create_dir(&path).unwrap();
        assert!(source.read().unwrap_err().reason.ends_with("it is not a file"));
    }
}
