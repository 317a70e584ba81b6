//! The thread that follows files.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use abi::Digest;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};

use super::follower::{Follower, SlotFollower};
use super::hops::Hops;
use super::identity::Identity;
use super::watched::{Hint, Watched};
use crate::{Candidate, Engine, LoadOptions, Slot};

const THREAD: &str = "wasmtube-watcher";

/// How files are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatcherOptions {
    /// Time between two looks at a file that no event reports, as on network file systems.
    pub poll: Duration,
    /// How long a file that cannot prove itself whole must stand still, at first; longer while it keeps changing.
    pub settle: Duration,
    /// Whether the system is asked to tell of changes. Without that, and where it tells of none, polling does it all.
    pub events: bool,
}

impl Default for WatcherOptions {
    /// A look every 2 s, a settle time of 100 ms, events.
    fn default() -> Self {
        Self { poll: Duration::from_secs(2), settle: Duration::from_millis(100), events: true }
    }
}

/// Why files cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The thread was refused.
    #[error("cannot start the thread `{THREAD}`")]
    Thread(#[source] io::Error),
    /// The path means nothing.
    #[error("cannot make {} absolute", .path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The watcher's thread ended.
    #[error("internal error, please report it: the watcher's thread is gone")]
    Gone,
}

/// Follows files and publishes what appears in them; one for a process is enough. Dropping it ends the following.
pub struct Watcher {
    messages: Sender<Message>,
    options: WatcherOptions,
    next: AtomicU64,
}

/// Follows one file for one slot until it is dropped.
pub struct Watch {
    messages: Sender<Message>,
    id: u64,
    path: PathBuf,
}

enum Message {
    Add(u64, Box<Watched>),
    Remove(u64),
    Event(notify::Result<notify::Event>),
    Prepared { id: u64, candidate: u64, is_live: bool },
    Stop,
}

impl Watcher {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`WatchError::Thread`]. Where the system gives no file events, a warning is logged and polling does it all.
    pub fn start(engine: &Engine, options: WatcherOptions) -> Result<Self, WatchError> {
        let (messages, queue) = mpsc::channel();
        let (to_thread, to_prepare, events) = (messages.clone(), engine.clone(), options.events);
        thread::Builder::new()
            .name(THREAD.into())
            .spawn(move || Thread::new(to_prepare, to_thread, events).run(&queue))
            .map_err(WatchError::Thread)?;
        Ok(Self { messages, options, next: AtomicU64::new(0) })
    }

    /// Publishes in `slot` whatever new content appears at `path`, a file or a symbolic link, that need not exist yet.
    /// A content that is refused is reported once by [`crate::SlotEvent::Refused`] and the live version stays.
    ///
    /// # Errors
    /// [`WatchError::Path`], [`WatchError::Gone`].
    pub fn watch(&self, slot: &Slot, path: &Path, load: LoadOptions) -> Result<Watch, WatchError> {
        self.follow(path, Arc::new(SlotFollower { slot: slot.clone(), load }))
    }

    /// As [`Self::watch`], with the decision about new content left to the follower.
    ///
    /// # Errors
    /// [`WatchError::Path`], [`WatchError::Gone`].
    pub fn follow(&self, path: &Path, follower: Arc<dyn Follower>) -> Result<Watch, WatchError> {
        let path = std::path::absolute(path).map_err(|source| WatchError::Path { path: path.into(), source })?;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let watched = Watched::new(follower, path.clone(), self.options.poll, self.options.settle);
        self.messages.send(Message::Add(id, Box::new(watched))).map_err(|_| WatchError::Gone)?;
        Ok(Watch { messages: self.messages.clone(), id, path })
    }
}

impl Watch {
    /// The path that is followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.messages.send(Message::Stop));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.messages.send(Message::Remove(self.id)));
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("options", &self.options).finish_non_exhaustive()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("path", &self.path).finish_non_exhaustive()
    }
}

struct Thread {
    engine: Engine,
    messages: Sender<Message>,
    files: HashMap<u64, Watched>,
    events: Option<notify::RecommendedWatcher>,
    /// Directories under watch and which directory each path was then.
    armed: HashMap<PathBuf, (u64, u64)>,
    /// Directories that cannot be watched, so that it is said once.
    deaf: BTreeSet<PathBuf>,
}

