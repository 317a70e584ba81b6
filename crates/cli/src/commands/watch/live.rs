//! Where the file goes live: in a slot of this process, or on a node.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use abi::Digest;
use node::client::Client;
use runtime::{Engine, Follower, LoadOptions, OpenError, Slot, SlotPolicy, Version, one_line};

use super::Happening;

/// What went live.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub(super) digest: Digest,
    /// Name and version that the file gives itself.
    pub(super) title: Option<String>,
    /// What is not as it should be although it is live.
    pub(super) warning: Option<String>,
    pub(super) at: Instant,
    pub(super) compile: Duration,
    pub(super) check: Duration,
    pub(super) switch: Duration,
}

/// A content that did not go live.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) digest: Option<Digest>,
    pub(super) reason: String,
}

/// A slot of this process, vacant until the first version is there.
pub(super) struct Here {
    pub(super) engine: Engine,
    pub(super) load: LoadOptions,
    pub(super) slot: Arc<OnceLock<Slot>>,
    pub(super) tell: Sender<Happening>,
}

/// A slot of a node, which is pushed to.
pub(super) struct There {
    pub(super) client: Client,
    pub(super) slot: String,
    pub(super) live: Mutex<Option<Digest>>,
    pub(super) tell: Sender<Happening>,
}

impl Here {
    fn put(&self, bytes: Vec<u8>) -> Result<Live, String> {
        let version = Version::load(&self.engine, bytes, self.load.clone()).map_err(|error| one_line(&error))?;
        let (digest, compile) = (version.digest(), version.compile_time());
        let manifest = version.interface().manifest.as_ref();
        let title = manifest.map(|manifest| format!("{} {}", manifest.name, manifest.version));
        let (check, switch) = match self.slot.get() {
            Some(slot) => {
                let published = slot.publish(version).map_err(|error| one_line(&error))?;
                (published.check, published.switch)
            }
            None => {
                let begun = Instant::now();
                let slot = Slot::new("watched", version, SlotPolicy::default()).map_err(|error| one_line(&error))?;
                let check = begun.elapsed();
                let begun = Instant::now();
                // Versions are put one at a time.
                drop(self.slot.set(slot));
                (check, begun.elapsed())
            }
        };
        Ok(Live { digest, title, warning: None, at: Instant::now(), compile, check, switch })
    }
}

impl There {
    fn put(&self, bytes: &[u8], digest: Digest) -> Result<Live, String> {
        let published = self.client.push(&self.slot, bytes, |_| {}).map_err(|error| one_line(&error))?;
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
        Ok(Live {
            digest,
            title: None,
            warning: published
                .not_installed
                .map(|reason| format!("after a restart the node runs what the file of the slot holds: {reason}")),
            at: Instant::now(),
            compile: Duration::from_micros(published.compile_us),
            check: Duration::from_micros(published.check_us),
            switch: Duration::from_nanos(published.switch_ns),
        })
    }
}

/// Tells how it went; whether the content is live now.
fn told(tell: &Sender<Happening>, outcome: Result<Live, String>, digest: Digest) -> bool {
    let is_live = outcome.is_ok();
    let happening = match outcome {
        Ok(live) => Happening::Live(live),
        Err(reason) => Happening::Refused(Refused { digest: Some(digest), reason }),
    };
    // Nobody listens any more when the command ends.
    drop(tell.send(happening));
    is_live
}

fn broke(tell: &Sender<Happening>, digest: Digest) {
    let reason = "internal error, please report it: preparing the file panicked".into();
    drop(tell.send(Happening::Refused(Refused { digest: Some(digest), reason })));
}

fn unreadable(tell: &Sender<Happening>, error: &OpenError) {
    drop(tell.send(Happening::Refused(Refused { digest: None, reason: one_line(error) })));
}

impl Follower for Here {
    fn live(&self) -> Option<Digest> {
        self.slot.get().map(Slot::digest)
    }

    fn deploy(&self, bytes: Vec<u8>, digest: Digest) -> bool {
        told(&self.tell, self.put(bytes), digest)
    }

    fn broke(&self, digest: Digest) {
        broke(&self.tell, digest);
    }

    fn unreadable(&self, error: &OpenError) {
        unreadable(&self.tell, error);
    }

    fn restored(&self) {}
}

impl Follower for There {
    fn live(&self) -> Option<Digest> {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deploy(&self, bytes: Vec<u8>, digest: Digest) -> bool {
        told(&self.tell, self.put(&bytes, digest), digest)
    }

    fn broke(&self, digest: Digest) {
        broke(&self.tell, digest);
    }

    fn unreadable(&self, error: &OpenError) {
        unreadable(&self.tell, error);
    }

    fn restored(&self) {}
}
