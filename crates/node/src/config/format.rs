//! The tables of a configuration file and their keys. The page `docs/configuration.md` explains each of them.

/// A table and the keys that it may have.
#[derive(Debug)]
pub(super) struct Table {
    /// Its heading on the page.
    #[cfg_attr(not(test), expect(dead_code, reason = "the page is checked in tests"))]
    pub(super) heading: &'static str,
    pub(super) keys: &'static [&'static str],
}

pub(super) const FILE: Table =
    Table { heading: "The file", keys: &["node", "upstream", "neighbors", "limits", "slots", "routes"] };
pub(super) const NODE: Table = Table { heading: "[node]", keys: &["name", "layer", "listen", "data", "cache"] };
pub(super) const UPSTREAM: Table = Table { heading: "[upstream]", keys: &["url", "buffer"] };
pub(super) const LIMITS: Table = Table { heading: "[limits]", keys: &["body", "request", "requests_per_second"] };
pub(super) const SLOT: Table = Table {
    heading: "[slots.NAME]",
    keys: &[
        "file",
        "follow",
        "deadline",
        "memory",
        "instances",
        "keys",
        "queue",
        "drain",
        "window",
        "keep_arguments",
        "allow",
        "config",
    ],
};
pub(super) const ROUTE: Table =
    Table { heading: "[routes.NAME]", keys: &["source", "every", "queue", "window", "function", "field", "sinks"] };
pub(super) const QUEUE: Table = Table { heading: "queue", keys: &["capacity", "policy"] };
pub(super) const WINDOW: Table = Table { heading: "window", keys: &["count", "every", "time"] };
pub(super) const FILE_SOURCE: Table =
    Table { heading: "source: file", keys: &["kind", "path", "word", "scale", "round"] };
pub(super) const REPLAY_SOURCE: Table =
    Table { heading: "source: replay", keys: &["kind", "path", "column", "repeat"] };
pub(super) const SIGNAL_SOURCE: Table = Table {
    heading: "source: signal",
    keys: &["kind", "offset", "amplitude", "period", "noise", "seed", "round", "count"],
};
pub(super) const PUSH_SOURCE: Table = Table { heading: "source: push", keys: &["kind"] };
pub(super) const NODES_SOURCE: Table = Table { heading: "source: nodes", keys: &["kind", "route", "origin"] };
pub(super) const STDOUT_SINK: Table = Table { heading: "sink: stdout", keys: &["kind"] };
pub(super) const JSON_LINES_SINK: Table = Table { heading: "sink: json-lines", keys: &["kind", "path", "max_size"] };
pub(super) const UPSTREAM_SINK: Table = Table { heading: "sink: upstream", keys: &["kind"] };

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PAGE: &str = include_str!("../../../../docs/configuration.md");
    const TABLES: [&Table; 16] = [
        &FILE,
        &NODE,
        &UPSTREAM,
        &LIMITS,
        &SLOT,
        &ROUTE,
        &QUEUE,
        &WINDOW,
        &FILE_SOURCE,
        &REPLAY_SOURCE,
        &SIGNAL_SOURCE,
        &PUSH_SOURCE,
        &NODES_SOURCE,
        &STDOUT_SINK,
        &JSON_LINES_SINK,
        &UPSTREAM_SINK,
    ];

    /// The first cells of the rows under each heading.
    fn explained() -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut heading = String::new();
        for line in PAGE.lines() {
            if line.starts_with('#') {
                heading = line.trim_start_matches('#').replace('`', "").trim().to_owned();
            } else if let Some((key, _)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) {
                found.entry(heading.clone()).or_default().push(key.to_owned());
            }
        }
        found
    }

    #[test]
    fn the_page_explains_every_key_and_no_other() {
        let explained = explained();
        for table in TABLES {
            let keys = explained.get(table.heading).map_or(&[][..], Vec::as_slice);
            assert_eq!(keys, table.keys, "under the heading `{}`", table.heading);
        }
        assert_eq!(explained.len(), TABLES.len(), "{:?}", explained.keys());
    }
}
