//! Every link inside the project leads somewhere, and every file that a page names in backticks is there.

use super::markdown::{anchors, code_spans, links};
use super::rust_text::split;
use super::{Tree, Violation};

const RULE: &str = "link";
/// A name in backticks that ends so and holds a slash is a file of the project.
const EXTENSIONS: [&str; 9] = ["rs", "md", "toml", "sh", "py", "js", "json", "wat", "txt"];
/// So is whatever begins so.
const FOLDERS: [&str; 4] = ["crates/", "docs/", "guests/", "xtask/"];
/// Characters that stand for something else, as in `docs/errors/<code>.md`.
const PLACEHOLDERS: &str = "<>*{}$~\\… \"'()";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, page) in tree.ending(".md") {
        for (line, target) in links(page) {
            if let Some(message) = broken_link(tree, path, target) {
                violations.push(Violation::new(path, line, RULE, message));
            }
        }
        // The change log names what is no more.
        if path.starts_with("docs/") || matches!(path, "README.md" | "CONTRIBUTING.md") {
            for (line, name) in code_spans(page) {
                if is_file_name(name) && !names_file(tree, path, name) {
                    violations.push(Violation::new(path, line, RULE, format!("there is no file `{name}`")));
                }
            }
        }
    }
    for (path, source) in tree.ending(".rs") {
        for (line, comment) in (1..).zip(split(source).comments.lines()) {
            let names = comment.split('`').skip(1).step_by(2).filter(|name| name.starts_with("docs/"));
            for name in names.filter(|name| is_file_name(name) && !tree.exists(name)) {
                violations.push(Violation::new(path, line, RULE, format!("there is no file `{name}`")));
            }
        }
    }
    violations
}

/// What is wrong with a link on a page, if anything is.
fn broken_link(tree: &Tree, page: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { Some(page.to_owned()) } else { resolve(folder(page), file) };
    let Some(path) = path.filter(|path| tree.exists(path)) else {
        return Some(format!("`{target}` leads nowhere"));
    };
    let text = tree.text(&path).filter(|_| path.ends_with(".md"))?;
    let anchor = anchor?;
    (!anchors(text).any(|heading| heading == anchor)).then(|| format!("`{target}`: {path} has no heading `#{anchor}`"))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path from the root of what `relative` names in `folder`; nothing if that lies outside.
fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn is_file_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_path = name.contains('/') && EXTENSIONS.contains(&extension);
    (is_path || FOLDERS.iter().any(|folder| name.starts_with(folder)))
        && !name.contains("://")
        && !name.starts_with('/')
        && !name.contains(|character| PLACEHOLDERS.contains(character))
}

/// Whether a file of that name is there: from the root, from the page, from `crates`, or from the source of a crate.
fn names_file(tree: &Tree, page: &str, name: &str) -> bool {
    let (first, rest) = name.split_once('/').unwrap_or((name, ""));
    let candidates = [
        resolve("", name),
        resolve(folder(page), name),
        resolve("crates", name),
        resolve(&format!("crates/{first}/src"), rest),
    ];
    candidates.into_iter().flatten().any(|path| tree.exists(&path))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::check_rule;

    const CODE: (&str, &str) = ("crates/ir/src/op.rs", "");

    #[test]
    fn links_lead_somewhere() {
        let page = "# Top\n[a](../README.md) [b](#top) [c](../crates/ir) [d](https://x/y.md) [e](../README.md#the-end)";
        check_rule(check, &[("README.md", "# The end"), CODE, ("docs/a.md", page)], &[]);
        let page = "[a](README.md)\n[b](#bottom)\n[c](../../x.md)\n[d](../README.md#start)";
        check_rule(
            check,
            &[("README.md", "# The end"), ("docs/a.md", page)],
            &[
                "docs/a.md:1: link: `README.md` leads nowhere",
                "docs/a.md:2: link: `#bottom`: docs/a.md has no heading `#bottom`",
                "docs/a.md:3: link: `../../x.md` leads nowhere",
                "docs/a.md:4: link: `../README.md#start`: README.md has no heading `#start`",
            ],
        );
    }

    #[test]
    fn named_files_are_there() {
        let page =
            "`crates/ir/src/op.rs` `ir/src/op.rs` `ir/op.rs` `a.md` `b/<name>.rs` `ir/op` `/etc/x.toml` `./x y.sh`";
        check_rule(check, &[CODE, ("docs/a.md", page), ("CHANGELOG.md", "`old/file.rs`")], &[]);
        check_rule(
            check,
            &[CODE, ("docs/a.md", "`ir/ops.rs`\n`ir/src/opa.rs`\n`crates/ir/ops`"), ("README.md", "`x/y.sh`")],
            &[
                "README.md:1: link: there is no file `x/y.sh`",
                "docs/a.md:1: link: there is no file `ir/ops.rs`",
                "docs/a.md:2: link: there is no file `ir/src/opa.rs`",
                "docs/a.md:3: link: there is no file `crates/ir/ops`",
            ],
        );
    }

    #[test]
    fn comments_name_pages_that_are_there() {
        let source = "//! See `docs/a.md` and `docs/adr/<number>.md`.\nlet x = \"`docs/b.md`\";\n";
        check_rule(check, &[("docs/a.md", ""), ("a.rs", source)], &[]);
        check_rule(check, &[("a.rs", "\n/// `docs/a.md`")], &["a.rs:2: link: there is no file `docs/a.md`"]);
    }
}
