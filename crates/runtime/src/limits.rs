//! What a function may use, and the guard that counts memory and tables.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use crate::PIXELS_MAX;

/// What the functions of one version may use. Breaking a limit is a typed error for the caller, never the end of the
/// process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest time for one call, with the wait for an instance and its start, and for the start of an instance ahead.
    pub deadline: Duration,
    /// Largest sum of the linear memories of one instance, in bytes.
    pub memory_bytes: u64,
    /// Largest argument of one call that is no picture, in bytes.
    pub argument_bytes: usize,
    /// Largest picture of one call, in bytes of RGB.
    pub picture_bytes: usize,
    /// Largest result of one call, in bytes.
    pub result_bytes: usize,
    /// Largest code section that is compiled, in bytes.
    pub code_bytes: usize,
    /// Largest sum of the elements of all tables of one instance.
    pub table_elements: u64,
    /// Most calls at once: the instances of a stateless version, the keys of a keyed one that run. A version that keeps
    /// state for the slot has one instance.
    pub instances: NonZeroUsize,
    /// Most keys whose instances are kept; then a new key takes the place of the one that was idle for the longest.
    pub keys: NonZeroUsize,
    /// Most calls that wait for an instance; one more is refused at once.
    pub queue: usize,
}

impl Default for Limits {
    /// 5 s, 1 GiB of memory, arguments up to 64 MiB, pictures up to [`PIXELS_MAX`], results up to 16 MiB, code up to
    /// 32 MiB, 2^20 table elements, as many instances as the machine runs threads at once, 64 keys, and 256 waiting calls.
    fn default() -> Self {
        const KEYS: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");
        Self {
            deadline: Duration::from_secs(5),
            memory_bytes: 1 << 30,
            argument_bytes: 64 << 20,
            picture_bytes: usize::try_from(3 * PIXELS_MAX).unwrap_or(usize::MAX),
            result_bytes: 16 << 20,
            code_bytes: 32 << 20,
            table_elements: 1 << 20,
            instances: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            keys: KEYS,
            queue: 256,
        }
    }
}

/// Core instances of one component; tool chains write up to some dozen.
pub(crate) const CORE_INSTANCES_MAX: usize = 64;

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    Memory { wanted: u64 },
    Table { wanted: u64 },
}

/// Counts what one instance has and refuses what would break a limit. Growth that the system refuses after it was
/// allowed here stays counted: a guest must not be able to lower the sum by failing on purpose.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit: u64,
    table_limit: u64,
    memory: u64,
    table: u64,
    /// The last refusal since the call began.
    pub(crate) denied: Option<Denied>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let (memory_limit, table_limit) = (limits.memory_bytes, limits.table_elements);
        Self { memory_limit, table_limit, memory: 0, table: 0, denied: None }
    }

    /// Bytes of memory that may still be added.
    pub(crate) fn memory_left(&self) -> u64 {
        self.memory_limit.saturating_sub(self.memory)
    }
}

/// `sum` after one of its parts grew from `current` to `desired`.
fn grown(sum: u64, current: usize, desired: usize) -> u64 {
    sum.saturating_add(u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX))
}

impl wasmtime::ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let wanted = grown(self.memory, current, desired);
        if wanted > self.memory_limit {
            self.denied = Some(Denied::Memory { wanted });
            return Ok(false);
        }
        self.memory = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let wanted = grown(self.table, current, desired);
        if wanted > self.table_limit {
            self.denied = Some(Denied::Table { wanted });
            return Ok(false);
        }
        self.table = wanted;
        Ok(true)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        8
    }
}
