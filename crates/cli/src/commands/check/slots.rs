//! Whether the files of slots can be loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use node::Config;
use runtime::{Interface, Limits, Module, OpenError, Permission};

use super::finding::{Finding, Level};
use super::places::Places;
use crate::files::{self, Content, ReadError};
use crate::{loadable, wasm_file};

/// What the slots offer whose files are there and can be loaded.
pub(super) fn look(config: &Config, places: &Places<'_>, findings: &mut Vec<Finding>) -> BTreeMap<String, Interface> {
    let mut interfaces = BTreeMap::new();
    for (name, spec) in &config.topology.slots {
        let keys = ["slots", name, "file"];
        let file = spec.file.display();
        match files::read(&spec.file, Content::Module) {
            Ok(bytes) => {
                let limits = Limits { memory_bytes: spec.memory_bytes, ..Limits::default() };
                match interface(bytes, &limits, &spec.allow) {
                    Ok(interface) => drop(interfaces.insert(name.clone(), interface)),
                    Err(reason) => findings.push(places.finding(
                        Level::Error,
                        &keys,
                        format!("the slot `{name}` cannot load {file}: {reason}"),
                        "replace the file",
                    )),
                }
            }
            Err(error) if is_missing(&error) && is_folder_there(&spec.file) => {
                findings.push(places.finding(
                    Level::Warning,
                    &keys,
                    format!("{file} is not there yet, so the slot `{name}` stays empty"),
                    "put the file there, or push one with `wasmtube push`",
                ));
            }
            Err(error) => findings.push(places.finding(
                Level::Error,
                &keys,
                format!("the slot `{name}`: {}", runtime::one_line(&error)),
                "name another file, or make it readable",
            )),
        }
    }
    interfaces
}

fn interface(bytes: Vec<u8>, limits: &Limits, allow: &BTreeSet<Permission>) -> Result<Interface, String> {
    let file = wasm_file::read(&bytes);
    let module = Module::read(bytes).map_err(|problem| runtime::one_line(&problem))?;
    let file = file.map_err(|problem| runtime::one_line(&problem))?;
    loadable::check(module.interface(), &file, limits, allow).map_err(|problem| runtime::one_line(&problem))?;
    Ok(module.interface().clone())
}

fn is_missing(error: &ReadError) -> bool {
    matches!(error, ReadError::File(OpenError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound)
}

fn is_folder_there(file: &Path) -> bool {
    file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}
