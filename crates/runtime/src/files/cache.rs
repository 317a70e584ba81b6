//! Compiled code on disk, so that what was compiled once is loaded in milliseconds: after a restart, and when a slot goes
//! back to a version.
//!
//! Whoever writes code for us to run is us, so entries lie in a folder that only the user of the process may enter, and
//! each is proven by a code of authentication under a secret of the folder, once in a process; the proven descriptor stays
//! open, and what is opened by its name again is proven again. Whatever does not prove is compiled anew. Nothing that
//! goes wrong here is an error: it costs time, and is said once.

mod entry;
mod folder;
mod key;
mod mac;
#[allow(unsafe_code, reason = "the engine believes what it loads; what makes that true stands beside the two calls")]
mod native;
mod quota;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abi::Digest;

use self::entry::EntryError;
use self::folder::Folder;
use self::key::{EntryKey, Environment, NodeKey};
use self::native::Proven;
use self::quota::Quota;
use crate::{Mode, one_line};

pub(crate) use self::native::Native;

/// Most descriptors that stay open; the entries of others are proven again when they are loaded again.
const OPEN_MAX: usize = 32;

/// Where compiled code is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheOptions {
    /// The folder, for one engine at a time. It is made if it is not there; one that others may enter is not used.
    pub folder: PathBuf,
    /// Most bytes in it. What is in use is never removed for something new, which is then not kept.
    pub bytes: u64,
}

/// How keeping compiled code goes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatus {
    /// Where it is kept.
    pub folder: PathBuf,
    /// Bytes that are kept.
    pub bytes: u64,
    /// Most bytes that may be kept.
    pub limit: u64,
    /// Files whose code is kept, each as often as it was compiled for another mode or another version of the engine.
    pub entries: usize,
    /// How often code was loaded since the engine was made.
    pub loaded: u64,
    /// How often code had to be compiled since then.
    pub compiled: u64,
    /// How many entries were damaged or foreign since then.
    pub refused: u64,
    /// Why compiled code is not kept or not loaded at present, if that is so.
    pub problem: Option<String>,
}

/// Keeps the compiled code of a file from being removed for other code, for as long as this is held.
#[must_use = "the code is kept for as long as this is held"]
pub struct Pin {
    cache: Option<Arc<CodeCache>>,
    digest: Digest,
}

/// Compiled code by what it was compiled from and for.
pub(crate) struct CodeCache {
    options: CacheOptions,
    /// `None` where the folder cannot be used.
    store: Option<Store>,
    state: Mutex<State>,
    /// Held while files change, so that what is noted of them is so.
    writing: Mutex<()>,
}

struct Store {
    folder: Folder,
    secret: NodeKey,
    guarded: Environment,
    stepped: Environment,
}

struct State {
    quota: Quota,
    open: HashMap<EntryKey, Open>,
    /// Counts uses of open entries.
    uses: u64,
    loaded: u64,
    compiled: u64,
    refused: u64,
    problem: Option<String>,
    is_said: bool,
}

struct Open {
    proven: Arc<Proven>,
    used: u64,
}

/// Code, and whether it was found.
pub(crate) struct Obtained<T> {
    pub(crate) code: T,
    pub(crate) was_cached: bool,
}

impl CodeCache {
    /// The cache of the engines of both modes.
    pub(crate) fn open(options: CacheOptions, guarded: &wasmtime::Engine, stepped: &wasmtime::Engine) -> Self {
        let state = State {
            quota: Quota::new(options.bytes),
            open: HashMap::new(),
            uses: 0,
            loaded: 0,
            compiled: 0,
            refused: 0,
            problem: None,
            is_said: false,
        };
        let mut cache = Self { options, store: None, state: Mutex::new(state), writing: Mutex::default() };
        let environments = (Environment::of(guarded, Mode::Guarded), Environment::of(stepped, Mode::Stepped));
        match cache.open_store(environments) {
            Ok(store) => cache.store = Some(store),
            Err(error) => {
                cache.trouble(format!("the folder {} cannot be used: {error}", cache.options.folder.display()));
            }
        }
        cache
    }

    fn open_store(&self, (guarded, stepped): (Environment, Environment)) -> std::io::Result<Store> {
        let folder = Folder::open(&self.options.folder)?;
        let secret = NodeKey::open(&folder)?;
        let mut state = self.lock();
        for found in entry::list(&folder)? {
            let is_ours = [guarded, stepped].contains(&found.key.environment);
            state.quota.found(found.key, found.bytes, found.serial, is_ours);
        }
        Ok(Store { folder, secret, guarded, stepped })
    }

    /// The code of a file: what was kept, or else what `compile` gives, which is kept for the next time.
    pub(crate) fn obtain<T: Native>(
        &self,
        engine: &wasmtime::Engine,
        mode: Mode,
        digest: Digest,
        compile: impl FnOnce() -> wasmtime::Result<T>,
    ) -> wasmtime::Result<Obtained<T>> {
        let found = self.store.as_ref().map(|store| {
            let environment = match mode {
                Mode::Guarded => store.guarded,
                Mode::Stepped => store.stepped,
            };
            let key = EntryKey { digest, environment };
            (store, key, self.load(store, key, engine))
        });
        if let Some((store, _, Some(code))) = found {
            self.trim(store);
            return Ok(Obtained { code, was_cached: true });
        }
        let code = compile()?;
        self.lock().compiled += 1;
        if let Some((store, key, None)) = found {
            self.keep(store, key, &code);
        }
        Ok(Obtained { code, was_cached: false })
    }

