//! Wasm files that hold very many of something: what is done with them takes a time and a memory in proportion to what
//! they are, as `docs/limits-wasm.md` says.

use std::time::Duration;

use runtime::Module;

use crate::folder::Folder;
use crate::large::{Watched, watched};

/// Of a processor.
const PATIENCE: Duration = Duration::from_secs(30);

/// Of the program itself; then for each byte of the file, and for each byte of ordinary code that its code is worth.
const FIXED: u64 = 64 << 20;
const BYTE: u64 = 12;
const COST: u64 = 64;

fn unsigned(mut number: usize) -> Vec<u8> {
    let mut out = vec![];
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &unsigned(content.len()), content].concat()
}

fn vector(items: impl ExactSizeIterator<Item = Vec<u8>>) -> Vec<u8> {
    let count = unsigned(items.len());
    count.into_iter().chain(items.flatten()).collect()
}

/// One type, functions of this body, the first of them exported as `f`, and sections with their numbers.
fn module(functions: usize, body: &[u8], others: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let types = (1, b"\x01\x60\0\0".to_vec());
    let declared = (3, vector((0..functions).map(|_| vec![0])));
    let exports = (7, b"\x01\x01f\0\0".to_vec());
    let bodies = (10, vector((0..functions).map(|_| [&unsigned(body.len())[..], body].concat())));
    let mut sections = vec![types, declared, exports, bodies];
    for (id, content) in others {
        sections.retain(|(other, _)| other != id);
        sections.push((*id, content.clone()));
    }
    // Sections come by their numbers; that of a custom section is its place at the end.
    sections.sort_by_key(|(id, _)| if *id == 0 { u8::MAX } else { *id });
    let sections = sections.iter().flat_map(|(id, content)| section(*id, content));
    b"\0asm\x01\0\0\0".iter().copied().chain(sections).collect()
}

#[track_caller]
fn check(file: &[u8], runs: bool) {
    let folder = Folder::new();
    folder.write("f.wasm", file);
    let cost = Module::read(file.to_vec()).map_or(0, |module| module.interface().code_cost);
    for arguments in [&["inspect", "f.wasm"][..], &["pack", "f.wasm", "-o", "g.wasm"], &["call", "f.wasm", "f"]] {
        let Watched { status, most, taken } = watched(folder.command(arguments));
        println!("{arguments:?}: {taken:?}, {most} bytes for a file of {} and a cost of {cost}", file.len());
        assert!(taken < PATIENCE, "{arguments:?} took {taken:?}");
        assert!(most < FIXED + BYTE * file.len() as u64 + COST * cost, "{arguments:?} took {most} bytes");
        assert!(matches!(status.code(), Some(0 | 1)), "{arguments:?} ended with {status}");
        assert_eq!(status.success(), runs, "{arguments:?}");
    }
}

#[test]
fn ten_thousand_functions() {
    check(&module(10_000, b"\0\x0b", &[]), true);
}

#[test]
fn sixty_thousand_exports() {
    let export = |index: usize| {
        let name = if index == 0 { "f".to_owned() } else { index.to_string() };
        [&unsigned(name.len())[..], name.as_bytes(), b"\0\0"].concat()
    };
    check(&module(1, b"\0\x0b", &[(7, vector((0..60_000).map(export)))]), true);
}

#[test]
fn twenty_five_million_locals() {
    check(&module(500, b"\x01\xd0\x86\x03\x7f\x0b", &[]), true);
}

#[test]
fn a_hundred_thousand_elements() {
    let elements = [b"\x01\x01\0".to_vec(), vector((0..100_000).map(|_| vec![0]))].concat();
    check(&module(1, b"\0\x0b", &[(9, elements)]), true);
}

/// A gigabyte of memory, and a byte at every multiple of `distance`.
fn scattered(segments: u32, distance: u32) -> Vec<u8> {
    let signed = |address: u32| -> Vec<u8> {
        (0..5).map(|place| (address >> (7 * place) & 0x7f) as u8 | if place < 4 { 0x80 } else { 0 }).collect()
    };
    let segment = |index: u32| [b"\0\x41", &signed(index * distance)[..], b"\x0b\x01x"].concat();
    let data = vector((0..segments).map(segment).collect::<Vec<_>>().into_iter());
    module(1, b"\0\x0b", &[(5, b"\x01\0\x80\x80\x01".to_vec()), (11, data)])
}

