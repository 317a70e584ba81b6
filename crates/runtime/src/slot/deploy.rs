//! The protocol by which a candidate becomes the live version, a function for each part of it. Everything that brings
//! contents hands them over here: followed files, a node, C, embedders.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use abi::Digest;

use super::stage::Stage;
use super::{Publication, Shared, compatibility};
use crate::engine::{Retired, Waste};
use crate::event::{SlotEvent, Step};
use crate::load_error::LoadError;
use crate::publish_error::PublishError;
use crate::version::Rehearsal;
use crate::{Candidate, FaultPoint, LoadOptions, Module, Version};

/// How a candidate is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// How it is to be run.
    pub load: LoadOptions,
    /// How it takes the place of the live version.
    pub entry: Entry,
    /// Whether it may break callers of the live version.
    pub breaking: Breaking,
}

/// How a candidate takes the place of the live version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry {
    /// As soon as it passed its checks.
    AtOnce,
    /// The same, for a version that was live before: it may lack functions that came later, and it does not wait while
    /// others are compiled.
    Back,
}

/// Whether a version may lack or change functions of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breaking {
    /// As the [`super::SlotPolicy`] of the slot says.
    AsPolicy,
    /// It may, this once.
    Allowed,
}

/// What a deployment did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Which deployment of the slot, counted from 1.
    pub deployment: u64,
    /// The version before; `None` where the slot was vacant. Equal to `new` where the content was live already, so that
    /// nothing had to be done.
    pub old: Option<Digest>,
    /// The live version.
    pub new: Digest,
    /// Time to compile it.
    pub compile: Duration,
    /// Time to start its first instance and to check it.
    pub check: Duration,
    /// Time of the exchange itself, the only part that a call could meet.
    pub switch: Duration,
}

/// Why a candidate did not go live. The live version stays.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// It is no file that can be run.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It did not pass its checks, or a newer candidate came.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A defect of ours.
    #[error("internal error, please report it: preparing the version panicked")]
    Panicked,
}

impl Deploy {
    /// As soon as it passed its checks; what it may break is what the slot allows.
    #[must_use]
    pub fn at_once(load: LoadOptions) -> Self {
        Self { load, entry: Entry::AtOnce, breaking: Breaking::AsPolicy }
    }

    /// As [`Self::at_once`], for a version that was live before.
    #[must_use]
    pub fn back(load: LoadOptions) -> Self {
        Self { entry: Entry::Back, ..Self::at_once(load) }
    }
}

impl Deployed {
    /// Whether another version was live before, or none.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.old != Some(self.new)
    }
}

impl DeployError {
    /// Whether nothing is wrong with the candidate but that a newer one came.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        matches!(self, Self::Publish(PublishError::Superseded { .. }))
    }
}

/// Deploys on this thread. `then` hears how it ended while no other version can take the place.
pub(super) fn deploy<R>(
    shared: &Shared,
    candidate: Candidate,
    how: Deploy,
    then: impl FnOnce(Result<Deployed, DeployError>) -> R,
) -> R {
    let (digest, inbox) = (candidate.digest, &shared.inbox);
    let ticket = match &candidate.seal {
        Ok(_) => inbox.enter(digest, candidate.settled.map(|_| candidate.noticed)),
        Err(_) => inbox.enter_in_vain(digest),
    };
    let stage = shared.stage(&ticket, digest);
    let attempt = AssertUnwindSafe(|| attempt(shared, &stage, &candidate, &how));
    let (outcome, _turn) = panic::catch_unwind(attempt).unwrap_or_else(|_| (Err(DeployError::Panicked), ticket.turn()));
    if let Err(error) = &outcome
        && !error.is_superseded()
    {
        shared.refuse(Some(digest), error);
    }
    then(outcome)
}

/// Answers with the right to change the live version, so that what follows is done in the same order.
fn attempt<'a>(
    shared: &'a Shared,
    stage: &Stage<'a>,
    candidate: &Candidate,
    how: &Deploy,
) -> (Result<Deployed, DeployError>, MutexGuard<'a, ()>) {
    let prepared = prepare(shared, stage, candidate, how);
    let turn = stage.ticket.turn();
    let outcome = match prepared {
        Ok(version) => finish(shared, stage, candidate, how, version),
        Err(error) if error.is_superseded() => Err(error),
        // What is not the newest any more says nothing of the slot.
        Err(error) => stage.may_begin(Step::Compare).map_err(Into::into).and(Err(error)),
    };
    (outcome, turn)
}

