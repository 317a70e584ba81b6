//! The first instance of a version: it is tried, and serves where trying changes nothing that may be seen.
//!
//! A stateless version keeps nothing that a call may rely on, so the instance that was tried serves as well as a fresh one,
//! and its memory is in place already. The state of a `slot` version begins where its instance starts: that one is never
//! tried, another is, which is thrown away. Of a `keyed` version no instance serves before its key calls.

use abi::State;

use super::Version;
use crate::call_error::CallError;
use crate::host::Purpose;
use crate::instance::Instance;
use crate::publish_error::PublishError;

/// The first instance of a version that is not live yet. What it keeps is thrown away until it serves.
pub(crate) struct Rehearsal<'v> {
    version: &'v Version,
    first: Box<Instance>,
}

impl<'v> Rehearsal<'v> {
    /// Starts it.
    pub(crate) fn start(version: &'v Version) -> Result<Self, CallError> {
        Ok(Self { version, first: version.fresh(Purpose::Rehearse)? })
    }

    /// Asks the module itself and compares its known answers, in this instance where its state allows.
    pub(crate) fn check(&mut self) -> Result<(), PublishError> {
        let version = self.version;
        if !version.can_be_checked() {
            return Ok(());
        }
        match version.state() {
            State::Stateless | State::Keyed => version.check_on(&mut self.first),
            State::Slot => {
                let mut apart = version.fresh(Purpose::Rehearse).map_err(PublishError::Start)?;
                let checked = version.check_on(&mut apart);
                version.discard(Some(apart));
                checked
            }
        }
    }

    /// From now on the instance serves calls and sees the store of the slot; that of a keyed version is dropped.
    pub(crate) fn serve(self) {
        let Self { version, mut first } = self;
        match version.state() {
            State::Stateless | State::Slot => {
                first.promote();
                version.pool.add(first);
            }
            State::Keyed => version.discard(Some(first)),
        }
    }
}
