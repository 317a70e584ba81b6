use std::fs;
use std::time::Duration;

use node::body::{Cause, Takes};
use node::{Argument, Class, Config, Node};
use serde_json::json;

use crate::running::{FIRST, Running, SECOND, configuration, free_port, wait_until};

const SLOT: &str = "[slots.stats]\nfile = \"stats.wasm\"\n";

fn call(running: &Running, values: &serde_json::Value) -> serde_json::Value {
    let argument = Argument::Json(json!({ "values": values }).to_string());
    running.node.call("stats", "calc_stats", argument).unwrap().value.unwrap()
}

fn causes(running: &Running) -> Vec<Cause> {
    running.node.slot("stats").unwrap().history.iter().map(|publication| publication.cause).collect()
}

#[test]
fn a_vacant_slot_waits_for_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let slot = running.node.slot("stats").unwrap();
    assert!(slot.live.is_none() && slot.problem.unwrap().contains("cannot read"));
    let refusal = running.node.call("stats", "calc_stats", Argument::Nothing).unwrap_err();
    assert_eq!((refusal.class, refusal.code), (Class::NotNow, "vacant"));

    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    wait_until("the file is live", || causes(&running) == [Cause::File]);
    assert_eq!(call(&running, &json!([1, 2, 3])), json!({"mean": 2, "median": 2}));
    let slot = running.node.slot("stats").unwrap();
    assert_eq!(slot.problem, None);
    let function = &slot.live.unwrap().functions[0];
    assert_eq!((function.name.as_str(), function.takes), ("calc_stats", Takes::Json));
}

#[test]
fn a_push_goes_live_and_into_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stats.wasm");
    fs::write(&file, FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let published = running.client().push("stats", SECOND, |_| ()).unwrap();
    assert_eq!((published.not_installed, fs::read(&file).unwrap()), (None, SECOND.to_vec()));
    assert!(call(&running, &json!([1, 2])).get("standard_deviation").is_some());
    // What the watcher finds in the file is live already.
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(causes(&running), [Cause::Start, Cause::Push]);

    let same = running.client().push("stats", SECOND, |_| ()).unwrap();
    assert_eq!(same.old.as_deref(), Some(same.new.as_str()));
    let error = running.client().push("stats", &SECOND[..1000], |_| ()).unwrap_err();
    assert!(error.to_string().contains("cut"), "{error}");
    assert!(running.node.slot("stats").unwrap().problem.unwrap().contains("cut"));
    assert_eq!((causes(&running).len(), fs::read(&file).unwrap()), (2, SECOND.to_vec()));
}

#[test]
fn one_rolls_back_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stats.wasm");
    fs::write(&file, FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let nothing = running.node.roll_back("stats", None).unwrap_err();
    assert_eq!((nothing.class, nothing.code), (Class::Conflict, "no_earlier_version"));
    let first = running.node.slot("stats").unwrap().live.unwrap().digest;
    running.node.push("stats", SECOND.to_vec()).unwrap();
    running.stop();

    let running = Running::start(folder.path(), "edge", SLOT);
    let history = running.node.slot("stats").unwrap().history;
    assert_eq!(history.iter().map(|publication| publication.kept).collect::<Vec<_>>(), [true, true]);
    let published = running.node.roll_back("stats", None).unwrap();
    assert_eq!((&published.new, published.not_installed), (&first, None));
    assert_eq!(fs::read(&file).unwrap(), FIRST);
    assert_eq!(call(&running, &json!([1, 2])), json!({"mean": 1, "median": 2}));

    let second = published.old.unwrap();
    running.node.roll_back("stats", Some(&second[..8])).unwrap();
    assert!(call(&running, &json!([1, 2])).get("standard_deviation").is_some());
    for (to, code) in [("12", "invalid_digest"), ("0123456789", "no_such_version")] {
        assert_eq!(running.node.roll_back("stats", Some(to)).unwrap_err().code, code);
    }
    assert_eq!(causes(&running), [Cause::Start, Cause::Push, Cause::Rollback, Cause::Rollback]);
}

