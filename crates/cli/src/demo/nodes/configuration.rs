//! The configuration files of the three nodes.

use std::fmt::Write as _;
use std::time::Duration;

use super::Function;
use crate::demo::sensor::Sensor;

/// Values in a window, and after how many comes the next.
pub(super) const WINDOW: usize = 4;
const EVERY: usize = 1;

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Device,
    Edge,
    Cloud,
}

/// Where the three answer.
#[derive(Debug)]
pub(super) struct Addresses {
    pub(super) device: String,
    pub(super) edge: String,
    pub(super) cloud: String,
}

impl Part {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Edge => "edge",
            Self::Cloud => "cloud",
        }
    }

    /// The whole file.
    pub(super) fn configuration(
        self,
        addresses: &Addresses,
        functions: &[Function],
        sensor: &Sensor,
        every: Duration,
    ) -> String {
        let Addresses { device, edge, cloud } = addresses;
        let name = self.name();
        let (own, upstream, neighbors) = match self {
            Self::Device => (device, Some(edge), [("edge", edge), ("cloud", cloud)]),
            Self::Edge => (edge, Some(cloud), [("device", device), ("cloud", cloud)]),
            Self::Cloud => (cloud, None, [("device", device), ("edge", edge)]),
        };
        let listen = own.trim_start_matches("http://");
        let mut text = format!("[node]\nname = \"{name}\"\nlayer = \"{name}\"\nlisten = \"{listen}\"\n");
        let mut add = |part: &str| text.push_str(part);
        if let Some(url) = upstream {
            add(&format!("\n[upstream]\nurl = \"{url}\"\n"));
        }
        add("\n[neighbors]\n");
        for (name, url) in neighbors {
            add(&format!("{name} = \"{url}\"\n"));
        }
        for Function { slot, .. } in functions {
            add(&format!("\n[slots.{slot}]\nfile = \"{slot}.wasm\"\n"));
        }
        match self {
            Self::Device => {
                let source = format!("source = {}\nevery = \"{} ms\"\n", sensor.source(), every.as_millis());
                add(&route("load", &source, None, &[FILE, UPSTREAM]));
                add(&route("statistics", &source, Some(()), &[FILE, UPSTREAM]));
            }
            Self::Edge => {
                add(&route("load", &from("load"), None, &[UPSTREAM]));
                add(&route("statistics", &from("statistics"), None, &[UPSTREAM]));
                add(&route("edge-statistics", &from("load"), Some(()), &[UPSTREAM]));
            }
            Self::Cloud => {
                for name in ["load", "statistics", "edge-statistics"] {
                    add(&route(name, &from(name), None, &[FILE]));
                }
            }
        }
        text
    }
}

const UPSTREAM: &str = "{ kind = \"upstream\" }";
/// A file with the name of the route.
const FILE: &str = "{ kind = \"json-lines\", path = \"ROUTE.jsonl\" }";

fn from(route: &str) -> String {
    format!("source = {{ kind = \"nodes\", route = \"{route}\" }}\n")
}

/// A route, with the statistics of windows if they are wanted.
fn route(name: &str, source: &str, statistics: Option<()>, sinks: &[&str]) -> String {
    let mut text = format!("\n[routes.{name}]\n{source}");
    if statistics.is_some() {
        let window = format!("window = {{ count = {WINDOW}, every = {EVERY} }}");
        write!(text, "{window}\nfunction = \"stats.calc_stats\"\nfield = \"values\"\n")
            .expect("writing to a string cannot fail");
    }
    text.push_str(&format!("sinks = [{}]\n", sinks.join(", ").replace("ROUTE", name)));
    text
}