#[test]
fn three_thousand_segments_that_lie_apart() {
    check(&scattered(3000, 60_000), true);
    check(&scattered(11_000, 60_000), false);
}

#[test]
fn as_many_segments_as_may_be_that_lie_together() {
    check(&scattered(100_000, 160), true);
}

#[test]
fn fifty_megabytes_of_data() {
    let data = [b"\x01\0\x41\0\x0b", &unsigned(50 << 20)[..], &vec![7; 50 << 20]].concat();
    check(&module(1, b"\0\x0b", &[(5, b"\x01\0\x80\x08".to_vec()), (11, data)]), true);
}

#[test]
fn half_a_million_sections_without_content() {
    check(&[&module(1, b"\0\x0b", &[])[..], &b"\0\x01\0".repeat(500_000)].concat(), true);
}

/// A component with a function `f`, and other things.
fn component(others: &str) -> Vec<u8> {
    let text = format!(
        r#"(component {others} (core module $m (func (export "f"))) (core instance $i (instantiate $m))
          (func $f (canon lift (core func $i "f"))) (export "f" (func $f)))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn components_that_each_use_another_twice() {
    let tree = |levels: usize| {
        let level = |level: usize| {
            let twice = "(instance (instantiate $c)) (instance (instantiate $c))";
            format!("(component $c{level} (alias outer 1 $c{} (component $c)) {twice})", level - 1)
        };
        let inner: String = (1..levels).map(level).collect();
        component(&format!("(component $c0) {inner} (instance (instantiate $c{}))", levels - 1))
    };
    check(&tree(14), true);
    check(&tree(15), true);
    check(&tree(30), false);
}

/// So many times two components, of which one calls the other with so many tuples of a thousand values.
fn callers(pairs: usize, tuples: usize) -> Vec<u8> {
    let tuple = |number: usize| {
        format!("(type $t{number} (tuple {}{}))", "u8 ".repeat(number), "string ".repeat(1000 - number))
    };
    let types: String = (0..tuples).map(tuple).collect();
    let all: String = (0..tuples).map(|number| format!("$t{number} ")).collect();
    let begin = format!(
        r#"{types} (type $t (tuple {all})) (core module $m (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0) (func (export "g") (param i32)))
        (core instance $i (instantiate $m))"#
    );
    let options = r#"(memory $i "memory") (realloc (func $i "realloc"))"#;
    let pairs: String = (0..pairs)
        .map(|pair| {
            format!(
                r#"(instance $x{pair} (instantiate $called)) (alias export $x{pair} "g" (func $g{pair}))
                (instance (instantiate $caller (with "g" (func $g{pair}))))"#
            )
        })
        .collect();
    component(&format!(
        r#"(component $called {begin} (func $g (param "x" $t) (canon lift (core func $i "g") {options}))
          (export "g" (func $g)))
        (component $caller {begin} (import "g" (func $g (param "x" $t)))
          (core func $l (canon lower (func $g) {options})) (core module $n (import "x" "g" (func (param i32))))
          (core instance (instantiate $n (with "x" (instance (export "g" (func $l)))))))
        {pairs}"#
    ))
}

#[test]
fn components_that_call_each_other_with_many_values() {
    check(&callers(4, 50), true);
    check(&callers(20, 200), false);
}

#[test]
fn what_costs_too_much_is_refused() {
    let values = b"\x01\x60\xe8\x07".iter().copied().chain([0x7f; 1000]).chain(*b"\xe8\x07").chain([0x7f; 1000]);
    let body: Vec<u8> =
        [0].into_iter().chain([0x20, 0].repeat(1000)).chain([0x10, 0].repeat(5000)).chain([0x0b]).collect();
    check(&module(1, &body, &[(1, values.collect())]), false);
    check(&module(300_000, b"\0\x0b", &[]), false);
    check(&module(1, b"\0\x0b", &[(4, vector((0..100).map(|_| b"\x70\0\x80\xad\xe2\x04".to_vec())))]), false);
}
