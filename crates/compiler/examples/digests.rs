//! Compiles the ONNX files that are named and prints the digest of each result, for each profile: what must be the same
//! on every machine. A model that is refused has the digest of its reasons.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasmtube_compiler::{ModelSource, Options, Profile, compile};

fn main() -> ExitCode {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        eprintln!("usage: digests MODEL.onnx...");
        return ExitCode::from(2);
    }
    for file in &files {
        if let Err(error) = print(file) {
            eprintln!("cannot read {}: {error}", file.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn print(file: &Path) -> std::io::Result<()> {
    let onnx = std::fs::read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    for profile in [Profile::Relaxed, Profile::Simd128] {
        let options = Options { profile, ..Options::named(name.as_str()) };
        let result = match compile(&ModelSource::whole(&onnx), &options) {
            Ok(artifact) => format!("{} compiled", artifact.digest),
            Err(refused) => format!("{} refused", abi::Digest::of(refused.to_string().as_bytes())),
        };
        println!("{result} {} {name}", profile.name());
    }
    Ok(())
}
