//! How a node is: gathered once into a [`Report`], then shown as text or JSON.

mod text;

use node::body;
use node::client::Client;
use serde::Serialize;

use super::Outcome;
use crate::args::StatusArguments;
use crate::render::style::Style;
use crate::render::{json, print};

/// Everything that a node says of itself.
#[derive(Debug, Serialize)]
struct Report {
    /// The address that it was asked at.
    url: String,
    node: body::Node,
    slots: Vec<body::Slot>,
    routes: Vec<body::Route>,
    neighbors: Vec<body::Neighbor>,
}

pub(super) fn run(arguments: &StatusArguments) -> anyhow::Result<Outcome> {
    let client = Client::new(arguments.at.at.as_str());
    let report = Report {
        url: client.url().into(),
        node: client.node()?,
        slots: client.slots()?,
        routes: client.routes()?,
        neighbors: client.neighbors()?,
    };
    if arguments.json {
        print(&json::line(&report)?)?;
    } else {
        print(&text::text(&report, Style::stdout()))?;
    }
    Ok(Outcome::Done)
}
