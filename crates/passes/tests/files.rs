//! Runs `tests/files/PASS/NAME.txt`: a graph, a line `---`, and the graph after that pass, or after every pass in
//! `files/optimize`. `BLESS=1` writes what is found.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::from_args();
    let mut trials = vec![];
    for folder in entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files"))? {
        let pass = name(&folder)?;
        for file in entries(&folder)? {
            let (pass, case) = (pass.clone(), format!("{pass}::{}", name(&file)?));
            trials.push(Trial::test(case, move || {
                check(&pass, &file).map_err(|error| Failed::from(format!("{error:#}")))
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit()
}

fn check(pass: &str, file: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(file)?;
    let (input, expect) = text.split_once("---\n").context("a line `---` separates the graphs")?;
    let graph = ir::text::parse(input)?;
    ir::verify(&graph)?;
    let found = ir::text::print(&run(pass, graph)?);
    if found == expect {
        return Ok(());
    }
    if env::var_os("BLESS").is_some() {
        return fs::write(file, format!("{input}---\n{found}")).context("cannot write");
    }
    bail!("{} (BLESS=1 accepts)\nexpected:\n{expect}\nfound:\n{found}", file.display())
}

fn run(name: &str, graph: ir::Graph) -> anyhow::Result<ir::Graph> {
    if name == "optimize" {
        return Ok(wasmtube_passes::optimize(graph)?);
    }
    let pass =
        wasmtube_passes::PASSES.iter().find(|pass| pass.name == name).context("no pass has the name of the folder")?;
    let graph = (pass.run)(graph)?;
    ir::verify(&graph)?;
    Ok(graph)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> anyhow::Result<String> {
    Ok(path.file_stem().and_then(|stem| stem.to_str()).context("a file without a name")?.to_owned())
}
