//! What is refused before it is compiled, and with which words.

use abi::{State, ValueKind};
use runtime::{Limits, LoadError, LoadOptions, Mode, Module, Version};

use crate::guest::{answering, engine, load_error, manifest, sealed, sealed_answering, wasm};

#[track_caller]
fn check(bytes: Vec<u8>, expected: &str) {
    assert_eq!(load_error(bytes).to_string(), expected);
}

#[test]
fn garbage_is_refused() {
    for bytes in [&b""[..], b"\0asm", b"hello, this is not Wasm"] {
        assert_eq!(load_error(bytes.into()), LoadError::Seal(abi::SealError::NotWasm));
    }
}

#[test]
fn an_empty_module_is_refused() {
    assert_eq!(load_error(b"\0asm\x01\0\0\0".into()), LoadError::NoFunctions);
    assert_eq!(
        load_error(wasm(r#"(module (memory (export "memory") 1) (func (export "__x")))"#)),
        LoadError::NoFunctions
    );
}

#[test]
fn an_empty_component_is_refused() {
    assert_eq!(load_error(b"\0asm\x0d\0\x01\0".into()), LoadError::NoFunctions);
}

#[test]
fn a_sealed_file_that_was_cut_anywhere_is_refused() {
    let whole = sealed_answering(1);
    assert!(Module::read(whole.clone()).is_ok());
    for len in 0..whole.len() {
        let error = Module::read(whole[..len].to_vec()).unwrap_err();
        // Before the head section there is nothing to prove, and nothing to call.
        assert!(
            matches!(error, LoadError::Seal(_)) || (len == 8 && error == LoadError::NoFunctions),
            "{len}: {error:?}"
        );
    }
}

#[test]
fn a_sealed_file_with_any_bit_changed_is_refused() {
    let whole = sealed_answering(1);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        assert!(Module::read(changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_stripped_file_is_told_from_an_unsealed_one() {
    let text = r#"(module (func (export "wasmtube_abi_v1")) (func (export "f")))"#;
    assert_eq!(load_error(wasm(text)), LoadError::Stripped);
    assert!(LoadError::Stripped.to_string().ends_with("run `wasmtube pack`"));
}

#[test]
fn imports_are_refused_by_name() {
    let text = r#"(module (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
      (import "env" "table" (table 1 funcref)) (func (export "f")))"#;
    check(
        wasm(text),
        "the module imports wasi_snapshot_preview1.fd_read, env.table, which this host does not have: build it without them; docs/host-functions.md lists what there is",
    );
    check(
        wasm(r#"(module (import "env" "abort" (func (param i32))) (func (export "f")))"#),
        "the module imports env.abort, which this host does not have: build it without them; docs/host-functions.md lists what there is",
    );
}

#[test]
fn invalid_code_is_refused_with_its_place() {
    let mut bytes = wasm(r#"(module (func (export "f") (result i32) (i32.const 1)))"#);
    let at = bytes.len() - 3;
    assert_eq!(bytes[at], 0x41, "i32.const");
    bytes[at] = 0x42;
    let LoadError::Invalid { reason, offset } = load_error(bytes) else { panic!("not refused as invalid") };
    assert!(reason.contains("type mismatch") && offset > 8, "{reason} at {offset}");
}

#[test]
fn features_beyond_the_conventions_are_refused() {
    for text in [
        r#"(module (memory 1 1 shared) (func (export "f")))"#,
        r#"(module (memory i64 1) (func (export "f")))"#,
        r#"(module (tag) (func (export "f")))"#,
    ] {
        assert!(matches!(load_error(wasm(text)), LoadError::Invalid { .. }), "{text}");
    }
}

#[test]
fn relaxed_simd_is_accepted() {
    let text = r#"(module (func (export "f") (param f32) (result f32)
      (f32x4.extract_lane 0 (f32x4.relaxed_madd (f32x4.splat (local.get 0)) (f32x4.splat (local.get 0))
        (f32x4.splat (f32.const 1))))))"#;
    let lease = crate::guest::lease(wasm(text));
    assert_eq!(lease.call_scalars("f", &[runtime::Scalar::F32(3.0)]).unwrap(), [runtime::Scalar::F32(10.0)]);
}

#[test]
fn manifest_and_module_must_agree() {
    let json = [ValueKind::Json];
    let text = r#"(module (memory (export "memory") 1) (func (export "f") (param i32) (result i32) (local.get 0)))"#;
    for (functions, expected) in [
        (("g", &json[..]), "the manifest says that `g` can be called, but the module does not export it"),
        (("f", &json[..]), "the manifest says that `f` has the type (i32, i32) -> (i32), but it has (i32) -> (i32)"),
        (("f", &[ValueKind::Bytes][..]), "what `f` takes and returns, but without the core ABI v1 only JSON can cross"),
    ] {
        let error = load_error(sealed(text, &manifest(State::Slot, &[(functions.0, functions.1, &json)]))).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn too_much_code_is_refused_before_compiling() {
    let load = |code_bytes| {
        let limits = Limits { code_bytes, ..Limits::default() };
        Version::load(engine(), answering(1), LoadOptions { limits, ..LoadOptions::default() }).map(drop)
    };
    // One body: its length, no locals, `i32.const 1`, `end`.
    assert_eq!(load(5), Err(LoadError::CodeTooLarge { bytes: 6, limit: 5 }));
    // And a function, a type with one result, and an export.
    let cost = 6 + 128 + (128 + 32) + 16;
    assert_eq!(load(6), Err(LoadError::CodeTooCostly { bytes: 6, cost, limit: 6 }));
    assert_eq!(load(309), Err(LoadError::CodeTooCostly { bytes: 6, cost, limit: 309 }));
    assert_eq!(load(310), Ok(()));
}

#[test]
fn large_tables_are_refused_before_compiling() {
    let limits = Limits { table_elements: 5, ..Limits::default() };
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let error =
        Version::load(engine(), wasm(r#"(module (table 6 funcref) (func (export "f")))"#), options).unwrap_err();
    assert_eq!(error, LoadError::TablesTooLarge { elements: 6, limit: 5 });
}

#[test]
fn stepped_mode_is_for_models() {
    let options = LoadOptions { mode: Mode::Stepped, ..LoadOptions::default() };
    let error = Version::load(engine(), answering(1), options).unwrap_err();
    assert!(matches!(error, LoadError::SteppedNeedsModel { .. }), "{error:?}");
}

#[test]
fn identity_is_the_hash_of_the_whole_file() {
    let bytes = sealed_answering(1);
    let module = Module::read(bytes.clone()).unwrap();
    assert_eq!(module.interface().digest, abi::Digest::of(&bytes));
    assert!(module.interface().is_sealed());
}
