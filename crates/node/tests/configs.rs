//! Reads every `tests/configs/NAME.toml` as a configuration file. `NAME.expected` beside it holds what comes of it: of
//! those whose name begins with `good-` the configuration, of all others what is wrong. `BLESS=1` writes what is found.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail};
use libtest_mimic::{Arguments, Failed, Trial};
use wasmtube_node::Config;

/// The folder that relative paths are taken from.
const BASE: &str = "base";

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::from_args();
    let mut trials = vec![];
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs"))? {
        let name = file.file_stem().and_then(|stem| stem.to_str()).context("a file without a name")?.to_owned();
        trials.push(Trial::test(name.clone(), move || {
            check(&name, &file).map_err(|error| Failed::from(format!("{error:#}")))
        }));
    }
    libtest_mimic::run(&arguments, trials).exit()
}

fn check(name: &str, file: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(file)?;
    let found = match (Config::parse(&text, Path::new(BASE)), name.starts_with("good-")) {
        (Ok(config), true) => format!("{config:#?}\n"),
        (Err(error), false) => format!("{error}\n"),
        (Ok(_), false) => bail!("{} is taken, so it is good", file.display()),
        (Err(error), true) => bail!("{} is refused:\n{error}", file.display()),
    };
    let beside = file.with_extension("expected");
    let expected = if beside.exists() { fs::read_to_string(&beside)? } else { String::new() };
    if found == expected {
        return Ok(());
    }
    if env::var_os("BLESS").is_some() {
        return fs::write(&beside, found).context("cannot write");
    }
    bail!("{} (BLESS=1 accepts)\nexpected:\n{expected}\nfound:\n{found}", file.display())
}

/// The configuration files, after a look that none of their expectations is alone.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    if let Some(alone) = paths.iter().find(|path| !path.with_extension("toml").exists()) {
        bail!("{} belongs to no file", alone.display());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    Ok(paths)
}
