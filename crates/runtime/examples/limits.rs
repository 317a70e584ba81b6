//! A function that never ends, one that wants all memory, one that fails: each is an error for its caller, and the next
//! call is served.
//!
//!     cargo run -p wasmtube-runtime --example limits

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use wasmtube_runtime::{CallError, Engine, EngineOptions, Limits, LoadOptions, Scalar, Slot, SlotPolicy, Version};

const GUEST: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "turn") (loop (br 0)))
  (func (export "grow") (drop (memory.grow (i32.const 10000))) unreachable)
  (func (export "fail") unreachable)
  (func (export "recurse") (call 3))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    // What is not named here keeps its default.
    let limits = Limits { deadline: Duration::from_millis(50), memory_bytes: 1 << 20, ..Limits::default() };
    let version = Version::load(&engine, wat::parse_str(GUEST)?, LoadOptions { limits, ..LoadOptions::default() })?;
    let slot = Slot::new("misbehaving", version, SlotPolicy::default())?;

    for name in ["turn", "grow", "fail", "recurse"] {
        let what = match slot.acquire().call_scalars(name, &[]) {
            Err(CallError::DeadlineExceeded { deadline }) => format!("stopped after {deadline:?}"),
            Err(CallError::MemoryLimit { limit, .. }) => format!("refused memory beyond {limit} bytes"),
            Err(CallError::Trap(_)) => "trapped".into(),
            Err(other) => format!("{other}"),
            Ok(_) => "answered".into(),
        };
        writeln!(out, "{name}: {what}")?;
    }
    let sum = slot.acquire().call_scalars("add", &[Scalar::I32(6), Scalar::I32(36)])?;
    writeln!(out, "add: {sum:?}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
