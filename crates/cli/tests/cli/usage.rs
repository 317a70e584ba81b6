use crate::folder::Folder;

const COMMANDS: [&str; 14] = [
    "build", "diff", "call", "inspect", "pack", "run", "check", "status", "slots", "push", "rollback", "events",
    "explain", "demo",
];

#[test]
fn every_command_has_help_with_examples() {
    let folder = Folder::new();
    let out = folder.run(&["--help"]).done();
    assert!(out.contains("Examples:") && out.contains("Exit codes:"), "{out}");
    for command in COMMANDS {
        assert!(out.contains(&format!("\n  {command} ")), "{command} is not in:\n{out}");
        let help = folder.run(&[command, "--help"]).done();
        assert!(help.contains(&format!("Examples:\n  wasmtube {command} ")), "{help}");
        assert_eq!(folder.run(&["help", command]).done(), help);
    }
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let folder = Folder::new();
    folder.run(&[]).failed(2, &["Usage: wasmtube"]);
    folder.run(&["fly"]).failed(2, &["unrecognized subcommand 'fly'"]);
    folder.run(&["call"]).failed(2, &["<FILE>"]);
    folder.run(&["call", "missing.wasm", "f"]).failed(1, &["cannot read missing.wasm"]);
    folder.run(&["inspect", "missing.wasm"]).failed(1, &["cannot read missing.wasm"]);
    folder.run(&["pack", "missing.wasm", "-o", "p.wasm"]).failed(1, &["cannot read missing.wasm"]);
    folder.run(&["demo", "--once", "--seconds", "5"]).failed(2, &["cannot be used with"]);
    folder.run(&["demo", "--labels", "l.txt"]).failed(2, &["--model"]);
}

#[test]
fn what_is_no_terminal_gets_no_colors() {
    let folder = Folder::with_digits();
    let ran = folder.run(&["inspect", "digits.wasm"]);
    assert!(!ran.out.contains('\x1b') && !ran.err.contains('\x1b'), "{ran:?}");
    let ran = folder.run(&["call", "digits.wasm", "none"]);
    assert!(!ran.err.contains('\x1b'), "{ran:?}");
}

#[test]
fn standard_streams_are_refused_by_name() {
    let folder = Folder::new();
    for arguments in [
        &["build", "-"][..],
        &["build", "m.onnx", "-o", "-"],
        &["build", "m.onnx", "--labels", "-"],
        &["call", "-", "f"],
        &["call", "m.wasm", "f", "--image", "-"],
        &["call", "m.wasm", "f", "--tensor", "-"],
        &["call", "m.wasm", "f", "--tensor", "x=-"],
        &["call", "m.wasm", "f", "--tensor", "x.npy", "--output", "-"],
        &["inspect", "-"],
        &["pack", "-", "-o", "p.wasm"],
        &["pack", "m.wasm", "-o", "-"],
        &["pack", "m.wasm", "-o", "p.wasm", "--manifest", "-"],
        &["demo", "--model", "-", "--image", "p.png"],
        &["run", "-"],
        &["check", "-"],
        &["push", "-"],
    ] {
        folder.run(arguments).failed(2, &["standard streams are not supported here"]);
    }
    assert!(folder.files().is_empty());
}

#[test]
fn names_have_a_length() {
    let folder = Folder::new();
    let long = "x".repeat(257);
    for command in [&["build", "m.onnx"][..], &["pack", "m.wasm", "-o", "p.wasm"]] {
        folder.run(&[command, &["--name", ""]].concat()).failed(2, &["at least one character"]);
        folder.run(&[command, &["--name", &long]].concat()).failed(2, &["at most 256 characters, not 257"]);
    }
}

#[test]
fn errors_are_json_where_the_answer_would_be() {
    let folder = Folder::new();
    for arguments in [
        &["build", "missing", "--json"][..],
        &["diff", "missing", "--json"],
        &["inspect", "missing", "--json"],
        &["pack", "missing", "-o", "p.wasm", "--json"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, Some(1));
        let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert!(answer["error"].as_str().unwrap().starts_with("cannot read missing: "), "{answer}");
        assert!(ran.err.starts_with("error: cannot read missing\n"), "{}", ran.err);
    }
}
