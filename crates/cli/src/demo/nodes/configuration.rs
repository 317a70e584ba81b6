//! The configuration files of the three nodes.

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
                add(&route("load", &source, "", &[FILE, UPSTREAM]));
                add(&route("statistics", &source, &statistics(), &[FILE, UPSTREAM]));
            }
            Self::Edge => {
                add(&route("load", &from("load"), "", &[UPSTREAM]));
                add(&route("statistics", &from("statistics"), "", &[UPSTREAM]));
                add(&route("edge-statistics", &from("load"), &statistics(), &[UPSTREAM]));
            }
            Self::Cloud => {
                for name in ["load", "statistics", "edge-statistics"] {
                    add(&route(name, &from(name), "", &[FILE]));
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

/// What a route does with the values of its source.
fn statistics() -> String {
    format!("window = {{ count = {WINDOW}, every = {EVERY} }}\nfunction = \"stats.calc_stats\"\nfield = \"values\"\n")
}

fn route(name: &str, source: &str, function: &str, sinks: &[&str]) -> String {
    let sinks = sinks.join(", ").replace("ROUTE", name);
    format!("\n[routes.{name}]\n{source}{function}sinks = [{sinks}]\n")
}
