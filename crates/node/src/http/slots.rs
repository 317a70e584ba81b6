//! Slots: what runs in them, calling it, replacing it.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tokio::runtime::Handle;
use utoipa::ToSchema;

use super::argument::argument;
use super::content::Content;
use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::names::Names;
use super::openapi::{EveryCall, EveryRequest};
use super::schemas::NamedTensors;
use crate::body::{self, Problem};
use crate::refusal::Class;

const WASM: &str = "application/wasm";
const BYTES: &str = "application/octet-stream";

/// Every slot, by name
///
/// Each with the version that is live, what can be called, and the versions before it.
#[utoipa::path(
    get,
    path = "/api/v1/slots",
    operation_id = "list_slots",
    tag = "slots",
    responses((status = 200, description = "The slots", body = Vec<body::Slot>), EveryRequest)
)]
pub(super) async fn all(State(interface): State<Interface>) -> Result<Response, Failure> {
    interface.answer(Lane::Look, |node| Ok(node.slots())).await
}

/// One slot
#[utoipa::path(
    get,
    path = "/api/v1/slots/{slot}",
    operation_id = "show_slot",
    tag = "slots",
    params(("slot" = String, Path, description = "Name of the slot")),
    responses(
        (status = 200, description = "The slot", body = body::Slot),
        (status = 404, description = "There is no such slot", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn one(State(interface): State<Interface>, Names(slot): Names<String>) -> Result<Response, Failure> {
    interface.answer(Lane::Look, move |node| Ok(node.slot(&slot)?)).await
}

/// How a file is deployed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    #[serde(default)]
    breaking: Breaking,
}

/// Whether a file may lack or change functions of the live version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Breaking {
    /// It is refused where it does.
    #[default]
    Refused,
    /// It may.
    Allowed,
}

/// Deploy a file to a slot
///
/// The file is compiled and checked while the live version goes on; then the two are exchanged, and no call is lost.
/// What is refused changes nothing. A file that is live already is answered as such. When the request ends too early,
/// what was begun goes on: the events of the node say how it ended. Of several files at once the newest wins.
#[utoipa::path(
    post,
    path = "/api/v1/slots/{slot}/versions",
    operation_id = "deploy",
    tag = "slots",
    params(
        ("slot" = String, Path, description = "Name of the slot"),
        (
            "breaking" = Option<Breaking>,
            Query,
            description = "Whether the file may lack or change functions of the live version"
        )
    ),
    request_body(
        description = "The Wasm file",
        content(("application/wasm"), ("application/octet-stream"))
    ),
    responses(
        (status = 200, description = "The file is live", body = body::Published),
        (status = 400, description = "The body did not arrive whole, or the query has another form", body = Problem),
        (status = 404, description = "There is no such slot", body = Problem),
        (status = 409, description = "Another file came while this one was prepared", body = Problem),
        (status = 413, description = "The file is larger than allowed", body = Problem),
        (status = 415, description = "The body is said to be no Wasm file", body = Problem),
        (status = 422, description = "The file is refused; the version before is still live", body = Problem),
        (status = 503, description = "Not now: try again later", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn push(
    State(interface): State<Interface>,
    Names(slot): Names<String>,
    terms: Result<Query<Terms>, QueryRejection>,
    content: Content,
) -> Result<Response, Failure> {
    let Query(Terms { breaking }) = terms.map_err(|rejection| {
        Failure::of(Class::Invalid, "invalid_query", format!("write `?breaking=allowed`: {}", rejection.body_text()))
    })?;
    content.check_media_type(&[WASM, BYTES])?;
    interface
        .answer(Lane::Change, move |node| {
            let bytes = content.bytes().to_vec();
            Ok(match breaking {
                Breaking::Refused => node.push(&slot, bytes)?,
                Breaking::Allowed => node.push_breaking(&slot, bytes)?,
            })
        })
        .await
}

/// Roll a slot back
///
/// Makes an earlier version live again: the one that is named, or the one before.
#[utoipa::path(
    post,
    path = "/api/v1/slots/{slot}/rollback",
    operation_id = "roll_back",
    tag = "slots",
    params(("slot" = String, Path, description = "Name of the slot")),
    request_body(description = "Which version; nothing for the one before", content = body::Rollback),
    responses(
        (status = 200, description = "The earlier version is live", body = body::Published),
        (status = 400, description = "The body has another form, or the digest names several versions", body = Problem),
        (status = 404, description = "There is no such slot or version", body = Problem),
        (
            status = 409,
            description = "There is no earlier version, its file is not kept, or another file came meanwhile",
            body = Problem
        ),
        (status = 413, description = "The body is larger than allowed", body = Problem),
        (status = 415, description = "The body is not JSON", body = Problem),
        (status = 422, description = "The version is refused; the one before is still live", body = Problem),
        (status = 503, description = "Not now: try again later", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn roll_back(
    State(interface): State<Interface>,
    Names(slot): Names<String>,
    content: Content,
) -> Result<Response, Failure> {
    let body::Rollback { to } = if content.bytes().is_empty() { body::Rollback::default() } else { content.json()? };
    interface.answer(Lane::Back, move |node| Ok(node.roll_back(&slot, to.as_deref())?)).await
}

/// Whose state a function is to see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    key: Option<String>,
}

/// Call a function
///
/// The header `content-type` says what the body is: JSON as it is, with a list of numbers for a function on scalars;
/// a picture; a tensor as NumPy writes it; or several of these, one in each part, named as the inputs of the model. A
/// function that takes nothing needs no body. `infer` and `predict` of compiled models are functions as well.
#[utoipa::path(
    post,
    path = "/api/v1/slots/{slot}/functions/{function}",
    operation_id = "call_function",
    tag = "slots",
    params(
        ("slot" = String, Path, description = "Name of the slot"),
        ("function" = String, Path, description = "Name of the function"),
        ("key" = Option<String>, Query, description = "Whose state the function is to see, where it keeps state by key")
    ),
    request_body(
        description = "What the function takes",
        content(
            (serde_json::Value = "application/json"),
            ("image/png"),
            ("image/jpeg"),
            ("application/x-npy"),
            (NamedTensors = "multipart/form-data")
        )
    ),
    responses(
        (status = 200, description = "What the function answered", body = body::Answer),
        (status = 404, description = "There is no such slot or function", body = Problem),
        EveryCall,
        EveryRequest
    )
)]
pub(super) async fn call(
    State(interface): State<Interface>,
    Names((slot, function)): Names<(String, String)>,
    named: Result<Query<Named>, QueryRejection>,
    content: Content,
) -> Result<Response, Failure> {
    let Query(Named { key }) = named.map_err(|rejection| {
        Failure::of(Class::Invalid, "invalid_query", format!("write `?key=TEXT`: {}", rejection.body_text()))
    })?;
    let name = slot.clone();
    interface
        .call(&name, move |node| {
            // The body is there, so that this waits for nothing.
            let argument = Handle::current().block_on(argument(content))?;
            Ok(node.call_with_key(&slot, &function, key.as_deref(), argument)?)
        })
        .await
}
