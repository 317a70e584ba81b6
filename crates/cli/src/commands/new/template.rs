//! The files of a new project, which are those of `guests/`: what is written is what the checks build.

use crate::args::Language;

/// Name of the module in every template. As a word of its own it becomes the name of the project.
const NAME: &str = "stats";
/// The one file that is run.
const PROGRAM: &str = "build.sh";

/// A file of a project.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    /// Where it goes, with `/` between folders.
    path: &'static str,
    text: &'static str,
    /// Whether the name in it becomes that of the project.
    is_named: bool,
}

impl Template {
    /// Where the file goes in a project of this name.
    pub(super) fn path(&self, name: &str) -> String {
        if self.is_named { named(self.path, name) } else { self.path.into() }
    }

    /// What it holds in a project of this name.
    pub(super) fn text(&self, name: &str) -> String {
        if self.is_named { named(self.text, name) } else { self.text.into() }
    }

    /// Whether it is run.
    pub(super) fn is_program(&self) -> bool {
        self.path == PROGRAM
    }
}

macro_rules! guest {
    ($folder:literal, $($file:literal),+) => {
        [$(Template {
            path: $file,
            text: include_str!(concat!("../../../../../guests/", $folder, "/", $file)),
            is_named: true,
        }),+]
    };
}

macro_rules! sdk {
    ($($file:literal),+) => {
        [$(Template {
            path: concat!("sdk/crates/", $file),
            text: include_str!(concat!("../../../../", $file)),
            is_named: false,
        }),+]
    };
}

const C: &[Template] = &guest!("c", "README.md", ".gitignore", "build.sh", "stats.c", "wasmtube.h", "wasmtube_host.h");
const ASSEMBLY_SCRIPT: &[Template] = &guest!(
    "assemblyscript",
    "README.md",
    ".gitignore",
    "build.sh",
    "stats.ts",
    "wasmtube.ts",
    "wasmtube_host.ts",
    "manifest.toml",
    "asconfig.json",
    "package.json",
    "package-lock.json"
);
const WAT: &[Template] = &guest!("wat", "README.md", ".gitignore", "build.sh", "stats.wat");
const RUST: &[Template] = &guest!("rust", "README.md", ".gitignore", "build.sh", "toolchain.sh");
const RUST_ELSEWHERE: [Template; 4] = [
    Template { path: "Cargo.lock", text: include_str!("../../../../../guests/Cargo.lock"), is_named: false },
    Template { path: "Cargo.toml", text: include_str!("../../../../../guests/rust/project.toml"), is_named: true },
    Template { path: "src/lib.rs", text: include_str!("../../../../../guests/stats/src/lib.rs"), is_named: true },
    Template { path: "sdk/Cargo.toml", text: include_str!("../../../../../guests/rust/sdk.toml"), is_named: false },
];
/// The crates that functions in Rust are written with, without their tests.
const SDK: &[Template] = &sdk!(
    "abi/Cargo.toml",
    "abi/src/classic.rs",
    "abi/src/declarations.rs",
    "abi/src/digest.rs",
    "abi/src/export.rs",
    "abi/src/host.rs",
    "abi/src/kind.rs",
    "abi/src/lib.rs",
    "abi/src/manifest.rs",
    "abi/src/preprocess.rs",
    "abi/src/reason.rs",
    "abi/src/seal.rs",
    "abi/src/section.rs",
    "abi/src/value.rs",
    "abi/src/window.rs",
    "guest/Cargo.toml",
    "guest/src/error.rs",
    "guest/src/host.rs",
    "guest/src/host/clock.rs",
    "guest/src/host/config.rs",
    "guest/src/host/imports.rs",
    "guest/src/host/in_memory.rs",
    "guest/src/host/kv.rs",
    "guest/src/host/log.rs",
    "guest/src/host/random.rs",
    "guest/src/image.rs",
    "guest/src/json.rs",
    "guest/src/lib.rs",
    "guest/src/memory.rs",
    "guest/src/panic.rs",
    "guest/src/plain.rs",
    "guest/src/record.rs",
    "guest/src/serve.rs",
    "guest-macros/Cargo.toml",
    "guest-macros/src/declare.rs",
    "guest-macros/src/function.rs",
    "guest-macros/src/lib.rs",
    "guest-macros/src/module.rs",
    "guest-macros/src/record.rs",
    "guest-macros/src/signature.rs"
);

