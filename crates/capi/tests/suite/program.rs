//! A program in C, compiled against the header, with the library linked in either way.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::running::{STATS, STATS_V2, workspace};

/// What the paper's call answers.
const BEFORE: &str = "{\"mean\":101,\"median\":108}\n";
/// What it answers after the replacement.
const AFTER: &str = "{\"mean\":101.1,\"median\":108.0,\"standard_deviation\":31.936238559563236}\n";

/// Where cargo has put the library for the tests.
fn libraries() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().into()
}

/// Compiles an example with every warning an error. `link` says how to find the library.
fn compile(folder: &Path, link: &[String]) -> PathBuf {
    let (package, program) = (Path::new(env!("CARGO_MANIFEST_DIR")), folder.join("paper"));
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program);
    cc.arg("-I").arg(package.join("include")).arg(package.join("examples/paper.c")).args(link);
    let output = cc.output().expect("a C compiler is installed, as for every program in Rust");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Output and errors of the program, and whether it succeeded.
fn run(program: &Path, arguments: &[&str]) -> (String, String, bool) {
    // What runs the tests may name folders there in which an older library lies.
    let output = Command::new(program).args(arguments).env_remove("LD_LIBRARY_PATH").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.success())
}

fn check(link: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), link);
    let file = |path| workspace(path).to_str().unwrap().to_owned();
    let (said, errors, succeeded) = run(&program, &[&file(STATS)]);
    assert_eq!((said.as_str(), errors.as_str(), succeeded), (BEFORE, "", true));
    let (said, errors, succeeded) = run(&program, &[&file(STATS), &file(STATS_V2)]);
    assert_eq!((said.strip_prefix(BEFORE).unwrap(), errors.as_str(), succeeded), (AFTER, "", true));
    let (_, errors, succeeded) = run(&program, &[&file("Cargo.toml")]);
    assert!(errors.starts_with("seal: cannot load ") && !succeeded, "{errors}");
    let (_, errors, succeeded) = run(&program, &[]);
    assert!(errors.starts_with("usage: ") && !succeeded, "{errors}");
}

#[cfg(unix)]
#[test]
fn a_program_with_the_shared_library() {
    let folder = libraries().display().to_string();
    check(&["-L".into(), folder.clone(), "-lwasmtube".into(), format!("-Wl,-rpath,{folder}")]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_with_the_static_library() {
    let library = libraries().join("libwasmtube.a").display().to_string();
    check(&[library, "-lpthread".into(), "-ldl".into(), "-lm".into(), "-lgcc_s".into(), "-lc".into()]);
}
