//! Where a slot will be.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::{Deploy, DeployError, Deployed, Shared, Slot, SlotOptions};
use crate::event::{SlotEvent, StepEvent};
use crate::{Candidate, Engine};

/// The place of a slot, vacant until a first candidate passed its checks.
///
/// ```
/// # extern crate wasmtube_runtime as runtime;
/// use runtime::{Candidate, Deploy, Engine, LoadOptions, Place, SlotOptions, files};
///
/// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt"))?;
/// let place = Place::new(&Engine::new(Default::default())?, "stats", SlotOptions::default());
/// place.on_step(|step| println!("{}: {} in {:?}", step.step, step.end, step.took));
/// for file in ["stats-v1.wasm", "stats-v2.wasm"] {
///     let candidate = Candidate::new(files::read(file.as_ref())?);
///     place.deploy(candidate, Deploy::at_once(LoadOptions::default()))?;
/// }
/// let slot = place.slot().ok_or("a version is live")?;
/// assert!(slot.acquire().call_json("calc_stats", r#"{"values":[127,71,110,-5]}"#)?.contains("75.75"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Place {
    shared: Arc<Shared>,
}

impl Place {
    /// A vacant place.
    #[must_use]
    pub fn new(engine: &Engine, name: impl Into<String>, options: SlotOptions) -> Self {
        Self { shared: Arc::new(Shared::vacant(engine, name.into(), options)) }
    }

    /// The slot; `None` while the place is vacant.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        self.shared.live().map(|_| Slot { shared: Arc::clone(&self.shared) })
    }

    /// As [`Slot::subscribe`].
    #[must_use]
    pub fn subscribe(&self, capacity: usize) -> Receiver<SlotEvent> {
        self.shared.events.subscribe(capacity)
    }

    /// As [`Slot::on_step`].
    pub fn on_step(&self, listener: impl Fn(&StepEvent) + Send + Sync + 'static) {
        self.shared.events.listen(listener);
    }

    /// As [`Slot::deploy`]. The first candidate that passes its checks ends the vacancy.
    ///
    /// # Errors
    /// As [`Slot::deploy`].
    pub fn deploy(&self, candidate: Candidate, how: Deploy) -> Result<Deployed, DeployError> {
        self.shared.deploy(candidate, how)
    }

    /// As [`Self::deploy`]; `then` hears how it ended, on the thread of the deployment and before another candidate can
    /// go live. So what is kept of versions is kept in their order; `then` itself must not deploy here, which would wait
    /// for ever. `None` where `then` panicked.
    pub fn deploy_then<R: Send>(
        &self,
        candidate: Candidate,
        how: Deploy,
        then: impl FnOnce(Result<Deployed, DeployError>) -> R + Send,
    ) -> Option<R> {
        self.shared.deploy_then(candidate, how, then)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("name", &self.shared.events.slot()).finish_non_exhaustive()
    }
}
