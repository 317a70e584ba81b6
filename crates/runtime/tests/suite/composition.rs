//! What a component is composed of is counted before anything is compiled.

use runtime::{LoadError, Module};

use crate::guest::{load_error, wasm};

/// One function `f`, and whatever else stands in the component.
fn component(others: &str) -> String {
    format!(
        r#"(component
          (core module $m (memory 1) (func (export "f")))
          (core instance $i (instantiate $m))
          (func $f (canon lift (core func $i "f")))
          (export "f" (func $f))
          {others})"#
    )
}

fn cost(text: &str) -> u64 {
    Module::read(wasm(text)).unwrap().interface().code_cost
}

#[track_caller]
fn check_sum(modules: &[String]) {
    let alone = cost(&component(""));
    let sum: u64 = modules.iter().map(|module| cost(&component(module)) - alone).sum();
    assert_eq!(cost(&component(&modules.concat())) - alone, sum);
}

#[test]
fn the_cost_of_core_modules_is_the_sum_of_what_each_costs() {
    let many = "i32 ".repeat(100);
    let wide = format!("(core module (func $g (param {many}) (result {many}) unreachable) (func call $g drop))");
    let wide = wide.replace("call $g drop", "unreachable call $g unreachable");
    let small = "(core module (func) (func (param i32)) (func call 0))".to_owned();
    let imports =
        r#"(core module (import "x" "f" (func (param i32 i64))) (func (local i32) local.get 0 i64.const 1 call 0))"#;
    let far = r#"(core module (memory 100) (data (i32.const 6000000) "x"))"#.to_owned();
    let into = r#"(core module (import "x" "m" (memory 1)) (data (i32.const 0) "x"))"#.to_owned();
    check_sum(&[wide.clone(), small.clone()]);
    check_sum(&[small.clone(), wide.clone(), imports.into()]);
    check_sum(&[imports.into(), small, wide]);
    check_sum(&[far.clone(), into.clone()]);
    check_sum(&[into, far]);
}

/// `levels` components of which each uses the one before it twice.
fn tree(levels: usize) -> String {
    let mut text = String::from(
        r#"(component (component $c0 (core module $m (func (export "f")))
        (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f"))) (export "f" (func $f)))"#,
    );
    for level in 1..levels {
        text.push_str(&format!(
            r#"(component $c{level} (alias outer 1 $c{} (component $c)) (instance $a (instantiate $c))
            (instance (instantiate $c)) (alias export $a "f" (func $f)) (export "f" (func $f)))"#,
            level - 1
        ));
    }
    let last = levels - 1;
    format!(r#"{text} (instance $a (instantiate $c{last})) (alias export $a "f" (func $f)) (export "g" (func $f)))"#)
}

#[test]
fn components_in_components_are_counted_as_often_as_they_are_used() {
    crate::guest::lease(wasm(&tree(7))).call_json("g", "").unwrap();
    for levels in [8, 40, 80] {
        let error = load_error(wasm(&tree(levels)));
        let LoadError::TooMany { what: "core instances", found, limit: 64 } = error else { panic!("{error:?}") };
        assert_eq!(found, 1_u64.checked_shl(levels as u32 - 1).unwrap_or(u64::MAX));
    }
    // Without core instances the parts are counted.
    let empty =
        tree(40).replace(r#"(core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f")))"#, "");
    let empty = empty.replace(r#"(export "f" (func $f))"#, "").replace(r#"(alias export $a "f" (func $f))"#, "");
    let error = load_error(wasm(&empty.replace(r#"(export "g" (func $f))"#, "")));
    assert!(matches!(&error, LoadError::TooMany { what, .. } if what.starts_with("parts")), "{error:?}");
}

#[test]
fn components_that_are_passed_around_are_refused() {
    for text in [
        "(component (component (import \"c\" (component))))",
        r#"(component (import "i" (instance $i (export "c" (component)))) (alias export $i "c" (component $c)))"#,
    ] {
        assert_eq!(load_error(wasm(text)), LoadError::PassedComponent);
    }
}
