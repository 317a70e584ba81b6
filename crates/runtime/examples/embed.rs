//! The shortest host: one function, called by JSON and with values of Rust.
//!
//!     cargo run -p wasmtube-runtime --example embed

use std::error::Error;
use std::io::{self, Write};

use wasmtube_runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, files};

const STATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/stats-v1.wasm");

#[derive(serde::Serialize)]
struct Sample {
    values: Vec<i32>,
}

#[derive(Debug, serde::Deserialize)]
struct Stats {
    mean: i32,
    median: i32,
}

pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // One engine for a process; one slot for each function that may be replaced.
    let engine = Engine::new(EngineOptions::default())?;
    let version = files::load(&engine, STATS.as_ref(), LoadOptions::default())?;
    let slot = Slot::new("stats", version, SlotPolicy::default())?;

    let answer = slot.acquire().call_json("calc_stats", r#"{"values":[127,71,110]}"#)?;
    writeln!(out, "{answer}")?;

    let Stats { mean, median } = slot.acquire().call("calc_stats", &Sample { values: vec![127, 71, 110] })?;
    writeln!(out, "mean {mean}, median {median}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
