//! Writes a project. Everything is checked before anything is written, and nothing that exists is touched.

mod template;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Outcome;
use crate::args::{Language, NewArguments};
use crate::render::print;
use crate::render::printable::printable;
use crate::render::style::Style;

/// As long as the name of a slot may be, whose form the name has.
const NAME_LENGTH_MAX: usize = 63;
/// Names that cargo refuses or that hide a crate which the function uses.
const TAKEN_IN_RUST: [&str; 57] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "wasmtube-abi",
    "wasmtube-guest",
    "wasmtube-guest-macros",
    "where",
];

/// Why no project is written.
#[derive(Debug, thiserror::Error)]
enum NewError {
    #[error(
        "`{name}` is no name for a module: take at most {NAME_LENGTH_MAX} of the characters a to z, 0 to 9 and -, the \
         first a letter and the last no -"
    )]
    Name { name: String },
    #[error("`{name}` means something else in {language}: choose another name")]
    Taken { name: String, language: &'static str },
    #[error("{} exists already and is left as it is: choose another name, or another folder with --path", path.display())]
    Exists { path: PathBuf },
    #[error("cannot write {}: choose a folder that can be written with --path", path.display())]
    Write { path: PathBuf, source: io::Error },
}

pub(super) fn run(arguments: &NewArguments) -> anyhow::Result<Outcome> {
    let NewArguments { name, lang, path } = arguments;
    check_name(name, *lang)?;
    let folder = path.clone().unwrap_or_else(|| name.into());
    write(&folder, name, *lang)?;
    print(&next_commands(&folder, name, *lang, Style::stdout()))?;
    Ok(Outcome::Done)
}

fn check_name(name: &str, language: Language) -> Result<(), NewError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = name.len() <= NAME_LENGTH_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(allowed);
    if !is_name {
        return Err(NewError::Name { name: name.into() });
    }
    let taken = match language {
        Language::Rust => TAKEN_IN_RUST.contains(&name).then_some("Rust"),
        Language::AssemblyScript => matches!(name, "wasmtube" | "assemblyscript").then_some("the project"),
        Language::C => (name == "wasmtube").then_some("the project"),
        Language::Wat => None,
    };
    match taken {
        Some(language) => Err(NewError::Taken { name: name.into(), language }),
        None => Ok(()),
    }
}

/// What could not be written whole is removed again.
fn write(folder: &Path, name: &str, language: Language) -> Result<(), NewError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => NewError::Exists { path },
            _ => NewError::Write { path, source },
        }
    };
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|source| NewError::Write { path: parent.into(), source })?;
    }
    fs::create_dir(folder).map_err(failed(folder))?;
    let written = template::files(language).try_for_each(|file| {
        let path = folder.join(file.path(name));
        create(&path, &file.text(name), file.is_program()).map_err(failed(&path))
    });
    if written.is_err() {
        // The folder is ours; that it cannot be removed is no news after this.
        drop(fs::remove_dir_all(folder));
    }
    written
}

fn create(path: &Path, text: &str, is_program: bool) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    if is_program { make_executable(&file) } else { Ok(()) }
}

#[cfg(unix)]
fn make_executable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    // Whoever may read it may run it.
    let mode = permissions.mode();
    permissions.set_mode(mode | (mode & 0o444) >> 2);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn make_executable(_: &File) -> io::Result<()> {
    Ok(())
}

fn next_commands(folder: &Path, name: &str, language: Language, style: Style) -> String {
    let call = match language {
        Language::Rust | Language::C | Language::AssemblyScript => {
            format!("wasmtube call {name}.wasm calc_stats --json '{{\"values\":[3,1,2]}}'")
        }
        Language::Wat => {
            format!("wasmtube call {name}.wasm calc_stats --json '[3,1,2]'")
        }
    };
    let heading = style.bold(printable(&format!("wrote {}", folder.display())));
    // Its compiler takes twice as long to optimize, which whoever edits would wait for.
    let build = if language == Language::AssemblyScript { "'./build.sh -O0'" } else { "./build.sh" };
    format!(
        "{heading}\n  cd {}\n  ./build.sh\n  {call}\n  wasmtube watch {name}.wasm --build {build}\n",
        printable(&folder.display().to_string())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, language: Language, expected: Result<(), &str>) {
        match (check_name(name, language), expected) {
            (Ok(()), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }

    #[test]
    fn names_are_those_of_slots_and_packages() {
        check("thermostat", Language::Rust, Ok(()));
        check("room-2", Language::Rust, Ok(()));
        check(&"x".repeat(63), Language::C, Ok(()));
        for name in ["", "-x", "x-", "2x", "X", "a_b", "a b", "../x", "ä", &"x".repeat(64)] {
            check(name, Language::Wat, Err("is no name for a module"));
        }
        check("match", Language::Rust, Err("`match` means something else in Rust"));
        check("match", Language::C, Ok(()));
        check("core", Language::Rust, Err("choose another name"));
        check("wasmtube", Language::C, Err("choose another name"));
        check("wasmtube", Language::AssemblyScript, Err("choose another name"));
        check("wasmtube", Language::Wat, Ok(()));
    }
}
