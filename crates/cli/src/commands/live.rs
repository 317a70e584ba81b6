//! What is said of live versions by every command that asks a node.

use node::body::{Published, Version};
use node::config::NodeUrl;

use crate::render::listing::Listing;
use crate::render::printable::printable;
use crate::render::ranking::shortened;
use crate::render::style::Style;
use crate::render::{json, print, units};

/// Digits of a digest that people are shown; enough to roll back by.
const DIGITS: usize = 12;

/// The beginning of a digest.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take(DIGITS).collect()
}

/// Name and version that a file gives itself, if it does.
pub(super) fn title(version: &Version) -> String {
    let parts = [&version.name, &version.version];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| shortened(part)).collect();
    if parts.is_empty() { "unnamed".into() } else { parts.join(" ") }
}

/// Prints what became of a slot.
pub(super) fn show(published: &Published, url: &NodeUrl, json: bool) -> anyhow::Result<()> {
    let text = if json { json::line(published)? } else { text(published, url, Style::stdout()) };
    Ok(print(&text)?)
}

fn text(published: &Published, url: &NodeUrl, style: Style) -> String {
    let Published { slot, old, new, compile_us, check_us, switch_ns, not_installed } = published;
    if old.as_ref() == Some(new) && not_installed.is_none() {
        let heading = format!("{slot} of {url} already runs {}: nothing was done", short(new));
        return format!("{}\n", style.bold(printable(&heading)));
    }
    let mut listing = Listing::new();
    listing.row("digest", new);
    listing.row("before", old.as_deref().unwrap_or("none"));
    let micros = |micros: u64| units::duration(std::time::Duration::from_micros(micros));
    listing.row("compiled in", micros(*compile_us));
    listing.row("checked in", micros(*check_us));
    listing.row("exchanged in", units::duration(std::time::Duration::from_nanos(*switch_ns)));
    if let Some(reason) = not_installed {
        listing.row("warning", format!("after a restart the node runs what the file of the slot holds: {reason}"));
    }
    let heading = format!("{slot} of {url} runs {}", short(new));
    format!("{}\n{}", style.bold(printable(&heading)), listing.text(style))
}
