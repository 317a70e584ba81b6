use abi::Digest;
use serde_json::{Value, json};

use crate::folder::{Folder, Ran};

const MARKED: &str = r#"(module (func (export "wasmtube_abi_v1")) (func (export "f") (result i32) (i32.const 1)))"#;
const UNMARKED: &str = r#"(module (import "env" "abort" (func (param i32 i32 i32 i32)))
    (memory (export "memory") 2 4) (func (export "f") (result i32) (i32.const 1)))"#;

/// The report of a file that cannot be used.
#[track_caller]
fn unusable(ran: Ran) -> String {
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{}", ran.out);
    ran.out
}

#[track_caller]
fn check_parts(out: &str, parts: &[&str]) {
    for part in parts {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
}

#[test]
fn a_sealed_model_shows_everything() {
    let folder = Folder::with_digits();
    let file = folder.read("digits.wasm");
    let out = folder.run(&["inspect", "digits.wasm", "--steps"]).done();
    check_parts(
        &out,
        &[
            &format!("({} bytes)", file.len()),
            &Digest::of(&file).to_string(),
            "sealed: length and hash hold",
            "digits, version 1",
            "stateless",
            "compiled model",
            "(tensor) -> (tensor)",
            "(image) -> (tensor)",
            "image f32[1, 1, 8, 8] at 0x",
            "probabilities f32[1, 10] at 0x",
            "`unit`: stretched to the input, bilinear, gray nchw",
            "10: 0, 1, 2, 3, 4, ...",
            "relaxed-simd",
            "wasmtube_abi_v1  function () -> ()",
            "imports",
            "steps\n  0  ",
            "conv conv2",
        ],
    );
    let without = folder.run(&["inspect", "digits.wasm"]).done();
    assert!(!without.contains("conv conv2"), "{without}");
}

#[test]
fn a_sealed_model_shows_everything_as_json() {
    let folder = Folder::with_digits();
    let report = folder.run(&["inspect", "digits.wasm", "--json"]).json();
    assert_eq!(report["head"], json!({"state": "sealed"}));
    assert_eq!(report["digest"], Digest::of(&folder.read("digits.wasm")).to_string());
    assert_eq!(report["problem"], Value::Null);
    assert_eq!(report["convention"], "compiled model");
    assert_eq!(report["manifest"]["model"]["labels"].as_array().unwrap().len(), 10);
    assert_eq!(report["module"]["features"], json!(["relaxed-simd"]));
    let export = json!({"name": "step", "kind": "function", "params": ["i32"], "results": []});
    assert!(report["module"]["exports"].as_array().unwrap().contains(&export), "{report}");
}

#[test]
fn an_unsealed_module_is_said_to_be_so() {
    let folder = Folder::new();
    folder.write_wat("u.wasm", UNMARKED);
    let out = folder.run(&["inspect", "u.wasm"]).done();
    check_parts(
        &out,
        &[
            "unsealed: ",
            "scalars",
            "f  () -> (i32)",
            "env.abort  function (i32, i32, i32, i32) -> ()",
            "131 kB at start, at most 262 kB",
        ],
    );
    assert_eq!(folder.run(&["inspect", "u.wasm", "--json"]).json()["head"], json!({"state": "unsealed"}));
}

#[test]
fn a_stripped_module_says_what_to_do() {
    let folder = Folder::new();
    folder.write_wat("s.wasm", MARKED);
    let out = unusable(folder.run(&["inspect", "s.wasm"]));
    check_parts(&out, &["stripped: ", "cannot be used: ", "run `wasmtube pack`", "wasmtube_abi_v1  function"]);
    let report: Value = serde_json::from_str(&unusable(folder.run(&["inspect", "s.wasm", "--json"]))).unwrap();
    assert_eq!(report["head"], json!({"state": "stripped"}));
}

#[test]
fn a_broken_file_says_why() {
    let folder = Folder::with_digits();
    let whole = folder.read("digits.wasm");
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let longer = [&whole[..], b"\0\x02\x01x"].concat();
    let cases: [(&str, &[u8], &str); 6] = [
        ("cut", &whole[..whole.len() / 2], "it was cut at"),
        ("flipped", &flipped, "a byte was changed"),
        ("changed", &changed, "once each"),
        ("longer", &longer, "once each"),
        ("empty", b"", "not a Wasm file"),
        ("text", b"hello, this is no Wasm file", "not a Wasm file"),
    ];
    for (name, bytes, reason) in cases {
        folder.write("b.wasm", bytes);
        let out = unusable(folder.run(&["inspect", "b.wasm"]));
        check_parts(&out, &["broken: ", reason, "cannot be used: ", &Digest::of(bytes).to_string()]);
        let report: Value = serde_json::from_str(&unusable(folder.run(&["inspect", "b.wasm", "--json"]))).unwrap();
        assert_eq!(report["head"]["state"], "broken", "{name}");
    }
}

#[test]
fn what_cannot_be_called_cannot_be_used() {
    const F: &str = r#"(func (export "f"))"#;
    let folder = Folder::new();
    let state = |state| {
        let manifest = abi::Manifest {
            name: "f".into(),
            version: "1".into(),
            functions: [("f".into(), abi::FunctionDecl { takes: vec![], returns: vec![], about: String::new() })]
                .into(),
            state,
            window: None,
            model: None,
            features: vec![],
            memory_bytes: 0,
            producer: abi::Producer { name: "test".into(), version: "1".into(), options: [].into() },
        };
        abi::pack(&wat::parse_str(format!("(module {F})")).unwrap(), &manifest).unwrap()
    };
    let unsealed = |rest: &str| wat::parse_str(format!("(module {rest} {F})")).unwrap();
    let cases = [
        ("", state(abi::State::Stateless)),
        ("imports env.log", unsealed(r#"(import "env" "log" (func))"#)),
        ("imports env.abort", unsealed(r#"(import "env" "abort" (func))"#)),
        ("", unsealed(r#"(import "env" "abort" (func (param i32 i32 i32 i32)))"#)),
        ("of memory, the usual limit is", unsealed("(memory 16385)")),
        ("", unsealed("(memory 16384)")),
        ("elements in its tables", unsealed("(table 1048577 funcref)")),
    ];
    for (reason, bytes) in cases {
        folder.write("f.wasm", bytes);
        let (inspected, called) = (folder.run(&["inspect", "f.wasm"]), folder.run(&["call", "f.wasm", "f"]));
        let expected = if reason.is_empty() { Some(0) } else { Some(1) };
        assert_eq!((inspected.code, called.code), (expected, expected), "{reason}: {inspected:?} {called:?}");
        assert!(inspected.out.contains(reason), "{reason}: {}", inspected.out);
        assert_eq!(inspected.out.contains("cannot be used: "), !reason.is_empty(), "{}", inspected.out);
    }
}

#[test]
fn a_component_shows_its_functions_and_whether_it_is_whole() {
    let folder = Folder::new();
    let text = crate::pack::component(1);
    folder.write_wat("c.wasm", &text);
    let functions = json!([{"name": "double", "call": "func(value: s32) -> s32", "about": ""}]);
    let unsealed = folder.run(&["inspect", "c.wasm", "--json"]).json();
    assert_eq!((&unsealed["head"], &unsealed["functions"]), (&json!({"state": "unsealed"}), &functions));
    folder.run(&["pack", "c.wasm", "-o", "p.wasm"]).done();
    let sealed = folder.run(&["inspect", "p.wasm", "--json"]).json();
    assert_eq!((&sealed["head"], &sealed["functions"]), (&json!({"state": "sealed"}), &functions));
    assert_eq!((&sealed["convention"], &sealed["module"]["start_memory_bytes"]), (&json!("component"), &json!(65_536)));
    check_parts(
        &folder.run(&["inspect", "p.wasm"]).done(),
        &[
            "head        sealed: length and hash hold",
            "convention  component",
            "double  func(value: s32) -> s32",
            "memory    65.5 kB at start",
        ],
    );
    let whole = folder.read("p.wasm");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for (bytes, reason) in [
        (changed, "a byte was changed"),
        (whole[..whole.len() - 1].to_vec(), "it was cut at"),
        ([whole.as_slice(), b"x"].concat(), "the file goes on behind its end section"),
        ([whole.as_slice(), b"\0\x02\x01x"].concat(), "must come first"),
    ] {
        folder.write("p.wasm", bytes);
        let out = unusable(folder.run(&["inspect", "p.wasm"]));
        check_parts(&out, &["head    broken: ", reason, "cannot be used: the file is refused: "]);
    }
}
