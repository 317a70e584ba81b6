use std::fs;
use std::process::Command;

use crate::folder::Folder;

fn build(folder: &Folder, project: &str) -> std::process::Output {
    let mut script = Command::new("sh");
    script.arg("build.sh").current_dir(folder.path(project)).env("WASMTUBE", env!("CARGO_BIN_EXE_wasmtube"));
    script.output().unwrap()
}

#[test]
fn a_project_without_a_compiler_builds_and_answers() {
    let folder = Folder::new();
    let out = folder.run(&["new", "room-2", "--lang", "wat"]).done();
    for part in [
        "wrote room-2\n",
        "  cd room-2\n",
        "  ./build.sh\n",
        "  wasmtube call room-2.wasm calc_stats --json '[3,1,2]'\n",
        "wasmtube watch room-2.wasm --build ./build.sh\n",
    ] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
    let built = build(&folder, "room-2");
    assert!(built.status.success(), "{built:?}");
    let module = folder.run(&["inspect", "room-2/room-2.wasm", "--json"]).json();
    assert_eq!(module["manifest"]["name"], "room-2");
    let stats = folder.run(&["call", "room-2/room-2.wasm", "calc_stats", "--json", "[3,1,2]"]).json();
    assert_eq!(stats, serde_json::json!({"mean": 2, "median": 2}));
    let numbers: Vec<u8> = [4_i32, 1, 3, 2].iter().flat_map(|number| number.to_le_bytes()).collect();
    folder.write("numbers", numbers);
    folder.run(&["call", "room-2/room-2.wasm", "calc_stats", "--bytes", "numbers", "--output", "answer"]).done();
    assert_eq!(folder.read("answer"), [2_i64, 3].map(i64::to_le_bytes).concat());
}

#[test]
fn every_language_has_a_project_of_its_own() {
    let folder = Folder::new();
    for (lang, files) in [
        ("c", &["my-c/my-c.c", "my-c/wasmtube.h"][..]),
        ("assemblyscript", &["my-assemblyscript/my-assemblyscript.ts", "my-assemblyscript/package-lock.json"]),
        ("wat", &["my-wat/my-wat.wat"]),
        ("rust", &["my-rust/src/lib.rs", "my-rust/sdk/crates/guest-macros/src/lib.rs"]),
    ] {
        let name = format!("my-{lang}");
        let out = folder.run(&["new", &name, "--lang", lang]).done();
        let build = if lang == "assemblyscript" { "'./build.sh -O0'\n" } else { "./build.sh\n" };
        assert!(out.contains(&format!("wasmtube watch {name}.wasm --build {build}")), "{out}");
        for file in [format!("{name}/README.md"), format!("{name}/.gitignore")] {
            assert!(folder.path(&file).is_file(), "{file}");
        }
        for file in files {
            assert!(folder.path(file).is_file(), "{file}");
        }
    }
}

#[test]
fn what_exists_is_left_as_it_is() {
    let folder = Folder::new();
    fs::create_dir(folder.path("a")).unwrap();
    folder.write("b", "mine");
    for name in ["a", "b"] {
        folder.run(&["new", name]).failed(1, &[&format!("{name} exists already and is left as it is"), "--path"]);
    }
    assert_eq!((folder.read("b"), folder.files()), (b"mine".to_vec(), vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(fs::read_dir(folder.path("a")).unwrap().count(), 0);
}

#[test]
fn names_and_places_that_cannot_be_are_refused() {
    let folder = Folder::new();
    folder.run(&["new", "Bad"]).failed(1, &["`Bad` is no name for a module"]);
    folder.run(&["new", "loop"]).failed(1, &["`loop` means something else in Rust"]);
    folder.run(&["new", "x", "--lang", "cobol"]).failed(2, &["assemblyscript"]);
    folder.write("file", "");
    folder.run(&["new", "x", "--path", "file/x"]).failed(1, &["cannot write file", "--path"]);
    folder.run(&["new", "x", "--lang", "wat", "--path", "deep/er/x"]).done();
    assert!(folder.path("deep/er/x/x.wat").is_file());
    assert_eq!(folder.files(), ["deep", "file"]);
}
