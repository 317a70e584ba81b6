//! A running node.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use flow::{Changes, Clock, SystemClock, Timestamp, diff};
use runtime::{Breaking, CacheOptions, Engine, EngineOptions, Watcher, WatcherOptions, one_line};
use serde_json::Value;

use crate::body;
use crate::call::{self, Argument};
use crate::config::{Config, HttpLimits, NodeSpec};
use crate::journal::{Entry, Journal, Level};
use crate::neighbors::{Neighbors, of_client};
use crate::refusal::{Class, Refusal};
use crate::routes::{Routes, rest};
use crate::slots::Slots;
use crate::upstream::Upstream;

/// A running node: slots, routes, and what they need. Clones are the same node. Every function may block; none does for
/// longer than the limits of its slot or the time that it is given.
#[derive(Debug, Clone)]
pub struct Node {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    spec: NodeSpec,
    file: PathBuf,
    since: u64,
    slots: Arc<Slots>,
    routes: Routes,
    upstream: Arc<Upstream>,
    neighbors: Neighbors,
    journal: Arc<Journal>,
    /// From then on nothing more is taken.
    is_stopping: AtomicBool,
    /// Held while the configuration changes.
    changing: Mutex<()>,
    current: Mutex<Current>,
    /// Keeps other nodes out of the folder.
    _lock: File,
}

#[derive(Debug)]
struct Current {
    config: Config,
    since: u64,
    refused: Option<String>,
}

/// Why a node cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start: {reason}")]
pub struct StartNodeError {
    /// What is wrong, why, and what to do.
    pub reason: String,
}

impl Node {
    /// Starts everything that the configuration names; `file` is where it came from. A slot whose file is missing or
    /// broken stays vacant and says so.
    ///
    /// # Errors
    /// [`StartNodeError`]: the folder for data, a thread, or an end of a route is not to be had.
    pub fn start(config: Config, file: PathBuf) -> Result<Self, StartNodeError> {
        let failed = |what: &str, error: &dyn std::error::Error| StartNodeError {
            reason: format!("{what}: {}", one_line(error)),
        };
        let lock = lock_folder(&config.node.data)?;
        let journal = Arc::new(Journal::default());
        let engine = Engine::new(engine_options(&config.node)).map_err(|error| failed("the engine", &error))?;
        let watcher =
            Watcher::start(&engine, WatcherOptions::default()).map_err(|error| failed("the watcher", &error))?;
        let slots = Slots::open(engine, watcher, &config.node.data, Arc::clone(&journal))
            .map_err(|error| failed("the folder for data", &error))?;
        let slots = Arc::new(slots);
        let upstream = Upstream::start(config.node.name.clone(), config.upstream.clone(), Arc::clone(&journal))
            .map_err(|error| failed("a thread", &error))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let name = config.node.name.clone();
        let routes = Routes::new(name, Arc::clone(&slots) as _, clock, Arc::clone(&upstream), Arc::clone(&journal));
        let now = Timestamp::now().0;
        let mut empty = config.clone();
        empty.topology.slots.clear();
        empty.topology.routes.clear();
        let current = Current { config: empty, since: now, refused: None };
        let node = Self {
            shared: Arc::new(Shared {
                spec: config.node.clone(),
                file,
                since: now,
                slots,
                routes,
                upstream,
                neighbors: Neighbors::default(),
                journal,
                is_stopping: AtomicBool::new(false),
                changing: Mutex::new(()),
                current: Mutex::new(current),
                _lock: lock,
            }),
        };
        node.change(config).map_err(|refusal| StartNodeError { reason: refusal.message })?;
        Ok(node)
    }

    /// Changes what runs to what the configuration says; what is the same in both goes on undisturbed.
    ///
    /// # Errors
    /// [`Refusal`]: nothing has changed.
    pub fn apply(&self, config: Config) -> Result<(), Refusal> {
        let result = self.change(config);
        match &result {
            Ok(()) => {
                let message = "the configuration is in effect";
                self.shared.journal.note(Entry::of_node(Level::Info, "configured", message));
            }
            Err(refusal) => self.refuse_configuration(refusal.message.clone()),
        }
        result
    }

