//! Forms in the description of the interface that are not those of a type here.

use std::borrow::Cow;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Events of one run of one route, numbered without gaps where they begin.
#[derive(ToSchema)]
#[allow(dead_code, reason = "a description of flow::StreamId")]
pub(crate) struct StreamId {
    /// Name of the node where the events began.
    origin: String,
    /// Name of the route there.
    route: String,
    /// When that run of the route began, in microseconds since the Unix epoch; another run is another stream.
    start: u64,
}

/// What tells an event from every other one, so that one that arrives twice is noticed.
#[derive(ToSchema)]
#[allow(dead_code, reason = "a description of flow::EventId")]
pub(crate) struct EventId {
    /// Name of the node where the stream began.
    origin: String,
    /// Name of the route there.
    route: String,
    /// When that run of the route began, in microseconds since the Unix epoch; another run is another stream.
    start: u64,
    /// Position in the stream, from 0.
    sequence: u64,
}

/// A value that was read, computed or received.
#[derive(ToSchema)]
#[allow(dead_code, reason = "a description of flow::Event")]
pub(crate) struct Event {
    /// Name of the node where it began.
    origin: String,
    /// Name of the route there.
    route: String,
    /// When that run of the route began, in microseconds since the Unix epoch; another run is another stream.
    start: u64,
    /// Position in the stream, from 0.
    sequence: u64,
    /// When it came into being, in microseconds since the Unix epoch.
    time: u64,
    /// The value.
    value: Value,
}

/// Parts of a form: a tensor as NumPy writes it for each input of a model.
pub(crate) struct NamedTensors;

impl PartialSchema for NamedTensors {
    fn schema() -> RefOr<Schema> {
        let tensor = ObjectBuilder::new().schema_type(Type::String).content_media_type("application/x-npy");
        ObjectBuilder::new()
            .description(Some("One part for each input, named as the input; each a tensor as NumPy writes it."))
            .additional_properties(Some(AdditionalProperties::from(tensor)))
            .into()
    }
}

impl ToSchema for NamedTensors {
    fn name() -> Cow<'static, str> {
        "NamedTensors".into()
    }
}
