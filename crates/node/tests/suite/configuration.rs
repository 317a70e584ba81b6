use std::fs;
use std::time::Duration;

use node::Class;
use node::{Argument, Config};

use crate::running::{FIRST, Running, configuration, wait_until};

const SLOT: &str = "[slots.stats]\nfile = \"stats.wasm\"\n";

fn signal(route: &str, rest: &str) -> String {
    format!(
        "[routes.{route}]\nsource = {{ kind = \"signal\", offset = 5, amplitude = 1, period = 10 }}\nevery = \"10ms\"\n{rest}"
    )
}

fn stats(route: &str, count: usize) -> String {
    let call = "function = \"stats.calc_stats\"\nfield = \"values\"\n";
    signal(route, &format!("window = {{ count = {count}, every = {count} }}\n{call}"))
        .replace("period = 10", "period = 10, round = true")
}

#[test]
fn what_stays_the_same_does_not_notice_a_change() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let stays = stats("stays", 5);
    let running = Running::start(folder.path(), "edge", &format!("{SLOT}{stays}{}", stats("changes", 5)));
    let started = |name: &str| running.node.route(name).unwrap().start;
    let before = (started("stays"), started("changes"));
    running.configure(&format!("{SLOT}{stays}{}{}", stats("changes", 7), stats("new", 2))).unwrap();
    assert_eq!(started("stays"), before.0);
    assert!(started("changes") > before.1);
    wait_until("all compute", || running.node.routes().iter().all(|route| route.counters.calls > 0));
    let outcomes = running.node.route("stays").unwrap().outcomes;
    assert!(outcomes.iter().zip(0..).all(|(outcome, number)| outcome.sequence == number), "{outcomes:?}");

    running.configure(&format!("{SLOT}{stays}")).unwrap();
    let names: Vec<String> = running.node.routes().into_iter().map(|route| route.name).collect();
    assert_eq!((names, started("stays")), (vec!["stays".to_string()], before.0));
    let kinds = running.kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "configured").count(), 2);
    assert_eq!(kinds.iter().filter(|kind| *kind == "route-stopped").count(), 3, "{kinds:?}");
}

#[test]
fn what_needs_a_restart_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stays = signal("stays", "sinks = [{ kind = \"json-lines\", path = \"a.jsonl\" }]\n");
    let running = Running::start(folder.path(), "edge", &stays);
    let moved = configuration("renamed", running.address, "");
    let refusal = running.node.apply(Config::parse(&moved, folder.path()).unwrap()).unwrap_err();
    assert_eq!((refusal.class, refusal.code), (Class::Conflict, "needs_restart"));
    assert_eq!(running.node.routes().len(), 1);
    assert!(running.node.status().configuration.refused.unwrap().contains("restart"));
    running.configure(&stays).unwrap();
    assert_eq!(running.node.status().configuration.refused, None);
}

#[test]
fn a_source_that_cannot_be_read_is_a_problem_of_its_route() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "[routes.file]\nsource = { kind = \"file\", path = \"number\" }\nevery = \"20ms\"\nsinks = [{ kind = \"json-lines\", path = \"a.jsonl\" }]\n";
    let running = Running::start(folder.path(), "edge", rest);
    let problem = || running.node.route("file").unwrap().problem;
    wait_until("it is told of", || problem().is_some_and(|problem| problem.contains("number")));
    fs::write(folder.path().join("number"), "7 8").unwrap();
    wait_until("it is over", || problem().is_none());
    wait_until("values come in", || running.node.route("file").unwrap().received.last().is_some());
    let kinds = running.kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "route-problem").count(), 1, "{kinds:?}");
    assert!(kinds.contains(&"route-recovered".into()));
}

#[test]
fn pushed_values_go_through_window_and_function() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let rest = "source = { kind = \"push\" }\nwindow = { count = 3, every = 3 }\nfunction = \"stats.calc_stats\"\nfield = \"values\"\n";
    let running = Running::start(folder.path(), "edge", &format!("{SLOT}[routes.in]\n{rest}"));
    let pushed = running.client().push_values("in", &[1.into(), 2.into(), 6.into(), 9.into()]).unwrap();
    assert_eq!(pushed.taken, 4);
    wait_until("the window is computed", || running.node.route("in").unwrap().counters.calls == 1);
    let route = running.node.route("in").unwrap();
    assert_eq!(route.outcomes[0].value, serde_json::json!({"mean": 3, "median": 2}));
    assert_eq!((route.window.as_deref(), route.call.as_deref()), (Some("3 values"), Some("stats.calc_stats")));
    assert_eq!(running.node.push_values("none", vec![]).unwrap_err().class, Class::Missing);
    assert!(running.node.call("stats", "noop", Argument::Nothing).is_err());
    let lost = running.node.stop(Duration::from_secs(60));
    assert_eq!(lost, Vec::<String>::new());
}
