//! What is read: regular files of a bounded size, which are never written over.

use std::fs;
use std::io;
use std::process::Stdio;

use crate::folder::{Folder, digits};
use crate::onnx::{Dim, F32, graph, tensor_elsewhere};

/// Every place where a file is named that is read, after the name of the file.
const READERS: [&[&str]; 14] = [
    &["build", "IT"],
    &["build", "digits.onnx", "-o", "o.wasm", "--labels", "IT"],
    &["build", "digits.onnx", "-o", "o.wasm", "--const", "x=IT"],
    &["build", "digits.onnx", "-o", "o.wasm", "--preprocess", "IT"],
    &["diff", "digits.onnx", "--tensor", "IT"],
    &["inspect", "IT"],
    &["pack", "IT", "-o", "o.wasm"],
    &["pack", "f.wasm", "-o", "o.wasm", "--manifest", "IT"],
    &["check", "IT"],
    &["run", "IT"],
    &["call", "IT", "f"],
    &["call", "f.wasm", "f", "--bytes", "IT"],
    &["call", "f.wasm", "f", "--image", "IT"],
    &["call", "f.wasm", "f", "--tensor", "IT"],
];

/// With what [`READERS`] need besides.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("digits.onnx", fs::read(digits("digits.onnx")).unwrap());
    folder.write_wat("f.wasm", r#"(module (func (export "f") (param i32) (result i32) (local.get 0)))"#);
    folder
}