/// Every file of a project in this language.
pub(super) fn files(language: Language) -> impl Iterator<Item = &'static Template> {
    let parts: &[&[Template]] = match language {
        Language::Rust => &[RUST, &RUST_ELSEWHERE, SDK],
        Language::C => &[C],
        Language::AssemblyScript => &[ASSEMBLY_SCRIPT],
        Language::Wat => &[WAT],
    };
    parts.iter().copied().flatten()
}

/// The text with another name in place of [`NAME`], where that is a word of its own.
fn named(text: &str, name: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for (at, found) in text.match_indices(NAME) {
        let after = &text[at + found.len()..];
        let begins = !text[..at].ends_with(is_word);
        let ends = !after.starts_with(is_word);
        result.push_str(&text[end..at]);
        result.push_str(if begins && ends { name } else { found });
        end = at + found.len();
    }
    result + &text[end..]
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const LANGUAGES: [Language; 4] = [Language::Rust, Language::C, Language::AssemblyScript, Language::Wat];

    #[test]
    fn only_whole_words_are_renamed() {
        for (text, expected) in [
            ("stats", "a-b"),
            ("calc_stats(stats.c, \"stats\")", "calc_stats(a-b.c, \"a-b\")"),
            ("Stats statsx xstats stats_ statsstats", "Stats statsx xstats stats_ statsstats"),
            ("stats stats", "a-b a-b"),
            ("", ""),
        ] {
            assert_eq!(named(text, "a-b"), expected);
        }
    }

    /// A name may hold what no identifier can: in a source it stands in quotes or is that of a file.
    #[test]
    fn the_name_stands_where_any_name_can() {
        let sources = LANGUAGES.into_iter().flat_map(files).filter(|file| file.is_named && !file.path.ends_with(".md"));
        for file in sources {
            let text = file.text("\u{1}");
            for (at, _) in text.match_indices('\u{1}') {
                let (before, after) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
                let is_quoted = before == Some('"') && after == Some('"');
                let is_escaped = text[..at].ends_with("\\\"") && text[at + 1..].starts_with("\\\"");
                let is_file = after == Some('.') && before != Some('.');
                let is_word_of_script = file.is_program() && before == Some(' ') && after == Some(' ');
                assert!(is_quoted || is_escaped || is_file || is_word_of_script, "{}: {text:?}", file.path);
            }
        }
    }

    fn sources(folder: &Path, shown: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                sources(&entry.path(), &format!("{shown}{name}/"), found);
            } else if name != "tests.rs" {
                found.push(format!("{shown}{name}"));
            }
        }
    }

    #[test]
    fn the_crates_of_the_sdk_are_whole() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for name in ["abi", "guest", "guest-macros"] {
            let folder = format!("sdk/crates/{name}/src/");
            let mut found = Vec::new();
            sources(&crates.join(name).join("src"), &folder, &mut found);
            found.sort();
            let written: Vec<&str> =
                SDK.iter().map(|file| file.path).filter(|path| path.starts_with(&folder)).collect();
            assert_eq!(found, written);
        }
    }

    #[test]
    fn the_sdk_has_the_dependencies_of_the_workspace() {
        let read = |text: &str| toml::from_str::<toml::Table>(text).unwrap()["workspace"]["dependencies"].clone();
        let ours = read(include_str!("../../../../../guests/rust/sdk.toml"));
        let all = read(include_str!("../../../../../Cargo.toml"));
        for (name, wanted) in ours.as_table().unwrap() {
            assert_eq!(all.get(name), Some(wanted), "{name}");
        }
    }
}