impl Thread {
    fn new(engine: Engine, messages: Sender<Message>, events: bool) -> Self {
        let to_self = messages.clone();
        let listen = || {
            notify::recommended_watcher(move |event| drop(to_self.send(Message::Event(event))))
                .inspect_err(|error| {
                    tracing::warn!(%error, "no file events, polling instead; on Linux raise fs.inotify.max_user_instances");
                })
                .ok()
        };
        let events = if events { listen() } else { None };
        Self { engine, messages, files: HashMap::new(), events, armed: HashMap::new(), deaf: BTreeSet::new() }
    }

    fn run(mut self, queue: &Receiver<Message>) {
        loop {
            let message = match self.next_look() {
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => queue.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.look_at_due();
        }
    }

    fn next_look(&self) -> Option<Instant> {
        self.files.values().map(|file| file.look_at).min()
    }

    fn take(&mut self, message: Message) {
        let now = Instant::now();
        match message {
            Message::Add(id, watched) => {
                self.files.insert(id, *watched);
            }
            Message::Remove(id) => {
                self.files.remove(&id);
                self.arm();
            }
            Message::Prepared { id, candidate, is_live } => {
                if let Some(file) = self.files.get_mut(&id) {
                    file.prepared(candidate, is_live);
                }
            }
            Message::Event(Ok(event)) => {
                let Some(hint) = hint(&event) else { return };
                for file in self.files.values_mut() {
                    let concerns =
                        |path: &PathBuf| file.hops.paths.contains(path) || file.hops.directories.contains(path);
                    if event.need_rescan() || event.paths.iter().any(concerns) {
                        file.hint(hint, now);
                    }
                }
            }
            Message::Event(Err(error)) => {
                tracing::warn!(%error, "file events were lost, looking at all files");
                self.files.values_mut().for_each(|file| file.hint(Hint::Finished, now));
            }
            Message::Stop => {}
        }
    }

    fn look_at_due(&mut self) {
        let now = Instant::now();
        let due: Vec<u64> = self.files.iter().filter(|(_, file)| file.look_at <= now).map(|(&id, _)| id).collect();
        for id in due {
            let Some(file) = self.files.get_mut(&id) else { continue };
            // Armed before the look: what happens after it is an event.
            file.hops = Hops::of(&file.path);
            self.arm();
            let Some(file) = self.files.get_mut(&id) else { continue };
            if let Some((number, candidate)) = file.look(now) {
                let (follower, digest) = (Arc::clone(&file.follower), candidate.digest());
                let to = self.messages.clone();
                let report = Report { id, candidate: number, digest, follower, to, is_live: None };
                self.engine.begin(move || report.deploy(candidate));
            }
        }
    }

    /// Watches exactly the directories that the files need, anew where a directory was replaced.
    fn arm(&mut self) {
        let Some(events) = &mut self.events else { return };
        let wanted: BTreeSet<&PathBuf> = self.files.values().flat_map(|file| &file.hops.directories).collect();
        self.armed.retain(|path, _| {
            let keep = wanted.contains(path);
            if !keep {
                drop(events.unwatch(path));
            }
            keep
        });
        for path in wanted {
            let Ok(metadata) = fs::metadata(path) else { continue };
            let place = Identity::of(&metadata).place();
            if self.armed.get(path) == Some(&place) {
                continue;
            }
            if self.armed.contains_key(path) {
                drop(events.unwatch(path));
            }
            match events.watch(path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.armed.insert(path.clone(), place);
                    self.deaf.remove(path);
                }
                Err(error) => {
                    self.armed.remove(path);
                    if self.deaf.insert(path.clone()) {
                        tracing::warn!(path = %path.display(), %error, "no events for this directory, polling instead");
                    }
                }
            }
        }
    }
}

/// `None` for what our own reading causes.
fn hint(event: &notify::Event) -> Option<Hint> {
    if event.need_rescan() {
        return Some(Hint::Finished);
    }
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Hint::Finished),
        EventKind::Access(_) => None,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => Some(Hint::Finished),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => Some(Hint::Maybe),
    }
}

/// Tells the thread how a candidate fared, even if preparing it panicked.
struct Report {
    id: u64,
    candidate: u64,
    digest: Digest,
    follower: Arc<dyn Follower>,
    to: Sender<Message>,
    is_live: Option<bool>,
}

impl Report {
    fn deploy(mut self, candidate: Candidate) {
        self.is_live = Some(self.follower.deploy(candidate));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let is_live = self.is_live.unwrap_or_else(|| {
            self.follower.broke(self.digest);
            false
        });
        drop(self.to.send(Message::Prepared { id: self.id, candidate: self.candidate, is_live }));
    }
}