#[track_caller]
fn check_readers(folder: &Folder, it: &str, parts: &[&str]) {
    for reader in READERS {
        let arguments: Vec<String> = reader.iter().map(|argument| argument.replace("IT", it)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        folder.run(&arguments).failed(1, parts);
    }
    assert!(!folder.path("o.wasm").exists());
}

#[cfg(unix)]
fn make_pipe(folder: &Folder, name: &str) {
    assert!(std::process::Command::new("mkfifo").arg(folder.path(name)).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let folder = folder();
    make_pipe(&folder, "pipe.toml");
    std::os::unix::fs::symlink("/dev/zero", folder.path("zero.toml")).unwrap();
    check_readers(&folder, "pipe.toml", &["cannot read pipe.toml", "not a regular file; name one"]);
    check_readers(&folder, "zero.toml", &["cannot read zero.toml", "not a regular file; name one"]);
}

#[test]
fn files_beyond_the_limit_are_not_read() {
    let folder = folder();
    fs::File::create(folder.path("huge.toml")).unwrap().set_len(20 << 30).unwrap();
    check_readers(&folder, "huge.toml", &["huge.toml has 21474836480 bytes, the limit "]);
}

/// A file of one byte more than the limit is refused with it.
#[track_caller]
fn check_limit(limit: u64, said: &str, arguments: &[&str]) {
    let folder = folder();
    fs::File::create(folder.path("huge.toml")).unwrap().set_len(limit + 1).unwrap();
    folder.run(arguments).failed(1, &[&format!("huge.toml has {} bytes, the limit for {said}", limit + 1)]);
}

#[test]
fn limits_are_those_of_what_is_read() {
    check_limit((1 << 31) - 1, "a model is 2147483647: export it", &["build", "huge.toml"]);
    check_limit(1 << 31, "a Wasm file is 2147483648: ", &["inspect", "huge.toml"]);
    check_limit(16 << 20, "a text is 16777216: ", &["build", "digits.onnx", "--labels", "huge.toml"]);
    check_limit(1 << 31, "an array is 2147483648: save", &["build", "digits.onnx", "--const", "x=huge.toml"]);
    check_limit(1 << 30, "a picture is 1073741824: scale", &["call", "f.wasm", "f", "--image", "huge.toml"]);
    check_limit(64 << 20, "an argument is 67108864: give", &["call", "f.wasm", "f", "--bytes", "huge.toml"]);
}

#[cfg(unix)]
#[test]
fn standard_input_is_bounded() {
    let folder = folder();
    for option in ["--bytes", "--json"] {
        let mut command = folder.command(&["call", "f.wasm", "f", option, "-"]);
        let output = command.stdin(fs::File::open("/dev/zero").unwrap()).stdout(Stdio::null()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains("standard input has more than 67108864 bytes, the limit for an argument"), "{err}");
    }
}

#[cfg(unix)]
#[test]
fn the_file_of_a_slot_may_be_no_pipe() {
    let folder = folder();
    make_pipe(&folder, "pipe");
    let node = "[node]\nname = \"d\"\nlayer = \"device\"\nlisten = \"127.0.0.1:0\"\n[slots.s]\nfile = \"pipe\"\n";
    folder.write("node.toml", node);
    let ran = folder.run(&["check", "node.toml"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("the slot `s`: cannot read ") && ran.out.contains("not a regular file"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_reads_is_not_waited_for() {
    let folder = folder();
    make_pipe(&folder, "pipe");
    let said = ["cannot write pipe", "nobody reads it: start its reader first"];
    folder.run(&["pack", "f.wasm", "-o", "pipe"]).failed(1, &said);
}

/// The command is wrong usage that names what the output is, and all files stay as they are.
#[track_caller]
fn check_kept(folder: &Folder, arguments: &[&str], said: &str) {
    let content = || -> io::Result<Vec<Vec<u8>>> {
        folder
            .files()
            .iter()
            .filter(|name| folder.path(name).is_file())
            .map(|name| fs::read(folder.path(name)))
            .collect()
    };
    let before = (folder.files(), content().unwrap());
    folder.run(arguments).failed(2, &[said, "give another file with --output"]);
    assert!((folder.files(), content().unwrap()) == before, "{arguments:?} changed a file");
}

#[test]
fn inputs_are_not_written_over() {
    let folder = folder();
    folder.write("lab.txt", "a\n");
    folder.write("p.toml", "");
    folder.write("b.npy", "");
    folder.write("z.wat", r#"(module (func (export "f")))"#);
    let check = |arguments: &[&str], said: &str| check_kept(&folder, arguments, said);
    check(&["pack", "z.wat", "-o", "z.wat"], "z.wat is the module to seal");
    check(&["pack", "z.wat", "-o", "p.toml", "--manifest", "p.toml"], "p.toml is the manifest");
    check(&["build", "digits.onnx", "--labels", "lab.txt", "-o", "lab.txt"], "lab.txt is the labels");
    check(&["build", "digits.onnx", "--const", "b=b.npy", "-o", "b.npy"], "b.npy is the array of a --const");
    check(&["build", "digits.onnx", "--preprocess", "p.toml", "-o", "p.toml"], "p.toml is the file of --preprocess");
    check(&["call", "f.wasm", "f", "1", "--output", "f.wasm"], "f.wasm is the file that is called");
    check(&["call", "f.wasm", "f", "--bytes", "b.npy", "--output", "b.npy"], "b.npy is the file of --bytes");
    check(&["call", "f.wasm", "f", "--tensor", "x=b.npy", "--output", "y=b.npy"], "b.npy is a tensor that is given");
    check(&["build", "digits.onnx", "-o", "./digits.onnx"], "digits.onnx is the model");
}

#[cfg(unix)]
#[test]
fn inputs_are_not_written_over_by_links() {
    let folder = folder();
    std::os::unix::fs::symlink("digits.onnx", folder.path("symbolic")).unwrap();
    fs::hard_link(folder.path("digits.onnx"), folder.path("hard")).unwrap();
    for link in ["symbolic", "hard"] {
        check_kept(&folder, &["build", "digits.onnx", "-o", link], "is the model");
        check_kept(&folder, &["build", link, "-o", "digits.onnx"], "digits.onnx is the model");
    }
}

#[test]
fn data_of_the_model_is_not_written_over() {
    let folder = Folder::new();
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(2)];
    let weights = tensor_elsewhere("w", &[2], "m.data");
    let add: &[(&str, &str, &[&str], &[&str])] = &[("Add", "a", &["x", "w"], &["y"])];
    folder.write("m.onnx", graph(&[("x", F32, shape)], &[weights], add, &[("y", F32, shape)]));
    folder.write("m.data", [0; 8]);
    check_kept(&folder, &["build", "m.onnx", "-o", "m.data"], "m.data is data of the model");
    folder.run(&["build", "m.onnx", "-o", "m.wasm"]).done();
}
