use node::body::{Cache, Configuration, Neighbor, Node, Route, Slot, Upstream};

use super::Report;
use crate::commands::live::{short, title};
use crate::render::listing::Listing;
use crate::render::moment::moment;
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::table::{Align, Table};
use crate::render::units::{self, plural};

/// The node, its slots, its routes and the nodes that it knows.
pub(super) fn text(report: &Report, style: Style) -> String {
    let Report { url, node, slots, routes, neighbors } = report;
    let mut text = part(&format!("{} ({}) at {url}", node.name, node.layer), &self::node(node).text(style), style);
    if let Some(upstream) = &node.upstream {
        text.push_str(&part("upstream", &self::upstream(upstream).text(style), style));
    }
    if !slots.is_empty() {
        text.push_str(&part("slots", &self::slots(slots).text(style), style));
    }
    if !routes.is_empty() {
        text.push_str(&part("routes", &self::routes(routes).text(style), style));
    }
    if !neighbors.is_empty() {
        text.push_str(&part("neighbors", &self::neighbors(neighbors).text(style), style));
    }
    text
}

fn part(title: &str, text: &str, style: Style) -> String {
    format!("{}\n{text}", style.bold(printable(title)))
}

fn node(node: &Node) -> Listing {
    let mut listing = Listing::new();
    let Configuration { file, since, refused } = &node.configuration;
    listing.row("program", format!("wasmtube {}", node.version));
    listing.row("running since", moment(node.since));
    listing.row("configuration", format!("{file}, in effect since {}", moment(*since)));
    if let Some(cache) = &node.cache {
        listing.row("compiled code", self::cache(cache));
    }
    for (index, reason) in refused.iter().flat_map(|refused| refused.lines()).enumerate() {
        listing
            .row("", if index == 0 { format!("not in effect is what it holds now: {reason}") } else { reason.into() });
    }
    listing
}

fn cache(cache: &Cache) -> String {
    let Cache { bytes, limit, entries, refused, problem, .. } = cache;
    let refused = match refused {
        0 => String::new(),
        count => format!("; {} damaged or foreign and compiled again", plural_u64(*count, "version")),
    };
    let problem = problem.iter().map(|problem| format!("; {problem}")).collect::<String>();
    format!(
        "{}, {} of at most {}{refused}{problem}",
        plural_u64(*entries, "version"),
        units::bytes(*bytes),
        units::bytes(*limit)
    )
}

fn upstream(upstream: &Upstream) -> Listing {
    let Upstream { url, reachable, problem, waiting, capacity, acknowledged, dropped, oldest } = upstream;
    let mut listing = Listing::new();
    let state = match (reachable, problem) {
        (true, None) => "takes events".into(),
        (true, Some(problem)) => format!("answers, but: {problem}"),
        (false, Some(problem)) => format!("cannot be reached: {problem}"),
        (false, None) => "has not answered yet".into(),
    };
    listing.row("node", format!("{url} {state}"));
    listing.row("acknowledged", plural_u64(*acknowledged, "event"));
    let oldest = oldest.map(|time| format!(", the oldest of {}", moment(time))).unwrap_or_default();
    listing.row("waiting", format!("{waiting} of at most {capacity}{oldest}"));
    if *dropped > 0 {
        listing.row("lost", format!("{} for want of a place", plural_u64(*dropped, "event")));
    }
    listing
}

fn slots(slots: &[Slot]) -> Table {
    let mut table = Table::new(&[
        ("slot", Align::Left),
        ("version", Align::Left),
        ("digest", Align::Left),
        ("calls", Align::Right),
        ("failed", Align::Right),
        ("problem", Align::Left),
    ]);
    for slot in slots {
        let live = slot.live.as_ref();
        table.row([
            slot.name.clone(),
            live.map_or_else(|| "none yet".into(), title),
            live.map(|live| short(&live.digest)).unwrap_or_default(),
            live.map(|live| live.calls.to_string()).unwrap_or_default(),
            live.map(|live| live.failed.to_string()).unwrap_or_default(),
            slot.problem.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn routes(routes: &[Route]) -> Table {
    let left = |name| (name, Align::Left);
    let right = |name| (name, Align::Right);
    let mut table = Table::new(&[
        left("route"),
        left("from"),
        left("window"),
        left("function"),
        left("to"),
        right("received"),
        right("called"),
        right("written"),
        right("waiting"),
        right("lost"),
        left("problem"),
    ]);
    for route in routes {
        let counters = route.counters;
        let lost = [counters.dropped, counters.call_failures, counters.write_failures, counters.missed];
        let lost = lost.into_iter().fold(0, u64::saturating_add);
        let ended = if route.ended { ", at its end" } else { "" };
        table.row([
            route.name.clone(),
            format!("{}{ended}", route.source),
            route.window.clone().unwrap_or_default(),
            route.call.clone().unwrap_or_default(),
            route.sinks.join(", "),
            counters.received.to_string(),
            counters.calls.to_string(),
            counters.written.to_string(),
            route.queued.to_string(),
            if lost == 0 { String::new() } else { lost.to_string() },
            route.problem.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn neighbors(neighbors: &[Neighbor]) -> Table {
    let left = |name| (name, Align::Left);
    let mut table = Table::new(&[
        left("neighbor"),
        left("layer"),
        left("address"),
        left("same version"),
        left("other version"),
        left("problem"),
    ]);
    for neighbor in neighbors {
        let slots = |same| {
            let named = neighbor.slots.iter().filter(|slot| slot.same == Some(same));
            named.map(|slot| slot.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let upstream = if neighbor.upstream && neighbor.name != "upstream" { " (upstream)" } else { "" };
        table.row([
            format!("{}{upstream}", neighbor.name),
            neighbor.node.as_ref().map(|node| node.layer.clone()).unwrap_or_default(),
            neighbor.url.clone(),
            slots(true),
            slots(false),
            neighbor.problem.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn plural_u64(count: u64, one: &str) -> String {
    usize::try_from(count).map_or_else(|_| format!("{count} {one}s"), |count| plural(count, one))
}
