//! Reads a configuration file. Everything that is wrong in it is found at once, unless the text is not TOML.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use flow::{Follow, SlotSpec, Topology};
use runtime::{Limits, SlotPolicy};
use toml::de::DeTable;

use super::files::{Files, Use};
use super::mistake::{ConfigError, Mistakes, Read};
use super::section::{Entry, Section};
use super::{Config, HttpLimits, Layer, NodeSpec, NodeUrl, UpstreamSpec, format, host, route, suggest};

/// Larger files are no configuration.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Most events that can be kept in memory in one place.
pub(super) const EVENTS_MAX: u64 = 10_000_000;
/// Compiled code of some networks or of hundreds of small functions.
const CACHE_BYTES_DEFAULT: u64 = 256 << 20;
const BUFFER_DEFAULT: NonZeroUsize = NonZeroUsize::new(100_000).expect("not zero");
/// One page of a memory, less than which no function has.
const MEMORY_BYTES_MIN: u64 = 64 << 10;

/// What the parts of a file have to know of each other.
#[derive(Debug)]
pub(super) struct Context<'t> {
    /// The folder that relative paths are taken from.
    pub(super) base: &'t Path,
    /// Names of the slots.
    pub(super) slots: Vec<&'t str>,
    /// Whether there is an upstream node.
    pub(super) has_upstream: bool,
    /// Which files are read and written.
    pub(super) files: Files,
}

impl Config {
    /// Reads the text of a configuration file; relative paths are taken from `base`, the folder of the file. Nothing
    /// but the text is looked at: whether files are there is found out by whoever uses them.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn parse(text: &str, base: &Path) -> Result<Self, ConfigError> {
        let mistakes = Mistakes::default();
        if text.len() > TEXT_BYTES_MAX {
            let reported = mistakes.report(&(0..0), "the file is larger than 1 MiB", "is it a configuration file?");
            return mistakes.finish(Err(reported), text);
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        let config = check_toml(errors, text, &mistakes).and_then(|()| file(&Section::file(&table, &mistakes), base));
        mistakes.finish(config, text)
    }
}

/// Reports the first error of each line, since it often leads to the others.
fn check_toml(mut errors: Vec<toml::de::Error>, text: &str, mistakes: &Mistakes) -> Read<()> {
    let mut outcome = Ok(());
    let mut line_end = None;
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        if line_end.is_some_and(|end| at.start <= end) {
            continue;
        }
        let rest = text.as_bytes().get(at.start..).unwrap_or_default();
        line_end = Some(at.start + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
        let what = match text.get(at.clone()) {
            Some(found) if !found.is_empty() && !error.message().contains(found) => {
                format!("this is not TOML, {}: `{}`", error.message(), suggest::shortened(found))
            }
            Some(_) | None => format!("this is not TOML, {}", error.message()),
        };
        outcome = Err(mistakes.report(&at, what, "correct it, then the rest is checked"));
    }
    outcome
}

fn file(file: &Section<'_>, base: &Path) -> Read<Config> {
    file.check_keys(&format::FILE);
    let table = |key: &str| {
        let help = format!("write a line [{key}] with its entries below it");
        file.optional(key, |entry| entry.section(format!("[{key}]"), &help))
    };
    let (slots, routes, neighbors) = (table("slots"), table("routes"), table("neighbors"));
    let mut context = Context {
        base,
        slots: slots.iter().flatten().flat_map(Section::entries).map(|entry| entry.key).collect(),
        has_upstream: file.get("upstream").is_some(),
        files: Files::default(),
    };
    let node = table("node").and_then(|section| match section {
        Some(section) => node(&section, base),
        None => Err(file.report("the table [node] is missing", "add it with its keys `name`, `layer` and `listen`")),
    });
    let this = node.as_ref().ok();
    let upstream = table("upstream").and_then(|section| section.map(|section| upstream(&section, this)).transpose());
    let mut named = BTreeMap::new();
    let neighbors = each(neighbors, |name, entry| neighbor(name, entry, this, &mut named));
    let limits = table("limits").and_then(|section| section.map_or(Ok(HttpLimits::default()), |it| limits(&it)));
    let slots = each(slots, |name, entry| slot(name, entry, &mut context));
    let routes = each(routes, |name, entry| route::read(name, entry, &mut context));
    context.files.check(this.map(|node| node.data.as_path()), file.mistakes);
    Ok(Config {
        topology: Topology { slots: slots?, routes: routes? },
        upstream: upstream?,
        neighbors: neighbors?,
        limits: limits?,
        node: node?,
    })
}

/// Reads every entry of a table whose keys are names.
fn each<'t, T>(
    section: Read<Option<Section<'t>>>,
    mut read: impl FnMut(&str, &Entry<'t>) -> Read<T>,
) -> Read<BTreeMap<String, T>> {
    // All are read before the first mistake ends it.
    let entries = section?.into_iter().flat_map(|section| section.entries().collect::<Vec<_>>());
    let found: Vec<Read<(String, T)>> = entries
        .map(|entry| {
            let (name, value) = (entry.key_name(), read(entry.key, &entry));
            Ok((name?, value?))
        })
        .collect();
    found.into_iter().collect()
}

fn node(section: &Section<'_>, base: &Path) -> Read<NodeSpec> {
    section.check_keys(&format::NODE);
    let name = section.required("name", "\"device\"", Entry::name);
    let layer = section.required("layer", "\"device\"", |entry| entry.choice(&Layer::WORDS));
    let listen = section.required("listen", "\"127.0.0.1:7700\"", listen);
    let data = section.or("data", base.join("wasmtube-data"), |entry| entry.path(base));
    let cache_bytes = section.or("cache", CACHE_BYTES_DEFAULT, |entry| entry.size(0..=1 << 40));
    Ok(NodeSpec { name: name?, layer: layer?, listen: listen?, data: data?, cache_bytes: cache_bytes? })
}

