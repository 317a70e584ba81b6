//! Runs a node and uses every command on it.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use runtime::{Tensor, npy};
use serde_json::{Value, json};

use crate::folder::{Folder, digits, workspace};
use crate::running::Running;

const NODE: &str = "[node]\nname = \"bench\"\nlayer = \"device\"\nlisten = \"127.0.0.1:0\"\n";
const STATS: &str = "[slots.stats]\nfile = \"stats.wasm\"\n";
const NUMBERS: &str = "[slots.numbers]\nfile = \"numbers.wasm\"\n";
const DIGITS: &str = "[slots.digits]\nfile = \"digits.wasm\"\n";
const ROUTE: &str = "[routes.wave]\nsource = { kind = \"signal\", amplitude = 100, round = true }\nevery = \"20ms\"\n\
    window = { count = 5 }\nfunction = \"stats.calc_stats\"\nfield = \"values\"\n\
    sinks = [{ kind = \"json-lines\", path = \"out.jsonl\" }]\n";

/// Two numbers to one, three floats to themselves, and what cannot go well.
const MODULE: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "same") (param f64) (result f64) (local.get 0))
    (func (export "both") (param i64) (result i64 i64) (local.get 0) (local.get 0))
    (func (export "nothing"))
    (func (export "fail") unreachable))"#;

fn stats(version: u8) -> Vec<u8> {
    fs::read(workspace(&format!("guests/prebuilt/stats-v{version}.wasm"))).unwrap()
}

fn folder(parts: &[&str]) -> Folder {
    let folder = Folder::new();
    folder.write("node.toml", parts.concat());
    folder.write("stats.wasm", stats(1));
    folder.write_wat("numbers.wasm", MODULE);
    folder
}

fn digest(bytes: &[u8]) -> String {
    abi::Digest::of(bytes).to_string()
}

