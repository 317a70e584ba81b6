//! Files that were made to break the compiler. Each has its outcome beside it, in a file with the same name: why it is
//! refused, or what it becomes; what is run must agree with the interpreter. `cargo xtask bless` writes what is found.
//!
//! They are small: what must be large to do harm is made in `crates/cli/tests/cli/bombs.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use compiler::{Artifact, ModelSource, Options, compile};
use expect_test::expect_file;
use ir::Class;
use wasmtube_conformance::models;

use crate::agreement::run;

#[test]
fn every_file_has_its_outcome() {
    let folder = models::repository().join("crates/conformance/tests/corpus");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let (models, others): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    assert!(models.len() >= 200, "{} files in {}", models.len(), folder.display());
    for model in &models {
        check(model);
    }
    for other in others {
        let of = other.with_extension("onnx");
        assert!(of.exists(), "{} is the outcome of no file", other.display());
    }
}

fn check(path: &Path) {
    let onnx = models::read(path).unwrap();
    assert!(onnx.len() < 50_000, "{} is too large to be kept", path.display());
    let external = BTreeMap::from([("data.bin".to_owned(), vec![0_u8; 64])]);
    let source = ModelSource { onnx: &onnx, external: &external };
    let outcome = match compile(&source, &Options::named("corpus")) {
        Ok(artifact) => format!("{}{:?}\n", compiled(&artifact), run(&source)),
        Err(refused) => {
            assert!(!refused.reasons().is_empty(), "{}", path.display());
            let line = |reason: &ir::Diagnostic| {
                assert_ne!(reason.code.class(), Class::Internal, "{}: {reason}", path.display());
                format!("{reason}\n  help: {}\n", reason.help)
            };
            refused.reasons().iter().map(line).collect()
        }
    };
    assert!(!outcome.replace('\n', "").contains(char::is_control), "{}: {outcome:?}", path.display());
    expect_file![path.with_extension("txt")].assert_eq(&outcome);
}

fn compiled(artifact: &Artifact) -> String {
    let model = artifact.manifest.model.as_ref().unwrap();
    let tensors = |tensors: &[abi::TensorDecl]| {
        tensors.iter().map(|tensor| format!(" {:?} {:?}", tensor.name, tensor.shape)).collect::<String>()
    };
    let notes: String = artifact.notes.iter().map(|note| format!("note: {note}\n")).collect();
    format!("compiles:{} ->{}\n{notes}", tensors(&model.inputs), tensors(&model.outputs))
}
