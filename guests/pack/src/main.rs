//! `pack seal IN OUT` seals a built guest; `pack describe FILE` prints what must be equal whichever compiler built it.
#![forbid(unsafe_code)]

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use wasmparser::{ExternalKind, Parser, Payload};
use wasmtube_abi::{Producer, Seal, pack, read_declarations, read_seal, remove_declarations};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["seal", from, to] => seal(from.as_ref(), to.as_ref()),
        ["describe", file] => describe(file.as_ref()),
        _ => Err(anyhow::anyhow!("usage: pack seal IN.wasm OUT.wasm | pack describe FILE.wasm")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pack: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn seal(from: &Path, to: &Path) -> anyhow::Result<()> {
    let module = read(from)?;
    let producer =
        Producer { name: "wasmtube-guest".into(), version: env!("CARGO_PKG_VERSION").into(), options: [].into() };
    let manifest = read_declarations(&module, producer)
        .with_context(|| from.display().to_string())?
        .with_context(|| format!("{}: it declares nothing: write `wasmtube_guest::module!`", from.display()))?;
    let sealed = pack(&remove_declarations(&module)?, &manifest).with_context(|| from.display().to_string())?;
    std::fs::write(to, sealed).with_context(|| format!("cannot write {}", to.display()))
}

/// Exports but for those that the tool chain adds, and the manifest without the size of the memory, which depends on the compiler's layout of constants.
fn describe(file: &Path) -> anyhow::Result<()> {
    let bytes = read(file)?;
    let Seal::Sealed(head) = read_seal(&bytes).with_context(|| file.display().to_string())? else {
        bail!("{}: it is not sealed", file.display());
    };
    for line in exports(&bytes)? {
        println!("{line}");
    }
    let mut manifest = serde_json::to_value(&head.manifest)?;
    if let Some(fields) = manifest.as_object_mut() {
        fields.remove("memory_bytes");
    }
    println!("{}", serde_json::to_string_pretty(&manifest)?);
    Ok(())
}

fn exports(bytes: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut types = Vec::new();
    let mut functions = Vec::new();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    types.push(ty?);
                }
            }
            Payload::ImportSection(_) => bail!("a guest of the core ABI v1 has no imports"),
            Payload::FunctionSection(section) => functions = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ExportSection(section) => exports = section.into_iter().collect::<Result<_, _>>()?,
            _ => {}
        }
    }
    let mut lines = exports
        .into_iter()
        .filter(|export| !export.name.starts_with("__"))
        .map(|export| match export.kind {
            ExternalKind::Func => {
                let index: u32 = *functions.get(export.index as usize).context("an export names no function")?;
                let ty = types.get(index as usize).context("a function has no type")?;
                Ok(format!("function {}: {:?} -> {:?}", export.name, ty.params(), ty.results()))
            }
            kind => Ok(format!("{kind:?} {}", export.name)),
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    lines.sort();
    Ok(lines)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prebuilt_files_are_sealed_and_export_what_they_declare() {
        for (file, title, functions) in [
            ("stats-v1.wasm", ("stats", "1.0.0"), ["calc_stats", "noop"]),
            ("stats-v2.wasm", ("stats", "2.0.0"), ["calc_stats", "noop"]),
            ("plain-stats.wasm", ("plain-stats", "1.0.0"), ["ramp", "stats"]),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prebuilt").join(file);
            let bytes = read(&path).expect("is checked in");
            let Ok(Seal::Sealed(head)) = read_seal(&bytes) else { panic!("{file} is not sealed") };
            assert_eq!((head.manifest.name.as_str(), head.manifest.version.as_str()), title);
            assert_eq!(head.manifest.functions.keys().collect::<Vec<_>>(), functions);
            assert_eq!(
                exports(&bytes).expect("is a module"),
                [
                    "Memory memory",
                    &format!("function {}: [I32, I32] -> [I64]", functions[0]),
                    &format!("function {}: [I32, I32] -> [I64]", functions[1]),
                    "function wasmtube_abi_v1: [] -> []",
                    "function wasmtube_alloc: [I32, I32] -> [I32]",
                    "function wasmtube_free: [I32, I32] -> []",
                    "function wasmtube_panic: [] -> [I64]",
                ]
            );
        }
    }
}
