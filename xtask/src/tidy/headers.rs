//! What every crate says at its top: no unsafe code, documentation for whatever others use, the lints of the workspace.

use super::rust_text::{has_word, split};
use super::{Tree, Violation};

/// Crates that others build on, by folder.
const DOCUMENTED: [&str; 5] = ["abi", "capi", "compiler", "runtime", "guest"];
/// The crates whose export glue needs unsafe code, each use of which is allowed with a reason.
const GLUE: [&str; 2] = ["capi", "guest"];
/// Where `runtime` has the engine load compiled code, and the one line that allows it.
const NATIVE: &str = "crates/runtime/src/files/cache/native.rs";
const NATIVE_ALLOWED: &str = "crates/runtime/src/files/cache.rs";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let Some((package, file)) = crate_of(path) else { continue };
        if package == "crates/runtime" {
            violations.extend(unsafe_outside(path, text));
        }
        let folder = package.rsplit('/').next().unwrap_or(package);
        let is_root =
            matches!(file, "lib.rs" | "main.rs") || file.strip_prefix("bin/").is_some_and(|f| !f.contains('/'));
        if !is_root {
            continue;
        }
        let code = split(text).code;
        let mut need = |level: &str, lint: &str| {
            if !sets(&code, level, lint) {
                violations.push(Violation::new(path, 1, "header", format!("`#![{level}({lint})]` is missing")));
            }
        };
        let may_allow = GLUE.contains(&folder) || package == "crates/runtime";
        need(if may_allow { "deny" } else { "forbid" }, "unsafe_code");
        if file == "lib.rs" && DOCUMENTED.contains(&folder) {
            need("deny", "missing_docs");
        }
    }
    for (path, text) in tree.ending("Cargo.toml") {
        let is_member = crate_of(&path.replace("Cargo.toml", "src/lib.rs")).is_some();
        if is_member && !text.contains("[lints]\nworkspace = true") {
            violations.push(Violation::new(path, 1, "header", "`[lints] workspace = true` is missing"));
        }
    }
    violations
}

/// Unsafe code of `runtime` in another place than its module for compiled code, and more than one word that allows it.
fn unsafe_outside(path: &str, text: &str) -> Vec<Violation> {
    let code = split(text).code;
    let lines = |word: &'static str| (1..).zip(code.lines()).filter(move |(_, line)| has_word(line, word));
    let written = lines("unsafe").filter(|_| path != NATIVE);
    let is_level = |line: &str| line.starts_with("#![deny(") || line.starts_with("#![forbid(");
    let allowed = lines("unsafe_code").filter(|(_, line)| !is_level(line));
    let allowed = allowed.skip(usize::from(path == NATIVE_ALLOWED));
    written
        .chain(allowed)
        .map(|(line, _)| Violation::new(path, line, "header", format!("unsafe code of `runtime` stands in {NATIVE}")))
        .collect()
}

/// Whether an attribute of the whole crate sets the lint to that level.
fn sets(code: &str, level: &str, lint: &str) -> bool {
    code.lines().any(|line| line.starts_with(&format!("#![{level}(")) && has_word(line, lint))
}

/// Folder of the crate of the workspace that a file belongs to, and its path below `src`.
fn crate_of(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.split_once("/src/")?;
    let is_member = folder == "xtask" || folder.strip_prefix("crates/").is_some_and(|name| !name.contains('/'));
    is_member.then_some((folder, file))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::check_rule;

    #[test]
    fn unsafe_code_is_forbidden_but_in_the_glue() {
        let forbid = "#![forbid(unsafe_code)]";
        check_rule(
            check,
            &[("crates/ir/src/lib.rs", forbid), ("crates/ir/src/a.rs", ""), ("guests/a/src/lib.rs", "")],
            &[],
        );
        for glue in ["crates/capi/src/lib.rs", "crates/guest/src/lib.rs"] {
            check_rule(check, &[(glue, "#![deny(unsafe_code, missing_docs)]")], &[]);
        }
        check_rule(
            check,
            &[
                ("crates/ir/src/bin/a.rs", ""),
                ("crates/ir/src/lib.rs", "// #![forbid(unsafe_code)]"),
                ("xtask/src/main.rs", ""),
            ],
            &[
                "crates/ir/src/bin/a.rs:1: header: `#![forbid(unsafe_code)]` is missing",
                "crates/ir/src/lib.rs:1: header: `#![forbid(unsafe_code)]` is missing",
                "xtask/src/main.rs:1: header: `#![forbid(unsafe_code)]` is missing",
            ],
        );
    }

    #[test]
    fn unsafe_code_of_the_runtime_stands_in_one_module() {
        let root = ("crates/runtime/src/lib.rs", "#![deny(unsafe_code, missing_docs)]");
        let allowed = "#[allow(unsafe_code, reason = \"why\")]\nmod native;";
        let written = "// SAFETY: so\nunsafe { f() }\nunsafe { g() }";
        check_rule(
            check,
            &[
                root,
                ("crates/runtime/src/files/cache.rs", allowed),
                ("crates/runtime/src/files/cache/native.rs", written),
            ],
            &[],
        );
        let expected = "unsafe code of `runtime` stands in crates/runtime/src/files/cache/native.rs";
        check_rule(
            check,
            &[
                ("crates/runtime/src/files/cache.rs", &format!("{allowed}\n{allowed}")),
                ("crates/runtime/src/files/cache/key.rs", "// unsafe\nfn f() {}\nunsafe { f() }"),
                ("crates/runtime/src/lib.rs", "#![forbid(unsafe_code, missing_docs)]"),
            ],
            &[
                &format!("crates/runtime/src/files/cache.rs:3: header: {expected}"),
                &format!("crates/runtime/src/files/cache/key.rs:3: header: {expected}"),
                "crates/runtime/src/lib.rs:1: header: `#![deny(unsafe_code)]` is missing",
                "crates/runtime/src/lib.rs:1: header: `#![deny(missing_docs)]` is missing",
            ],
        );
    }

    #[test]
    fn public_crates_are_documented() {
        let text = "#![forbid(unsafe_code)]";
        let expected = "crates/abi/src/lib.rs:1: header: `#![deny(missing_docs)]` is missing";
        check_rule(check, &[("crates/abi/src/lib.rs", text)], &[expected]);
        check_rule(check, &[("crates/abi/src/lib.rs", &format!("{text}\n#![deny(missing_docs)]"))], &[]);
    }

    #[test]
    fn lints_are_those_of_the_workspace() {
        let expected = "crates/a/Cargo.toml:1: header: `[lints] workspace = true` is missing";
        check_rule(check, &[("crates/a/Cargo.toml", "[package]"), ("guests/a/Cargo.toml", "")], &[expected]);
        check_rule(check, &[("crates/a/Cargo.toml", "[lints]\nworkspace = true\n")], &[]);
    }
}
