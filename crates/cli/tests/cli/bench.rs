//! That everything is measured, and adds up; how long anything takes is never expected.

use serde_json::Value;

use crate::folder::Folder;

const ROWS: [(&str, Option<&str>); 15] = [
    ("native-noop", None),
    ("noop-held", Some("native-noop")),
    ("noop", Some("native-noop")),
    ("native-integers", None),
    ("typed", Some("native-integers")),
    ("native-json-noop", None),
    ("json-noop", Some("native-json-noop")),
    ("native-json", None),
    ("json", Some("native-json")),
    ("native-json-largest", None),
    ("classic", Some("native-json-largest")),
    ("native-json-floats", None),
    ("component-json", Some("native-json-floats")),
    ("native-floats", None),
    ("component-typed", Some("native-floats")),
];

/// The number at a key, which must be one, as JSON has no infinities.
#[track_caller]
fn number(of: &Value, key: &str) -> f64 {
    of[key].as_f64().unwrap_or_else(|| panic!("`{key}` of {of}"))
}

#[test]
fn every_row_is_measured_and_adds_up() {
    let folder = Folder::new();
    let report = folder.run(&["bench", "calls", "--quick", "--json", "--svg", "calls.svg"]).json();
    let rows = report["rows"].as_array().unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row["id"].as_str().unwrap(), row["native"].as_str())).collect();
    assert_eq!(found, ROWS);
    for row in rows {
        let [median, p90, p99, maximum] =
            ["median_ns", "p90_ns", "p99_ns", "maximum_ns"].map(|key| row[key].as_u64().unwrap());
        assert!(median <= p90 && p90 <= p99 && p99 <= maximum && maximum > 0, "{row}");
        let minimum = number(row, "minimum_ns");
        assert!(minimum > 0.0 && number(row, "calls") >= 6.0 && number(row, "single_calls") >= 3.0, "{row}");
        let Some(native) = row["native"].as_str() else { continue };
        let native = number(rows.iter().find(|row| row["id"] == native).unwrap(), "minimum_ns");
        let close = |key: &str, expected: f64| (number(row, key) - expected).abs() <= 1e-6 * expected.abs().max(1.0);
        assert!(close("ratio", minimum / native) && close("over_native_ns", minimum - native), "{row}");
    }

    let series = report["sweep"].as_array().unwrap();
    let ids: Vec<&str> = series.iter().map(|series| series["id"].as_str().unwrap()).collect();
    let expected =
        ["typed", "json-noop", "json", "classic", "component-json", "component-typed", "picture", "classic-picture"];
    assert_eq!(ids, expected);
    for series in series {
        let points = series["points"].as_array().unwrap();
        assert_eq!(points.len(), 3, "{series}");
        assert!(points.windows(2).all(|pair| number(&pair[0], "bytes") < number(&pair[1], "bytes")), "{series}");
        assert!(points.iter().all(|point| number(point, "ns") > 0.0 && number(point, "native_ns") > 0.0), "{series}");
        let finding = series["finding"].as_str().unwrap();
        let begin = if series["grows"].as_bool().unwrap() { "grows by " } else { "constant (" };
        assert!(finding.starts_with(begin) && number(series, "ns_per_byte").is_finite(), "{series}");
        number(series, "constant_ns");
    }
    for key in ["median_ns", "maximum_ns", "integers_median_ns", "native_median_ns"] {
        assert!(number(&report["idle"], key) > 0.0, "{key}");
    }
    assert!(number(&report["threads"], "ratio") > 0.0 && number(&report["threads"], "native_ratio") > 0.0);
    assert!(number(&report["overrun"], "median_ns") > 0.0 && number(&report["overrun"], "tick_ns") > 0.0);
    assert!(number(&report["clock"], "resolution_ns") > 0.0);
    assert_eq!(report["paper"].as_array().unwrap().len(), 3);

    let svg = String::from_utf8(folder.read("calls.svg")).unwrap();
    let elements = elements(&svg);
    let count = |name: &str| elements.iter().filter(|element| *element == name).count();
    assert_eq!((elements[0].as_str(), count("svg"), count("polyline")), ("svg", 1, 8));
    assert_eq!(count("rect"), 2 * 8 + 2, "two bars for each call, and the legend");
    assert!(!["NaN", "inf"].iter().any(|word| svg.contains(word)), "{svg}");
}

#[test]
fn tables_are_for_people() {
    let out = Folder::new().run(&["bench", "calls", "--quick"]).done();
    for part in [
        "the clock tells ",
        "typed no-op, held lease ",
        "component, typed ",
        "Beside Table II of the paper",
        "first call after 300 ms: no-op ",
        "two threads do ",
        "with a deadline of 20.0 ms it is stopped ",
        "6000 integers",
        "classic, picture: ",
    ] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
    assert!(!out.contains("NaN") && !out.contains("inf"), "{out}");
}

#[test]
fn wrong_options_are_refused() {
    let folder = Folder::new();
    folder.run(&["bench"]).failed(2, &["calls"]);
    folder.run(&["bench", "models"]).failed(2, &["unrecognized subcommand 'models'"]);
    folder.run(&["bench", "calls", "--seconds", "0"]).failed(2, &["0 is not in 1..=3600"]);
    folder.run(&["bench", "calls", "--seconds", "soon"]).failed(2, &["invalid value 'soon'"]);
    folder.run(&["bench", "calls", "--quick", "--seconds", "3"]).failed(2, &["cannot be used with"]);
    folder.run(&["bench", "calls", "--svg", "-"]).failed(2, &["standard streams are not supported here"]);
    folder.run(&["bench", "calls", "extra"]).failed(2, &["unexpected argument 'extra'"]);
}

#[test]
fn a_drawing_that_has_no_place_is_found_before_anything_is_measured() {
    let folder = Folder::new();
    folder.run(&["bench", "calls", "--seconds", "3600", "--svg", "missing/calls.svg"]).failed(1, &["missing"]);
}

/// Names of the elements of a document that is well-formed, in order.
fn elements(text: &str) -> Vec<String> {
    let (mut names, mut open) = (vec![], vec![]);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        assert!(!before.contains('>') && entities_are_known(before), "{before:?}");
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "what was opened last is closed first");
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        while !attributes.is_empty() {
            let (key, value) = attributes.split_once("=\"").expect("an attribute has a value");
            let (value, more) = value.split_once('"').expect("a value ends");
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !value.contains('<'), "{tag:?}");
            attributes = more.trim_start();
        }
        assert!(!open.is_empty() || names.is_empty(), "there is one outermost element");
        names.push(name.to_owned());
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest:?}");
    names
}

fn entities_are_known(text: &str) -> bool {
    text.split('&').skip(1).all(|rest| ["amp;", "lt;", "gt;", "quot;"].iter().any(|entity| rest.starts_with(entity)))
}
