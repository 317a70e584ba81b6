use alloc::string::ToString as _;
use alloc::{format, vec};

use super::*;
use crate::section::write_custom;
use crate::{Seal, pack, read_seal};

const MODULE_LINE: &str = "{\"module\":{\"name\":\"m\",\"version\":\"1.0\",\"state\":\"stateless\"}}\n";
const FUNCTION_LINE: &str =
    "{\"function\":{\"name\":\"f\",\"takes\":[\"json\"],\"returns\":[\"bytes\"],\"about\":\"Does it.\"}}\n";

fn producer() -> Producer {
    Producer { name: "test".into(), version: "0".into(), options: BTreeMap::new() }
}

/// A memory of two pages and these exports; the tested code never looks at the functions themselves.
fn module(functions: &[&str]) -> Vec<u8> {
    let mut exports = vec![u8::try_from(functions.len() + 1).expect("few")];
    for (name, kind) in functions.iter().map(|name| (*name, 0)).chain([("memory", 2)]) {
        exports.push(u8::try_from(name.len()).expect("short"));
        exports.extend_from_slice(name.as_bytes());
        exports.extend_from_slice(&[kind, 0]);
    }
    let mut bytes = b"\0asm\x01\0\0\0\x05\x03\x01\x00\x02\x07".to_vec();
    bytes.push(u8::try_from(exports.len()).expect("short"));
    bytes.extend_from_slice(&exports);
    bytes
}

fn whole() -> Vec<u8> {
    module(&[export::MARKER, export::ALLOC, export::FREE, "f"])
}

fn with_lines(mut bytes: Vec<u8>, lines: &str) -> Vec<u8> {
    write_custom(&mut bytes, DECLARATION_SECTION, lines.as_bytes());
    bytes
}

#[track_caller]
fn check_refused(bytes: &[u8], message: &str) {
    match read_declarations(bytes, producer()) {
        Err(error) => assert_eq!(error.to_string(), message),
        Ok(manifest) => panic!("accepted: {manifest:?}"),
    }
}

#[test]
fn declarations_become_a_manifest() {
    let mut bytes = with_lines(whole(), &format!("{FUNCTION_LINE}{MODULE_LINE}"));
    write_custom(&mut bytes, "target_features", b"\x03+\x07simd128+\x0crelaxed-simd-\x07atomics");
    let manifest = read_declarations(&bytes, producer()).expect("reads").expect("has declarations");
    let decl = FunctionDecl { takes: vec![ValueKind::Json], returns: vec![ValueKind::Bytes], about: "Does it.".into() };
    assert_eq!(
        manifest,
        Manifest {
            name: "m".into(),
            version: "1.0".into(),
            functions: BTreeMap::from([("f".into(), decl)]),
            state: State::Stateless,
            window: None,
            model: None,
            features: vec!["relaxed-simd".into()],
            memory_bytes: 131_072,
            producer: producer(),
        }
    );
}

#[test]
fn lines_are_what_the_reader_reads() {
    let module = Declaration::Module { name: "m".into(), version: "1.0".into(), state: State::Stateless };
    assert_eq!(module.line(), MODULE_LINE);
    let function = Declaration::Function {
        name: "f".into(),
        takes: vec![ValueKind::Json],
        returns: vec![ValueKind::Bytes],
        about: "Does it.".into(),
    };
    assert_eq!(function.line(), FUNCTION_LINE);
}

#[test]
fn sections_of_several_object_files_count_together() {
    let bytes = with_lines(with_lines(whole(), FUNCTION_LINE), MODULE_LINE);
    let manifest = read_declarations(&bytes, producer()).expect("reads").expect("has declarations");
    assert_eq!((manifest.name.as_str(), manifest.functions.len()), ("m", 1));
}

#[test]
fn module_without_declarations_has_no_manifest() {
    assert_eq!(read_declarations(&whole(), producer()), Ok(None));
}

