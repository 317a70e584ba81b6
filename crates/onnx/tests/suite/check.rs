use std::collections::BTreeMap;

use expect_test::Expect;
use ir::Diagnostics;
use wasmtube_onnx::{ImportOptions, Imported, Limits, decode, import};

use crate::builder::Model;

pub(crate) fn imported(bytes: &[u8], dims: &[(&str, usize)]) -> Result<Imported, Diagnostics> {
    imported_with(bytes, &with_dims(dims))
}

pub(crate) fn imported_with(bytes: &[u8], options: &ImportOptions) -> Result<Imported, Diagnostics> {
    import(&decode(bytes, &Limits::STANDARD)?, options)
}

pub(crate) fn with_dims(dims: &[(&str, usize)]) -> ImportOptions {
    let dims: BTreeMap<String, usize> = dims.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
    ImportOptions { dims, ..ImportOptions::default() }
}

/// A refusal as the command line shows it.
pub(crate) fn refusal(error: &Diagnostics) -> String {
    let line = |reason: &ir::Diagnostic| format!("{reason}\n  help: {}\n", reason.help);
    error.reasons().iter().map(line).collect()
}

/// The graph as text, notes first, or the refusal.
#[track_caller]
pub(crate) fn check_import(model: &Model, expect: Expect) {
    check_bound(model, &[], expect);
}

#[track_caller]
pub(crate) fn check_bound(model: &Model, dims: &[(&str, usize)], expect: Expect) {
    check_options(model, &with_dims(dims), expect);
}

#[track_caller]
pub(crate) fn check_options(model: &Model, options: &ImportOptions, expect: Expect) {
    expect.assert_eq(&shown(imported_with(&model.bytes(), options)));
}

/// The graph as text, notes first, or the refusal.
pub(crate) fn shown(imported: Result<Imported, Diagnostics>) -> String {
    match imported {
        Ok(imported) => {
            ir::verify(&imported.graph).unwrap();
            let notes: String = imported.notes.iter().map(|note| format!("note: {note}\n")).collect();
            notes + &ir::text::print(&imported.graph)
        }
        Err(error) => refusal(&error),
    }
}
