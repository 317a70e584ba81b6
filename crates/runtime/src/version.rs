//! One compiled module with its instances.

mod check;
mod rehearsal;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use abi::{Digest, State};
use arc_swap::Guard;

use crate::call_error::{CallError, KeyError};
use crate::engine::Waste;
use crate::event::{Events, SlotEvent};
use crate::files::{Obtained, Pin};
use crate::host::{self, Purpose};
use crate::instance::{Code, Compiled, Host, Instance, define_abort};
use crate::latency::Quantiles;
use crate::load_error::LoadError;
use crate::module::{self, Function, Import, Interface};
use crate::pool::{Counters, Evicted, Outcome, Pool, Seat, Sharing};
use crate::recorder::Recorder;
use crate::{Convention, Engine, HostFunctions, Lease, Limits, Mode, Module, Window};

pub(crate) use rehearsal::Rehearsal;

/// How a module is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// What its functions may use.
    pub limits: Limits,
    /// How they are kept within their deadline.
    pub mode: Mode,
    /// Where classic functions get their arguments; `None` takes what the manifest says, else [`Window::End`] where
    /// that is safe, and refuses the calls where it is not.
    pub window: Option<Window>,
    /// Whether the last argument of each function of an unsealed file is kept in memory, to try the next version with.
    pub keep_arguments: bool,
    /// What its functions may ask of the host. Every version of a slot is loaded with clones of the same one.
    pub host: HostFunctions,
}

impl Default for LoadOptions {
    /// [`Limits::default`], guarded, the window of the manifest or where it is safe, arguments kept, nothing allowed.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            mode: Mode::Guarded,
            window: None,
            keep_arguments: true,
            host: HostFunctions::none(),
        }
    }
}

/// A compiled module: known by the digest of its file, called through a [`Lease`].
pub struct Version {
    compiled: Compiled,
    pool: Arc<Pool>,
    /// The deadline of a call that did not have to wait.
    epochs: u64,
    is_keyed: bool,
    /// Of unsealed files that are to be tried.
    recorder: Option<Recorder>,
    /// Why classic calls have no place, if they have none.
    window_refused: Option<&'static str>,
    compile_time: Duration,
    was_cached: bool,
    /// Keeps the compiled code for as long as it may be called.
    _pin: Pin,
    events: OnceLock<Arc<Events>>,
    /// Whether another version took its place.
    replaced: AtomicBool,
    retired: AtomicBool,
}