    fn load<T: Native>(&self, store: &Store, key: EntryKey, engine: &wasmtime::Engine) -> Option<T> {
        let proven = self.proven(store, key)?;
        match T::load(engine, &proven) {
            Ok(code) => {
                let mut state = self.lock();
                state.loaded += 1;
                state.quota.used(&key);
                Some(code)
            }
            Err(error) => {
                self.trouble(format!("compiled code that was kept cannot be loaded: {error:#}"));
                None
            }
        }
    }

    /// The entry, proven now or before.
    fn proven(&self, store: &Store, key: EntryKey) -> Option<Arc<Proven>> {
        if let Some(proven) = self.lock().open(&key) {
            return Some(proven);
        }
        match entry::prove(&store.folder, &store.secret, &key) {
            Ok(proven) => Some(self.lock().hold(key, proven)),
            Err(EntryError::Absent) => None,
            Err(error @ EntryError::Untrue { .. }) => {
                tracing::warn!(
                    entry = %key,
                    error = %error,
                    "compiled code that was kept is not what was written: it is compiled again"
                );
                self.lock().refused += 1;
                let _writing = self.writing();
                // What cannot be removed is refused again the next time.
                drop(self.remove(store, &key));
                None
            }
            Err(error @ EntryError::Read(_)) => {
                self.trouble(format!("compiled code that was kept cannot be read: {}", one_line(&error)));
                None
            }
        }
    }

    fn keep<T: Native>(&self, store: &Store, key: EntryKey, code: &T) {
        // What was proven and yet could not be loaded cannot be loaded when it is written again.
        if self.lock().open.contains_key(&key) {
            return;
        }
        let content = match code.serialize() {
            Ok(content) => content,
            Err(error) => return self.trouble(format!("compiled code cannot be written down: {error:#}")),
        };
        let bytes = (content.bytes().len() as u64).saturating_add(entry::TAG_BYTES);
        let writing = self.writing();
        let admitted = self.lock().admit(key, bytes);
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(full) => return self.trouble(full.to_string()),
        };
        self.remove_files(store, &admitted.removed);
        match entry::write(&store.folder, &store.secret, &key, admitted.serial, &content) {
            Ok(()) => {
                drop(writing);
                self.lock().problem = None;
                // A slot that goes back to it soon need not wait for the proof.
                drop(self.proven(store, key));
            }
            Err(error) => {
                drop(self.remove(store, &key));
                let folder = self.options.folder.display();
                self.trouble(format!("compiled code cannot be kept in {folder}: {error}"));
            }
        }
    }

    /// Removes what is too much in a folder in which more was allowed before, now that what is in use is known.
    fn trim(&self, store: &Store) {
        if !self.lock().quota.is_exceeded() {
            return;
        }
        let _writing = self.writing();
        let removed = self.lock().trim();
        self.remove_files(store, &removed);
    }

    fn remove_files(&self, store: &Store, removed: &[EntryKey]) {
        for key in removed {
            if let Err(error) = entry::remove(&store.folder, key) {
                self.trouble(format!("compiled code that was kept cannot be removed: {error}"));
            }
        }
    }

    fn remove(&self, store: &Store, key: &EntryKey) -> std::io::Result<()> {
        self.lock().quota.remove(key);
        entry::remove(&store.folder, key)
    }

    pub(crate) fn pin(self: &Arc<Self>, digest: Digest) -> Pin {
        self.lock().quota.pin(digest);
        Pin { cache: Some(Arc::clone(self)), digest }
    }

    pub(crate) fn status(&self) -> CacheStatus {
        let state = self.lock();
        CacheStatus {
            folder: self.options.folder.clone(),
            bytes: state.quota.bytes(),
            limit: state.quota.limit(),
            entries: state.quota.len(),
            loaded: state.loaded,
            compiled: state.compiled,
            refused: state.refused,
            problem: state.problem.clone(),
        }
    }

    /// Remembers why something is not kept, and says it the first time.
    fn trouble(&self, reason: String) {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.is_said, true) {
            tracing::warn!(reason, "compiled code is not kept: versions are compiled again at every start");
        }
        state.problem = Some(reason);
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A place for an entry. Descriptors of what goes for it are closed.
    fn admit(&mut self, key: EntryKey, bytes: u64) -> Result<quota::Admitted, quota::Full> {
        let admitted = self.quota.admit(key, bytes)?;
        for gone in admitted.removed.iter().chain([&key]) {
            self.open.remove(gone);
        }
        Ok(admitted)
    }

    /// What is too much. Its descriptors are closed.
    fn trim(&mut self) -> Vec<EntryKey> {
        let removed = self.quota.trim();
        for gone in &removed {
            self.open.remove(gone);
        }
        removed
    }

    fn open(&mut self, key: &EntryKey) -> Option<Arc<Proven>> {
        let open = self.open.get_mut(key)?;
        self.uses += 1;
        open.used = self.uses;
        Some(Arc::clone(&open.proven))
    }

    /// Keeps a descriptor open, in place of the one that was not used for the longest.
    fn hold(&mut self, key: EntryKey, proven: Proven) -> Arc<Proven> {
        if self.open.len() >= OPEN_MAX
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.used).map(|(key, _)| *key)
        {
            self.open.remove(&oldest);
        }
        self.uses += 1;
        let proven = Arc::new(proven);
        self.open.insert(key, Open { proven: Arc::clone(&proven), used: self.uses });
        proven
    }
}

impl fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeCache").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Pin {
    /// One that keeps nothing, of an engine that keeps no code.
    pub(crate) fn of_nothing(digest: Digest) -> Self {
        Self { cache: None, digest }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        if let Some(cache) = &self.cache {
            cache.lock().quota.unpin(self.digest);
        }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pin").field("digest", &self.digest).finish_non_exhaustive()
    }
}
