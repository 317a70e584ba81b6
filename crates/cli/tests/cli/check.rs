//! Checks configurations without running them.

use serde_json::{Value, json};

use crate::folder::{Folder, workspace};

const NODE: &str = "[node]\nname = \"n\"\nlayer = \"edge\"\nlisten = \"127.0.0.1:0\"\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("stats.wasm", std::fs::read(workspace("guests/prebuilt/stats-v1.wasm")).unwrap());
    folder.write("plain.wasm", std::fs::read(workspace("guests/prebuilt/plain-stats.wasm")).unwrap());
    folder.write("values.csv", "a\n1\n");
    folder.write_wat(
        "numbers.wasm",
        r#"(module (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1))))"#,
    );
    folder
}

/// Checks `NODE` and `rest`, the first line of which is line 5; answers the findings without their file.
#[track_caller]
fn check(rest: &str, code: i32, expected: &[&str]) {
    let folder = folder();
    folder.write("node.toml", [NODE, rest].concat());
    let ran = folder.run(&["check", "node.toml"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(code), ""), "{}", ran.out);
    let mut lines: Vec<&str> = ran.out.lines().map(|line| line.strip_prefix("node.toml:").unwrap()).collect();
    lines.pop();
    assert_eq!(lines.len(), expected.len(), "{}", ran.out);
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected) || line.contains(expected), "{expected:?} is not in:\n{}", ran.out);
    }
}

const SLOTS: &str = "[slots.stats]\nfile = \"stats.wasm\"\n[slots.numbers]\nfile = \"numbers.wasm\"\n";

#[track_caller]
fn check_route(route: &str, code: i32, expected: &[&str]) {
    check(&format!("{SLOTS}[routes.r]\n{route}\n"), code, expected);
}

#[test]
fn what_is_right_has_no_findings() {
    check("", 0, &[]);
    check_route(
        "source = { kind = \"signal\" }\nevery = \"1s\"\nwindow = { count = 9 }\nfunction = \"stats.calc_stats\"\nfield = \"values\"",
        0,
        &[],
    );
    check_route(
        "source = { kind = \"signal\" }\nevery = \"1s\"\nwindow = { count = 2 }\nfunction = \"numbers.add\"",
        0,
        &[],
    );
    check_route("source = { kind = \"push\" }\nfunction = \"numbers.add\"", 0, &[]);
    let folder = folder();
    folder.write("node.toml", [NODE, SLOTS].concat());
    assert_eq!(folder.run(&["check", "node.toml"]).done(), "node.toml: nothing is wrong\n");
    assert_eq!(
        folder.files(),
        ["node.toml", "numbers.wasm", "plain.wasm", "stats.wasm", "values.csv"],
        "nothing is made"
    );
}

#[test]
fn mistakes_in_the_text_are_errors() {
    check("[slots.a]\nfiel = 1\n", 1, &["5:1: error: ", "6:1: error: "]);
}

#[test]
fn files_of_slots_are_looked_at() {
    check("[slots.a]\nfile = \"gone.wasm\"\n", 0, &["6:8: warning: gone.wasm is not there yet"]);
    check("[slots.a]\nfile = \"gone/gone.wasm\"\n", 1, &["6:8: error: "]);
    check("[slots.a]\nfile = \".\"\n", 1, &["6:8: error: "]);
    check("[slots.a]\nfile = \"node.toml\"\n", 1, &["6:8: error: the slot `a` cannot load "]);
}

#[test]
fn functions_have_to_take_what_routes_give() {
    let signal = "source = { kind = \"signal\" }\nevery = \"1s\"\n";
    let with = |rest: &str| format!("{signal}{rest}");
    check_route(&with("function = \"stats.none\""), 1, &["12:12: error: the route `r` calls `stats.none`: "]);
    check_route(&with("function = \"numbers.add\""), 1, &["it takes 2 numbers, while the source gives one at a time"]);
    check_route(&with("function = \"numbers.add\"\nfield = \"x\""), 1, &["remove `field`"]);
    check_route(&with("window = { count = 3 }\nfunction = \"numbers.add\""), 1, &["while a window holds 3"]);
    check_route(&with("window = { count = 2, every = 1 }\nfunction = \"numbers.add\""), 0, &["warning: "]);
    check_route(&with("window = { time = \"1s\" }\nfunction = \"numbers.add\""), 0, &["warning: "]);
}

#[test]
fn lists_want_a_window_and_records_an_object() {
    #[track_caller]
    fn check_plain(route: &str, code: i32, expected: &[&str]) {
        let route = format!("[routes.r]\nsource = {{ kind = \"signal\" }}\nevery = \"1s\"\n{route}\n");
        check(&format!("[slots.plain]\nfile = \"plain.wasm\"\n{route}"), code, expected);
    }
    check_plain("window = { count = 3 }\nfunction = \"plain.stats\"", 0, &[]);
    check_plain("function = \"plain.stats\"", 1, &["it takes list<i64>, while the source gives one number at a time"]);
    check_plain("window = { count = 3 }\nfunction = \"plain.stats\"\nfield = \"x\"", 1, &["remove `field`"]);
    check_plain("window = { count = 3 }\nfunction = \"plain.ramp\"", 1, &["while a window gives a list"]);
    check_plain("function = \"plain.ramp\"", 1, &["while the source gives numbers"]);
}

#[test]
fn files_of_sources_and_sinks_are_looked_at() {
    check_route(
        "source = { kind = \"file\", path = \"gone\" }\nevery = \"1s\"\nsinks = [{ kind = \"stdout\" }]",
        0,
        &["10:34: warning: the source of the route `r` gives nothing at present: "],
    );
    check_route(
        "source = { kind = \"replay\", path = \"values.csv\", column = \"b\" }\nsinks = [{ kind = \"stdout\" }]",
        0,
        &["10:36: warning: "],
    );
    check_route(
        "source = { kind = \"replay\", path = \"values.csv\", column = \"a\" }\nsinks = [{ kind = \"stdout\" }]",
        0,
        &[],
    );
    check_route(
        "source = { kind = \"push\" }\nsinks = [{ kind = \"json-lines\", path = \"gone/out.jsonl\" }]",
        1,
        &["11:9: error: "],
    );
}

#[test]
fn findings_are_for_programs_too() {
    let folder = folder();
    folder.write("node.toml", [NODE, "[slots.a]\nfile = \"gone.wasm\"\n"].concat());
    let found = folder.run(&["check", "node.toml", "--json"]).json();
    let finding = &found["findings"][0];
    assert_eq!((&found["file"], &finding["level"]), (&json!("node.toml"), &json!("warning")));
    assert_eq!((&finding["line"], &finding["column"]), (&json!(6), &json!(8)));
    assert!(finding["message"].is_string() && finding["help"].is_string(), "{found}");
    folder.write("node.toml", "[node\n");
    let ran = folder.run(&["check", "node.toml", "--json"]);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &found["findings"][0]["level"]), (Some(1), &json!("error")), "{found}");
    folder.run(&["check", "gone.toml"]).failed(1, &["cannot read gone.toml"]);
}
