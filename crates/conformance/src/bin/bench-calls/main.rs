//! What `cargo xtask bench calls` holds the program against: the engine itself, called through typed functions with no
//! limit, no deadline and nobody who could replace a version. Prints JSON, times in nanoseconds.
#![forbid(unsafe_code)]

mod guest;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;
use wasmtime::{Engine, Instance, Module, Store};

use crate::guest::Guest;

const USAGE: &str = "usage: bench-calls [--seconds N] | --extism FILE.wasm\n\
    --seconds N    how long each function is timed, 2 unless told\n\
    --extism FILE  writes the plug-in that extism is timed with";
const NOOP: &str = r#"(module (func (export "noop")))"#;
const EXTISM: &str = include_str!("extism.wat");
/// Short enough that many turns see no interruption.
const TURN: Duration = Duration::from_micros(500);

/// The paper's values.
const INTEGERS: [i64; 60] = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79,
    77, 73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126,
    143, 72, 96, 46, 108, 119, 148, 119, 123, 145,
];

fn main() -> Result<()> {
    let mut seconds = 2;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => seconds = arguments.next().context(USAGE)?.parse().context(USAGE)?,
            "--extism" => {
                let path = arguments.next().context(USAGE)?;
                return std::fs::write(&path, wat::parse_str(EXTISM)?).with_context(|| format!("cannot write {path}"));
            }
            "--help" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => anyhow::bail!("unknown argument `{other}`\n{USAGE}"),
        }
    }
    let rows = measure(Duration::from_secs(seconds)).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    println!("{}", json!({ "rows": rows }));
    Ok(())
}

type Call = Box<dyn FnMut() -> wasmtime::Result<()>>;

fn measure(budget: Duration) -> wasmtime::Result<Vec<serde_json::Value>> {
    let engine = Engine::default();
    let plain = Guest::new(&engine, include_bytes!("../../../../../guests/prebuilt/plain-stats.wasm"), "stats")?;
    let json = Guest::new(&engine, include_bytes!("../../../../../guests/prebuilt/stats-v1.wasm"), "calc_stats")?;
    let bytes: Vec<u8> = INTEGERS.iter().flat_map(|value| value.to_le_bytes()).collect();
    let written: Vec<String> = INTEGERS.iter().map(ToString::to_string).collect();
    let text = format!("{{\"values\":[{}]}}", written.join(",")).into_bytes();
    let stats: Vec<u8> = [101.1_f64, 108.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let calls: [(&str, &str, Call); 3] = [
        ("raw-noop", "engine alone, no-op", noop(&engine)?),
        ("raw-typed", "engine alone, typed", plain.call_with(bytes, stats)?),
        ("raw-json", "engine alone, JSON", json.call_with(text, br#"{"mean":101,"median":108}"#.to_vec())?),
    ];
    let mut rows = calls.map(|(id, title, call)| (id, title, call, vec![]));
    let begin = Instant::now();
    while begin.elapsed() < budget * u32::try_from(rows.len()).unwrap_or(u32::MAX) {
        for (_, _, call, times) in &mut rows {
            times.push(turn(call)?);
        }
    }
    let row = |(id, title, _, mut times): (&str, &str, Call, Vec<f64>)| {
        times.sort_by(f64::total_cmp);
        json!({ "id": id, "title": title, "minimum_ns": times[0], "median_ns": times[times.len() / 2] })
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Nanoseconds a call over one turn, of which the first eighth is not timed.
fn turn(call: &mut Call) -> wasmtime::Result<f64> {
    let begin = Instant::now();
    let mut warm = 0_u32;
    while warm == 0 || begin.elapsed() < TURN / 8 {
        call()?;
        warm += 1;
    }
    let calls = warm.saturating_mul(8);
    let begin = Instant::now();
    for _ in 0..calls {
        call()?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e9 / f64::from(calls))
}

fn noop(engine: &Engine) -> wasmtime::Result<Call> {
    let module = Module::new(engine, wat::parse_str(NOOP)?)?;
    let mut store = Store::new(engine, ());
    let function = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "noop")?;
    Ok(Box::new(move || function.call(&mut store, ())))
}