#[test]
fn a_start_removes_what_a_kill_left() {
    let folder = tempfile::tempdir().unwrap();
    let (data, digits) = (folder.path().join("wasmtube-data"), "0123456789abcdef");
    let half_written = [
        folder.path().join(format!(".wasmtube-stats.wasm-{digits}")),
        data.join(format!("slots/.wasmtube-stats.json-{digits}")),
        data.join(format!("versions/.wasmtube-{}.wasm-{digits}", "0".repeat(64))),
    ];
    let of_another = folder.path().join(format!(".wasmtube-other.wasm-{digits}"));
    for path in half_written.iter().chain([&of_another]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "half").unwrap();
    }
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    assert_eq!(half_written.iter().filter(|path| path.exists()).count(), 0);
    assert!(of_another.exists(), "whoever writes that may be writing it now");
    assert_eq!(call(&running, &json!([4])), json!({"mean": 4, "median": 4}));
}

#[test]
fn a_broken_file_leaves_the_live_version_running() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stats.wasm");
    fs::write(&file, FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    fs::write(&file, &SECOND[..SECOND.len() / 2]).unwrap();
    wait_until("the file is refused", || running.node.slot("stats").unwrap().problem.is_some());
    assert_eq!(call(&running, &json!([4])), json!({"mean": 4, "median": 4}));
    fs::write(&file, SECOND).unwrap();
    wait_until("the whole file is live", || causes(&running).len() == 2);
    assert_eq!(running.node.slot("stats").unwrap().problem, None);
    assert_eq!(running.kinds().iter().filter(|kind| *kind == "refused").count(), 1);
}

#[test]
fn the_files_of_old_versions_go_however_the_new_ones_came() {
    const KEPT: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stats.wasm");
    let answering =
        |number| wat::parse_str(format!("(module (func (export \"v\") (result i32) i32.const {number}))")).unwrap();
    fs::write(&file, answering(0)).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    for number in 1..KEPT + 4 {
        fs::write(&file, answering(number)).unwrap();
        wait_until("it is live", || causes(&running).len() == number + 1);
    }
    let versions = folder.path().join("wasmtube-data/versions");
    wait_until("the others are removed", || fs::read_dir(&versions).unwrap().count() == KEPT);
    let kept: Vec<bool> = running.node.slot("stats").unwrap().history.iter().map(|entry| entry.kept).collect();
    assert_eq!(kept, [[false; 4].as_slice(), &[true; KEPT]].concat());
}

fn exporting(name: &str) -> Vec<u8> {
    wat::parse_str(format!("(module (func (export \"{name}\")))")).unwrap()
}

#[test]
fn one_push_may_break_callers() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), exporting("v")).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let error = running.client().push("stats", &exporting("w"), |_| ()).unwrap_err();
    assert!(error.to_string().contains("missing v"), "{error}");
    running.client().push_breaking("stats", &exporting("w"), |_| ()).unwrap();
    assert!(running.client().push("stats", &exporting("v"), |_| ()).is_err(), "the next one may not");
    running.node.push_breaking("stats", exporting("v")).unwrap();
    assert_eq!(causes(&running), [Cause::Start, Cause::Push, Cause::Push]);
}