    fn change(&self, config: Config) -> Result<(), Refusal> {
        let shared = &self.shared;
        let _changing = shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if config.node != shared.spec {
            let message = "the section [node] cannot change while the node runs: restart it";
            return Err(Refusal::new(Class::Conflict, "needs_restart", message));
        }
        let before = shared.lock().config.clone();
        let change = diff(&before.topology, &config.topology);
        shared.neighbors.set(&config);
        shared.upstream.set(config.upstream.clone());
        // Routes find a slot when they call it, so that of those that stay none notices.
        let Changes { added, changed, removed } = change.slots;
        let opened = shared.slots.open_all(added.iter().chain(&changed));
        opened.map_err(|error| Refusal::new(Class::Internal, "internal", one_line(&error)))?;
        shared.routes.apply(change.routes);
        shared.slots.close_all(&removed);
        *shared.lock() = Current { config, since: Timestamp::now().0, refused: None };
        Ok(())
    }

    /// Notes that the configuration file holds what cannot come into effect.
    pub fn refuse_configuration(&self, reason: String) {
        let message = format!("refused, the configuration before stays in effect: {reason}");
        self.shared.journal.note(Entry::of_node(Level::Warning, "configuration-refused", message));
        self.shared.lock().refused = Some(reason);
    }

    /// What the HTTP interface allows at present.
    #[must_use]
    pub fn limits(&self) -> HttpLimits {
        self.shared.lock().config.limits.clone()
    }

    /// The node itself.
    #[must_use]
    pub fn status(&self) -> body::Node {
        let shared = &self.shared;
        let current = shared.lock();
        body::Node {
            name: shared.spec.name.clone(),
            layer: shared.spec.layer.as_str().into(),
            version: env!("CARGO_PKG_VERSION").into(),
            since: shared.since,
            configuration: body::Configuration {
                file: shared.file.display().to_string(),
                since: current.since,
                refused: current.refused.clone(),
            },
            upstream: shared.upstream.body(),
            cache: shared.slots.cache(),
        }
    }

    /// Every slot, by name.
    #[must_use]
    pub fn slots(&self) -> Vec<body::Slot> {
        self.shared.slots.bodies()
    }

    /// One slot.
    ///
    /// # Errors
    /// [`Class::Missing`].
    pub fn slot(&self, name: &str) -> Result<body::Slot, Refusal> {
        Ok(self.shared.slots.get(name)?.body())
    }

    /// Every route, by name.
    #[must_use]
    pub fn routes(&self) -> Vec<body::Route> {
        self.shared.routes.bodies()
    }

    /// One route.
    ///
    /// # Errors
    /// [`Class::Missing`].
    pub fn route(&self, name: &str) -> Result<body::Route, Refusal> {
        self.shared.routes.body(name)
    }

    /// The node events after the one of this number, oldest first, at most the 1,000 that are kept.
    #[must_use]
    pub fn events(&self, after: u64) -> Vec<body::NodeEvent> {
        self.shared.journal.after(after)
    }

    /// As [`Self::events`], but waits for the first of them if there is none, `most` at the longest.
    #[must_use]
    pub fn wait_for_events(&self, after: u64, most: Duration) -> Vec<body::NodeEvent> {
        self.shared.journal.wait(after, most)
    }

    /// Calls a function of the live version of a slot; `infer` and `predict` of compiled models are functions as well.
    ///
    /// # Errors
    /// [`Refusal`], whatever the function breaks.
    pub fn call(&self, slot: &str, function: &str, argument: Argument) -> Result<body::Answer, Refusal> {
        self.call_with_key(slot, function, None, argument)
    }

