//! A function is replaced while threads call it: no call fails, and each sees one version from start to end.
//!
//!     cargo run -p wasmtube-runtime --example swap

use std::error::Error;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use wasmtube_runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, Version};

/// Answers JSON, the one digit that `DIGIT` is replaced with, to whatever it is asked.
const GUEST: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "answer") (param i32 i32) (result i32)
    (i32.store8 (local.get 0) (i32.const DIGIT)) (i32.const 1)))"#;

pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let load = |digit: char| {
        let wasm = wat::parse_str(GUEST.replace("DIGIT", &u32::from(digit).to_string())).expect("the text is valid");
        Version::load(&engine, wasm, LoadOptions::default())
    };
    let slot = Slot::new("answer", load('1')?, SlotPolicy::default())?;
    let events = slot.subscribe(8);
    let done = AtomicBool::new(false);

    let (calls, failures) = thread::scope(|scope| {
        let callers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut calls, mut failures) = (0u32, 0u32);
                    while !done.load(Ordering::Relaxed) {
                        // A lease pins the version that is live now for one call.
                        let answer = slot.acquire().call_json("answer", "null");
                        calls += 1;
                        failures += u32::from(!matches!(answer.as_deref(), Ok("1" | "2" | "3")));
                    }
                    (calls, failures)
                })
            })
            .collect();
        let published = ['2', '3'].into_iter().try_for_each(|digit| -> Result<(), Box<dyn Error>> {
            slot.publish(load(digit)?)?;
            Ok(())
        });
        done.store(true, Ordering::Relaxed);
        let sums = callers.into_iter().map(|caller| caller.join().expect("a caller does not panic"));
        let sums = sums.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        published.map(|()| sums)
    })?;

    assert!(calls > 0);
    writeln!(out, "failed calls: {failures}")?;
    writeln!(out, "now it answers {}", slot.acquire().call_json("answer", "null")?)?;
    writeln!(out, "versions so far: {}", slot.history().len())?;
    writeln!(out, "somebody is told: {}", events.try_recv().is_ok())?;

    // What callers of the live version could not call is refused, and the live version stays.
    let other = wat::parse_str(r#"(module (func (export "other")))"#)?;
    let refused = slot.publish(Version::load(&engine, other, LoadOptions::default())?);
    writeln!(out, "{}", refused.expect_err("`answer` is missing"))?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