fn listen(entry: &Entry<'_>) -> Read<SocketAddr> {
    let text = entry.text()?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        let what = format!("{entry} is \"{}\", which is no address with a port", suggest::shortened(text));
        return Err(entry.report(what, "write for example \"127.0.0.1:7700\" or \"[::1]:7700\""));
    };
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let what = format!("{entry} is {address}, which other machines can reach, but nobody is asked yet who they are");
    Err(entry.report(what, format!("write \"127.0.0.1:{}\"", address.port())))
}

fn upstream(section: &Section<'_>, node: Option<&NodeSpec>) -> Read<UpstreamSpec> {
    section.check_keys(&format::UPSTREAM);
    let url = section.required("url", "\"http://127.0.0.1:7701\"", |entry| other_node(entry, node));
    let buffer = section.or("buffer", BUFFER_DEFAULT, |entry| entry.positive(EVENTS_MAX));
    Ok(UpstreamSpec { url: url?, buffer: buffer? })
}

/// The address of a node that is not this one.
fn other_node(entry: &Entry<'_>, node: Option<&NodeSpec>) -> Read<NodeUrl> {
    let text = entry.text()?;
    let url = text
        .parse::<NodeUrl>()
        .map_err(|error| entry.report(format!("{entry} is \"{}\"", suggest::shortened(text)), error.to_string()))?;
    if node.is_some_and(|node| url.leads_to(node.listen)) {
        return Err(entry.report(format!("{entry} is {url}, where this node itself listens"), "name another node"));
    }
    Ok(url)
}

/// `named` are the neighbors that were read before.
fn neighbor(
    name: &str,
    entry: &Entry<'_>,
    this: Option<&NodeSpec>,
    named: &mut BTreeMap<NodeUrl, String>,
) -> Read<NodeUrl> {
    let url = other_node(entry, this);
    if name == "upstream" {
        let help = "write it as the `url` of [upstream]; it may have another name here";
        return Err(entry.report_key("`upstream` is the name of the node that events are sent up to", help));
    }
    if this.is_some_and(|node| node.name == name) {
        return Err(entry.report_key(format!("`{name}` is the name of this node itself"), "choose another name"));
    }
    let url = url?;
    match named.insert(url.clone(), name.to_owned()) {
        Some(other) => {
            Err(entry.report(format!("{entry} is {url}, as is `{}`", suggest::shortened(&other)), "remove one of them"))
        }
        None => Ok(url),
    }
}

fn limits(section: &Section<'_>) -> Read<HttpLimits> {
    section.check_keys(&format::LIMITS);
    let HttpLimits { body_bytes, request, requests_per_second } = HttpLimits::default();
    let body_bytes = section.or("body", body_bytes, |entry| entry.size(1 << 10..=1 << 30));
    let request = section.or("request", request, Entry::duration);
    let requests_per_second = section.or("requests_per_second", requests_per_second, |entry| entry.positive(1_000_000));
    Ok(HttpLimits { body_bytes: body_bytes?, request: request?, requests_per_second: requests_per_second? })
}

fn slot(name: &str, entry: &Entry<'_>, context: &mut Context<'_>) -> Read<SlotSpec> {
    let section = entry.section(format!("[slots.{}]", suggest::shortened(name)), "write a table [slots.NAME]")?;
    section.check_keys(&format::SLOT);
    let defaults = Limits::default();
    let file = section.required("file", "\"stats.wasm\"", |entry| {
        let path = entry.path(context.base)?;
        context.files.note(Use::Slot, &path, &section.name, entry.at());
        Ok(path)
    });
    let follow = section.or("follow", true, Entry::flag);
    let deadline = section.or("deadline", defaults.deadline, Entry::duration);
    let memory_bytes = section.or("memory", defaults.memory_bytes, |entry| entry.size(MEMORY_BYTES_MIN..=1 << 40));
    let instances = section.or("instances", defaults.instances, |entry| entry.positive(1024));
    let keys = section.or("keys", defaults.keys, |entry| entry.positive(65_536));
    let queue = section.or("queue", defaults.queue, |entry| {
        let calls = entry.whole(0..=65_536)?;
        Ok(usize::try_from(calls).unwrap_or(usize::MAX))
    });
    let drain = section.or("drain", SlotPolicy::default().drain, Entry::duration);
    let window = section.optional("window", Entry::place);
    let keep_arguments = section.or("keep_arguments", true, Entry::flag);
    let allow = section.or("allow", BTreeSet::new(), host::allow);
    let config = section.or("config", BTreeMap::new(), |entry| host::config(entry, &section, allow.as_ref().ok()));
    Ok(SlotSpec {
        file: file?,
        follow: if follow? { Follow::Changes } else { Follow::Never },
        deadline: deadline?,
        memory_bytes: memory_bytes?,
        instances: instances?,
        keys: keys?,
        queue: queue?,
        drain: drain?,
        window: window?,
        keep_arguments: keep_arguments?,
        allow: allow?,
        config: config?,
    })
}

impl Default for HttpLimits {
    /// Bodies up to 64 MiB, 30 s for a request, 1,000 requests in a second.
    fn default() -> Self {
        const REQUESTS: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");
        Self { body_bytes: 64 << 20, request: Duration::from_secs(30), requests_per_second: REQUESTS }
    }
}

#[cfg(test)]
mod tests;
