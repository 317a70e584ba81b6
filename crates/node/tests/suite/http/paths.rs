use std::fs;

use serde_json::{Value, json};

use crate::running::{FIRST, Running, SECOND};

const NODE: &str = "[slots.stats]\nfile = \"stats.wasm\"\n\
                    [routes.pushed]\nsource = { kind = \"push\" }\n\
                    sinks = [{ kind = \"json-lines\", path = \"out.jsonl\" }]\n";

fn start(folder: &std::path::Path) -> Running {
    fs::write(folder.join("stats.wasm"), FIRST).unwrap();
    Running::start(folder, "edge", NODE)
}

#[test]
fn every_described_path_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let description = running.ask("/api/v1/openapi.json").get().json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    let read = paths.iter().filter(|(_, item)| item.get("get").is_some()).map(|(path, _)| path);
    for path in read {
        let path = path.replace("{slot}", "stats").replace("{route}", "pushed");
        let answer = running.ask(&path).get();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers.get("access-control-allow-origin").is_none());
        if path.starts_with("/api/") {
            assert_eq!(answer.headers["content-type"], "application/json", "{path}");
            assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
            answer.json();
        }
    }
}

#[test]
fn every_described_path_is_there_for_what_changes() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let description = running.ask("/api/v1/openapi.json").get().json();
    for (path, item) in description["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let answer = running.ask(&path.replace(['{', '}'], "x")).header("content-type", "no/thing").post(b"?");
        let described = operation["responses"].as_object().unwrap().contains_key(&answer.status.to_string());
        assert!(described && answer.status >= 400, "{path}: {} {}", answer.status, answer.text);
        answer.check_refused(answer.status, answer.json()["code"].as_str().unwrap());
    }
}

#[test]
fn the_node_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let node = running.ask("/api/v1/node").get().json();
    assert_eq!((&node["name"], &node["layer"], &node["upstream"]), (&json!("edge"), &json!("edge"), &Value::Null));
    let slot = running.ask("/api/v1/slots/stats").get().json();
    assert_eq!(slot["live"]["functions"][0]["name"], "calc_stats");
    assert_eq!(running.ask("/api/v1/slots").get().json(), json!([slot]));
    assert_eq!(running.ask("/healthz").get().text, "ok\n");
    let metrics = running.ask("/metrics").get();
    assert_eq!(metrics.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let digest = slot["live"]["digest"].as_str().unwrap();
    let calls = format!("wasmtube_slot_calls_total{{slot=\"stats\",digest=\"{digest}\"}}");
    assert!(metrics.text.lines().any(|line| line.starts_with(&calls)), "{}", metrics.text);
}

#[test]
fn what_is_not_there_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    running.ask("/api/v1/nothing").get().check_refused(404, "no_such_path");
    running.ask("/healthz/").get().check_refused(404, "no_such_path");
    running.ask("/../etc/passwd").get().check_refused(404, "no_such_path");
    running.ask("/api/v1/slots/none").get().check_refused(404, "no_such_slot");
    running.ask("/api/v1/slots/%FF").get().check_refused(400, "invalid_path");
    running.ask("/api/v1/slots/none/rollback").post(b"").check_refused(404, "no_such_slot");
    running.ask("/api/v1/routes/none").get().check_refused(404, "no_such_route");
    running.ask("/api/v1/routes/none/events").post_json("1").check_refused(404, "no_such_route");
    running.ask("/api/v1/slots/stats/functions/none").post_json("1").check_refused(404, "no_such_function");
    running.ask("/api/v1/events?since=1").get().check_refused(400, "invalid_query");
    running.ask("/api/v1/slots/stats/versions?breaking=yes").post(FIRST).check_refused(400, "invalid_query");
    for (path, allowed) in [("/api/v1/slots", "GET,HEAD"), ("/healthz", "GET,HEAD"), ("/", "GET,HEAD")] {
        let answer = running.ask(path).post(b"");
        answer.check_refused(405, "wrong_method");
        assert_eq!(answer.headers["allow"], allowed, "{path}");
    }
    let answer = running.ask("/api/v1/deliveries").get();
    answer.check_refused(405, "wrong_method");
    assert_eq!(answer.headers["allow"], "POST");
}

#[test]
fn the_page_is_asked_for_again_only_if_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let page = running.ask("/").get();
    assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    assert_eq!(page.headers["cache-control"], "no-cache");
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let tag = page.headers["etag"].to_str().unwrap();
    let again = running.ask("/").header("if-none-match", tag).get();
    assert_eq!((again.status, again.text.as_str(), again.headers["etag"].to_str().unwrap()), (304, "", tag));
}

