//! Files that try to command the terminal or to look like more than they are.

use std::path::Path;

use crate::diff::floats;
use crate::folder::Folder;
use crate::onnx::{Declared, Dim, F32, Node, graph, model};

#[test]
fn what_a_file_says_cannot_command_the_terminal() {
    let folder = Folder::new();
    folder.write_wat("f.wasm", r#"(module (func (export "a\1b[31m\0ab") (result i32) (i32.const 1)))"#);
    folder.run(&["pack", "f.wasm", "-o", "e\x1b[2J.wasm", "--name", "n\x1b]0;x\x07"]).done();
    for out in [
        folder.run(&["inspect", "e\x1b[2J.wasm"]).done(),
        folder.run(&["pack", "f.wasm", "-o", "e\x1b[2J.wasm", "--name", "n\x1b]0;x\x07"]).done(),
        folder.run(&["call", "e\x1b[2J.wasm", "none"]).err,
        folder.run(&["inspect", "gone\x1b[2J.wasm"]).err,
    ] {
        assert!(out.contains("\\u{1b}[") && !out.contains(['\x1b', '\x07']), "{out:?}");
    }
    folder.write("m.onnx", model(&[Dim::Size(1)], &[("Frob\x1b[1m", "a\rb", &["x"], &["y"])], &["y"]));
    let err = folder.run(&["build", "m.onnx"]).err;
    assert!(err.contains("Frob\\u{1b}[1m at node `a\\rb`") && !err.contains(['\x1b', '\r']), "{err:?}");
}

/// Escape, bell, line feed, the next line and control sequences of Latin 1, and turning the direction of writing.
const OBEYED: [char; 7] = ['\x1b', '\x07', '\r', '\u{85}', '\u{9b}', '\u{202e}', '\u{2028}'];

#[test]
fn names_in_a_model_cannot_command_the_terminal() {
    let name = |part: &str| OBEYED.iter().fold(part.to_owned(), |name, obeyed| format!("{name}{obeyed}{part}"));
    let names = ["x", "m", "y"].map(name);
    let [input, middle, output] = names.each_ref().map(String::as_str);
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(2)];
    let declared = |name| -> Declared<'_> { (name, F32, shape) };
    let net = |operator: &str| {
        let nodes: &[Node<'_>] =
            &[("Exp", &name("e"), &[input], &[middle]), (operator, &name("o"), &[middle], &[output])];
        graph(&[declared(input)], &[], nodes, &[declared(output), declared(middle)])
    };
    let folder = Folder::new();
    folder.write("good.onnx", net("Neg"));
    folder.write("bad.onnx", net(&name("Frob")));
    folder.write("x.npy", floats([0.0, 1.0]));
    let said: [&[&str]; 10] = [
        &["build", "good.onnx", "--name", &name("n"), "--module-version", &name("v"), "--check"],
        &["inspect", "good.wasm"],
        &["inspect", "good.wasm", "--steps"],
        &["diff", "good.onnx"],
        &["call", "good.wasm", "infer", "--tensor", "x.npy"],
        &["call", "good.wasm", "infer", "--tensor", "x.npy", "--tensor", &format!("{}=x.npy", name("z"))],
        &["build", "bad.onnx"],
        &["build", "good.onnx", "--emit", "graph"],
        &["build", "good.onnx", "--emit", "plan"],
        &["build", "good.onnx", "--const", &format!("{input}={}", name("gone"))],
    ];
    for arguments in said {
        let json: &[&str] = match arguments {
            [.., "--emit", _] => &[],
            ["call", ..] => &["--format", "json"],
            _ => &["--json"],
        };
        for arguments in [arguments, &[arguments, json].concat()] {
            let ran = folder.run(arguments);
            assert!(!(ran.out.clone() + &ran.err).contains(OBEYED), "{arguments:?}: {ran:?}");
            assert!((ran.out.clone() + &ran.err).contains(r"\u"), "{arguments:?} names nothing: {ran:?}");
        }
    }
}

#[test]
fn equal_reasons_are_shown_once_and_counted() {
    let folder = Folder::new();
    let names: Vec<[String; 3]> =
        (0..7).map(|index| [format!("n{index}"), format!("v{index}"), format!("v{}", index + 1)]).collect();
    let ends: Vec<([&str; 1], [&str; 1])> = names
        .iter()
        .enumerate()
        .map(|(index, [_, from, to])| ([if index == 0 { "x" } else { from }], [to.as_str()]))
        .collect();
    let nodes: Vec<Node<'_>> = names
        .iter()
        .zip(&ends)
        .map(|([name, ..], (from, to))| ("Frobnicate", name.as_str(), &from[..], &to[..]))
        .collect();
    folder.write("m.onnx", model(&[Dim::Size(1)], &nodes, &["v7"]));
    let err = folder.run(&["build", "m.onnx"]).err;
    assert_eq!(err.matches("error[E0201]").count(), 1, "{err}");
    for part in [
        "error[E0201]: Frobnicate, 7 times: ",
        "\n  nodes: `n0`, `n1`, `n2`, `n3`, `n4` and 2 more\n  help: ",
        "\nrefused: 7 reasons; ",
    ] {
        assert!(err.contains(part), "{part:?} is not in:\n{err}");
    }
    let json: serde_json::Value = serde_json::from_str(&folder.run(&["build", "m.onnx", "--json"]).out).unwrap();
    assert_eq!(json["refused"].as_array().unwrap().len(), 7);
    folder.write("photo.png", std::fs::read(crate::folder::digits("samples/000_2.png")).unwrap());
    let ran = folder.run(&["demo", "--once", "--model", "m.onnx", "--image", "photo.png"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.starts_with("error[E0201]: Frobnicate, 7 times: ") && ran.err.contains("  help: "), "{ran:?}");
}

#[test]
fn kept_files_are_refused_or_shown_in_plain_text() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/tests/hostile");
    let folder = Folder::new();
    let mut count = 0;
    for entry in std::fs::read_dir(kept).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        count += 1;
        let file = path.to_str().unwrap();
        for arguments in
            [&["inspect", file][..], &["pack", file, "-o", "f.wasm"], &["call", file, "f", "--deadline", "50"]]
        {
            let ran = folder.run(arguments);
            assert!(matches!(ran.code, Some(0..=2)), "{arguments:?}: {ran:?}");
            let said = ran.out + &ran.err;
            assert!(ran.code == Some(0) || !said.is_empty(), "{arguments:?} says nothing");
            assert!(!said.contains(['\x1b', '\x07', '\u{202e}']), "{arguments:?}");
        }
    }
    assert!(count > 40, "{count}");
}
