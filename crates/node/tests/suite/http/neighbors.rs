use std::fs;

use serde_json::json;

use crate::running::{FIRST, Running, SECOND, free_port};

const SLOT: &str = "[slots.stats]\nfile = \"stats.wasm\"\n";

#[test]
fn calls_are_passed_on() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(there.path().join("stats.wasm"), SECOND).unwrap();
    fs::write(here.path().join("stats.wasm"), FIRST).unwrap();
    let cloud = Running::start(there.path(), "cloud", SLOT);
    let neighbors =
        format!("{SLOT}[neighbors]\ncloud = \"http://{}\"\ngone = \"http://{}\"\n", cloud.address, free_port());
    let edge = Running::start(here.path(), "edge", &neighbors);

    let known = edge.ask("/api/v1/neighbors").get().json();
    assert_eq!((&known[0]["name"], &known[0]["node"]["name"]), (&json!("cloud"), &json!("cloud")));
    assert_eq!((&known[0]["slots"][0]["name"], &known[0]["slots"][0]["same"]), (&json!("stats"), &json!(false)));
    assert!(known[1]["problem"].is_string() && known[1]["node"].is_null(), "{known}");

    let ask = |neighbor: &str, function: &str| {
        edge.ask(&format!("/api/v1/neighbors/{neighbor}/slots/stats/functions/{function}"))
    };
    let answer = ask("cloud", "calc_stats").post_json(r#"{"values": [1, 2]}"#);
    assert_eq!(answer.json()["node"], "cloud");
    assert!(answer.value().get("standard_deviation").is_some());
    ask("cloud", "none").post_json("1").check_refused(404, "no_such_function");
    ask("cloud", "calc_stats").post_json("{").check_refused(400, "malformed_json");
    ask("gone", "calc_stats").post_json("{}").check_refused(502, "unreachable");
    ask("none", "calc_stats").post_json("{}").check_refused(404, "no_such_neighbor");
}
