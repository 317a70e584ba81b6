//! Where files are written.
#![cfg(unix)]

use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Command;
use std::thread;

use abi::Seal;

use crate::folder::{Folder, digits};

fn is_sealed(bytes: &[u8]) -> bool {
    matches!(abi::read_seal(bytes), Ok(Seal::Sealed(_)))
}

#[test]
fn a_pipe_is_written_to_and_stays() {
    let folder = Folder::new();
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let path = folder.path("pipe");
    let reader = thread::spawn(move || std::fs::read(path).unwrap());
    folder.run(&["build", &digits("digits.onnx"), "-o", "pipe", "--no-golden"]).done();
    assert!(is_sealed(&reader.join().unwrap()));
    assert!(std::fs::metadata(folder.path("pipe")).unwrap().file_type().is_fifo());
    assert_eq!(folder.files(), ["pipe"]);
}

#[test]
fn what_a_symbolic_link_leads_to_is_written() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("versions")).unwrap();
    folder.write("versions/old.wasm", "old");
    for (link, target) in [("present", "versions/old.wasm"), ("coming", "next"), ("next", "versions/new.wasm")] {
        symlink(target, folder.path(link)).unwrap();
    }
    for link in ["present", "coming"] {
        folder.run(&["build", &digits("digits.onnx"), "-o", link, "--no-golden"]).done();
        assert!(std::fs::symlink_metadata(folder.path(link)).unwrap().is_symlink());
    }
    assert!(std::fs::symlink_metadata(folder.path("next")).unwrap().is_symlink());
    for file in ["versions/old.wasm", "versions/new.wasm"] {
        assert!(std::fs::symlink_metadata(folder.path(file)).unwrap().is_file());
        assert!(is_sealed(&folder.read(file)), "{file}");
    }

    symlink("b", folder.path("a")).unwrap();
    symlink("a", folder.path("b")).unwrap();
    folder.run(&["build", &digits("digits.onnx"), "-o", "a", "--no-golden"]).failed(1, &["cannot write a\n"]);
}

#[test]
fn what_cannot_be_written_names_no_temporary_file() {
    let folder = Folder::new();
    let ran = folder.run(&["build", &digits("digits.onnx"), "-o", "missing/d.wasm", "--no-golden"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.err, "error: cannot write missing/d.wasm\n  because: there is no folder missing\n");
}
