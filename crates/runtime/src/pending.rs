//! Calls for those who must not wait.

use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::{Lease, Slot};

impl Slot {
    /// Runs a call on a thread of the engine, and gives a future of its result, which any executor may wait for. The call
    /// begins whether or not anybody waits, with a lease on the version that is live then, and its deadline counts from
    /// then; it ends in the background if the future is dropped. Up to 16 such calls of one slot run at once, and 64 of one
    /// engine; others begin when one of them has ended. How many wait for that is for whoever starts them to bound.
    ///
    /// # Panics
    /// The future panics as `call` did.
    ///
    /// ```
    /// # extern crate wasmtube_runtime as runtime;
    /// # use runtime::{CallError, Scalar, Slot};
    /// async fn double(slot: &Slot, number: i32) -> Result<Vec<Scalar>, CallError> {
    ///     slot.start(move |lease| lease.call_scalars("double", &[Scalar::I32(number)])).await
    /// }
    /// ```
    pub fn start<T: Send + 'static>(&self, call: impl FnOnce(&Lease) -> T + Send + 'static) -> Pending<T> {
        let shared = Arc::new(Shared { state: Mutex::new(State { result: None, waker: None }) });
        let (slot, pending) = (self.clone(), Pending { shared: Arc::clone(&shared) });
        let engine = self.acquire().version().engine().clone();
        engine.callers().submit(self.id(), move || {
            // What `call` had in hand is gone with it, and the runtime's own locks are taken in spite of a panic.
            let result = panic::catch_unwind(AssertUnwindSafe(|| call(&slot.acquire())));
            shared.finish(result);
        });
        pending
    }
}

/// The result of a call that [`Slot::start`] began.
#[must_use = "the result is lost unless somebody awaits it"]
pub struct Pending<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, result: thread::Result<T>) {
        let waker = {
            let mut state = self.lock();
            state.result = Some(result);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Pending<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut state = self.shared.lock();
        match state.result.take() {
            Some(Ok(result)) => Poll::Ready(result),
            Some(Err(payload)) => {
                drop(state);
                panic::resume_unwind(payload)
            }
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(context.waker()),
                    empty => *empty = Some(context.waker().clone()),
                }
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("is_done", &self.shared.lock().result.is_some()).finish()
    }
}
