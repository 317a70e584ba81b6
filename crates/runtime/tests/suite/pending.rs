//! Calls that are begun and awaited.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use runtime::{CallError, Engine, EngineOptions, Lease, Limits, LoadOptions, Scalar, Slot, SlotPolicy, Version};

const GUEST: &str = r#"(module
  (func (export "turn") (loop (br 0)))
  (func (export "double") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))"#;

/// Enough for every call that ends.
const PATIENCE: Duration = Duration::from_secs(60);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn slot(deadline: Duration) -> Slot {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let limits = Limits { deadline, ..Limits::default() };
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let version = Version::load(&engine, wat::parse_str(GUEST).unwrap(), options).unwrap();
    Slot::new("test", version, SlotPolicy::default()).unwrap()
}

fn double(slot: &Slot, number: i32) -> impl Future<Output = Result<Vec<Scalar>, CallError>> + use<> {
    slot.start(move |lease| lease.call_scalars("double", &[Scalar::I32(number)]))
}

#[test]
fn many_calls_are_begun_before_one_is_awaited() {
    let slot = slot(PATIENCE);
    let begun: Vec<_> = (0..200).map(|number| double(&slot, number)).collect();
    let answers = block_on(async {
        let mut answers = Vec::new();
        for call in begun {
            answers.push(call.await);
        }
        answers
    });
    let expected: Vec<_> = (0..200).map(|number| Ok(vec![Scalar::I32(2 * number)])).collect();
    assert_eq!(answers, expected);
}

#[test]
fn a_deadline_holds() {
    let deadline = Duration::from_millis(100);
    let answer = block_on(slot(deadline).start(|lease| lease.call_scalars("turn", &[])));
    assert_eq!(answer, Err(CallError::DeadlineExceeded { deadline }));
}

#[test]
fn a_call_ends_though_nobody_awaits() {
    let (answers, heard) = mpsc::channel();
    let call = move |lease: &Lease| answers.send(lease.call_scalars("double", &[Scalar::I32(21)])).unwrap();
    drop(slot(PATIENCE).start(call));
    assert_eq!(heard.recv(), Ok(Ok(vec![Scalar::I32(42)])));
}

#[test]
fn a_panic_reaches_whoever_awaits() {
    let slot = slot(PATIENCE);
    let caught = panic::catch_unwind(AssertUnwindSafe(|| block_on(slot.start(|_| panic!("on purpose")))));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(block_on(double(&slot, 1)), Ok(vec![Scalar::I32(2)]));
}
