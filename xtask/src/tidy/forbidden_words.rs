//! Nothing that is true on one machine only, and no registry by the name of its host.

use super::{Tree, Violation};

/// Starts of paths of one machine; in two parts, so that this file does not hold them.
const MACHINE_PATHS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tm", "p/t-")];
const HOSTS: [&str; 4] =
    [concat!("crates", ".io"), concat!("pypi", ".org"), concat!("npm", "js"), concat!("debian", ".org")];

/// Prose may name a host, and cargo writes its own file.
fn may_name_hosts(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".lock")
}

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts() {
        for (line, number) in text.lines().zip(1..) {
            let mut report = |message: String| violations.push(Violation::new(path, number, "forbidden-word", message));
            if let Some(found) = MACHINE_PATHS.iter().find(|start| has_path(line, start)) {
                report(format!("`{found}` is a path of one machine: write it relative to the workspace"));
            }
            if let Some(host) = HOSTS.iter().find(|host| !may_name_hosts(path) && line.contains(*host)) {
                report(format!("`{host}` is a host: name the package and let its tool find it"));
            }
        }
    }
    violations
}

/// Whether an absolute path starts so: nothing that belongs to a path stands before it.
fn has_path(line: &str, start: &str) -> bool {
    let continues = |character: char| character.is_alphanumeric() || "_-.})*~".contains(character);
    line.match_indices(start).any(|(at, _)| !line[..at].chars().next_back().is_some_and(continues))
}

#[cfg(test)]
mod tests {
    use super::{HOSTS, MACHINE_PATHS, check};
    use crate::tidy::check_rule;

    #[test]
    fn paths_of_one_machine_stay_there() {
        for start in MACHINE_PATHS {
            check_rule(check, &[("a.sh", &format!("cd ..{start}x target{start}x $DIR{start}x {{dir}}{start}x"))], &[]);
            let expected = |path| {
                format!(
                    "{path}:2: forbidden-word: `{start}` is a path of one machine: write it relative to the workspace"
                )
            };
            check_rule(check, &[("a.sh", &format!("\ncd {start}x"))], &[&expected("a.sh")]);
            check_rule(check, &[("a.md", &format!("\n`{start}x`"))], &[&expected("a.md")]);
        }
    }

    #[test]
    fn registries_are_not_named_by_host() {
        for host in HOSTS {
            check_rule(check, &[("a.md", host), ("Cargo.lock", host)], &[]);
            let expected =
                format!("a.toml:1: forbidden-word: `{host}` is a host: name the package and let its tool find it");
            check_rule(check, &[("a.toml", host)], &[&expected]);
        }
    }
}
