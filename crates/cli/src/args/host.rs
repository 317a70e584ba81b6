use std::collections::BTreeMap;

use clap::Args;
use runtime::Permission;

use crate::usage::usage;

/// What a function gets from its host that is loaded here, not on a node.
#[derive(Debug, Default, Args)]
pub(crate) struct HostArguments {
    /// What the function may ask of its host, by names such as `log,clock,kv`; nothing if not given, on a node what its
    /// slot allows
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "at")]
    pub(crate) allow: Vec<Permission>,
    /// An entry of the configuration that the function reads; may be repeated, and wants --allow config
    #[arg(long, value_name = "KEY=VALUE", value_parser = entry, conflicts_with = "at")]
    config: Vec<(String, String)>,
}

impl HostArguments {
    /// # Errors
    /// A key is given twice, or nothing may read what is given.
    pub(crate) fn configuration(&self) -> anyhow::Result<BTreeMap<String, String>> {
        if !self.config.is_empty() && !self.allow.contains(&Permission::Config) {
            return Err(usage("the function may not read what --config says: add --allow config"));
        }
        let mut entries = BTreeMap::new();
        for (key, value) in &self.config {
            if entries.insert(key.clone(), value.clone()).is_some() {
                return Err(usage(format!("--config says twice what `{key}` is: say it once")));
            }
        }
        Ok(entries)
    }
}

fn entry(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err("write it as KEY=VALUE, such as unit=celsius"),
    }
}
