//! What goes over the HTTP interface, as it is written in JSON. Servers, clients and the description in OpenAPI share
//! these types.

use flow::{Event, EventId, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::schemas;

/// Every error. The status says the class: 400 the request is wrong, 403 it comes from elsewhere, 404 there is no such
/// thing, 405 it cannot be asked so, 409 it contradicts what runs, 413 too large, 415 the body is of another kind, 422
/// the function or file is at fault, 429 too many, 500 the node is at fault, 502 a neighbor cannot be reached, 503 not
/// now, 504 too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What is wrong, for programs: `no_such_slot`, `refused`, `deadline_exceeded` ...
    pub code: String,
    /// What is wrong, why, and what to do, for people.
    pub message: String,
}

/// `GET /api/v1/node`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// Name of the node.
    pub name: String,
    /// `device`, `edge` or `cloud`.
    pub layer: String,
    /// Version of the program.
    pub version: String,
    /// When the node started, in microseconds since the Unix epoch.
    pub since: u64,
    /// The configuration that runs, and whether its file holds another one that was refused.
    pub configuration: Configuration,
    /// The node that events are sent up to.
    pub upstream: Option<Upstream>,
    /// The compiled code that the node keeps, if it is to keep any.
    pub cache: Option<Cache>,
}

/// The configuration of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Configuration {
    /// Its file.
    pub file: String,
    /// When it came into effect, in microseconds since the Unix epoch.
    pub since: u64,
    /// Why the present content of the file is not in effect.
    pub refused: Option<String>,
}

/// Compiled code on disk, so that a version is compiled once and not at every start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cache {
    /// Bytes that are kept.
    pub bytes: u64,
    /// Bytes that may be kept at most.
    pub limit: u64,
    /// Versions whose code is kept.
    pub entries: u64,
    /// How often code was loaded since the node started.
    pub loaded: u64,
    /// How often code was compiled since then.
    pub compiled: u64,
    /// How often code was found damaged or not to be of this node, and was compiled again.
    pub refused: u64,
    /// Why code is not kept or not loaded at present.
    pub problem: Option<String>,
}

/// How sending events up goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Upstream {
    /// Address of the other node.
    pub url: String,
    /// Whether it answered last time.
    pub reachable: bool,
    /// Why not.
    pub problem: Option<String>,
    /// Events that wait for its acknowledgement.
    pub waiting: u64,
    /// Events that it may hold at most.
    pub capacity: u64,
    /// Events that were acknowledged.
    pub acknowledged: u64,
    /// Events that were dropped because the buffer was full.
    pub dropped: u64,
    /// When the oldest waiting event came into being, in microseconds since the Unix epoch.
    pub oldest: Option<u64>,
}

/// An element of `GET /api/v1/slots`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Slot {
    /// Name of the slot.
    pub name: String,
    /// The file that the configuration names.
    pub file: String,
    /// The live version; `None` while there is none.
    pub live: Option<Version>,
    /// Why there is none, or why the last candidate was refused after the live version came into effect.
    pub problem: Option<String>,
    /// The versions that were live, oldest first, the live one last.
    pub history: Vec<Publication>,
}

/// A live version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Identity: sha256 of the file, 64 hexadecimal digits.
    pub digest: String,
    /// Name that the file gives itself.
    pub name: Option<String>,
    /// Version that the file gives itself.
    pub version: Option<String>,
    /// Whether the file is sealed.
    pub sealed: bool,
    /// `core-v1`, `classic`, `model` ...
    pub convention: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// When it went live, in microseconds since the Unix epoch.
    pub since: u64,
    /// Calls that were answered.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// What can be called.
    pub functions: Vec<Function>,
}

/// A function that can be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub takes: Takes,
    /// For `scalars` the types, for `tensors` the inputs, as text: `f32 [1, 3, 224, 224]`; for `json` that must be of a type,
    /// this type.
    pub parameters: Vec<String>,
    /// Size of the pictures that a model was made for, in pixels: width and height.
    pub picture: Option<[u32; 2]>,
}

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Numbers, as a JSON list.
    Scalars,
    /// JSON: any, or what the parameters say, such as the numbers of a `list<i64>` as an array.
    Json,
    /// Bytes, which cannot be given over HTTP.
    Bytes,
    /// A PNG or JPEG.
    Picture,
    /// Tensors, as NumPy files or in JSON.
    Tensors,
}

