//! Seals a module. What its source declares goes first; a module that says nothing is described by a manifest file, by
//! flags, or by its exports alone.

mod manifest;
mod text_form;
mod undeclared;

use std::path::Path;

use abi::{Digest, Manifest, Producer};
use anyhow::Context as _;
use runtime::{CallError, Convention};
use serde::Serialize;

use super::Outcome;
use crate::args::PackArguments;
use crate::files::{self, Content};
use crate::render::listing::Listing;
use crate::render::printable::printable;
use crate::render::ranking::shortened;
use crate::render::style::Style;
use crate::render::{json, print, units};
use crate::usage::usage;
use crate::{loadable, wasm_file};

pub(super) fn run(arguments: &PackArguments) -> anyhow::Result<Outcome> {
    let input = &arguments.input;
    let manifest = arguments.manifest.iter().map(|manifest| ("the manifest", manifest.as_path()));
    files::refuse_overwriting(&arguments.output, manifest.chain([("the module to seal", input.as_path())]))?;
    let file = files::read(input, Content::Module)?;
    let cannot = || format!("cannot seal {}", input.display());
    let module = text_form::binary(input, &file).with_context(cannot)?;
    abi::check_unsealed(&module).with_context(cannot)?;
    let Described { manifest, notes } = describe(arguments, &module).with_context(cannot)?;
    let module = abi::remove_declarations(&module).with_context(cannot)?;
    let file = abi::pack(&module, &manifest).with_context(cannot)?;
    // What contradicts its manifest, or wants what no host provides, would be refused by every host.
    let sealed = runtime::Module::read(file.clone()).with_context(cannot)?;
    let module = wasm_file::read(&file).with_context(cannot)?;
    loadable::check(sealed.interface(), &module, &runtime::Limits::default(), &loadable::whatever_a_slot_may_allow())
        .with_context(cannot)?;
    check_window(sealed.interface()).with_context(cannot)?;
    files::write(&arguments.output, &file)?;
    let packed = Packed {
        file: arguments.output.display().to_string(),
        digest: Digest::of(&file),
        bytes: file.len(),
        notes: &notes,
        functions: sealed.interface().functions().iter().map(|function| function.name.as_str()).collect(),
        manifest: &manifest,
    };
    if arguments.json {
        print(&json::line(&packed)?)?;
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
    /// Whatever can be called: of a component the manifest need not name it.
    functions: Vec<&'a str>,
    manifest: &'a Manifest,
}

fn describe(arguments: &PackArguments, module: &[u8]) -> anyhow::Result<Described> {
    let PackArguments { name, version, state, window, function: functions, .. } = arguments;
    let (mut manifest, notes) = match abi::read_declarations(module, producer())? {
        Some(_) if arguments.manifest.is_some() => {
            return Err(usage("the module declares itself: leave --manifest away"));
        }
        Some(_) if !functions.is_empty() => {
            return Err(usage("the module declares its functions itself: leave --function away"));
        }
        Some(manifest) => (manifest, vec![]),
        None => {
            let (found, notes) = undeclared::manifest(module, self::name(&arguments.input)?, producer())?;
            match &arguments.manifest {
                Some(path) => manifest::laid_over(found, path, notes)?,
                None if functions.is_empty() => (found, notes),
                None => (Manifest { functions: manifest::declared(functions)?, ..found }, vec![]),
            }
        }
    };
    if manifest.functions.is_empty() && !notes.is_empty() {
        anyhow::bail!("no function is left that can be called: {}", notes.join("; "));
    }
    manifest.name = name.clone().unwrap_or(manifest.name);
    manifest.version = version.clone().unwrap_or(manifest.version);
    manifest.state = state.unwrap_or(manifest.state);
    manifest.window = window.clone().or(manifest.window);
    Ok(Described { manifest, notes })
}

/// A sealed file of the classic convention that nobody could call would be of no use.
fn check_window(interface: &runtime::Interface) -> anyhow::Result<()> {
    let is_chosen = interface.manifest.as_ref().is_some_and(|manifest| manifest.window.is_some());
    if is_chosen || interface.convention != Convention::Classic {
        return Ok(());
    }
    match interface.end_window_problem() {
        Some(reason) => {
            let error = CallError::NoWindow { reason: reason.into() };
            Err(anyhow::anyhow!("{error}; `--window` sets it"))
        }
        None => Ok(()),
    }
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
    listing.row("functions", packed.functions.join(", "));
    if let Some(window) = &manifest.window {
        listing.row("window", window.to_string());
    }
    listing.row("digest", packed.digest.to_string());
    for (index, note) in notes.iter().enumerate() {
        listing.row(if index == 0 { "notes" } else { "" }, note);
    }
    format!("{}\n{}", style.bold(printable(&format!("wrote {}", packed.file))), listing.text(style))
}