/// From the content to a compiled version, beside what others do; `None` where it is live already.
fn prepare(
    shared: &Shared,
    stage: &Stage<'_>,
    candidate: &Candidate,
    how: &Deploy,
) -> Result<Option<Version>, DeployError> {
    arrive(stage, candidate)?;
    if shared.is_live(stage.digest) { Ok(None) } else { compile(shared, stage, candidate, how).map(Some) }
}

/// From a compiled version to the live one, while it is this one's turn. What was live or not before may have changed.
fn finish(
    shared: &Shared,
    stage: &Stage<'_>,
    candidate: &Candidate,
    how: &Deploy,
    version: Option<Version>,
) -> Result<Deployed, DeployError> {
    if shared.is_live(stage.digest) {
        let step = if version.is_some() { Step::Compare } else { Step::Compile };
        stage.skip(step, "it is live already");
        let (deployment, old, new) = (stage.ticket.number(), Some(stage.digest), stage.digest);
        let none = Duration::ZERO;
        return Ok(Deployed { deployment, old, new, compile: none, check: none, switch: none });
    }
    let version = match version {
        Some(version) => version,
        None => compile(shared, stage, candidate, how)?,
    };
    let may_break =
        how.entry == Entry::Back || how.breaking == Breaking::Allowed || shared.options.policy.allow_breaking;
    Ok(publish(shared, stage, version, may_break)?)
}

/// Waits for the right to compile, but for a roll back, and compiles.
fn compile(shared: &Shared, stage: &Stage<'_>, candidate: &Candidate, how: &Deploy) -> Result<Version, DeployError> {
    let _place = match how.entry {
        Entry::AtOnce => shared.engine.background().place(|| stage.ticket.newer().is_some()),
        Entry::Back => None,
    };
    stage.may_begin(Step::Compile)?;
    let compiled = stage.step(Step::Compile, FaultPoint::Compiled, || {
        Version::compile(&shared.engine, Module::of(candidate.clone())?, how.load.clone())
    });
    Ok(compiled?)
}

/// Tells of what was done when the content became a candidate.
fn arrive(stage: &Stage<'_>, candidate: &Candidate) -> Result<(), LoadError> {
    let Candidate { noticed, proved, settled, seal, .. } = candidate;
    let waited = noticed.elapsed().saturating_sub(settled.unwrap_or_default()).saturating_sub(*proved);
    stage.done(Step::Notice, FaultPoint::Noticed, waited);
    match settled {
        Some(settled) => stage.done(Step::Settle, FaultPoint::Settled, *settled),
        None => stage.skip(Step::Settle, "it came whole"),
    }
    match seal {
        Ok(Some(_)) => stage.done(Step::Prove, FaultPoint::Proved, *proved),
        Ok(None) => stage.skip(Step::Prove, "it is not sealed"),
        Err(error) => {
            let error = LoadError::from(error.clone());
            stage.failed(Step::Prove, *proved, &error);
            return Err(error);
        }
    }
    Ok(())
}

/// Compares a version, warms and checks its first instance, and switches to it, while it is its turn. Its other instances
/// are warmed behind the switch.
pub(super) fn publish(
    shared: &Shared,
    stage: &Stage<'_>,
    version: Version,
    may_break: bool,
) -> Result<Deployed, PublishError> {
    let compile = version.compile_time();
    let begun = Instant::now();
    let live = shared.live().map(|live| live.load_full());
    compare(shared, stage, &version, live.as_deref(), may_break)?;
    stage.may_begin(Step::Warm)?;
    let start = || Rehearsal::start(&version).map_err(PublishError::Start);
    let rehearsal = stage.step(Step::Warm, FaultPoint::Warmed, start)?;
    stage.may_begin(Step::Check)?;
    stage.step(Step::Check, FaultPoint::Checked, || rehearse(rehearsal, &version, live.as_deref()))?;
    let check = begun.elapsed();
    stage.may_begin(Step::Switch)?;
    let version = Arc::new(version);
    let (old, switch) = switch(shared, stage, Arc::clone(&version));
    version.warm_to(live.map_or(1, |live| live.instances()));
    let new = stage.digest;
    let deployed = Deployed {
        deployment: stage.ticket.number(),
        old: old.as_ref().map(|old| old.digest()),
        new,
        compile,
        check,
        switch,
    };
    if let Some(old) = old {
        tell_published(shared, &deployed, old.digest());
        // Last, so that nobody hears of a version's end before its replacement.
        retire(shared, stage, old);
    }
    Ok(deployed)
}

