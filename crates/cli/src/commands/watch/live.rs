//! Where the file goes live: in a slot of this process, or on a node.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use abi::Digest;
use node::body::Published;
use node::client::Client;
use runtime::{Breaking, Candidate, Deploy, Deployed, Follower, OpenError, Place, one_line};

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
    pub(super) place: Place,
    pub(super) how: Deploy,
    pub(super) tell: Sender<Happening>,
}

/// A slot of a node, which is pushed to.
pub(super) struct There {
    pub(super) client: Client,
    pub(super) slot: String,
    pub(super) breaking: Breaking,
    pub(super) live: Mutex<Option<Digest>>,
    /// Held while a content is sent: another one waits for it.
    pub(super) sending: Mutex<()>,
    /// What came last; what waits and is not that is not sent.
    pub(super) newest: Mutex<Option<Digest>>,
    pub(super) tell: Sender<Happening>,
}

impl Here {
    /// What went live, while no other version can take its place.
    fn live(&self, deployed: &Deployed) -> Live {
        let lease = self.place.slot().map(|slot| slot.acquire());
        let manifest = lease.as_ref().and_then(|lease| lease.version().interface().manifest.as_ref());
        Live {
            digest: deployed.new,
            title: manifest.map(|manifest| format!("{} {}", manifest.name, manifest.version)),
            warning: None,
            at: Instant::now(),
            compile: deployed.compile,
            check: deployed.check,
            switch: deployed.switch,
        }
    }
}

impl There {
    /// Nothing where a newer content came meanwhile.
    fn put(&self, candidate: &Candidate) -> Option<Result<Live, String>> {
        let digest = candidate.digest();
        *lock(&self.newest) = Some(digest);
        let _sending = lock(&self.sending);
        if *lock(&self.newest) != Some(digest) {
            return None;
        }
        let published = match self.breaking {
            Breaking::AsPolicy => self.client.push(&self.slot, candidate.bytes(), |_| {}),
            Breaking::Allowed => self.client.push_breaking(&self.slot, candidate.bytes(), |_| {}),
        };
        Some(published.map_err(|error| one_line(&error)).map(|published| {
            *lock(&self.live) = Some(digest);
            Self::reported(digest, published)
        }))
    }

    fn reported(digest: Digest, published: Published) -> Live {
        let warning = |reason| format!("after a restart the node runs what the file of the slot holds: {reason}");
        Live {
            digest,
            title: None,
            warning: published.not_installed.map(warning),
            at: Instant::now(),
            compile: Duration::from_micros(published.compile_us),
            check: Duration::from_micros(published.check_us),
            switch: Duration::from_nanos(published.switch_ns),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.place.slot().map(|slot| slot.digest())
    }

    fn deploy(&self, candidate: Candidate) -> bool {
        let digest = candidate.digest();
        let told = self.place.deploy_then(candidate, self.how.clone(), |outcome| match outcome {
            Err(error) if error.is_superseded() => false,
            outcome => {
                let outcome = outcome.map(|deployed| self.live(&deployed)).map_err(|error| one_line(&error));
                told(&self.tell, outcome, digest)
            }
        });
        told.unwrap_or_else(|| {
            self.broke(digest);
            false
        })
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
        *lock(&self.live)
    }

    fn deploy(&self, candidate: Candidate) -> bool {
        self.put(&candidate).is_some_and(|outcome| told(&self.tell, outcome, candidate.digest()))
    }

    fn broke(&self, digest: Digest) {
        broke(&self.tell, digest);
    }

    fn unreadable(&self, error: &OpenError) {
        unreadable(&self.tell, error);
    }

    fn restored(&self) {}
}
