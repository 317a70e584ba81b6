//! What the functions of a slot may ask of the host.

use std::collections::{BTreeMap, BTreeSet};

use runtime::{Configuration, Permission};

use super::mistake::Read;
use super::section::{Entry, Section};

/// Names of permissions.
pub(super) fn allow(entry: &Entry<'_>) -> Read<BTreeSet<Permission>> {
    let names = Permission::ALL.map(|permission| (permission.name(), permission));
    let permissions = entry.list("write a list of texts such as [\"log\", \"kv\"]")?;
    // All are looked at, so that each mistake is reported.
    let permissions: Vec<Read<Permission>> = permissions.iter().map(|entry| entry.choice(&names)).collect();
    permissions.into_iter().collect()
}

/// Texts by key, within the limits of the runtime. Without permission nobody would ever read them.
pub(super) fn config(
    entry: &Entry<'_>,
    slot: &Section<'_>,
    allow: Option<&BTreeSet<Permission>>,
) -> Read<BTreeMap<String, String>> {
    let name = format!("the configuration of {}", slot.name);
    let section = entry.section(name, "write a table such as { unit = \"celsius\" }")?;
    let texts: Vec<Read<(String, String)>> =
        section.entries().map(|entry| Ok((entry.key.to_owned(), entry.text()?.to_owned()))).collect();
    let texts: BTreeMap<String, String> = texts.into_iter().collect::<Read<_>>()?;
    if let Err(error) = Configuration::default().replace(texts.clone()) {
        return Err(entry.report(format!("{entry} cannot be used: {error}"), "give less"));
    }
    if allow.is_some_and(|allow| !allow.contains(&Permission::Config)) {
        let what = format!("{entry} is there, but its functions may not read it");
        return Err(entry.report_key(what, "add \"config\" to `allow`, or remove it"));
    }
    Ok(texts)
}
