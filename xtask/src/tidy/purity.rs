//! The compile side sees only its arguments, and the runtime touches files in one module: outside of tests, neither
//! names the parts of the standard library that reach the world.

use super::rust_text::{lines_with_word, split};
use super::{Tree, Violation};

/// Crates whose results follow from their arguments alone.
const PURE: [&str; 8] = ["abi", "ir", "onnx", "interp", "passes", "plan", "codegen", "compiler"];
const WORLD: [&str; 7] =
    ["std::fs", "std::net", "std::env", "std::process", "std::time::Instant", "std::time::SystemTime", "std::thread"];
/// What of it the runtime keeps in one module.
const FILES: [&str; 2] = ["std::fs", "std::net"];
const FILES_MODULE: [&str; 2] = ["crates/runtime/src/files.rs", "crates/runtime/src/files/"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, source) in tree.below("crates/").filter(|(path, _)| path.ends_with(".rs")) {
        let (forbidden, reason) = match path.split('/').collect::<Vec<_>>()[..] {
            [_, _, "src", .., "tests.rs"] => continue,
            [_, name, "src", ..] if PURE.contains(&name) => {
                (&WORLD[..], "the compile side does no I/O and reads no clock or environment")
            }
            [_, "runtime", "src", ..] if !FILES_MODULE.iter().any(|files| path.starts_with(files)) => {
                (&FILES[..], "the runtime does I/O in its module `files` only")
            }
            _ => continue,
        };
        let code = without_tests(&split(source).code);
        for name in forbidden {
            for line in lines_with_word(&code, name) {
                violations.push(Violation::new(path, line, "purity", format!("no `{name}` here: {reason}")));
            }
        }
    }
    violations
}

/// Source up to its tests, which stand last.
fn without_tests(code: &str) -> String {
    let lines: Vec<&str> = code.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ") && pair[1].ends_with('{')
    });
    lines[..tests.unwrap_or(lines.len())].join("\n")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::check_rule;

    #[test]
    fn the_compile_side_is_pure() {
        let tested = "use std::fmt;\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}";
        check_rule(check, &[("crates/plan/src/a.rs", tested), ("crates/plan/src/a/tests.rs", "std::fs")], &[]);
        check_rule(check, &[("crates/cli/src/a.rs", "std::fs"), ("crates/plan/tests/a.rs", "std::env")], &[]);
        check_rule(
            check,
            &[("crates/plan/src/a.rs", "// std::fs\nuse std::fs;\nlet t = std::time::Instant::now();")],
            &[
                "crates/plan/src/a.rs:2: purity: no `std::fs` here: the compile side does no I/O and reads no clock or environment",
                "crates/plan/src/a.rs:3: purity: no `std::time::Instant` here: the compile side does no I/O and reads no clock or environment",
            ],
        );
    }

    #[test]
    fn the_runtime_touches_files_in_one_module() {
        let clock = ("crates/runtime/src/engine.rs", "use std::time::Instant;");
        check_rule(
            check,
            &[clock, ("crates/runtime/src/files/watcher.rs", "std::fs"), ("crates/runtime/src/files.rs", "std::fs")],
            &[],
        );
        let expected =
            "crates/runtime/src/slot.rs:1: purity: no `std::fs` here: the runtime does I/O in its module `files` only";
        check_rule(check, &[("crates/runtime/src/slot.rs", "std::fs::read(p)")], &[expected]);
    }
}
