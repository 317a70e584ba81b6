//! `wasmtube demo`: compiles a model and classifies with it, replaces a function while it is being called, and runs
//! device, edge and cloud on this machine. Everything that is printed was measured in this run.

mod claims;
#[cfg(feature = "compiler")]
mod digits;
mod folder;
mod interrupt;
#[cfg(feature = "compiler")]
mod known_answers;
mod load;
mod nodes;
#[cfg(feature = "compiler")]
mod photo;
mod sensor;
mod statistics;
mod swap;

use std::time::Duration;

use runtime::{Engine, EngineOptions};

use self::claims::Claims;
use self::nodes::Function;
use self::swap::Durations;
use crate::args::DemoArguments;
use crate::commands::Outcome;

/// Values that the function is called with while it is replaced, as many as in the paper.
const READINGS: u32 = 60;

pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<Outcome> {
    interrupt::prepare()?;
    CHECKS.iter().try_for_each(|check| check(arguments))?;
    let engine = Engine::new(EngineOptions::default())?;
    let mut claims = Claims::new();
    let parts = if arguments.nodes { &PARTS[PARTS.len() - 1..] } else { PARTS };
    for part in parts {
        match part(arguments, &engine, &mut claims)? {
            Outcome::Done => {}
            Outcome::Failed => return Ok(Outcome::Failed),
        }
    }
    claims.sum_up()
}

type Check = fn(&DemoArguments) -> anyhow::Result<()>;

/// What would end the demo in its middle, found out before it begins.
const CHECKS: &[Check] = &[
    #[cfg(feature = "compiler")]
    photo::check,
    folder::check,
];

/// A part that cannot be shown says why and ends the demo.
type Part = fn(&DemoArguments, &Engine, &mut Claims) -> anyhow::Result<Outcome>;

const PARTS: &[Part] = &[
    #[cfg(feature = "compiler")]
    digits::run,
    #[cfg(feature = "compiler")]
    photo::run,
    swap_under_load,
    three_nodes,
];

/// The models that the nodes run beside the statistics.
const MODELS: &[fn() -> anyhow::Result<Function>] = &[
    #[cfg(feature = "compiler")]
    digits::function,
];

fn swap_under_load(arguments: &DemoArguments, engine: &Engine, claims: &mut Claims) -> anyhow::Result<Outcome> {
    let durations = if arguments.once {
        Durations { load: Duration::from_millis(900), quiet: Duration::from_millis(900) }
    } else {
        Durations { load: Duration::from_secs(3), quiet: Duration::from_secs(2) }
    };
    let slot = swap::open(engine)?;
    swap::run(engine, &slot, &sensor::generated(READINGS), durations, claims)?;
    Ok(Outcome::Done)
}

fn three_nodes(arguments: &DemoArguments, _: &Engine, claims: &mut Claims) -> anyhow::Result<Outcome> {
    nodes::run(arguments, claims, MODELS)
}
