//! Sealed files of every kind, cut or changed at any byte: nothing but the whole file is accepted.

use abi::{DataType, FunctionDecl, Manifest, Seal, SealError, State, ValueKind};
use compiler::{ModelSource, Options, compile};
use runtime::{Convention, Form, LoadError, Module};
use wasm_encoder::Encode as _;

use crate::composed;
use crate::languages;

const PREAMBLE: usize = 8;

/// A component with this core module inside.
fn component(inner: &[u8]) -> Vec<u8> {
    let text = r#"(component
        (core module $m (func (export "v") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func $v (result s32) (canon lift (core func $i "v")))
        (export "v" (func $v)))"#;
    let file = wat::parse_str(text).unwrap();
    let mut section = vec![1];
    inner.encode(&mut section);
    [&file[..PREAMBLE], &section, &sections(&file)[1..].concat()].concat()
}

fn answering(number: i32) -> Vec<u8> {
    wat::parse_str(format!(r#"(module (func (export "v") (result i32) (i32.const {number})))"#)).unwrap()
}

/// Says nothing of functions, which a component and a module of numbers show themselves.
fn manifest() -> Manifest {
    let artifact = compile(&ModelSource::whole(&composed::model("Relu", 2)), &Options::named("m")).unwrap();
    Manifest { model: None, state: State::Slot, functions: Default::default(), features: vec![], ..artifact.manifest }
}

fn sealed_component() -> Vec<u8> {
    abi::pack(&component(&answering(1)), &manifest()).unwrap()
}

fn sealed_model() -> Vec<u8> {
    compile(&ModelSource::whole(&composed::model("Relu", 2)), &Options::named("m")).unwrap().wasm
}

/// The whole file is accepted; the change is not, for this reason.
#[track_caller]
fn refused(file: &[u8], what: &str) -> SealError {
    let error = abi::read_seal(file).expect_err(what);
    assert_eq!(Module::read(file.to_vec()).err(), Some(LoadError::Seal(error.clone())), "{what}");
    error
}

#[track_caller]
fn check(file: &[u8], convention: Convention) {
    assert!(matches!(abi::read_seal(file), Ok(Seal::Sealed(_))));
    assert_eq!(Module::read(file.to_vec()).unwrap().interface().convention, convention);
    check_cuts(file);
    check_bytes(file);
    check_sections(file);
}

/// Cut to its preamble, a file is one without a claim and without a function.
fn check_cuts(file: &[u8]) {
    for length in (0..file.len()).filter(|length| *length != PREAMBLE) {
        refused(&file[..length], &format!("cut at {length}"));
    }
    assert_eq!(abi::read_seal(&file[..PREAMBLE]), Ok(Seal::Unsealed));
    assert_eq!(Module::read(file[..PREAMBLE].to_vec()).err(), Some(LoadError::NoFunctions));
}

fn check_bytes(file: &[u8]) {
    let mut changed = file.to_vec();
    for at in 0..file.len() {
        let byte = file[at];
        for bit in 0..8 {
            changed[at] = byte ^ (1 << bit);
            assert!(abi::read_seal(&changed).is_err(), "bit {bit} of byte {at}");
        }
        for value in [0x00, 0x7f, 0x80, 0xff].into_iter().filter(|value| *value != byte) {
            changed[at] = value;
            assert!(abi::read_seal(&changed).is_err(), "{value:#x} as byte {at}");
        }
        refused(&changed, &format!("byte {at}"));
        changed[at] = byte;
        let without = [&file[..at], &file[at + 1..]].concat();
        assert!(abi::read_seal(&without).is_err(), "without byte {at}");
        let with = [&file[..at], &[byte], &file[at..]].concat();
        assert!(abi::read_seal(&with).is_err(), "byte {at} twice");
    }
}

fn check_sections(file: &[u8]) {
    let sections = sections(file);
    let [head, inner @ .., end] = &sections[..] else { panic!("a sealed file has sections") };
    let inner = inner.concat();
    let [head, inner, end] = [*head, inner.as_slice(), *end];
    let other = custom("x", b"");
    let hostile: [(&str, &[&[u8]], SealError); 15] = [
        ("two heads", &[head, head, inner, end], SealError::Misplaced),
        ("two heads at both ends", &[head, inner, head, end], SealError::Misplaced),
        ("two ends", &[head, inner, end, end], SealError::Misplaced),
        ("head not first", &[&other, head, inner, end], SealError::Misplaced),
        ("head behind all", &[inner, head, end], SealError::Misplaced),
        ("end first", &[end, head, inner], SealError::Misplaced),
        ("end not last", &[head, inner, end, &other], SealError::Misplaced),
        ("no end", &[head, inner], SealError::Misplaced),
        ("no head", &[inner, end], SealError::Misplaced),
        ("end alone", &[end], SealError::Misplaced),
        ("end that holds something", &[head, inner, &custom(abi::END_SECTION, b"x")], SealError::Misplaced),
        ("name of the head flipped", &[&renamed(head), inner, end], SealError::Misplaced),
        ("name of the end flipped", &[head, inner, &renamed(end)], SealError::Misplaced),
        ("head and end alone", &[head, end], length(file, PREAMBLE + head.len() + end.len())),
        ("a section more", &[head, inner, &other, end], length(file, file.len() + other.len())),
    ];
    for (what, parts, expected) in hostile {
        assert_eq!(refused(&[&file[..PREAMBLE], &parts.concat()].concat(), what), expected, "{what}");
    }
    for appended in [&[0][..], b"\xff", &[0; 3], &file[..PREAMBLE], file] {
        refused(&[file, appended].concat(), &format!("{} bytes appended", appended.len()));
    }
    if let Some(swapped) = swapped(file, &sections) {
        assert_eq!(refused(&swapped, "sections in another order"), SealError::Hash);
    }
}

fn length(file: &[u8], actual: usize) -> SealError {
    SealError::Length { announced: file.len() as u64, actual: actual as u64 }
}

/// Each section with its number and length.
fn sections(file: &[u8]) -> Vec<&[u8]> {
    let mut rest = &file[PREAMBLE..];
    let mut found = vec![];
    while !rest.is_empty() {
        let (mut length, mut at) = (0, 1);
        loop {
            length |= usize::from(rest[at] & 0x7f) << (7 * (at - 1));
            at += 1;
            if rest[at - 1] & 0x80 == 0 {
                break;
            }
        }
        let (section, others) = rest.split_at(at + length);
        found.push(section);
        rest = others;
    }
    found
}

fn custom(name: &str, content: &[u8]) -> Vec<u8> {
    let mut section = vec![0];
    let mut payload = vec![];
    name.encode(&mut payload);
    payload.extend_from_slice(content);
    payload.encode(&mut section);
    section
}

/// The section with the first letter of its name in upper case.
fn renamed(section: &[u8]) -> Vec<u8> {
    let at = section.windows(4).position(|part| part == b"wasm").unwrap();
    let mut renamed = section.to_vec();
    renamed[at] ^= 0x20;
    renamed
}

/// The file with the first two sections behind the head in the other order, if there are so many.
fn swapped(file: &[u8], sections: &[&[u8]]) -> Option<Vec<u8>> {
    let [head, first, second, rest @ ..] = sections else { return None };
    (!rest.is_empty()).then(|| [&file[..PREAMBLE], head, second, first, &rest.concat()].concat())
}

#[test]
fn a_compiled_model() {
    check(&sealed_model(), Convention::Model);
}

#[test]
fn a_classic_module() {
    let module = languages::prebuilt("classic-c.wasm");
    let read = Module::read(module.clone()).unwrap();
    let json = FunctionDecl { takes: vec![ValueKind::Json], returns: vec![ValueKind::Json], about: String::new() };
    let declared = read.interface().functions().iter().filter(|function| function.form == Form::ClassicData);
    let declared = declared.map(|function| (function.name.clone(), json.clone()));
    let manifest = Manifest { functions: declared.collect(), ..manifest() };
    check(&abi::pack(&module, &manifest).unwrap(), Convention::Classic);
}

#[test]
fn a_module_in_the_text_form() {
    check(&languages::wat_guest(), Convention::CoreV1);
}

#[test]
fn a_module_of_numbers() {
    let kind = ValueKind::Scalar(DataType::I32);
    let number = FunctionDecl { takes: vec![], returns: vec![kind], about: String::new() };
    let manifest = Manifest { functions: [("v".into(), number)].into(), ..manifest() };
    check(&abi::pack(&answering(1), &manifest).unwrap(), Convention::Scalars);
}

#[test]
fn a_component() {
    let file = sealed_component();
    assert_eq!(file[..PREAMBLE], *b"\0asm\x0d\0\x01\0");
    check(&file, Convention::Component);
}

#[test]
fn a_head_that_was_taken_from_another_version() {
    let [one, two] = [1, 2].map(|number| abi::pack(&component(&answering(number)), &manifest()).unwrap());
    let head = sections(&one)[0].len();
    let mixed = [&one[..PREAMBLE + head], &two[PREAMBLE + head..]].concat();
    assert_eq!(refused(&mixed, "mixed"), SealError::Hash);
}

/// A module inside a component may carry a seal of its own, which says nothing of the file.
#[test]
fn a_seal_inside_a_component() {
    let inner = abi::pack(&answering(1), &manifest()).unwrap();
    let file = component(&inner);
    assert_eq!(abi::read_seal(&file), Ok(Seal::Unsealed));
    let sealed = abi::pack(&file, &manifest()).unwrap();
    check(&sealed, Convention::Component);
    // It does not help a file whose own seal is gone either.
    let [_, inner @ .., _] = &sections(&sealed)[..] else { panic!("a sealed file has sections") };
    assert_eq!([&sealed[..PREAMBLE], &inner.concat()].concat(), file);
}
