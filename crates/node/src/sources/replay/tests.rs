use std::fs;

use serde_json::json;

use super::*;

/// What comes of a file, one after the other, to its end or 9 at most; `PATH` stands for its path.
fn read_all(name: &str, content: impl AsRef<[u8]>, column: Option<&str>, repeat: bool) -> Vec<Result<Value, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let mut source = ReplaySource::new(ReplaySpec { path: path.clone(), column: column.map(Into::into), repeat });
    let plain = |error: SourceError| error.reason.replace(&path.display().to_string(), "PATH");
    std::iter::from_fn(|| source.read().map_err(plain).transpose()).take(9).collect()
}

fn wrong(reason: &str) -> Result<Value, String> {
    Err(reason.into())
}

#[test]
fn csv_rows_are_objects_with_numbers_where_there_are_numbers() {
    let text = "time,value,note\n1,0.5,cold\n2, -3e2 ,\"a \"\"b\"\", c\"\n3,inf,0x1\n";
    let expected = [
        Ok(json!({"time": 1, "value": 0.5, "note": "cold"})),
        Ok(json!({"time": 2, "value": -300.0, "note": "a \"b\", c"})),
        Ok(json!({"time": 3, "value": "inf", "note": "0x1"})),
    ];
    assert_eq!(read_all("x.csv", text, None, false), expected);
}

#[test]
fn a_csv_column_gives_its_fields() {
    let text = "\u{FEFF}time,value\r\n1,7\r\n2,8\r\n";
    assert_eq!(read_all("x.csv", text, Some("value"), false), [Ok(json!(7)), Ok(json!(8))]);
    let missing = wrong("PATH: line 1 has no column `level`, but time, value");
    assert_eq!(read_all("x.csv", text, Some("level"), false), vec![missing; 9]);
}

#[test]
fn csv_columns_of_one_name_make_no_object() {
    let text = "a,b,a\n1,2,3\n";
    let twice = wrong("PATH: line 1 has the column `a` twice: rename one, or choose a `column`");
    assert_eq!(read_all("x.csv", text, None, false), vec![twice; 9]);
    assert_eq!(read_all("x.csv", text, Some("a"), false), [Ok(json!(1))]);
}

#[test]
fn wrong_csv_rows_are_named_and_passed_over() {
    let text = b"a,b\n1,2\n3\n4,\xFF\n5,6\n";
    let expected = [
        Ok(json!(1)),
        wrong("PATH: line 3 has 1 fields, but line 1 has 2"),
        wrong("PATH: line 4 is not UTF-8"),
        Ok(json!(5)),
    ];
    assert_eq!(read_all("x.csv", text, Some("a"), false), expected);
}

#[test]
fn a_csv_row_without_end_is_not_read_whole() {
    let text = format!("a\n1\n\"{}", "x".repeat(3 << 20));
    let found = read_all("x.csv", text, Some("a"), false);
    assert_eq!(found[..2], [Ok(json!(1)), wrong("PATH: a row is longer than 1 MiB, is a quote not closed?")]);
    assert_eq!(found[1], found[8]);
}

#[test]
fn json_lines_are_any_json() {
    let text = "\u{FEFF}1\n\n{\"a\": [true]}\r\n  \nnull\n\"last\"";
    let expected = [Ok(json!(1)), Ok(json!({"a": [true]})), Ok(Value::Null), Ok(json!("last"))];
    assert_eq!(read_all("x.jsonl", text, None, false), expected);
}

#[test]
fn wrong_json_lines_are_named_and_passed_over() {
    let long = format!("1\n\"{}\"\n2\n{}\n[1,\n\u{FEFF}3\n4\n", "x".repeat(3 << 20), "[".repeat(1000));
    let found = read_all("x.jsonl", long, None, false);
    let lines: Vec<String> = found.iter().map(|row| row.clone().map_or_else(|e| e, |v| v.to_string())).collect();
    let starts = [
        "1",
        "PATH: line 2 is longer than 1 MiB",
        "2",
        "PATH: line 4 is not JSON",
        "PATH: line 5 is not JSON",
        "PATH: line 6 is not JSON",
        "4",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn a_repeated_file_begins_anew_at_its_end() {
    let values = |repeat| read_all("x.jsonl", "1\n2\n", None, repeat);
    assert_eq!(values(false), [Ok(json!(1)), Ok(json!(2))]);
    let twice: Vec<_> = [1, 2].into_iter().cycle().take(9).map(|n| Ok(json!(n))).collect();
    assert_eq!(values(true), twice);
    let twice: Vec<_> = [1, 2].into_iter().cycle().take(9).map(|n| Ok(json!(n))).collect();
    assert_eq!(read_all("x.csv", "a\n1\n2\n", Some("a"), true), twice);
}

#[test]
fn a_file_without_rows_ends_or_cannot_be_repeated() {
    for (name, text) in [("x.csv", "a,b\n"), ("x.csv", ""), ("x.jsonl", ""), ("x.jsonl", "\n\n")] {
        assert_eq!(read_all(name, text, None, false), []);
        assert_eq!(read_all(name, text, None, true), vec![wrong("PATH: the file has no rows to repeat"); 9]);
    }
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonl");
    let mut source = ReplaySource::new(ReplaySpec { path: path.clone(), column: None, repeat: false });
    assert!(source.read().unwrap_err().reason.starts_with("cannot read"));
    fs::write(&path, "1\n").unwrap();
    assert_eq!((source.read(), source.read(), source.read()), (Ok(Some(json!(1))), Ok(None), Ok(None)));
}

#[test]
fn a_file_that_is_opened_anew_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, "a\n1\nx,y\n3\n").unwrap();
    let mut source = ReplaySource::new(ReplaySpec { path, column: Some("a".into()), repeat: false });
    assert_eq!(source.read(), Ok(Some(json!(1))));
    assert!(source.read().is_err());
    source.rows = None;
    assert_eq!((source.read(), source.read()), (Ok(Some(json!(3))), Ok(None)));
}