/// A version that went live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Publication {
    /// Identity of the version.
    pub digest: String,
    /// Name and version that the file gives itself.
    pub title: Option<String>,
    /// When it went live, in microseconds since the Unix epoch.
    pub at: u64,
    /// Why it went live.
    pub cause: Cause,
    /// Whether its file is kept, so that one can roll back to it.
    pub kept: bool,
}

/// Why a version went live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The node started, or its configuration changed.
    Start,
    /// The file changed.
    File,
    /// It was sent to the node.
    Push,
    /// Someone rolled back to it.
    Rollback,
}

/// Answer of `POST /api/v1/slots/{slot}/versions` and `POST /api/v1/slots/{slot}/rollback`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Published {
    /// The slot.
    pub slot: String,
    /// The version before; `None` where the slot was empty.
    pub old: Option<String>,
    /// The live version. Equal to `old` where nothing had to be done.
    pub new: String,
    /// Time to compile it, or to load what was compiled before, in microseconds.
    pub compile_us: u64,
    /// Time to start its first instance and to check it, in microseconds.
    pub check_us: u64,
    /// Time of the exchange, in nanoseconds.
    pub switch_ns: u64,
    /// Why the file of the slot could not be written, so that a restart of the node brings back what it holds.
    pub not_installed: Option<String>,
}

/// Body of `POST /api/v1/slots/{slot}/rollback`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Digest of a kept version, or a part of it from the start, at least 8 digits; without it the one before.
    pub to: Option<String>,
}

/// Answer of `POST /api/v1/slots/{slot}/functions/{function}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Name of the node that answered.
    pub node: String,
    /// Version that answered.
    pub digest: String,
    /// Time of the call inside that node, in nanoseconds.
    pub elapsed_ns: u64,
    /// Of functions on scalars and JSON: what they answered; several scalars are a list.
    pub value: Option<Value>,
    /// Of models: the outputs, in the order of the model.
    pub outputs: Option<Vec<TensorBody>>,
    /// Of models with labels or with one output of scores: the highest, best first.
    pub top: Option<Vec<Ranked>>,
}

/// A tensor in the paper's form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TensorBody {
    /// Its name in the model.
    pub name: String,
    /// `FP32`, `INT64` ... as inference servers say it.
    pub dtype: String,
    /// Sizes.
    pub shape: Vec<u64>,
    /// Always `null`: the elements are in row-major order without gaps.
    pub strides: Option<Vec<u64>>,
    /// Exactly as many numbers as the shape says.
    pub data: Vec<Value>,
}

/// A class of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ranked {
    /// Position in the output.
    pub index: u64,
    /// Its name, where the file has labels.
    pub label: Option<String>,
    /// Its share by softmax, or the output itself where that is a probability already.
    pub probability: f64,
    /// The output.
    pub score: f64,
}

/// An element of `GET /api/v1/routes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Route {
    /// Name of the route.
    pub name: String,
    /// The source in a few words.
    pub source: String,
    /// The window in a few words.
    pub window: Option<String>,
    /// `slot.function`.
    pub call: Option<String>,
    /// Each sink in a few words.
    pub sinks: Vec<String>,
    /// When this run of the route began, in microseconds since the Unix epoch.
    pub start: u64,
    /// Whether the source has no more values.
    pub ended: bool,
    /// Numbers since then.
    pub counters: RouteCounters,
    /// Events that wait in the queue now.
    pub queued: u64,
    /// How many it holds.
    pub queue_capacity: u64,
    /// What went wrong last.
    pub problem: Option<String>,
    /// The last values that came in, oldest first, at most 120.
    pub received: Vec<Sample>,
    /// The last outcomes, oldest first, at most 120; of a route without function the same as `received`.
    pub outcomes: Vec<Sample>,
}