fn live(slots: &Value, name: &str) -> String {
    let slot = slots.as_array().unwrap().iter().find(|slot| slot["name"] == name).unwrap();
    slot["live"]["digest"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn numbers_and_json_go_to_a_slot_as_to_a_file() {
    let node = Running::start(folder(&[NODE, STATS, NUMBERS]));
    for arguments in [
        &["numbers", "add", "6", "7"][..],
        &["numbers", "add", "-6", "4294967295"],
        &["numbers", "same", "-0.5"],
        &["numbers", "same", "inf"],
        &["numbers", "both", "9223372036854775807"],
        &["numbers", "both", "1", "--format", "json"],
        &["numbers", "add", "6", "7", "--format", "json"],
        &["stats", "calc_stats", "--json", "{\"values\":[4,1,3,2]}"],
        &["stats", "calc_stats", "--json", "{\"values\":[4,1,3,2]}", "--format", "json"],
    ] {
        let file = format!("{}.wasm", arguments[0]);
        let there = node.run(&[&["call"], arguments].concat()).done();
        let here = node.folder.run(&[&["call", &file], &arguments[1..]].concat()).done();
        assert_eq!(there, here, "{arguments:?}");
    }
    let text = "{\"values\":[1]}";
    let arguments = ["call", "stats", "calc_stats", "--json", "-", "--at", &node.url];
    assert!(node.folder.run_with_input(&arguments, text).done().contains("\"mean\": 1"));
}

#[test]
fn wrong_calls_say_what_to_give() {
    let node = Running::start(folder(&[NODE, STATS, NUMBERS]));
    let call = |arguments: &[&str]| node.run(&[&["call"], arguments].concat());
    call(&["numbers", "add", "6"]).failed(2, &["`add` takes 2 numbers (i32 i32), not 1"]);
    call(&["numbers", "add", "6", "x"]).failed(2, &["`x` is not a number that fits i32"]);
    call(&["numbers", "add", "--json", "1"]).failed(2, &["`add` takes numbers: give i32 i32"]);
    call(&["numbers", "same", "inf", "--format", "json"]).failed(1, &["no form in JSON"]);
    call(&["numbers", "fail"]).failed(1, &["unreachable"]);
    call(&["numbers", "sub"]).failed(2, &["`numbers`", "has no function `sub`: it has add, both, fail, nothing, same"]);
    call(&["numbers", "add", "6", "7", "--top", "1"]).failed(2, &["answers no scores: leave --top away"]);
    call(&["numbers", "add", "6", "7", "--output", "y.npy"]).failed(2, &["leave --output away"]);
    call(&["numbers", "add", "6", "7", "--deadline", "5"]).failed(2, &["cannot be used with"]);
    call(&["stats", "calc_stats"]).failed(2, &["`calc_stats` takes JSON: give --json TEXT"]);
    call(&["stats", "calc_stats", "--json", "{}"]).failed(1, &["invalid-argument"]);
    call(&["missing", "f"]).failed(1, &["missing"]);
    call(&["../x y", "f"]).failed(1, &["../x y"]);
}

#[test]
fn models_answer_from_a_slot_as_from_a_file() {
    let folder = Folder::with_digits();
    folder.write("node.toml", [NODE, DIGITS].concat());
    folder.write("x.npy", npy::write(&Tensor::from_f32s(vec![1, 1, 8, 8], &[0.25; 64]).unwrap()));
    let node = Running::start(folder);
    let sample = digits("samples/000_2.png");
    for arguments in [
        &["predict", "--image", &sample, "--top", "3"][..],
        &["predict", "--image", &sample, "--format", "json"],
        &["infer", "--tensor", "x.npy"],
        &["infer", "--tensor", "image=x.npy", "--format", "json"],
    ] {
        let there = node.run(&[&["call", "digits"], arguments].concat()).done();
        let here = node.folder.run(&[&["call", "digits.wasm"], arguments].concat()).done();
        assert_eq!(there, here, "{arguments:?}");
    }
    let call = |arguments: &[&str]| node.run(&[&["call", "digits"], arguments].concat());
    call(&["infer", "--tensor", "x.npy", "--output", "y.npy"]).done();
    assert_eq!(npy::read(&node.folder.read("y.npy")).unwrap().shape(), [1, 10]);
    call(&["infer"]).failed(2, &["`infer` takes tensors: give --tensor FILE.npy for image"]);
    call(&["infer", "--tensor", "y=x.npy"]).failed(2, &["the model has no input `y`: it has image"]);
    call(&["predict", "--image", "x.npy"]).failed(1, &["neither PNG nor JPEG"]);
}

#[test]
fn a_version_is_pushed_and_taken_back() {
    let node = Running::start(folder(&[NODE, STATS]));
    node.folder.write("new.wasm", stats(2));
    let (old, new) = (digest(&stats(1)), digest(&stats(2)));

    let out = node.run(&["push", "new.wasm"]).done();
    assert!(out.starts_with(&format!("stats of {} runs {}\n", node.url, &new[..12])), "{out}");
    assert!(out.contains(&format!("  digest        {new}\n")) && out.contains(&old), "{out}");
    assert_eq!(node.folder.read("stats.wasm"), stats(2), "the file of the slot holds it");
    assert_eq!(live(&node.run(&["slots", "--json"]).json(), "stats"), new);
    let out = node.run(&["slots"]).done();
    let words: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!((words[0], words[3]), ("stats", &new[..12]), "{out}");

    let back = node.run(&["rollback", "stats", "--json"]).json();
    assert_eq!((&back["old"], &back["new"]), (&json!(new), &json!(old)));
    let again = node.run(&["rollback", "stats", "--to", &new[..8].to_uppercase()]).done();
    assert!(again.contains(&new), "{again}");
    let same = node.run(&["push", "new.wasm", "--slot", "stats"]).done();
    assert!(same.contains("already runs"), "{same}");
}

#[test]
fn a_push_may_break_callers_where_that_is_said() {
    let node = Running::start(folder(&[NODE, NUMBERS]));
    node.folder.write_wat("other.wasm", "(module (func (export \"other\")))");
    node.run(&["push", "other.wasm"]).failed(1, &["callers of the live version would fail", "missing"]);
    let out = node.run(&["push", "other.wasm", "--allow-breaking"]).done();
    assert!(out.contains("numbers of "), "{out}");
    node.run(&["call", "numbers", "other"]).done();
}

#[test]
fn what_cannot_be_pushed_changes_nothing() {
    let node = Running::start(folder(&[NODE, STATS, NUMBERS]));
    node.folder.write("cut.wasm", &stats(2)[..1000]);
    let push = |arguments: &[&str]| node.run(&[&["push"], arguments].concat());
    push(&["stats.wasm"]).failed(2, &["several slots: choose one with --slot: numbers, stats"]);
    push(&["cut.wasm", "--slot", "stats"]).failed(1, &["error: "]);
    push(&["gone.wasm", "--slot", "stats"]).failed(1, &["cannot read gone.wasm"]);
    push(&["stats.wasm", "--slot", "other"]).failed(1, &["other"]);
    let refused = push(&["cut.wasm", "--slot", "stats", "--json"]);
    assert_eq!(refused.code, Some(1));
    assert!(serde_json::from_str::<Value>(&refused.out).unwrap()["error"].is_string(), "{}", refused.out);
    node.run(&["rollback", "stats"]).failed(1, &["error: "]);
    node.run(&["rollback", "stats", "--to", "00000000"]).failed(1, &["error: "]);
    node.run(&["rollback", "stats", "--to", "zz"]).failed(2, &["hexadecimal digits"]);
    assert_eq!(live(&node.run(&["slots", "--json"]).json(), "stats"), digest(&stats(1)));
    assert_eq!(node.folder.read("stats.wasm"), stats(1));
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let node = Running::start(folder(&[NODE, "[limits]\nbody = \"1 MiB\"\n", STATS]));
    node.folder.write("large.wasm", vec![0; 9 << 20]);
    node.run(&["push", "large.wasm"]).failed(1, &["the body has 9437184 bytes, at most 1048576 are taken"]);
    assert_eq!(live(&node.run(&["slots", "--json"]).json(), "stats"), digest(&stats(1)));
}

#[test]
fn a_configuration_takes_effect_when_it_is_saved() {
    let node = Running::start(folder(&[NODE, STATS]));
    let status = || node.run(&["status", "--json"]).json();
    assert_eq!(status()["routes"], json!([]));
    node.folder.write("node.toml", [NODE, STATS, ROUTE].concat());
    let calls = |status: &Value| status["routes"][0]["counters"]["calls"].as_u64().unwrap_or(0);
    node.wait_until(&["status", "--json"], |status| calls(status) >= 2);

    node.folder.write("node.toml", [NODE, STATS, ROUTE, "[slots.wrong]\n", "fiel = 1\n"].concat());
    let refused =
        node.wait_until(&["status", "--json"], |status| !status["node"]["configuration"]["refused"].is_null());
    assert!(refused["node"]["configuration"]["refused"].as_str().unwrap().contains("fiel"), "{refused:#}");
    let text = node.run(&["status"]).done();
    assert!(text.contains("not in effect is what it holds now: ") && text.contains("wave"), "{text}");
    assert!(
        text.contains("compiled code") && text.contains("1 version, ") && text.contains(" of at most 268 MB"),
        "{text}"
    );
    let before = calls(&status());
    node.wait_until(&["status", "--json"], |status| calls(status) > before);

    fs::remove_file(node.folder.path("node.toml")).unwrap();
    node.wait_until(&["status", "--json"], |status| {
        status["node"]["configuration"]["refused"].as_str().is_some_and(|reason| reason.contains("cannot read"))
    });
    node.folder.write("node.toml", [NODE, STATS, NUMBERS].concat());
    node.wait_until(&["status", "--json"], |status| {
        status["routes"] == json!([]) && status["node"]["configuration"]["refused"].is_null()
    });
    assert_eq!(node.run(&["call", "numbers", "add", "1", "2"]).done(), "3\n");
    let lines = String::from_utf8(node.folder.read("out.jsonl")).unwrap();
    assert!(lines.lines().count() >= 2 && lines.lines().all(|line| line.contains("\"mean\"")), "{lines}");
}

#[test]
fn events_are_listed_and_followed() {
    let node = Running::start(folder(&[NODE, STATS]));
    node.folder.write("new.wasm", stats(2));
    let mut follow = node.folder.command(&["events", "--follow", "--json", "--at", &node.url]);
    let mut follow = follow.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    node.run(&["push", "new.wasm"]).done();
    let new = digest(&stats(2));
    let mut steps = vec![];
    let published = lines
        .by_ref()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
        .filter(|event| event["digest"] == json!(new))
        .inspect(|event| steps.extend(event["step"]["step"].as_str().map(str::to_owned)))
        .find(|event| event["kind"] == "published")
        .unwrap();
    // The old version may be done with its calls at any time.
    steps.retain(|step| step != "drain");
    assert_eq!(steps, ["notice", "settle", "prove", "compile", "compare", "warm", "check", "switch"]);
    follow.kill().unwrap();
    follow.wait().unwrap();
    assert_eq!(published["subject"], "stats");

    let id = published["id"].as_u64().unwrap();
    let out = node.run(&["events"]).done();
    let line = out.lines().find(|line| line.trim_start().starts_with(&format!("{id} "))).unwrap();
    assert!(line.contains("info") && line.contains("published") && line.contains(&new[..12]), "{line}");
    let compiled = format!("  step  stats: compile of {} done in ", &new[..12]);
    assert!(out.lines().any(|line| line.contains(&compiled)), "{out}");
    let later = node.run(&["events", "--after", &id.to_string(), "--json"]).done();
    assert!(
        later.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_u64() > Some(id)),
        "{later}"
    );
}

#[test]
fn followers_wait_for_a_node_that_is_away() {
    let mut node = Running::start(folder(&[NODE, STATS]));
    let port = node.url.rsplit(':').next().unwrap().to_owned();
    let mut follow = node.folder.command(&["events", "--follow", "--at", &node.url]);
    let mut follow = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(follow.stderr.take().unwrap()).lines();
    let mut events = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(events.next().unwrap().unwrap().contains("step  stats: notice of "));
    assert!(events.any(|line| line.unwrap().contains("published")));
    node.signal("TERM");
    assert!(said.next().unwrap().unwrap().ends_with("; waiting for it"));
    assert_eq!(node.wait().code(), Some(0), "{}", node.said());
    let folder = std::mem::replace(&mut node.folder, Folder::new());
    folder.write("node.toml", [&NODE.replace(":0", &format!(":{port}")), STATS].concat());
    let _again = Running::start(folder);
    assert!(said.next().unwrap().unwrap().ends_with(" is back"));
    assert!(events.any(|line| line.unwrap().contains("published")), "those of the new run");
    follow.kill().unwrap();
    follow.wait().unwrap();
}

#[test]
fn nodes_know_their_neighbors() {
    let cloud = Running::start(folder(&[&NODE.replace("bench", "cloud").replace("device", "cloud"), STATS, NUMBERS]));
    let upstream = format!("[upstream]\nurl = \"{}\"\n", cloud.url);
    let node = Running::start(folder(&[NODE, &upstream, STATS, NUMBERS]));
    node.folder.write_wat("other.wasm", &MODULE.replace("i32.add", "i32.mul"));
    node.run(&["push", "other.wasm", "--slot", "numbers"]).done();
    let status = node.run(&["status", "--json"]).json();
    let neighbor = &status["neighbors"][0];
    assert_eq!((&neighbor["node"]["name"], &neighbor["upstream"]), (&json!("cloud"), &json!(true)));
    let same: Vec<&Value> = neighbor["slots"].as_array().unwrap().iter().map(|slot| &slot["same"]).collect();
    assert_eq!(same, [&json!(false), &json!(true)]);
    let text = node.run(&["status"]).done();
    let line = text.lines().find(|line| line.contains("http") && line.contains("cloud")).unwrap();
    assert!(line.contains("stats") && line.contains("numbers"), "{text}");
    drop(cloud);
    let text = node.run(&["status"]).done();
    assert!(text.contains("no node answers at"), "{text}");
}

#[test]
fn a_node_stops_when_it_is_told_to() {
    for signal in ["TERM", "INT"] {
        let mut node = Running::start(folder(&[NODE, STATS, ROUTE]));
        node.wait_until(&["status", "--json"], |status| status["routes"][0]["counters"]["written"].as_u64() > Some(1));
        let begun = Instant::now();
        node.signal(signal);
        assert_eq!(node.wait().code(), Some(0), "{signal}: {}", node.said());
        assert!(begun.elapsed() < Duration::from_secs(15), "{signal}: {:?}", begun.elapsed());
        assert!(node.said().contains("stopping; once more stops at once\n"), "{}", node.said());
        node.run(&["slots"]).failed(1, &["no node answers at"]);
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    // The upstream node does not exist, so that stopping waits for it.
    let upstream = "[upstream]\nurl = \"http://127.0.0.1:1\"\n";
    let route = "[routes.up]\nsource = { kind = \"signal\" }\nevery = \"10ms\"\nsinks = [{ kind = \"upstream\" }]\n";
    let mut node = Running::start(folder(&[NODE, upstream, STATS, route]));
    node.wait_until(&["status", "--json"], |status| status["node"]["upstream"]["waiting"].as_u64() > Some(0));
    node.signal("TERM");
    node.wait_for_line("once more stops at once");
    let begun = Instant::now();
    node.signal("TERM");
    assert_eq!(node.wait().code(), Some(1), "{}", node.said());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn what_is_lost_when_a_node_stops_is_said() {
    let upstream = "[upstream]\nurl = \"http://127.0.0.1:1\"\n";
    let route =
        "[routes.up]\nsource = { kind = \"signal\", count = 3 }\nevery = \"10ms\"\nsinks = [{ kind = \"upstream\" }]\n";
    let mut node = Running::start(folder(&[NODE, upstream, STATS, route]));
    node.wait_until(&["status", "--json"], |status| status["node"]["upstream"]["waiting"] == json!(3));
    let text = node.run(&["status"]).done();
    assert!(text.contains("upstream\n  node") && text.contains("waiting       3 of at most"), "{text}");
    node.signal("TERM");
    assert_eq!(node.wait().code(), Some(1), "{}", node.said());
    assert!(node.said().contains("3 events"), "{}", node.said());
}

#[test]
fn what_cannot_run_says_why() {
    let folder = folder(&[NODE, STATS]);
    let first = Running::start(folder);
    let port = first.url.rsplit(':').next().unwrap().to_owned();
    let other = Folder::new();
    other.write("taken.toml", NODE.replace(":0", &format!(":{port}")));
    other.run(&["run", "taken.toml"]).failed(1, &[&format!("cannot listen at 127.0.0.1:{port}"), "because: "]);
    first.folder.write("second.toml", NODE);
    first.folder.run(&["run", "second.toml"]).failed(1, &["another node uses"]);
    other.write("wrong.toml", "[node]\nname = 1\n[slot]\n");
    other
        .run(&["run", "wrong.toml"])
        .failed(1, &["wrong.toml cannot come into effect", "wrong.toml:2:8: ", "wrong.toml:3:"]);
    other.write("binary.toml", b"\xff");
    other.run(&["run", "binary.toml"]).failed(1, &["binary.toml:1:1: this is not text"]);
    other.run(&["run", "gone.toml"]).failed(1, &["cannot read gone.toml"]);
    other.run(&["run", "wrong.toml", "--log", "loud"]).failed(2, &["--log", "loud"]);
}

#[test]
fn values_go_to_standard_output_and_nothing_else() {
    let route = "[routes.out]\nsource = { kind = \"signal\", count = 3, round = true }\nevery = \"10ms\"\n\
        sinks = [{ kind = \"stdout\" }]\n";
    let folder = folder(&[NODE, STATS, route]);
    let mut command = folder.command(&["run", "node.toml", "--log", "error"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let values: Vec<Value> = lines.take(3).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    process.kill().unwrap();
    let err = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
    assert_eq!(values.iter().map(|value| &value["sequence"]).collect::<Vec<_>>(), [&json!(0), &json!(1), &json!(2)]);
    assert_eq!(err.lines().count(), 1, "only where the page is:\n{err}");
    assert!(err.starts_with("bench (device) runs: its page is http://127.0.0.1:"), "{err}");
}
