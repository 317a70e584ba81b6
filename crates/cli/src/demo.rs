//! `wasmtube demo`: compiles a model and classifies with it, runs a function on this machine's own readings, and
//! replaces that function while it is being called. Everything that is printed was measured in this run.

mod claims;
#[cfg(feature = "compiler")]
mod digits;
mod folder;
#[cfg(feature = "compiler")]
mod known_answers;
mod load;
#[cfg(feature = "compiler")]
mod photo;
mod readings;
mod sensor;
mod statistics;
mod swap;

use std::time::Duration;

use runtime::{Engine, EngineOptions};

use self::claims::Claims;
use self::readings::Readings;
use self::swap::Durations;
use crate::args::DemoArguments;
use crate::commands::Outcome;

/// Readings of `--once`, and of them after the swap.
const ONCE: u32 = 4;
const ONCE_AFTER: u32 = 1;

pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<Outcome> {
    folder::remove_when_interrupted()?;
    CHECKS.iter().try_for_each(|check| check(arguments))?;
    let engine = Engine::new(EngineOptions::default())?;
    let mut claims = Claims::new();
    for part in PARTS {
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
    readings_and_swap,
];

fn readings_and_swap(arguments: &DemoArguments, engine: &Engine, claims: &mut Claims) -> anyhow::Result<Outcome> {
    let (total, after) =
        if arguments.once { (ONCE, ONCE_AFTER) } else { (arguments.seconds, (arguments.seconds / 4).max(1)) };
    let durations = if arguments.once {
        Durations { load: Duration::from_millis(900), quiet: Duration::from_millis(900) }
    } else {
        Durations { load: Duration::from_secs(3), quiet: Duration::from_secs(2) }
    };
    let slot = swap::open(engine)?;
    let mut readings = Readings::start(&slot, claims)?;
    readings.take(total - after, claims)?;
    swap::run(engine, &slot, readings.window(), durations, claims)?;
    readings.go_on(after, claims)?;
    Ok(Outcome::Done)
}
