//! One running copy of a module: its memory and its resolved exports.

mod abort;
mod exports;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::{Window, export};

use crate::call::Argument;
use crate::call_error::CallError;
use crate::host::{HostFunctions, Purpose, Session};
use crate::limits::{Denied, Limiter, Limits};
use crate::module::Interface;
use crate::trap::start_fault;
use crate::window::Opened;
use crate::{Engine, Mode};

pub(crate) use abort::define as define_abort;
pub(crate) use exports::{Core, Entry, ModelExports, Raw};

/// What belongs to one instance on the host's side.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) limiter: Limiter,
    /// Names of exported functions by their number, for backtraces.
    pub(crate) export_names: Arc<HashMap<u32, String>>,
    /// What it sees of its slot; `None` of a module that asks nothing of the host.
    pub(crate) session: Option<Session>,
}

/// A compiled module and how its instances are to be run.
pub(crate) struct Compiled {
    pub(crate) engine: Engine,
    pub(crate) mode: Mode,
    pub(crate) code: Code,
    pub(crate) interface: Interface,
    pub(crate) limits: Arc<Limits>,
    pub(crate) window: Window,
    /// What it may ask of the host; `None` where it asks nothing.
    pub(crate) host: Option<HostFunctions>,
}

/// What an instance is made from.
pub(crate) enum Code {
    Module(wasmtime::InstancePre<Host>),
    Component {
        pre: wasmtime::component::InstancePre<Host>,
        /// By position of the function in its [`Interface`].
        exports: Vec<wasmtime::component::ComponentExportIndex>,
    },
}

/// One running copy of a module.
pub(crate) struct Instance {
    pub(crate) store: wasmtime::Store<Host>,
    /// `None` of a component, whose modules nobody sees.
    instance: Option<wasmtime::Instance>,
    memory: Option<wasmtime::Memory>,
    /// By position of the function in its [`Interface`].
    pub(crate) entries: Vec<Entry>,
    pub(crate) core: Option<Core>,
    pub(crate) model: Option<ModelExports>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) mode: Mode,
    pub(crate) window: Option<Opened>,
    pub(crate) window_choice: Window,
    /// End of the running call, where the host itself must look at the clock.
    until: Option<Instant>,
    /// Whether the memory may be half-written: the instance must not be called again.
    pub(crate) spoiled: bool,
    /// Room for the values of scalar calls.
    pub(crate) params: Vec<wasmtime::Val>,
    pub(crate) results: Vec<wasmtime::Val>,
}

impl Instance {
    /// Starts an instance: start function and initialisers run within `deadline`.
    pub(crate) fn start(compiled: &Compiled, deadline: Duration, purpose: Purpose) -> Result<Box<Self>, CallError> {
        let Compiled { engine, mode, code, interface, limits, window, host } = compiled;
        let running = engine.ticker().enter();
        let session = host.as_ref().map(|host| Session::new(host, interface.digest, purpose, deadline));
        let host = Host { limiter: Limiter::new(limits), export_names: Arc::clone(&interface.export_names), session };
        let mut store = wasmtime::Store::new(engine.wasm(*mode), host);
        store.limiter(|host| &mut host.limiter);
        running.allow(deadline, |epochs| store.set_epoch_deadline(epochs));
        let resolved = match code {
            Code::Module(pre) => {
                let instance =
                    pre.instantiate(&mut store).map_err(|error| start_fault(&error, store.data(), limits))?;
                Resolved::module(&mut store, instance, interface)?
            }
            Code::Component { pre, exports } => {
                let instance =
                    pre.instantiate(&mut store).map_err(|error| start_fault(&error, store.data(), limits))?;
                Resolved::component(&mut store, instance, exports, interface)?
            }
        };
        let Resolved { instance, memory, entries, core, model } = resolved;
        let mut started = Box::new(Self {
            store,
            instance,
            memory,
            entries,
            core,
            model,
            limits: Arc::clone(limits),
            mode: *mode,
            window: None,
            window_choice: window.clone(),
            until: None,
            spoiled: false,
            params: Vec::new(),
            results: Vec::new(),
        });
        started.initialize()?;
        Ok(started)
    }

    /// `_initialize` runs the constructors itself, so they run by themselves only without it.
    fn initialize(&mut self) -> Result<(), CallError> {
        for name in [export::INITIALIZE, export::CALL_CTORS] {
            if let Some(initialize) = self.typed_export::<(), ()>(name) {
                return initialize.call(&mut self.store, ()).map_err(|error| self.fault(&error));
            }
        }
        Ok(())
    }

    /// A function export of this name, if there is one.
    pub(crate) fn export(&mut self, name: &str) -> Option<wasmtime::Func> {
        self.instance?.get_func(&mut self.store, name)
    }