impl Version {
    /// Verifies, reads and compiles a file. Compiling takes seconds for a megabyte of code and cannot be stopped.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(engine: &Engine, bytes: Vec<u8>, options: LoadOptions) -> Result<Self, LoadError> {
        Self::compile(engine, Module::read(bytes)?, options)
    }

    /// Compiles a module that was read.
    ///
    /// # Errors
    /// What [`crate::Interface::check_imports`] says, [`LoadError::SteppedNeedsModel`], [`LoadError::Compile`], and
    /// what [`crate::Interface::check_size`] says.
    pub fn compile(engine: &Engine, module: Module, options: LoadOptions) -> Result<Self, LoadError> {
        let Module { bytes, interface } = module;
        let LoadOptions { limits, mode, window, keep_arguments, host } = options;
        interface.check_imports(host.allowed())?;
        check_runnable(&interface, &limits, mode)?;
        let failed = |error: wasmtime::Error| LoadError::Compile { reason: format!("{error:#}") };
        let begun = Instant::now();
        let pin = engine.pin(interface.digest);
        let obtained = match interface.convention {
            Convention::Component => component_code(engine, mode, &bytes, &interface),
            _ => module_code(engine, mode, &bytes, &interface),
        };
        let Obtained { code, was_cached } = obtained.map_err(failed)?;
        let compile_time = begun.elapsed();
        let sharing = match state(&interface) {
            State::Stateless => Sharing::Any(limits.instances),
            State::Slot => Sharing::Any(NonZeroUsize::MIN),
            State::Keyed => Sharing::Keyed,
        };
        let pool = Pool::new(sharing, &limits, engine.ticker());
        let epochs = engine.ticker().epochs(limits.deadline);
        let recorder = (keep_arguments && !interface.is_sealed()).then(|| Recorder::new(interface.functions()));
        // Nothing but the host uses the end of a compiled model's memory.
        let is_model = interface.convention == Convention::Model;
        let window = window.filter(|_| !is_model).or_else(|| interface.manifest.as_ref()?.window.clone());
        let window_refused = if window.is_none() && !is_model { interface.end_window_problem() } else { None };
        let window = window.unwrap_or_default();
        let host = (!interface.permissions().is_empty()).then_some(host);
        let (engine, limits) = (engine.clone(), Arc::new(limits));
        let compiled = Compiled { engine, mode, code, interface, limits, window, host };
        Ok(Self {
            compiled,
            pool,
            epochs,
            is_keyed: sharing == Sharing::Keyed,
            recorder,
            window_refused,
            compile_time,
            was_cached,
            _pin: pin,
            events: OnceLock::new(),
            replaced: AtomicBool::new(false),
            retired: AtomicBool::new(false),
        })
    }

    /// Identity of the file.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.compiled.interface.digest
    }

    /// What the module is and offers.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.compiled.interface
    }

    /// How the functions are kept within their deadline.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.compiled.mode
    }

    /// How long compiling took, or loading what was compiled before.
    #[must_use]
    pub fn compile_time(&self) -> Duration {
        self.compile_time
    }

    /// Whether its code was compiled before and kept ([`crate::EngineOptions::cache`]).
    #[must_use]
    pub fn was_cached(&self) -> bool {
        self.was_cached
    }

    /// What the version did so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.pool.counters()
    }

    /// How long its calls took, waiting for an instance not included: those that were answered, of the first 256 calls in
    /// each place for an instance, then of each 256th, and of those that had to wait.
    ///
    /// ```
    /// # extern crate wasmtube_runtime as runtime;
    /// # use runtime::{Engine, LoadOptions, files};
    /// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt"))?;
    /// let engine = Engine::new(Default::default())?;
    /// let version = std::sync::Arc::new(files::load(&engine, "stats-v2.wasm".as_ref(), LoadOptions::default())?);
    /// assert_eq!(version.latency().median(), None);
    /// version.lease().call_json("calc_stats", r#"{"values":[1,2]}"#)?;
    /// assert_eq!(version.latency().timed(), 1);
    /// assert!(version.latency().median() <= version.latency().quantile(1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn latency(&self) -> Quantiles {
        self.pool.latency()
    }

    /// The right to call this version.
    #[must_use]
    pub fn lease(self: &Arc<Self>) -> Lease {
        Lease::new(Guard::from_inner(Arc::clone(self)))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.compiled.limits
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.compiled.engine
    }

    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    pub(crate) fn window_refused(&self) -> Option<&'static str> {
        self.window_refused
    }

    /// How many instances there are, idle or in use.
    pub(crate) fn instances(&self) -> usize {
        self.pool.live()
    }

    /// An instance that belongs to no pool, within the deadline of a call.
    pub(crate) fn fresh(&self, purpose: Purpose) -> Result<Box<Instance>, CallError> {
        let instance = Instance::start(&self.compiled, self.limits().deadline, purpose)?;
        self.pool.count_start();
        Ok(instance)
    }

    /// Starts instances for calls to come, on another thread, until there are `count` or as many as may be; none where
    /// each belongs to a key. A call that comes before starts its own.
    pub(crate) fn warm_to(self: &Arc<Self>, count: usize) {
        let count = count.min(self.pool.room_ahead());
        if self.pool.live() >= count {
            return;
        }
        let version = Arc::downgrade(self);
        self.engine().begin(move || {
            // So many at most, though calls may break some meanwhile.
            for _ in 0..count {
                let Some(version) = version.upgrade() else { return };
                if !version.warm_one(count) {
                    return;
                }
            }
        });
    }

    /// Whether another one may follow.
    fn warm_one(&self, count: usize) -> bool {
        if self.replaced.load(Ordering::Relaxed) || self.pool.live() >= count {
            return false;
        }
        match self.fresh(Purpose::Serve) {
            Ok(instance) => self.pool.add(instance),
            Err(error) => {
                tracing::warn!(digest = %self.digest(), %error, "cannot start an instance ahead of a call");
                false
            }
        }
    }

    /// Connects the version with the slot that it is published in.
    pub(crate) fn report_to(&self, events: Arc<Events>) {
        drop(self.events.set(events));
    }

    /// Another version took its place: no call is prepared for any more.
    pub(crate) fn mark_replaced(&self) {
        self.replaced.store(true, Ordering::Relaxed);
    }

    /// Refuses calls from now on; `true` the first time.
    pub(crate) fn retire(&self) -> bool {
        !self.retired.swap(true, Ordering::Relaxed)
    }

    /// Runs `call` on an instance of the pool, or of the key, under the deadline.
    #[inline]
    pub(crate) fn run<R>(
        &self,
        function: &str,
        key: Option<&Arc<str>>,
        call: impl FnOnce(&mut Instance) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        if self.retired.load(Ordering::Relaxed) {
            return Err(CallError::Retired);
        }
        let mut seat = match key {
            None if self.is_keyed => return Err(KeyError::Missing.into()),
            None => self.pool.seat()?,
            Some(key) => self.seat_of(key)?,
        };
        seat.occupy(|deadline| Instance::start(&self.compiled, deadline, Purpose::Serve))?;
        let (ticker, remaining) = (self.compiled.engine.ticker(), seat.remaining());
        let limit = remaining.unwrap_or(self.compiled.limits.deadline);
        let epoch = ticker.wake(limit);
        let instance = seat.instance()?;
        let epochs = remaining.map_or(self.epochs, |remaining| ticker.epochs(remaining));
        instance.begin(limit);
        ticker.allow(epoch, epochs, |epochs| instance.allow(epochs));
        let begun = remaining.is_some().then(Instant::now);
        let result = call(instance);
        if instance.spoiled {
            self.spoil(&mut seat, function, result.as_ref().err());
        }
        match &result {
            Ok(_) => seat.outcome = Outcome::Succeeded,
            Err(error) => seat.blame(error),
        }
        if let Some(begun) = begun {
            seat.note(begun.elapsed());
        }
        result
    }

    fn seat_of(&self, key: &Arc<str>) -> Result<Seat<'_>, CallError> {
        if !self.is_keyed {
            let state = if self.state() == State::Stateless { "stateless" } else { "slot" };
            return Err(KeyError::NotTaken { state }.into());
        }
        let (seat, evicted) = self.pool.seat_of(key)?;
        if let Some(Evicted { key, instance }) = evicted {
            self.discard(instance);
            if let Some(events) = self.events.get() {
                let (slot, key) = (events.slot().into(), key.to_string());
                events.emit(&SlotEvent::Evicted { slot, digest: self.digest(), key });
            }
        }
        Ok(seat)
    }

    #[cold]
    fn spoil(&self, seat: &mut Seat<'_>, function: &str, error: Option<&CallError>) {
        self.discard(seat.spoil());
        if let Some(error) = error {
            self.report_trap(function, error);
        }
    }

    fn discard(&self, instance: Option<Box<Instance>>) {
        if let Some(instance) = instance {
            self.engine().reaper().take(Waste::Instance(instance));
        }
    }

    fn state(&self) -> State {
        state(self.interface())
    }

    fn report_trap(&self, function: &str, error: &CallError) {
        let Some(events) = self.events.get() else { return };
        tracing::debug!(slot = events.slot(), function, %error, "a call broke its instance");
        events.emit(&SlotEvent::Trapped {
            slot: events.slot().into(),
            digest: self.digest(),
            function: function.into(),
            reason: error.to_string(),
            state_lost: self.state() != State::Stateless,
        });
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version").field("digest", &self.digest()).field("mode", &self.mode()).finish_non_exhaustive()
    }
}

