//! Calls from asynchronous code: a call takes a thread of the engine, and its future goes with any executor.
//!
//!     cargo run -p wasmtube-runtime --example concurrent

use std::error::Error;
use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use wasmtube_runtime::{CallError, Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, files};

const STATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/stats-v1.wasm");

async fn medians(slot: &Slot) -> Result<Vec<String>, CallError> {
    let start = |text: &'static str| slot.start(move |lease| lease.call_json("calc_stats", text));
    // Both have begun before the first is awaited.
    let (first, second) = (start(r#"{"values":[127,71,110]}"#), start(r#"{"values":[1,2,3]}"#));
    Ok(vec![first.await?, second.await?])
}

pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let version = files::load(&engine, STATS.as_ref(), LoadOptions::default())?;
    let slot = Slot::new("stats", version, SlotPolicy::default())?;
    for answer in block_on(medians(&slot))? {
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// The smallest executor: what an application takes from tokio or another one.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