#[test]
fn removal_leaves_the_rest_as_it_is() {
    let mut bytes = with_lines(module(&["f"]), FUNCTION_LINE);
    write_custom(&mut bytes, "name", b"after");
    let bytes = with_lines(bytes, MODULE_LINE);
    let mut expected = module(&["f"]);
    write_custom(&mut expected, "name", b"after");
    assert_eq!(remove_declarations(&bytes), Ok(expected.clone()));
    assert_eq!(remove_declarations(&expected), Ok(expected));
}

#[test]
fn declared_module_can_be_sealed() {
    let bytes = with_lines(whole(), &format!("{MODULE_LINE}{FUNCTION_LINE}"));
    let manifest = read_declarations(&bytes, producer()).expect("reads").expect("has declarations");
    let sealed = pack(&remove_declarations(&bytes).expect("removes"), &manifest).expect("packs");
    match read_seal(&sealed) {
        Ok(Seal::Sealed(head)) => assert_eq!(head.manifest, manifest),
        other => panic!("{other:?}"),
    }
}

#[test]
fn broken_declarations_are_refused() {
    check_refused(b"\x7fELF", "not a Wasm file: it does not begin with \\0asm");
    let bytes = with_lines(whole(), MODULE_LINE);
    check_refused(
        &bytes[..bytes.len() - 1],
        &format!("the file ends inside a section: it was cut at {} bytes", bytes.len() - 1),
    );
    check_refused(
        &with_lines(whole(), &format!("{MODULE_LINE}{{\"function\":{{\"name\":\"f\"}}}}\n")),
        "line 2 of the section `wasmtube-decl` is not a declaration: missing field `takes` at line 1 column 24",
    );
    check_refused(
        &with_lines(whole(), FUNCTION_LINE),
        "the module declares functions but not itself: write `wasmtube_guest::module!` once",
    );
    check_refused(
        &with_lines(whole(), &MODULE_LINE.repeat(2)),
        "the module declares itself as `m` and as `m`: write `wasmtube_guest::module!` once",
    );
    check_refused(
        &with_lines(whole(), &format!("{MODULE_LINE}{}", FUNCTION_LINE.repeat(2))),
        "the function `f` is declared twice",
    );
    let half = r#"{"function":{"name":"f","takes":["json",{"list":"f16"}],"returns":[]}}"#;
    let source = KindError::Element { element: crate::DataType::F16 };
    assert_eq!(
        read_declarations(&with_lines(whole(), &format!("{MODULE_LINE}{half}\n")), producer()),
        Err(DeclarationError::Kind { function: "f".into(), source })
    );
}

#[test]
fn promised_exports_must_exist() {
    let lines = format!("{MODULE_LINE}{FUNCTION_LINE}");
    for missing in [export::MARKER, export::ALLOC, export::FREE, "f"] {
        let present: Vec<&str> =
            [export::MARKER, export::ALLOC, export::FREE, "f"].into_iter().filter(|name| *name != missing).collect();
        check_refused(
            &with_lines(module(&present), &lines),
            &format!("the module does not export the function `{missing}`, which its declarations promise"),
        );
    }
    check_refused(
        &with_lines(b"\0asm\x01\0\0\0".to_vec(), MODULE_LINE),
        "the module does not export the function `wasmtube_abi_v1`, which its declarations promise",
    );
}

#[test]
fn no_change_of_a_byte_panics() {
    let whole = with_lines(whole(), &format!("{MODULE_LINE}{FUNCTION_LINE}"));
    for at in 0..whole.len() {
        for flip in [0x01, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            let _verdict = read_declarations(&changed, producer());
            let _rest = remove_declarations(&changed);
        }
    }
}

#[test]
fn numbers_beyond_64_bits_are_refused() {
    let largest = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    assert_eq!(Reader(largest).number(), Some(u64::MAX));
    assert_eq!(Reader(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02").number(), None);
    assert_eq!(Reader(b"\x80").number(), None);
}
