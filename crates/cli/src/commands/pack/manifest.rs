//! What the command line or a file says of a module that says nothing of itself.

use std::collections::BTreeMap;
use std::path::Path;

use abi::{FunctionDecl, Manifest};
use anyhow::Context as _;
use serde_json::Value;

use crate::args::NamedFunction;
use crate::files::{self, Content};
use crate::usage::usage;

/// The manifest that was `found` in the module, with everything that the file says in place of it. Notes are about
/// functions, so none is left if the file describes those.
pub(super) fn laid_over(found: Manifest, path: &Path, notes: Vec<String>) -> anyhow::Result<(Manifest, Vec<String>)> {
    let cannot = || format!("{} is not a manifest", path.display());
    let bytes = files::read(path, Content::Text)?;
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let said: Value = if is_toml {
        toml::from_slice(&bytes).with_context(cannot)?
    } else {
        serde_json::from_slice(&bytes).with_context(cannot)?
    };
    let Value::Object(said) = said else { return Err(anyhow::anyhow!("it is no object")).with_context(cannot) };
    let notes = if said.contains_key("functions") { vec![] } else { notes };
    let mut whole = serde_json::to_value(found)?;
    if let Value::Object(fields) = &mut whole {
        fields.extend(said);
    }
    Ok((serde_json::from_value(whole).with_context(cannot)?, notes))
}

/// The functions that flags describe.
pub(super) fn declared(functions: &[NamedFunction]) -> anyhow::Result<BTreeMap<String, FunctionDecl>> {
    let mut declared = BTreeMap::new();
    for NamedFunction { name, decl } in functions {
        if declared.insert(name.clone(), decl.clone()).is_some() {
            return Err(usage(format!("--function describes `{name}` twice")));
        }
    }
    Ok(declared)
}
