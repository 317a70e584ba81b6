//! What the examples print.

use std::error::Error;

#[allow(dead_code, reason = "the main function is for cargo")]
#[path = "../../examples/component.rs"]
mod component;
#[allow(dead_code, reason = "the main function is for cargo")]
#[path = "../../examples/concurrent.rs"]
mod concurrent;
#[allow(dead_code, reason = "the main function is for cargo")]
#[path = "../../examples/embed.rs"]
mod embed;
#[allow(dead_code, reason = "the main function is for cargo")]
#[path = "../../examples/limits.rs"]
mod limits;
#[allow(dead_code, reason = "the main function is for cargo")]
#[path = "../../examples/swap.rs"]
mod swap;

type Run = fn(&mut Vec<u8>) -> Result<(), Box<dyn Error>>;

#[track_caller]
fn check(run: Run, expected: &str) {
    let mut out = Vec::new();
    run(&mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn embed_answers() {
    check(embed::run, "{\"mean\":102,\"median\":110}\nmean 102, median 110\n");
}

#[test]
fn concurrent_answers() {
    check(concurrent::run, "{\"mean\":102,\"median\":110}\n{\"mean\":2,\"median\":2}\n");
}

#[test]
fn swap_loses_no_call() {
    let expected = "\
failed calls: 0
now it answers 3
versions so far: 3
somebody is told: true
callers of the live version would fail: missing answer; keep these functions as they are and add others beside them
";
    check(swap::run, expected);
}

#[test]
fn component_speaks_its_types() {
    let expected = r#"calc-stats: func(values: list<f64>) -> record {mean: f64, median: f64}
judge: func(reading: record {sensor: string, scale: enum {celsius, fahrenheit}, value: option<f64>}) -> result<variant {missing, comfortable, cold(f64), hot(f64)}, string>
{"mean":75.75,"median":90.5}
hot: 35 degrees Celsius
error: hall is colder than anything can be
no value
"#;
    check(component::run, expected);
}

#[test]
fn limits_hold() {
    let expected = "\
turn: stopped after 50ms
grow: refused memory beyond 1048576 bytes
fail: trapped
recurse: trapped
add: [I32(42)]
";
    check(limits::run, expected);
}