fn module_code(engine: &Engine, mode: Mode, bytes: &[u8], interface: &Interface) -> wasmtime::Result<Obtained<Code>> {
    let compile = |engine: &wasmtime::Engine| wasmtime::Module::from_binary(engine, bytes);
    let Obtained { code: module, was_cached } = engine.obtain(mode, interface.digest, compile)?;
    let mut linker = wasmtime::Linker::<Host>::new(engine.wasm(mode));
    if interface.imports.iter().any(Import::is_abort) {
        define_abort(&mut linker)?;
    }
    host::define(&mut linker, &interface.imports)?;
    let code = Code::Module(linker.instantiate_pre(&module)?);
    Ok(Obtained { code, was_cached })
}

fn component_code(
    engine: &Engine,
    mode: Mode,
    bytes: &[u8],
    interface: &Interface,
) -> wasmtime::Result<Obtained<Code>> {
    let compile = |engine: &wasmtime::Engine| wasmtime::component::Component::from_binary(engine, bytes);
    let Obtained { code: component, was_cached } = engine.obtain(mode, interface.digest, compile)?;
    let index = |function: &Function| {
        let found = match function.name.split_once(module::SEPARATOR) {
            None => component.get_export_index(None, &function.name),
            Some((interface, name)) => component
                .get_export_index(None, interface)
                .and_then(|interface| component.get_export_index(Some(&interface), name)),
        };
        found.ok_or_else(|| wasmtime::format_err!("the export `{}` is not found", function.name))
    };
    let exports = interface.functions().iter().map(index).collect::<wasmtime::Result<_>>()?;
    let mut linker = wasmtime::component::Linker::<Host>::new(engine.wasm(mode));
    host::define_in_components(&mut linker, &interface.imports)?;
    let pre = linker.instantiate_pre(&component)?;
    Ok(Obtained { code: Code::Component { pre, exports }, was_cached })
}

/// What the instances keep: without a manifest the one instance keeps all, as the classic host did.
fn state(interface: &Interface) -> State {
    interface.manifest.as_ref().map_or(State::Slot, |manifest| manifest.state)
}

fn check_runnable(interface: &Interface, limits: &Limits, mode: Mode) -> Result<(), LoadError> {
    interface.check_size(limits)?;
    if mode == Mode::Stepped && interface.convention != Convention::Model {
        return Err(LoadError::SteppedNeedsModel { convention: interface.convention });
    }
    Ok(())
}
