//! The engines that run functions, and the threads that serve them: a ticker, a reaper, callers, and those that
//! prepare versions.

mod background;
mod callers;
mod reaper;
mod ticker;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use abi::Digest;

use crate::files::{CacheOptions, CacheStatus, CodeCache, Native, Obtained, Pin};

pub(crate) use background::Background;
pub(crate) use callers::Callers;
pub(crate) use reaper::{Reaper, Retired, Waste};
pub(crate) use ticker::{Ticker, Watched};

/// How instances are kept within their deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// Compiled code looks at a clock in every loop: any function ends within its deadline plus one tick.
    #[default]
    Guarded,
    /// Compiled code never looks at a clock: the host runs a model step by step and looks between the steps. Only for
    /// compiled models that are trusted to have short steps; a step that never ends is never stopped.
    Stepped,
}

/// What every function of an [`Engine`] shares.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Resolution of deadlines in guarded mode.
    pub tick: Duration,
    /// Stack of Wasm code in bytes, taken from the stack of the calling thread, which must be larger by 256 KiB.
    pub stack_bytes: usize,
    /// Where compiled code is kept, so that a file is compiled once for the machine and not at every start.
    pub cache: Option<CacheOptions>,
}

impl Default for EngineOptions {
    /// A tick of 5 ms, a stack of 512 KiB, which fits the 2 MiB of a thread of the standard library, and no compiled
    /// code kept.
    fn default() -> Self {
        Self { tick: Duration::from_millis(5), stack_bytes: 512 << 10, cache: None }
    }
}

/// Why an engine cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The settings are not possible on this machine.
    #[error("cannot set up the Wasm engine: {reason}")]
    Setup {
        /// What the engine says.
        reason: String,
    },
    /// The tick is zero.
    #[error("the tick of an engine must be longer than zero")]
    ZeroTick,
    /// A thread was refused.
    #[error("cannot start the thread `{name}`")]
    Thread {
        /// Name of the thread.
        name: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Compiles and runs Wasm. Cheap to clone; one for a process is enough.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    guarded: wasmtime::Engine,
    stepped: wasmtime::Engine,
    ticker: Ticker,
    background: Background,
    reaper: Reaper,
    callers: Callers,
    cache: Option<Arc<CodeCache>>,
}

impl Engine {
    /// An engine with its threads, which sleep until there is work.
    ///
    /// # Errors
    /// [`EngineError`] where the machine refuses the settings or a thread. A cache that cannot be used is none: it only
    /// costs time ([`Self::cache`]).
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        if options.tick.is_zero() {
            return Err(EngineError::ZeroTick);
        }
        let build = |mode| {
            wasmtime::Engine::new(&config(mode, options.stack_bytes))
                .map_err(|error| EngineError::Setup { reason: format!("{error:#}") })
        };
        let guarded = build(Mode::Guarded)?;
        let stepped = build(Mode::Stepped)?;
        let thread = |name| move |source| EngineError::Thread { name, source };
        let ticker = Ticker::start(guarded.clone(), options.tick).map_err(thread(ticker::THREAD))?;
        let background = Background::default();
        let reaper = Reaper::start().map_err(thread(reaper::THREAD))?;
        let callers = Callers::new();
        let cache = options.cache.map(|options| Arc::new(CodeCache::open(options, &guarded, &stepped)));
        Ok(Self { shared: Arc::new(Shared { guarded, stepped, ticker, background, reaper, callers, cache }) })
    }

    /// Runs `work` on a thread with a low priority, as versions are prepared, and waits for it. `None` where it panicked.
    pub fn in_background<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Option<T> {
        background::wait_for(work)
    }

    /// As [`Self::in_background`], without waiting.
    #[expect(clippy::unused_self, reason = "whoever prepares versions has an engine for them")]
    pub(crate) fn begin(&self, work: impl FnOnce() + Send + 'static) {
        background::begin(work);
    }

    /// Keeps the compiled code of a file for as long as the pin is held. That of a [`crate::Version`] is kept in any
    /// case; this is for versions that one may go back to.
    pub fn pin(&self, digest: Digest) -> Pin {
        self.shared.cache.as_ref().map_or_else(|| Pin::of_nothing(digest), |cache| cache.pin(digest))
    }

    /// How keeping compiled code goes; `None` where the options name no place.
    #[must_use]
    pub fn cache(&self) -> Option<CacheStatus> {
        self.shared.cache.as_ref().map(|cache| cache.status())
    }

    /// The code of a file: what was kept of it, or else what `compile` gives.
    pub(crate) fn obtain<T: Native>(
        &self,
        mode: Mode,
        digest: Digest,
        compile: impl FnOnce(&wasmtime::Engine) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<Obtained<T>> {
        let engine = self.wasm(mode);
        match &self.shared.cache {
            Some(cache) => cache.obtain(engine, mode, digest, || compile(engine)),
            None => Ok(Obtained { code: compile(engine)?, was_cached: false }),
        }
    }

    pub(crate) fn wasm(&self, mode: Mode) -> &wasmtime::Engine {
        match mode {
            Mode::Guarded => &self.shared.guarded,
            Mode::Stepped => &self.shared.stepped,
        }
    }

    pub(crate) fn ticker(&self) -> &Ticker {
        &self.shared.ticker
    }

    pub(crate) fn background(&self) -> &Background {
        &self.shared.background
    }

    pub(crate) fn callers(&self) -> &Callers {
        &self.shared.callers
    }

    pub(crate) fn reaper(&self) -> &Reaper {
        &self.shared.reaper
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

fn config(mode: Mode, stack_bytes: usize) -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config
        .strategy(wasmtime::Strategy::Cranelift)
        .cranelift_opt_level(wasmtime::OptLevel::Speed)
        .epoch_interruption(mode == Mode::Guarded)
        .max_wasm_stack(stack_bytes)
        .wasm_relaxed_simd(true)
        .wasm_branch_hinting(true)
        .wasm_memory64(false)
        .memory_init_cow(true)
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Enable);
    config
}
