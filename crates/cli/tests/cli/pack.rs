use abi::{Declaration, Manifest, Seal, State, ValueKind};
use serde_json::json;

use crate::folder::{Folder, digits};

const ADD: &str = r#"(module (memory 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "vector") (result v128) (v128.const i64x2 0 0)))"#;

/// Answers its argument, core ABI v1.
const GUEST: &str = r#"(module (memory (export "memory") 1)
    (func (export "wasmtube_abi_v1"))
    (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 1024))
    (func (export "wasmtube_free") (param i32 i32))
    (func (export "echo") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))"#;

/// `double` of a component, whose core module starts with so many pages of memory.
pub(crate) fn component(pages: u32) -> String {
    format!(
        r#"(component
        (core module $m (memory {pages})
            (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
        (core instance $i (instantiate $m))
        (func $double (param "value" s32) (result s32) (canon lift (core func $i "double")))
        (export "double" (func $double)))"#
    )
}

fn manifest(folder: &Folder, name: &str) -> Manifest {
    match abi::read_seal(&folder.read(name)) {
        Ok(Seal::Sealed(head)) => head.manifest,
        other => panic!("{name} is not sealed: {other:?}"),
    }
}

/// [`GUEST`] with the declarations that the SDK writes.
fn declared_guest() -> Vec<u8> {
    let lines = [
        Declaration::Module { name: "echo".into(), version: "3.1".into(), state: State::Stateless },
        Declaration::Function {
            name: "echo".into(),
            takes: vec![ValueKind::Json],
            returns: vec![ValueKind::Json],
            about: "answers its argument".into(),
        },
    ];
    let lines: String = lines.iter().map(Declaration::line).collect();
    let section = format!("(@custom \"{}\" {lines:?})", abi::DECLARATION_SECTION);
    wat::parse_str(GUEST.replacen("(module", &format!("(module {section}"), 1)).unwrap()
}

#[test]
fn a_module_of_numbers_is_sealed_and_still_answers() {
    let folder = Folder::new();
    folder.write_wat("add.wasm", ADD);
    let packed = folder
        .run(&["pack", "add.wasm", "-o", "p.wasm", "--name", "sum", "--version", "2", "--state", "stateless", "--json"])
        .json();
    let manifest = manifest(&folder, "p.wasm");
    assert_eq!((manifest.name.as_str(), manifest.version.as_str(), manifest.state), ("sum", "2", State::Stateless));
    assert_eq!(manifest.functions["add"].takes.len(), 2);
    assert_eq!(packed["file"], "p.wasm");
    assert_eq!(packed["bytes"], folder.read("p.wasm").len());
    assert_eq!(packed["notes"], json!(["`vector` is left out: its type holds more than numbers"]));
    assert_eq!(folder.run(&["call", "p.wasm", "add", "40", "2"]).done(), "42\n");
    let head = folder.run(&["inspect", "p.wasm", "--json"]).json()["head"].clone();
    assert_eq!(head, json!({"state": "sealed"}));
    folder.run(&["pack", "p.wasm", "-o", "q.wasm"]).failed(1, &["cannot seal p.wasm", "sealed already"]);
}

#[test]
fn what_types_cannot_tell_is_noted() {
    let folder = Folder::new();
    folder.write_wat("add.wasm", &ADD.replace("(memory 1)", "(memory (export \"memory\") 1)"));
    let out = folder.run(&["pack", "add.wasm", "-o", "p.wasm"]).done();
    assert!(out.contains("`add` is taken for a function of JSON (classic convention)"), "{out}");
    assert_eq!(manifest(&folder, "p.wasm").state, State::Slot);
}

#[test]
fn what_a_guest_declares_is_taken_and_removed() {
    let folder = Folder::new();
    folder.write("g.wasm", declared_guest());
    folder.run(&["call", "g.wasm", "echo", "--json", "1"]).failed(1, &["run `wasmtube pack`"]);
    folder.run(&["pack", "g.wasm", "-o", "p.wasm", "--version", "3.2"]).done();
    let found = manifest(&folder, "p.wasm");
    assert_eq!((found.name.as_str(), found.version.as_str(), found.state), ("echo", "3.2", State::Stateless));
    assert_eq!(found.functions["echo"].about, "answers its argument");
    assert!(!folder.read("p.wasm").windows(13).any(|part| part == abi::DECLARATION_SECTION.as_bytes()));
    let out = folder.run(&["call", "p.wasm", "echo", "--json", "[1]", "--format", "json"]).done();
    assert_eq!(out, "[1]\n");
    folder.write("m.json", "{}");
    folder.run(&["pack", "g.wasm", "-o", "q.wasm", "--manifest", "m.json"]).failed(2, &["leave --manifest away"]);
}

#[test]
fn a_manifest_file_describes_what_says_nothing() {
    let folder = Folder::new();
    folder.write_wat("g.wasm", GUEST);
    folder.run(&["pack", "g.wasm", "-o", "p.wasm"]).done();
    let mut found = manifest(&folder, "p.wasm");
    assert_eq!(found.functions["echo"].takes, [ValueKind::Json]);
    found.name = "mine".into();
    folder.write("m.json", serde_json::to_vec(&found).unwrap());
    folder.run(&["pack", "g.wasm", "-o", "q.wasm", "--manifest", "m.json"]).done();
    assert_eq!(manifest(&folder, "q.wasm"), found);

    let function = found.functions.remove("echo").unwrap();
    found.functions.insert("repeat".into(), function);
    folder.write("m.json", serde_json::to_vec(&found).unwrap());
    let lying = ["pack", "g.wasm", "-o", "r.wasm", "--manifest", "m.json"];
    folder.run(&lying).failed(1, &["cannot seal g.wasm", "`repeat`", "does not export it"]);
    folder.write("m.json", "{\"name\": 1}");
    folder.run(&lying).failed(1, &["m.json is not a manifest"]);
    folder.run(&[&lying[..], &["--name", "x"]].concat()).failed(1, &["m.json is not a manifest"]);
    assert_eq!(folder.files(), ["g.wasm", "m.json", "p.wasm", "q.wasm"]);
}

#[test]
fn a_model_without_its_head_cannot_be_sealed_again() {
    let folder = Folder::new();
    let text = folder.run(&["build", &digits("digits.onnx"), "--emit", "wat"]).done();
    folder.write_wat("stripped.wasm", &text);
    folder.run(&["pack", "stripped.wasm", "-o", "p.wasm"]).failed(2, &["build it again with `wasmtube build`"]);
}

#[test]
fn a_sealed_model_is_sealed_already() {
    let folder = Folder::new();
    folder.run(&["build", &digits("digits.onnx"), "-o", "d.wasm", "--no-golden"]).done();
    folder.run(&["pack", "d.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal d.wasm", "sealed already"]);
    let mut changed = folder.read("d.wasm");
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    folder.write("d.wasm", changed);
    folder.run(&["pack", "d.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal d.wasm", "sealed already"]);
    assert_eq!(folder.files(), ["d.wasm"]);
}

#[test]
fn what_is_no_module_is_refused() {
    let folder = Folder::new();
    folder.write("t.wasm", "hello, this is no Wasm file");
    folder.run(&["pack", "t.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal t.wasm", "not a Wasm file"]);
    folder.write_wat("n.wasm", "(module)");
    folder.run(&["pack", "n.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal n.wasm", "exports no function"]);
    assert_eq!(folder.files(), ["n.wasm", "t.wasm"]);
}

#[test]
fn what_no_host_could_load_is_not_made() {
    let folder = Folder::new();
    folder.write_wat("i.wasm", r#"(module (import "env" "log" (func)) (func (export "f")))"#);
    folder.run(&["pack", "i.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal i.wasm", "imports env.log"]);
    folder.write_wat("m.wasm", r#"(module (memory 16385) (func (export "f")))"#);
    folder.run(&["pack", "m.wasm", "-o", "p.wasm"]).failed(1, &["cannot seal m.wasm", "of memory, the usual limit is"]);
    folder.write_wat("f.wasm", r#"(module (func (export "f")))"#);
    folder.run(&["pack", "f.wasm", "-o", "p.wasm", "--state", "global"]).failed(2, &["stateless", "slot", "keyed"]);
    assert_eq!(folder.files(), ["f.wasm", "i.wasm", "m.wasm"]);
}

#[test]
fn state_may_be_by_key() {
    let folder = Folder::new();
    folder.write_wat("f.wasm", r#"(module (func (export "f")))"#);
    folder.run(&["pack", "f.wasm", "-o", "p.wasm", "--state", "keyed"]).done();
    assert_eq!(manifest(&folder, "p.wasm").state, State::Keyed);
    folder.run(&["call", "p.wasm", "f", "--key", "a"]).done();
    folder.run(&["call", "p.wasm", "f"]).failed(1, &["keeps its state by key", "name the key"]);
    folder.run(&["call", "p.wasm", "f", "--key", ""]).failed(1, &["a key must have 1 to 256 bytes"]);
    folder.run(&["call", "f.wasm", "f", "--key", "a"]).failed(1, &["keeps no state by key"]);
}

#[test]
fn a_function_of_two_results_is_left_out() {
    let folder = Folder::new();
    let two = r#"(func (export "two") (result i32 i32) (i32.const 1) (i32.const 2))"#;
    folder.write_wat("t.wasm", &format!(r#"(module {two} (func (export "one") (result i32) (i32.const 1)))"#));
    let packed = folder.run(&["pack", "t.wasm", "-o", "p.wasm", "--json"]).json();
    let note = "`two` is left out: it returns several numbers, and a sealed function returns at most one";
    assert_eq!(packed["notes"], json!([note]));
    assert_eq!(folder.run(&["call", "p.wasm", "one"]).done(), "1\n");
    folder.write_wat("n.wasm", &format!("(module {two})"));
    folder.run(&["pack", "n.wasm", "-o", "q.wasm"]).failed(1, &["cannot seal n.wasm", note]);
}

#[test]
fn the_text_form_is_assembled() {
    let folder = Folder::new();
    folder.write("add.wat", format!("  ;; adds\n{ADD}"));
    folder.run(&["pack", "add.wat", "-o", "p.wasm"]).done();
    assert_eq!(folder.run(&["call", "p.wasm", "add", "40", "2"]).done(), "42\n");
    folder.write("bare", ADD);
    folder.run(&["pack", "bare", "-o", "q.wasm", "--name", "add"]).done();
    assert_eq!(folder.read("p.wasm"), folder.read("q.wasm"), "the name of the file tells nothing");
    folder.write("e.wat", "(module\n  (func (export 1)))");
    folder.run(&["pack", "e.wat", "-o", "e.wasm"]).failed(1, &["cannot seal e.wat", "not well-formed", "e.wat:2:10"]);
    folder.write("b.wat", b"(module \xff)");
    folder.run(&["pack", "b.wat", "-o", "e.wasm"]).failed(1, &["text in UTF-8"]);
    folder.write("empty.wat", "");
    folder.run(&["pack", "empty.wat", "-o", "e.wasm"]).failed(1, &["at least one module field"]);
    assert!(!folder.files().contains(&"e.wasm".into()));
}

#[test]
fn flags_describe_the_functions_of_a_foreign_module() {
    let folder = Folder::new();
    folder.write_wat("g.wasm", GUEST);
    let out = folder.run(&["pack", "g.wasm", "-o", "p.wasm", "--function", "echo: list<i16> -> bytes"]).done();
    assert!(!out.contains("notes"), "{out}");
    let found = manifest(&folder, "p.wasm").functions;
    assert_eq!(found["echo"].takes, [ValueKind::List(abi::DataType::I16)]);
    assert_eq!(found["echo"].returns, [ValueKind::Bytes]);
    folder.write("n", b"\x01\x00");
    folder.run(&["call", "p.wasm", "echo", "--bytes", "n", "--output", "o"]).done();
    assert_eq!(folder.read("o"), folder.read("n"));
    let pack = |function: &str| folder.run(&["pack", "g.wasm", "-o", "q.wasm", "--function", function]);
    pack("echo: text -> bytes").failed(2, &["`text` is no kind of value"]);
    pack("repeat: json -> json").failed(1, &["`repeat`", "does not export it"]);
    pack("echo: i32 -> json").failed(1, &["cannot seal g.wasm"]);
    let twice = ["--function", "echo: json -> json", "--function", "echo: json -> json"];
    folder.run(&[&["pack", "g.wasm", "-o", "q.wasm"], &twice[..]].concat()).failed(2, &["describes `echo` twice"]);
    folder.write("d.wasm", declared_guest());
    folder
        .run(&["pack", "d.wasm", "-o", "q.wasm", "--function", "echo: json -> json"])
        .failed(2, &["leave --function away"]);
}

#[test]
fn a_manifest_in_toml_says_what_it_has_to_say_and_no_more() {
    let folder = Folder::new();
    folder.write_wat("g.wasm", GUEST);
    folder.write("m.toml", "version = \"7\"\n[functions.echo]\ntakes = [\"bytes\"]\nreturns = [{ list = \"u8\" }]\n");
    let pack = ["pack", "g.wasm", "-o", "p.wasm", "--manifest", "m.toml"];
    let out = folder.run(&pack).done();
    assert!(!out.contains("notes"), "{out}");
    let found = manifest(&folder, "p.wasm");
    assert_eq!((found.name.as_str(), found.version.as_str(), found.state), ("g", "7", State::Slot));
    assert_eq!(found.functions["echo"].returns, [ValueKind::List(abi::DataType::U8)]);
    folder.run(&[&pack[..], &["--version", "8"]].concat()).done();
    assert_eq!(manifest(&folder, "p.wasm").version, "8", "flags go first");
    for (text, said) in
        [("name = ", "m.toml is not a manifest"), ("color = 1", "color"), ("state = \"x\"", "unknown variant")]
    {
        folder.write("m.toml", text);
        folder.run(&pack).failed(1, &["m.toml is not a manifest", said]);
    }
}

/// The paper's convention, with an allocator and in a memory of this type.
fn classic(memory: &str) -> String {
    format!(
        r#"(module (memory (export "memory") {memory})
          (func (export "__new") (param i32 i32) (result i32) (i32.const 1024))
          (func (export "echo") (param i32 i32) (result i32) (local.get 1)))"#
    )
}

#[test]
fn a_classic_module_without_a_safe_window_is_sealed_once_one_is_chosen() {
    let folder = Folder::new();
    folder.write_wat("a.wasm", &classic("1"));
    folder.write_wat("f.wasm", &classic("1 1").replace("__new", "reserve"));
    let choices = ["no place in memory", "`end`, `42` or `alloc:NAME`", "--window"];
    folder.run(&["pack", "a.wasm", "-o", "p.wasm"]).failed(1, &choices);
    folder.run(&["pack", "f.wasm", "-o", "p.wasm"]).failed(1, &choices);
    for window in ["end", "42", "alloc:__new"] {
        let packed = folder.run(&["pack", "a.wasm", "-o", "p.wasm", "--window", window, "--json"]).json();
        assert_eq!(packed["manifest"]["window"], window);
        assert_eq!(folder.run(&["call", "p.wasm", "echo", "--json", "[1]", "--format", "json"]).done(), "[1]\n");
        let shown = folder.run(&["inspect", "p.wasm"]).done();
        assert!(shown.contains("window") && shown.contains(window), "{shown}");
    }
    folder.run(&["pack", "a.wasm", "-o", "q.wasm", "--window", "alloc:malloc"]).failed(1, &["no function `malloc`"]);
    folder.run(&["pack", "a.wasm", "-o", "q.wasm", "--window", "front"]).failed(2, &["`alloc:NAME`"]);
    folder.write_wat("g.wasm", GUEST);
    folder
        .run(&["pack", "g.wasm", "-o", "q.wasm", "--window", "end"])
        .failed(1, &["no function is of the classic convention"]);
}

#[test]
fn a_component_is_sealed_and_still_answers() {
    let folder = Folder::new();
    folder.write("c.wat", component(1));
    folder.write_wat("c.wasm", &component(1));
    let out = folder.run(&["pack", "c.wat", "-o", "p.wasm", "--name", "twice"]).done();
    assert!(out.contains("functions  double\n"), "{out}");
    let packed = folder.run(&["pack", "c.wasm", "-o", "q.wasm", "--name", "twice", "--json"]).json();
    assert_eq!(packed["functions"], json!(["double"]));
    assert_eq!(folder.read("p.wasm"), folder.read("q.wasm"), "the text form gives the same file");
    assert_eq!(folder.read("p.wasm")[..8], *b"\0asm\x0d\0\x01\0");
    assert_eq!(manifest(&folder, "p.wasm").name, "twice");
    assert_eq!(folder.run(&["call", "p.wasm", "double", "--json", "21"]).done(), "42\n");
    folder.run(&["pack", "p.wasm", "-o", "r.wasm"]).failed(1, &["cannot seal p.wasm", "sealed already"]);
}

#[test]
fn what_is_no_valid_component_is_not_sealed() {
    let folder = Folder::new();
    let refused = |name: &str, reason: &str| {
        folder.run(&["pack", name, "-o", "p.wasm"]).failed(1, &[&format!("cannot seal {name}"), reason]);
    };
    let whole = wat::parse_str(component(1)).unwrap();
    folder.write("cut.wasm", &whole[..whole.len() - 1]);
    refused("cut.wasm", "was cut at");
    folder.write("empty.wasm", &whole[..8]);
    refused("empty.wasm", "exports no function");
    let mut changed = whole.clone();
    // `i32.const 2`, `i32.mul`.
    let at = whole.windows(3).position(|part| part == [0x41, 2, 0x6c]).unwrap() + 2;
    changed[at] = 0x92;
    folder.write("changed.wasm", changed);
    refused("changed.wasm", "no valid WebAssembly module or component");
    folder.write_wat("large.wasm", &component(20_000));
    refused("large.wasm", "of memory, the usual limit is");
    let wanting = component(1).replacen("(component", r#"(component (import "log" (func))"#, 1);
    folder.write_wat("wanting.wasm", &wanting);
    refused("wanting.wasm", "imports log");
    assert!(!folder.files().contains(&"p.wasm".into()));
}