#[test]
fn a_file_is_deployed_and_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let values = r#"{"values": [1, 2]}"#;
    let call = || running.ask("/api/v1/slots/stats/functions/calc_stats").post_json(values).value();
    assert_eq!(call(), json!({"mean": 1, "median": 2}));
    let push = |content_type, bytes| {
        running.ask("/api/v1/slots/stats/versions").header("content-type", content_type).post(bytes)
    };
    let published = push("application/wasm", SECOND).json();
    assert_eq!((&published["slot"], &published["not_installed"]), (&json!("stats"), &Value::Null));
    assert!(call().get("standard_deviation").is_some());

    push("application/wasm", &SECOND[..1000]).check_refused(422, "refused");
    push("application/wasm", b"").check_refused(422, "refused");
    push("application/x-www-form-urlencoded", SECOND).check_refused(415, "wrong_content_type");
    running.ask("/api/v1/slots/stats/versions").post(b"").check_refused(415, "wrong_content_type");

    let roll_back = |body: &str| running.ask("/api/v1/slots/stats/rollback").post_json(body);
    roll_back(r#"{"to": "12"}"#).check_refused(400, "invalid_digest");
    roll_back(r#"{"back": 1}"#).check_refused(400, "invalid_body");
    let back = running.ask("/api/v1/slots/stats/rollback").post(b"");
    assert_eq!((back.status, &back.json()["new"]), (200, &published["old"]), "{}", back.text);
    let to = format!("{{\"to\": {}}}", published["new"]);
    assert_eq!(roll_back(&to).json()["new"], published["new"]);
}

#[test]
fn values_are_pushed_one_by_one_or_as_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path());
    let push = |body: &str| running.ask("/api/v1/routes/pushed/events").post_json(body);
    assert_eq!(push("1").json(), json!({"taken": 1}));
    assert_eq!(push(r#"[{"a": 2}, null, [3]]"#).json(), json!({"taken": 3}));
    assert_eq!(push("[]").json(), json!({"taken": 0}));
    let malformed = push("[1,\n2");
    malformed.check_refused(400, "malformed_json");
    assert!(malformed.text.contains("line 2 column 1"), "{}", malformed.text);
    push("").check_refused(400, "malformed_json");
    running.ask("/api/v1/routes/pushed/events").post(b"1").check_refused(415, "wrong_content_type");
    running.stop();
    let values: Vec<Value> =
        crate::running::lines(&folder.path().join("out.jsonl")).into_iter().map(|event| event.value).collect();
    assert_eq!(values, [json!(1), json!({"a": 2}), Value::Null, json!([3])]);
}

#[test]
fn events_of_other_nodes_are_taken_by_who_asks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let route =
        "[routes.all]\nsource = { kind = \"nodes\" }\nsinks = [{ kind = \"json-lines\", path = \"out.jsonl\" }]\n";
    let running = Running::start(folder.path(), "edge", route);
    let event =
        |sequence: u64| json!({"origin": "d", "route": "r", "start": 5, "sequence": sequence, "time": 1, "value": 1});
    let deliver = |body: &Value| running.ask("/api/v1/deliveries").post_json(&body.to_string());
    let delivery = json!({"from": "d", "events": [event(0), event(1)]});
    let receipt = deliver(&delivery).json();
    let acknowledged = json!([{"origin": "d", "route": "r", "start": 5, "sequence": 1}]);
    assert_eq!((&receipt["by"], &receipt["acknowledged"]), (&json!("edge"), &acknowledged));
    assert_eq!(deliver(&delivery).json(), receipt, "what came before is acknowledged again");
    let twice = deliver(&json!({"from": "d", "events": [event(2), event(1), event(3)]})).json();
    assert_eq!(twice["acknowledged"][0]["sequence"], 3, "what comes twice is passed over");
    let nameless = json!({"origin": "", "route": "r", "start": 5, "sequence": 9, "time": 1, "value": 1});
    deliver(&json!({"from": "d", "events": [nameless]})).check_refused(400, "invalid_delivery");
    deliver(&json!({"from": "d"})).check_refused(400, "invalid_body");
    running.stop();
    assert_eq!(crate::running::sequences(&folder.path().join("out.jsonl")), [0, 1, 2, 3]);
}
