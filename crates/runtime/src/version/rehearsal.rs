//! The first instance of a version: it is tried, and serves where trying changes nothing that may be seen.
//!
//! A stateless version keeps nothing that a call may rely on, so the instance that was tried serves as well as a fresh one,
//! and its memory is in place already. The state of a `slot` version begins where its instance starts: what was tried is
//! thrown away, and the one that serves is started last, so that what it reads as it starts is as late as can be. Of a
//! `keyed` version no instance serves before its key calls.

use std::mem;

use abi::State;

use super::Version;
use crate::call_error::CallError;
use crate::host::Purpose;
use crate::instance::Instance;
use crate::publish_error::PublishError;
use crate::recorder::Recorder;

/// An instance of a version that is not live yet. What it keeps is thrown away until it serves.
pub(crate) struct Rehearsal<'v> {
    version: &'v Version,
    instance: Box<Instance>,
    /// Whether more was done in it than starting it.
    is_tried: bool,
}

impl<'v> Rehearsal<'v> {
    /// Starts the instance.
    pub(crate) fn start(version: &'v Version) -> Result<Self, CallError> {
        Ok(Self { version, instance: version.fresh(Purpose::Rehearse)?, is_tried: false })
    }

    /// Asks the module itself, and compares its known answers, in one instance.
    pub(crate) fn check(&mut self) -> Result<(), PublishError> {
        let version = self.version;
        if version.can_be_checked() { version.check_on(self.untried()?) } else { Ok(()) }
    }

    /// Repeats the last argument of each function that both versions have, each in an instance of its own. Only what
    /// breaks the instance counts, and a value that finds no place: what a function answers may differ.
    pub(crate) fn smoke(&mut self, before: &Version, samples: &Recorder) -> Result<(), PublishError> {
        let version = self.version;
        for (position, function) in version.interface().functions().iter().enumerate() {
            let sample = before.interface().position(&function.name).and_then(|position| samples.sample(position));
            if let Some(sample) = sample {
                version.smoke_on(self.untried()?, position, &sample)?;
            }
        }
        Ok(())
    }

    /// From now on an instance serves calls and sees the store of the slot, where none has to wait for its key.
    pub(crate) fn serve(mut self) -> Result<(), PublishError> {
        match self.version.state() {
            State::Stateless => {}
            State::Slot => {
                self.untried()?;
            }
            State::Keyed => {
                self.version.discard(Some(self.instance));
                return Ok(());
            }
        }
        self.instance.promote();
        self.version.pool.add(self.instance);
        Ok(())
    }

    /// An instance in which nothing was done yet but starting it, to be used now.
    fn untried(&mut self) -> Result<&mut Instance, PublishError> {
        if mem::replace(&mut self.is_tried, true) {
            let fresh = self.version.fresh(Purpose::Rehearse).map_err(PublishError::Start)?;
            self.version.discard(Some(mem::replace(&mut self.instance, fresh)));
        }
        Ok(&mut self.instance)
    }
}
