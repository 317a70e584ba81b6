//! A number for each thread, by which threads that do the same touch different memory.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The number of this thread: 0, 1, 2 in the order in which they asked first.
pub(crate) fn own() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    OWN.with(|own| {
        if own.get() == usize::MAX {
            own.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        own.get()
    })
}
