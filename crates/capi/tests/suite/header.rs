//! `include/wasmtube.h` is what cbindgen makes of the crate; `BLESS=1` writes it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use cbindgen::{Config, DocumentationStyle, EnumConfig, ExportConfig, Language, RenameRule, Style};

const PREAMBLE: &str = "\
/* libwasmtube: loads, calls and replaces Wasm functions. Made from crates/capi; do not edit.
 *
 * Errors. A function that can fail returns NULL when it succeeded, else an error that the caller frees with
 * wasmtube_error_free. There is no global state: nothing is kept of an error elsewhere. What a function would have
 * written is then NULL or empty, so that freeing it is allowed. No panic of the library leaves it: it is an error of the
 * kind WASMTUBE_FAILURE_INTERNAL.
 *
 * Arguments. Names and paths end with a NUL byte and are UTF-8; paths on Unix may hold any bytes. Everything else has an
 * address and a length in bytes; where the length is 0 the address may be NULL. Whatever is passed is copied or used only
 * during the call. Every other NULL is an error of the code `null_argument`, but for options, where it means the defaults,
 * and keys, where it means none.
 *
 * Ownership. Engines, slots, outputs, errors and bytes belong to the caller and are freed by the function of their name, in any
 * order. Freeing NULL does nothing.
 *
 * Threads. Engines and slots may be used from all threads at once, without locks: calls run side by side as far as the
 * functions allow it. Freeing one while another thread uses it is not allowed. An error, outputs or bytes belong to one thread
 * at a time. A call runs on the thread of the caller and needs 768 KiB of its stack. Engines do not survive fork(): make them in
 * the child. The library handles no signal that the program sends or expects; it catches SIGSEGV, SIGILL, SIGBUS and SIGFPE
 * that Wasm code raises, and passes others on to whoever handled them before.
 */";

/// What types are called in C.
const NAMES: [(&str, &str); 8] = [
    ("Bytes", "wasmtube_bytes"),
    ("Engine", "wasmtube_engine"),
    ("Error", "wasmtube_error"),
    ("ErrorKind", "wasmtube_failure"),
    ("Options", "wasmtube_options"),
    ("Outputs", "wasmtube_outputs"),
    ("Slot", "wasmtube_slot"),
    ("TensorView", "wasmtube_tensor"),
];

/// What constants are called in C.
const CONSTANTS: [(&str, &str); 2] =
    [("ABI_VERSION", "WASMTUBE_ABI_VERSION"), ("DIGEST_BYTES", "WASMTUBE_DIGEST_BYTES")];

fn generate() -> String {
    let names: HashMap<_, _> = NAMES.into_iter().chain(CONSTANTS).map(|(from, to)| (from.into(), to.into())).collect();
    let config = Config {
        language: Language::C,
        cpp_compat: true,
        header: Some(PREAMBLE.into()),
        include_guard: Some("WASMTUBE_H".into()),
        line_length: 120,
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(Into::into).to_vec(),
        style: Style::Type,
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Doxy,
        export: ExportConfig { rename: names, ..ExportConfig::default() },
        enumeration: EnumConfig { rename_variants: RenameRule::QualifiedScreamingSnakeCase, ..EnumConfig::default() },
        ..Config::default()
    };
    // The modules are found from here.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let bindings = cbindgen::Builder::new().with_config(config).with_src(root).generate().unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap().replace("# Safety", "Safety:")
}

#[test]
fn the_header_is_made_from_the_crate() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/wasmtube.h");
    let expected = generate();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "include/wasmtube.h is stale: run this test with BLESS=1 and read the difference");
}

#[test]
fn every_function_is_declared_once() {
    let exports = [include_str!("../../src/exports.rs"), include_str!("../../src/exports/models.rs")];
    let header = generate();
    let names: Vec<&str> = exports
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.split_once("extern \"C\" fn ")?.1.split_once('('))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names {
        assert_eq!(header.matches(&format!("{name}(")).count(), 1, "{name}");
    }
}