    /// As [`Self::call`], with the key of the state that the function is to see, where it keeps its state by key.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_with_key(
        &self,
        slot: &str,
        function: &str,
        key: Option<&str>,
        argument: Argument,
    ) -> Result<body::Answer, Refusal> {
        let lease = self.shared.slots.live(slot)?.acquire();
        let lease = match key {
            None => lease,
            Some(key) => lease.with_key(key).map_err(|error| call::refused(function, &error.into()))?,
        };
        call::call(&self.shared.spec.name, &lease, function, argument)
    }

    /// How long a call of the slot may take.
    pub(crate) fn deadline(&self, slot: &str) -> Result<Duration, Refusal> {
        Ok(self.shared.slots.get(slot)?.spec().deadline)
    }

    /// Makes a file the live version of a slot, and writes it to the slot's file.
    ///
    /// # Errors
    /// [`Class::Missing`], [`Class::AtFault`] where the version is refused, [`Class::Conflict`] where a newer one came
    /// meanwhile; the live one stays.
    pub fn push(&self, slot: &str, bytes: Vec<u8>) -> Result<body::Published, Refusal> {
        self.shared.slots.push(slot, bytes, Breaking::AsPolicy)
    }

    /// As [`Self::push`], for a version that may lack or change functions of the live one.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_breaking(&self, slot: &str, bytes: Vec<u8>) -> Result<body::Published, Refusal> {
        self.shared.slots.push(slot, bytes, Breaking::Allowed)
    }

    /// Makes an earlier version the live one again: the one of the digest, which may be cut to 8 digits, or the one
    /// before.
    ///
    /// # Errors
    /// [`Class::Missing`], [`Class::Invalid`], [`Class::Conflict`] where there is no such version or its file is not
    /// kept, [`Class::AtFault`] where it is refused; the live one stays.
    pub fn roll_back(&self, slot: &str, to: Option<&str>) -> Result<body::Published, Refusal> {
        self.shared.slots.roll_back(slot, to)
    }

    /// Puts values into a route whose source is `push`.
    ///
    /// # Errors
    /// [`Class::Missing`], [`Class::Conflict`] where the route has another source, [`Class::NotNow`] where no place was
    /// found for any.
    pub fn push_values(&self, route: &str, values: Vec<Value>) -> Result<body::Pushed, Refusal> {
        self.shared.routes.push(route, values)
    }

    /// Takes events of another node.
    ///
    /// # Errors
    /// [`Class::Invalid`], [`Class::TooLarge`], [`Class::NotNow`] where the node is about to stop; nothing was taken.
    pub fn deliver(&self, delivery: body::Delivery) -> Result<body::Receipt, Refusal> {
        if self.shared.is_stopping.load(Ordering::Relaxed) {
            return Err(Refusal::new(
                Class::NotNow,
                "stopping",
                "the node is about to stop: send the events again later",
            ));
        }
        self.shared.routes.deliver(delivery)
    }

    /// Asks every neighbor how it is, all at once, each for two seconds at most.
    #[must_use]
    pub fn neighbors(&self) -> Vec<body::Neighbor> {
        self.shared.neighbors.ask(&self.slots())
    }

    /// Calls a function on a neighbor: sends the body on with its content type and answers what it answers, status and
    /// body.
    ///
    /// # Errors
    /// [`Class::Missing`], [`Class::Unreachable`].
    pub fn call_neighbor(
        &self,
        neighbor: &str,
        slot: &str,
        function: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), Refusal> {
        let client = self.shared.neighbors.client(neighbor)?;
        client.call_raw(slot, function, content_type, body).map_err(|error| of_client(neighbor, &error))
    }

    /// Stops the sources, processes what was received and sends what waits, for `within` at most; answers in sentences
    /// what was lost.
    #[must_use = "it says what was lost"]
    pub fn stop(&self, within: Duration) -> Vec<String> {
        let begun = Instant::now();
        let shared = &self.shared;
        shared.is_stopping.store(true, Ordering::Relaxed);
        let mut lost = shared.routes.stop(within);
        let unsent = shared.upstream.stop(rest(begun, within));
        if unsent > 0 {
            lost.push(format!("{unsent} events were not acknowledged by the upstream node"));
        }
        lost
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of what the node keeps, compiled code may be lost and nothing else with it, so it has a folder of its own.
fn engine_options(spec: &NodeSpec) -> EngineOptions {
    let cache = CacheOptions { folder: spec.data.join("code"), bytes: spec.cache_bytes };
    EngineOptions { cache: (cache.bytes > 0).then_some(cache), ..EngineOptions::default() }
}

/// Makes the folder and takes it for this process alone.
fn lock_folder(folder: &Path) -> Result<File, StartNodeError> {
    let failed = |error: std::io::Error| StartNodeError {
        reason: format!("the folder for data {} cannot be used: {error}", folder.display()),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartNodeError {
            reason: format!(
                "another node uses the folder for data {}: stop it, or give this one another `data`",
                folder.display()
            ),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