    /// A function export of this name and type, if there is one.
    pub(crate) fn typed_export<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        name: &str,
    ) -> Option<wasmtime::TypedFunc<P, R>> {
        self.export(name)?.typed(&self.store).ok()
    }

    /// Begins a call that may take `remaining`.
    pub(crate) fn begin(&mut self, remaining: Duration) {
        let host = self.store.data_mut();
        host.limiter.denied = None;
        if let Some(session) = &mut host.session {
            session.begin(remaining);
        }
        if self.mode == Mode::Stepped {
            self.until = Instant::now().checked_add(remaining);
        }
    }

    /// Lets an instance serve that was started to be tried.
    pub(crate) fn promote(&mut self) {
        if let Some(session) = &mut self.store.data_mut().session {
            session.promote();
        }
    }

    /// Lets guarded code run for so many epochs of the engine.
    #[inline]
    pub(crate) fn allow(&mut self, epochs: u64) {
        if self.mode == Mode::Guarded {
            self.store.set_epoch_deadline(epochs);
        }
    }

    /// Whether the call is over where the engine does not see to it. Costs nothing in guarded mode.
    pub(crate) fn check_deadline(&mut self) -> Result<(), CallError> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            self.spoiled = true;
            return Err(CallError::DeadlineExceeded { deadline: self.limits.deadline });
        }
        Ok(())
    }

    pub(crate) fn memory(&self) -> Result<wasmtime::Memory, CallError> {
        self.memory.ok_or_else(|| CallError::internal("a function that needs a memory was loaded without one"))
    }

    /// `len` bytes at `ptr`.
    pub(crate) fn read(&mut self, what: &'static str, ptr: u32, len: u32) -> Result<&[u8], CallError> {
        let memory = self.memory()?;
        let size = memory.data_size(&self.store);
        if u64::from(ptr) + u64::from(len) > size as u64 {
            self.spoiled = true;
            return Err(CallError::PointerOutOfRange { what, ptr, len, memory: size });
        }
        Ok(&memory.data(&self.store)[ptr as usize..][..len as usize])
    }

    /// Puts `bytes` at `ptr`.
    pub(crate) fn write(&mut self, what: &'static str, ptr: u32, bytes: &[u8]) -> Result<(), CallError> {
        let memory = self.memory()?;
        let data = memory.data_mut(&mut self.store);
        let (size, start) = (data.len(), ptr as usize);
        match data.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            None => {
                self.spoiled = true;
                let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                Err(CallError::PointerOutOfRange { what, ptr, len, memory: size })
            }
        }
    }

    /// Checks the size of an argument and gives it as a length.
    pub(crate) fn argument_len(&self, argument: Argument<'_>) -> Result<i32, CallError> {
        let bytes = argument.bytes.len();
        let largest = match argument.size {
            Some(_) => self.limits.picture_bytes,
            None => self.limits.argument_bytes,
        };
        let limit = largest.min(i32::MAX as usize);
        match (i32::try_from(bytes), argument.size) {
            (Ok(len), _) if bytes <= limit => Ok(len),
            (_, Some((width, height))) => Err(CallError::PictureTooLarge { width, height, bytes, limit }),
            (_, None) => Err(CallError::ArgumentTooLarge { bytes, limit }),
        }
    }

    /// Why the function made no room for an argument of so many bytes.
    pub(crate) fn no_room(&self, bytes: usize) -> CallError {
        match self.store.data().limiter.denied {
            Some(Denied::Memory { wanted }) => CallError::MemoryLimit { wanted, limit: self.limits.memory_bytes },
            Some(Denied::Table { .. }) | None => CallError::GuestOutOfMemory { bytes },
        }
    }

    /// Checks the announced size of a result.
    pub(crate) fn check_result_len(&self, len: u32) -> Result<(), CallError> {
        let (bytes, limit) = (len as usize, self.limits.result_bytes);
        if bytes > limit { Err(CallError::ResultTooLarge { bytes, limit }) } else { Ok(()) }
    }
}

/// What is looked up once in a new instance.
struct Resolved {
    instance: Option<wasmtime::Instance>,
    memory: Option<wasmtime::Memory>,
    entries: Vec<Entry>,
    core: Option<Core>,
    model: Option<ModelExports>,
}

impl Resolved {
    fn module(
        store: &mut wasmtime::Store<Host>,
        instance: wasmtime::Instance,
        interface: &Interface,
    ) -> Result<Self, CallError> {
        Ok(Self {
            instance: Some(instance),
            memory: interface.memory.as_ref().and_then(|decl| instance.get_memory(&mut *store, &decl.name)),
            entries: exports::entries(store, &instance, interface)?,
            core: exports::core(store, &instance),
            model: interface.model().map(|_| exports::model(store, &instance)).transpose()?,
        })
    }

    fn component(
        store: &mut wasmtime::Store<Host>,
        instance: wasmtime::component::Instance,
        exports: &[wasmtime::component::ComponentExportIndex],
        interface: &Interface,
    ) -> Result<Self, CallError> {
        let entries = exports::component_entries(store, instance, exports, interface)?;
        Ok(Self { instance: None, memory: None, entries, core: None, model: None })
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("spoiled", &self.spoiled).finish_non_exhaustive()
    }
}
