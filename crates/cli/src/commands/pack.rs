//! Seals a module. What its source declares goes first; a module that says nothing is described by a manifest file, or
//! by its exports alone.

mod undeclared;

use std::path::Path;

use abi::{Digest, Manifest, Producer};
use anyhow::Context as _;
use serde::Serialize;

use super::Outcome;
use crate::args::PackArguments;
use crate::render::listing::Listing;
use crate::render::printable::printable;
use crate::render::ranking::shortened;
use crate::render::style::Style;
use crate::render::{print, units};
use crate::usage::usage;
use crate::{files, loadable, wasm_file};

pub(super) fn run(arguments: &PackArguments) -> anyhow::Result<Outcome> {
    let input = &arguments.input;
    let module = files::read(input)?;
    let cannot = || format!("cannot seal {}", input.display());
    let Described { manifest, notes } = describe(arguments, &module).with_context(cannot)?;
    let module = abi::remove_declarations(&module).with_context(cannot)?;
    let file = abi::pack(&module, &manifest).with_context(cannot)?;
    // What contradicts its manifest, or wants what no host provides, would be refused by every host.
    let sealed = runtime::Module::read(file.clone()).with_context(cannot)?;
    let module = wasm_file::read(&file).with_context(cannot)?;
    loadable::check(sealed.interface(), &module, &runtime::Limits::default()).with_context(cannot)?;
    files::write(&arguments.output, &file)?;
    let packed = Packed {
        file: arguments.output.display().to_string(),
        digest: Digest::of(&file),
        bytes: file.len(),
        notes: &notes,
        manifest: &manifest,
    };
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string(&packed)?))?;
    } else {
        print(&summary(&packed, Style::stdout()))?;
    }
    Ok(Outcome::Done)
}

/// A manifest, and what was assumed for it.
struct Described {
    manifest: Manifest,
    notes: Vec<String>,
}

/// The JSON of a file that was sealed.
#[derive(Serialize)]
struct Packed<'a> {
    file: String,
    digest: Digest,
    bytes: usize,
    notes: &'a [String],
    manifest: &'a Manifest,
}

fn describe(arguments: &PackArguments, module: &[u8]) -> anyhow::Result<Described> {
    let declared = abi::read_declarations(module, producer())?;
    if let Some(path) = &arguments.manifest {
        if declared.is_some() {
            return Err(usage("the module declares itself: leave --manifest away"));
        }
        return Ok(Described { manifest: read_manifest(path)?, notes: vec![] });
    }
    let (mut manifest, notes) = match declared {
        Some(manifest) => (manifest, vec![]),
        None => undeclared::manifest(module, name(&arguments.input)?, producer())?,
    };
    let PackArguments { name, version, state, .. } = arguments;
    manifest.name = name.clone().unwrap_or(manifest.name);
    manifest.version = version.clone().unwrap_or(manifest.version);
    manifest.state = state.unwrap_or(manifest.state);
    Ok(Described { manifest, notes })
}

fn read_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let text = files::read(path)?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a manifest", path.display()))
}

fn name(input: &Path) -> anyhow::Result<String> {
    let stem = input.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.ok_or_else(|| usage("the module has no file name: give --name"))
}

fn producer() -> Producer {
    let version = env!("CARGO_PKG_VERSION").into();
    Producer { name: "wasmtube".into(), version, options: std::collections::BTreeMap::new() }
}

fn summary(packed: &Packed<'_>, style: Style) -> String {
    let mut listing = Listing::new();
    let Packed { manifest, notes, .. } = packed;
    listing.row("file", units::bytes(packed.bytes as u64));
    listing.row("module", format!("{} {}", shortened(&manifest.name), shortened(&manifest.version)));
    let functions: Vec<&str> = manifest.functions.keys().map(String::as_str).collect();
    listing.row("functions", functions.join(", "));
    listing.row("digest", packed.digest.to_string());
    for (index, note) in notes.iter().enumerate() {
        listing.row(if index == 0 { "notes" } else { "" }, note);
    }
    format!("{}\n{}", style.bold(printable(&format!("wrote {}", packed.file))), listing.text(style))
}