/// Whether those who call the live version can call this one.
fn compare(
    shared: &Shared,
    stage: &Stage<'_>,
    version: &Version,
    live: Option<&Version>,
    may_break: bool,
) -> Result<(), PublishError> {
    stage.may_begin(Step::Compare)?;
    let is_sealed = version.interface().is_sealed();
    let is_stripped = !is_sealed && shared.history().has_run_sealed;
    match live {
        None => stage.skip(Step::Compare, "the slot was vacant"),
        Some(_) if may_break && !is_stripped => stage.skip(Step::Compare, "it may break callers"),
        Some(live) => stage.step(Step::Compare, FaultPoint::Compared, || {
            if is_stripped {
                return Err(PublishError::Unsealed);
            }
            compatibility::check(live.interface(), version.interface())
        })?,
    }
    Ok(())
}

/// Everything that a version must show; then an instance is ready to serve.
fn rehearse(mut rehearsal: Rehearsal<'_>, version: &Version, live: Option<&Version>) -> Result<(), PublishError> {
    rehearsal.check()?;
    let samples = live.and_then(|live| Some((live, live.recorder()?)));
    let samples = samples.filter(|_| !version.interface().is_sealed());
    if let Some((live, samples)) = samples {
        rehearsal.smoke(live, samples)?;
    }
    rehearsal.serve()?;
    if let (Some((live, samples)), Some(recorder)) = (samples, version.recorder()) {
        for (position, function) in version.interface().functions().iter().enumerate() {
            let before = live.interface().position(&function.name);
            if let Some(sample) = before.and_then(|before| samples.sample(before)) {
                recorder.put(position, &sample);
            }
        }
    }
    Ok(())
}

/// Makes the version the live one; answers the one before.
fn switch(shared: &Shared, stage: &Stage<'_>, version: Arc<Version>) -> (Option<Arc<Version>>, Duration) {
    let (digest, is_sealed) = (version.digest(), version.interface().is_sealed());
    version.report_to(Arc::clone(&shared.events));
    let begun = Instant::now();
    let old = shared.exchange(version);
    let took = begun.elapsed();
    let unchecked = old.is_none() && !is_sealed;
    if old.is_none() {
        tracing::info!(slot = shared.events.slot(), %digest, unchecked, "opened");
    }
    shared.history().add(Publication { digest, at: SystemTime::now(), unchecked }, is_sealed);
    stage.done(Step::Switch, FaultPoint::Switched, took);
    (old, took)
}

fn tell_published(shared: &Shared, deployed: &Deployed, old: Digest) {
    let Deployed { new, compile, check, switch, .. } = *deployed;
    let slot = shared.events.slot();
    tracing::info!(slot, %old, %new, ?compile, ?check, ?switch, "published");
    shared.events.emit(&SlotEvent::Published { slot: slot.into(), old, new, compile, check, switch });
}

/// Lets the version before finish its calls, and drops it on another thread.
fn retire(shared: &Shared, stage: &Stage<'_>, version: Arc<Version>) {
    version.mark_replaced();
    let engine = version.engine().clone();
    let (drain, events) = (shared.options.policy.drain, Arc::clone(&shared.events));
    let (deployment, by) = (stage.ticket.number(), stage.digest);
    engine.reaper().take(Waste::Version(Retired { version, since: Instant::now(), drain, events, deployment, by }));
    stage.faults.pass(FaultPoint::Draining);
}
