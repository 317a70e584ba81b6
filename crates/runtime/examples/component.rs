//! A component of any language: its types are read from the file, and values of Rust or JSON become those of WIT.
//!
//!     cargo run -p wasmtube-runtime --example component

use std::error::Error;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use wasmtube_runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, files};

/// Made from guests/components, whose `room.wit` says what it exports.
const ROOM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/room-component.wasm");

/// `record reading` of the WIT file: fields by their names, an enum as its word, an option that may be left out.
#[derive(Serialize)]
struct Reading {
    sensor: &'static str,
    scale: &'static str,
    value: Option<f64>,
}

/// `variant verdict`: a case without a value is a word, one with a value an object of one field.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Missing,
    Comfortable,
    Cold(f64),
    Hot(f64),
}

/// `result<verdict, string>` in the form that serde gives it.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Judged {
    Ok(Verdict),
    Err(String),
}

pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let version = files::load(&engine, ROOM.as_ref(), LoadOptions::default())?;
    for function in version.interface().functions() {
        if let Some(wit) = &function.wit {
            writeln!(out, "{}: {wit}", function.name)?;
        }
    }
    let slot = Slot::new("room", version, SlotPolicy::default())?;
    writeln!(out, "{}", slot.acquire().call_json("calc-stats", "[127,71,110,-5]")?)?;
    for value in [Some(95.0), Some(-500.0), None] {
        let reading = Reading { sensor: "hall", scale: "fahrenheit", value };
        match slot.acquire().call::<_, Judged>("judge", &reading)? {
            Judged::Ok(Verdict::Missing) => writeln!(out, "no value")?,
            Judged::Ok(Verdict::Comfortable) => writeln!(out, "comfortable")?,
            Judged::Ok(Verdict::Cold(celsius)) => writeln!(out, "cold: {celsius} degrees Celsius")?,
            Judged::Ok(Verdict::Hot(celsius)) => writeln!(out, "hot: {celsius} degrees Celsius")?,
            Judged::Err(reason) => writeln!(out, "error: {reason}")?,
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