#[test]
fn the_steps_of_a_deployment_are_told_before_what_it_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let before = running.node.events(0).last().unwrap().id;
    let new = running.node.push("stats", SECOND.to_vec()).unwrap().new;
    running.node.push("stats", exporting("w")).unwrap_err();
    let told: Vec<String> = running
        .node
        .events(before)
        .into_iter()
        .filter_map(|event| match &event.step {
            // An old version may be done with its calls at any time.
            Some(step) if step.step == "drain" => None,
            Some(step) => Some(format!("{} {} {}", step.deployment, step.step, step.end)),
            None if event.kind == "drained" => None,
            None => Some(event.kind),
        })
        .collect();
    let expected = [
        "2 notice done",
        "2 settle skipped",
        "2 prove done",
        "2 compile done",
        "2 compare done",
        "2 warm done",
        "2 check done",
        "2 switch done",
        "published",
        "3 notice done",
        "3 settle skipped",
        "3 prove skipped",
        "3 compile done",
        "3 compare failed",
        "refused",
    ];
    assert_eq!(told, expected);
    let events = running.node.events(before);
    let compile = events.iter().find(|event| event.step.as_ref().is_some_and(|step| step.step == "compile")).unwrap();
    assert_eq!((compile.kind.as_str(), compile.digest.as_ref(), compile.level.as_str()), ("step", Some(&new), "info"));
    assert!(compile.message.starts_with(&format!("compile of {} done in ", &new[..12])), "{}", compile.message);
    let failed = events.iter().find(|event| event.message.contains("compare of") && event.level == "warning").unwrap();
    let reason = failed.step.as_ref().unwrap().reason.as_ref().unwrap();
    assert!(reason.contains("not sealed") && failed.message.ends_with(reason), "{}", failed.message);
}

/// `j` answers its argument of JSON, of all lengths but one.
fn fails_for_length(length: usize) -> Vec<u8> {
    let text = format!(
        r#"(module (memory (export "memory") 1) (func (export "j") (param i32 i32) (result i32)
          (if (i32.eq (local.get 1) (i32.const {length})) (then unreachable)) (local.get 1)))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn an_unsealed_version_is_tried_with_the_last_call_unless_that_is_turned_off() {
    for (keep_arguments, goes_live) in [(true, false), (false, true)] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stats.wasm"), fails_for_length(0)).unwrap();
        let running = Running::start(folder.path(), "edge", &format!("{SLOT}keep_arguments = {keep_arguments}\n"));
        let published = running.node.events(0).into_iter().find(|event| event.kind == "published").unwrap();
        assert!(published.message.ends_with("it is not sealed, so nothing was checked"), "{}", published.message);
        running.node.call("stats", "j", Argument::Json("[1]".into())).unwrap();
        let pushed = running.node.push("stats", fails_for_length(3));
        assert_eq!(pushed.is_ok(), goes_live, "{pushed:?}");
        if let Err(refusal) = pushed {
            assert!(refusal.message.contains("`j` fails for the last argument"), "{}", refusal.message);
        }
        running.node.call("stats", "j", Argument::Json("[12]".into())).unwrap();
    }
}

#[test]
fn a_link_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("v1.wasm"), FIRST).unwrap();
    std::os::unix::fs::symlink("v1.wasm", folder.path().join("stats.wasm")).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let published = running.node.push("stats", SECOND.to_vec()).unwrap();
    assert!(published.not_installed.unwrap().contains("symbolic link"));
    assert_eq!(fs::read(folder.path().join("v1.wasm")).unwrap(), FIRST);
    assert!(running.kinds().contains(&"not-installed".into()));
}

#[test]
fn limits_of_a_slot_change_without_a_call_being_lost() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", SLOT);
    let (stop, node) = (node::Stop::new(), running.node.clone());
    let word = stop.clone();
    let caller = std::thread::spawn(move || {
        let mut calls = 0_u64;
        while !word.is_set() {
            node.call("stats", "calc_stats", Argument::Json(r#"{"values":[1]}"#.into())).unwrap();
            calls += 1;
        }
        calls
    });
    for deadline in ["1s", "2s", "3s"] {
        running.configure(&format!("{SLOT}deadline = \"{deadline}\"\n")).unwrap();
    }
    stop.set();
    assert!(caller.join().unwrap() > 0);
    assert_eq!(causes(&running), [Cause::Start], "the same version goes on");
    running.configure("").unwrap();
    assert_eq!(running.node.slot("stats").unwrap_err().class, Class::Missing);
}

#[test]
fn two_nodes_cannot_have_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::start(folder.path(), "edge", "");
    let config = Config::parse(&configuration("other", free_port(), ""), folder.path()).unwrap();
    let error = Node::start(config, folder.path().join("node.toml")).unwrap_err();
    assert!(error.to_string().contains("another node uses the folder for data"), "{error}");
}