/// What a route did since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteCounters {
    /// Values that came in.
    pub received: u64,
    /// Values that could not be read.
    pub read_failures: u64,
    /// Events that the queue dropped.
    pub dropped: u64,
    /// Calls that were answered.
    pub calls: u64,
    /// Calls that failed.
    pub call_failures: u64,
    /// Events that sinks took.
    pub written: u64,
    /// Events that a sink did not take.
    pub write_failures: u64,
    /// Times that a value was due while the source was not ready, beyond what could be made up for.
    pub missed: u64,
    /// Events that had come before and were passed over.
    pub duplicates: u64,
}

/// A value and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sample {
    /// Node where it began.
    pub origin: String,
    /// Position in its stream.
    pub sequence: u64,
    /// When it came into being, in microseconds since the Unix epoch.
    pub time: u64,
    /// The value.
    pub value: Value,
}

/// Body of `POST /api/v1/deliveries`: events of any streams, each stream in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Name of the node that sends.
    pub from: String,
    /// The events.
    #[schema(value_type = Vec<schemas::Event>)]
    pub events: Vec<Event>,
}

/// Answer of `POST /api/v1/deliveries`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Name of the node that answers.
    pub by: String,
    /// For each stream of the delivery the last event that need not be sent again; a stream of which nothing could be
    /// taken is missing.
    #[schema(value_type = Vec<schemas::EventId>)]
    pub acknowledged: Vec<EventId>,
    /// Whether some events found no place and should be sent again later.
    pub busy: bool,
    /// Streams that no route takes here; they may be sent again when that has changed.
    #[schema(value_type = Vec<schemas::StreamId>)]
    pub unclaimed: Vec<StreamId>,
}

/// Answer of `POST /api/v1/routes/{route}/events`, whose body is one JSON value or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pushed {
    /// How many values were taken, from the start of the list.
    pub taken: u64,
}

/// An element of `GET /api/v1/events`, and the data of a server-sent event whose `event:` is the kind and whose `id:` is
/// the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NodeEvent {
    /// Position since the node started, from 1.
    pub id: u64,
    /// When, in microseconds since the Unix epoch.
    pub time: u64,
    /// `published`, `refused`, `step`, `drained`, `trapped`, `route-started`, `route-stopped`, `configured`,
    /// `configuration-refused`, `upstream-lost`, `upstream-back`, `failed` ...
    pub kind: String,
    /// `info`, `warning` or `error`.
    pub level: String,
    /// The slot, route or neighbor that it is about.
    pub subject: Option<String>,
    /// What happened, in a sentence.
    pub message: String,
    /// Digest of the version that it is about.
    pub digest: Option<String>,
    /// What programs want to know of a step of a deployment.
    pub step: Option<Step>,
}

/// A step of a deployment that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Which deployment of the slot, counted from 1 since the node took up the slot.
    pub deployment: u64,
    /// `notice`, `settle`, `prove`, `compile`, `compare`, `warm`, `check`, `switch`, `drain` ...
    pub step: String,
    /// `done`, `skipped`, `failed`, or `cancelled` where a newer candidate came.
    pub end: String,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// Why it failed, was cancelled, or had nothing to do.
    pub reason: Option<String>,
}

/// An element of `GET /api/v1/neighbors`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Neighbor {
    /// Name in the configuration of this node; `upstream` where it has no other.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Whether it is the node that events are sent up to.
    pub upstream: bool,
    /// What it says of itself; `None` where it cannot be reached.
    pub node: Option<Node>,
    /// Why it cannot be reached.
    pub problem: Option<String>,
    /// Its slots, and whether they run what this node runs.
    pub slots: Vec<NeighborSlot>,
}

/// A slot of a neighbor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NeighborSlot {
    /// Name of the slot.
    pub name: String,
    /// Its live version.
    pub digest: Option<String>,
    /// Whether the slot of this name here runs the same file; `None` where there is none.
    pub same: Option<bool>,
    /// What can be called there.
    pub functions: Vec<Function>,
}
