//! What a node is told by its configuration file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use flow::{RouteSpec, Topology};

mod files;
mod format;
mod host;
mod mistake;
mod parse;
mod route;
mod section;
mod sink;
mod source;
mod suggest;
mod url;
mod value;

pub use mistake::{ConfigError, Mistake};
pub use url::NodeUrlError;

/// Everything in a configuration file, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The node itself.
    pub node: NodeSpec,
    /// Its slots and routes.
    pub topology: Topology<SourceSpec, SinkSpec>,
    /// The node that events are sent up to.
    pub upstream: Option<UpstreamSpec>,
    /// Addresses of other nodes by name, beside the upstream.
    pub neighbors: BTreeMap<String, NodeUrl>,
    /// What the HTTP interface allows.
    pub limits: HttpLimits,
}

/// A route of a configuration.
pub type NodeRoute = RouteSpec<SourceSpec, SinkSpec>;

/// The node itself. Changing it takes a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// Its name, unique among the nodes that it exchanges events with.
    pub name: String,
    /// Where it stands.
    pub layer: Layer,
    /// Where its HTTP interface listens: an address of the loopback.
    pub listen: SocketAddr,
    /// The folder for what the node keeps.
    pub data: PathBuf,
    /// Most bytes of compiled code that it keeps; with 0 it keeps none.
    pub cache_bytes: u64,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// At the sensors.
    Device,
    /// Between devices and cloud.
    Edge,
    /// In a data center.
    Cloud,
}

/// Address of a node's HTTP interface, `http://HOST:PORT` without a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeUrl(String);

/// Where events are sent up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamSpec {
    /// Its address.
    pub url: NodeUrl,
    /// Events that are kept in memory until they are acknowledged.
    pub buffer: NonZeroUsize,
}

/// What the HTTP interface allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// Largest body in bytes.
    pub body_bytes: usize,
    /// Longest time for one request.
    pub request: Duration,
    /// Requests in a second, on average; bursts of as many pass.
    pub requests_per_second: NonZeroU32,
}

/// Where values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceSpec {
    /// A number out of a text file, read anew each time: `/proc`, hwmon, thermal zones.
    File(FileSpec),
    /// The rows of a CSV or JSON lines file.
    Replay(ReplaySpec),
    /// A signal that is computed.
    Signal(SignalSpec),
    /// Values that are pushed by HTTP.
    Push,
    /// Events that other nodes send up.
    Nodes(NodesSpec),
}

/// A number out of a text file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSpec {
    /// The file.
    pub path: PathBuf,
    /// Which word of the text, from 0, words being separated by white space.
    pub word: usize,
    /// What the number is multiplied with.
    pub scale: f64,
    /// Whether the product is rounded to an integer.
    pub round: bool,
}

/// Rows of a file, one value each.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplaySpec {
    /// The file: `.csv` with a header row gives objects, or the fields of one column; `.jsonl` any JSON.
    pub path: PathBuf,
    /// Of CSV: the column whose fields are the values; without it each row is an object.
    pub column: Option<String>,
    /// Whether it begins anew at its end.
    pub repeat: bool,
}

/// A signal: `offset + amplitude * sin(2 pi k / period) + noise`, `k` counting the values.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalSpec {
    /// Mean.
    pub offset: f64,
    /// Height of the wave.
    pub amplitude: f64,
    /// Values in one wave.
    pub period: f64,
    /// Largest distance of the uniform noise.
    pub noise: f64,
    /// What the noise begins with; the same seed gives the same values.
    pub seed: u64,
    /// Whether values are rounded to integers.
    pub round: bool,
    /// How many values there are; `None` for no end.
    pub count: Option<u64>,
}

/// Which events of other nodes a route takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodesSpec {
    /// Name of the route where they begin; `None` takes all.
    pub route: Option<String>,
    /// Name of the node where they begin; `None` takes all.
    pub origin: Option<String>,
}

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSpec {
    /// Standard output, one line of JSON each.
    Stdout,
    /// A file, one line of JSON each.
    JsonLines(JsonLinesSpec),
    /// The upstream node.
    Upstream,
}

/// A file of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLinesSpec {
    /// The file; it is appended to.
    pub path: PathBuf,
    /// When it is larger, it is renamed to `NAME.1`, which is replaced, and begun anew.
    pub max_bytes: u64,
}

impl Layer {
    /// How files and pages write each layer.
    const WORDS: [(&str, Self); 3] = [("device", Self::Device), ("edge", Self::Edge), ("cloud", Self::Cloud)];

    /// The word for it: `device`, `edge` or `cloud`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Edge => "edge",
            Self::Cloud => "cloud",
        }
    }
}

impl JsonLinesSpec {
    /// Where the events before those in the file are kept.
    #[must_use]
    pub fn older(&self) -> PathBuf {
        files::older(&self.path)
    }
}
