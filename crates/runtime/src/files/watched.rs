//! One file that is followed: when to look at it again, and whether what is there is new, whole and still.
//!
//! Events are hints only. The decision is by identity and then by content: a file whose content was published, refused
//! or live before is left alone whatever happened to its times. A sealed file that verifies is whole at once; any other
//! must stand still for the settle time, and so must what cannot be read before the follower hears of it. What shows
//! itself that it is not whole was cut, or somebody is slow to write it: it must stand still much longer.

use std::fs::Metadata;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use abi::{Digest, SealError};

use super::OpenError;
use super::follower::Follower;
use super::hops::Hops;
use super::identity::Identity;
use crate::{Candidate, one_line};

/// Longest pause between two looks at a file that keeps changing.
const QUIET_MAX: Duration = Duration::from_secs(2);
/// How many settle times a file must stand still that shows itself that it is not whole.
const UNFINISHED: u32 = 10;
/// How a Wasm file begins.
const MAGIC: &[u8] = b"\0asm";
/// The magic bytes and the version, which are a valid file of nothing.
const PREAMBLE_BYTES: usize = 8;
/// Files younger than this are read at every poll, since a write to a mapped page may leave their times unchanged.
const YOUNG: Duration = Duration::from_secs(60);

/// Why the file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    /// It is time, or somebody writes.
    Maybe,
    /// Somebody finished writing or moved a file here.
    Finished,
}

pub(super) struct Watched {
    pub(super) follower: Arc<dyn Follower>,
    pub(super) path: PathBuf,
    pub(super) hops: Hops,
    pub(super) look_at: Instant,
    pub(super) hint: Hint,
    /// Whether the last candidate was refused.
    refused: bool,
    /// How many candidates there were, and how many are still being prepared.
    candidates: u64,
    preparing: u64,
    /// When it was noticed that the decided content is not what lies here any more.
    noticed: Option<Instant>,
    settle: Duration,
    poll: Duration,
    /// The content that was decided on.
    decided: Option<Digest>,
    /// The identity that the decided content had when it was seen last.
    identity: Option<Identity>,
    /// What was seen last while it was not decided on, since when, and how long it must stand still.
    unsettled: Option<(Option<Identity>, Instant, Duration)>,
    /// What the follower heard about what lies here now: where it lies and why it cannot be read.
    unreadable: Option<(Option<(u64, u64)>, String)>,
}

impl Watched {
    pub(super) fn new(follower: Arc<dyn Follower>, path: PathBuf, poll: Duration, settle: Duration) -> Self {
        let decided = follower.live();
        Self {
            follower,
            path,
            hops: Hops::default(),
            look_at: Instant::now(),
            hint: Hint::Finished,
            refused: false,
            candidates: 0,
            preparing: 0,
            noticed: None,
            settle,
            poll,
            decided,
            identity: None,
            unsettled: None,
            unreadable: None,
        }
    }

    /// Brings the next look forward.
    pub(super) fn hint(&mut self, hint: Hint, now: Instant) {
        let at = match hint {
            Hint::Maybe => now + self.settle,
            Hint::Finished => now,
        };
        self.look_at = self.look_at.min(at);
        self.hint = self.hint.max(hint);
    }

    /// Looks at the file and plans the next look. Answers a new content, settled or proved whole, and its number.
    pub(super) fn look(&mut self, now: Instant) -> Option<(u64, Candidate)> {
        let hint = std::mem::replace(&mut self.hint, Hint::Maybe);
        self.look_at = now + self.poll;
        let metadata = std::fs::metadata(&self.path);
        if metadata.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            self.unsettled = None;
            self.unreadable = None;
            self.noticed = None;
            return None;
        }
        let identity = metadata.as_ref().ok().map(Identity::of);
        let seen = identity;
        let is_known = identity.is_some() && self.identity == identity;
        let is_young = identity.is_some_and(|identity| identity.is_younger_than(YOUNG, SystemTime::now()));
        if is_known && !self.refused && !is_young {
            return None;
        }
        let is_still = match self.unsettled {
            Some((seen, since, quiet)) => seen == identity && now.duration_since(since) >= quiet,
            None => false,
        };
        if !is_known && !is_still && hint == Hint::Maybe {
            self.wait_for_quiet(identity, now);
            return None;
        }
        let reading = Instant::now();
        let (bytes, identity) = match self.read(metadata) {
            Ok(read) => read,
            Err(error) => {
                if is_still {
                    self.tell_unreadable(identity, &error);
                }
                self.wait_for_quiet(identity, now);
                return None;
            }
        };
        let reading = reading.elapsed();
        let was_unreadable = self.unreadable.take().is_some();
        // What lies here as before is rarely new: its seal is not worth checking yet.
        if is_known && self.is_decided(Digest::of(&bytes), identity, was_unreadable) {
            return None;
        }
        let candidate = Candidate::new(bytes);
        let digest = candidate.digest();
        if self.is_decided(digest, identity, was_unreadable) {
            return None;
        }
        let condition = Condition::of(&candidate);
        // Another file may have come between looking and reading.
        let is_still = is_still && seen == Some(identity);
        if !is_still && condition != Condition::Proved {
            self.wait_for_quiet(Some(identity), now);
            return None;
        }
        if condition == Condition::Unfinished && self.wait_longer(now) {
            return None;
        }
        let noticed = self.noticed.unwrap_or(now);
        self.decide(digest, identity);
        self.candidates += 1;
        self.preparing += 1;
        self.refused = false;
        let settled = now.duration_since(noticed) + reading;
        Some((self.candidates, candidate.settled(noticed, settled)))
    }

    /// Hears how a candidate fared; only the last one says something of what lies here.
    pub(super) fn prepared(&mut self, candidate: u64, is_live: bool) {
        self.preparing -= 1;
        if candidate == self.candidates {
            self.refused = !is_live;
        }
    }

    /// Whether nothing is to be done about a content. While others are prepared, the live one is new: it is to stay.
    fn is_decided(&mut self, digest: Digest, identity: Identity, was_unreadable: bool) -> bool {
        let is_live = self.preparing == 0 && self.follower.live() == Some(digest);
        if is_live && (was_unreadable || self.refused) {
            self.refused = false;
            self.follower.restored();
        }
        let is_decided = is_live || self.decided == Some(digest);
        if is_decided {
            self.decide(digest, identity);
        }
        is_decided
    }

    fn decide(&mut self, digest: Digest, identity: Identity) {
        self.decided = Some(digest);
        self.identity = Some(identity);
        self.unsettled = None;
        self.noticed = None;
    }

    fn read(&self, metadata: io::Result<Metadata>) -> Result<(Vec<u8>, Identity), OpenError> {
        metadata.map_err(|source| OpenError::Read { path: self.path.clone(), source })?;
        super::read_known(&self.path, super::FILE_BYTES_MAX)
    }

    /// Once for each thing that lies here and each reason.
    fn tell_unreadable(&mut self, identity: Option<Identity>, error: &OpenError) {
        match error {
            // It is looked at again once it stands still.
            OpenError::Changing { .. } => return,
            OpenError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => return,
            OpenError::Read { .. } | OpenError::TooLarge { .. } | OpenError::Load { .. } => {}
        }
        let told = Some((identity.map(Identity::place), one_line(error)));
        if self.unreadable != told {
            self.unreadable = told;
            self.follower.unreadable(error);
        }
    }

    /// The longer a file keeps changing, the longer it must stand still; what stood still in vain waits longer too.
    fn wait_for_quiet(&mut self, identity: Option<Identity>, now: Instant) {
        self.noticed.get_or_insert(now);
        let (since, quiet) = match self.unsettled {
            Some((seen, since, quiet)) if seen == identity && now.duration_since(since) < quiet => (since, quiet),
            Some((_, _, quiet)) => (now, (quiet * 2).min(QUIET_MAX.max(self.settle))),
            None => (now, self.settle),
        };
        self.unsettled = Some((identity, since, quiet));
        self.look_at = self.look_at.min((since + quiet).max(now + Duration::from_millis(1)));
    }

    /// Whether what stands still must do so for longer.
    fn wait_longer(&mut self, now: Instant) -> bool {
        let Some((_, since, quiet)) = &mut self.unsettled else { return false };
        *quiet = (self.settle * UNFINISHED).max(*quiet);
        let until = *since + *quiet;
        if now < until {
            self.look_at = self.look_at.min(until);
        }
        now < until
    }
}

/// What a content says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// It is whole.
    Proved,
    /// Nothing.
    Unknown,
    /// It is the beginning of something, or was changed.
    Unfinished,
}

impl Condition {
    fn of(candidate: &Candidate) -> Self {
        let bytes = candidate.bytes();
        match &candidate.seal {
            Ok(Some(_)) => Self::Proved,
            Ok(None) if bytes.len() > PREAMBLE_BYTES => Self::Unknown,
            Err(SealError::NotWasm) if !is_begun(bytes) => Self::Unknown,
            Ok(None) | Err(_) => Self::Unfinished,
        }
    }
}

/// Whether the bytes could be the first ones of a Wasm file.
fn is_begun(bytes: &[u8]) -> bool {
    bytes.iter().zip(MAGIC).all(|(found, wanted)| found == wanted)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Mutex;

    use super::*;

    /// Takes nothing, and tells of everything.
    #[derive(Default)]
    struct Listener(Mutex<Vec<String>>);

    impl Follower for Listener {
        fn live(&self) -> Option<Digest> {
            Some(Digest::of(b"live"))
        }

        fn deploy(&self, _: Candidate) -> bool {
            false
        }

        fn broke(&self, _: Digest) {}

        fn unreadable(&self, error: &OpenError) {
            let text = one_line(error);
            self.0.lock().unwrap().push(text.rsplit(": ").next().unwrap().into());
        }

        fn restored(&self) {
            self.0.lock().unwrap().push("restored".into());
        }
    }

    const POLL: Duration = Duration::from_secs(2);
    const SETTLE: Duration = Duration::from_millis(100);

    /// Looks whenever it is due for ten seconds of a clock that runs only here; answers how often.
    fn looks(watched: &mut Watched) -> usize {
        let end = watched.look_at + Duration::from_secs(10);
        let mut looks = 0;
        while watched.look_at < end {
            watched.look(watched.look_at);
            looks += 1;
        }
        looks
    }

    #[test]
    fn what_cannot_be_read_is_told_once_and_looked_at_ever_more_rarely() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.wasm");
        let listener = Arc::new(Listener::default());
        let mut watched = Watched::new(listener.clone(), path.clone(), POLL, SETTLE);
        let mut heard = |expected: &[&str]| {
            let looks = looks(&mut watched);
            assert!(looks < 20, "{looks} looks in ten seconds");
            assert_eq!(std::mem::take(&mut *listener.0.lock().unwrap()), expected);
        };
        heard(&[]);
        fs::create_dir(&path).unwrap();
        heard(&["not a regular file; name one, and save to it what comes from a pipe or a device"]);
        heard(&[]);
        fs::write(path.join("another"), b"").unwrap();
        heard(&[]);
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, b"live").unwrap();
        heard(&["restored"]);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        heard(&["not a regular file; name one, and save to it what comes from a pipe or a device"]);
    }

    #[test]
    fn contents_say_whether_they_are_whole() {
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0";
        for (bytes, expected) in [
            (&b""[..], Condition::Unfinished),
            (b"\0as", Condition::Unfinished),
            (&module[..7], Condition::Unfinished),
            (&module[..8], Condition::Unfinished),
            (&module[..9], Condition::Unfinished),
            (&module[..13], Condition::Unfinished),
            (module, Condition::Unknown),
            (b"(module)", Condition::Unknown),
            (b"\0ELF", Condition::Unknown),
        ] {
            assert_eq!(Condition::of(&Candidate::new(bytes.to_vec())), expected, "{bytes:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_the_system_makes_up_is_told() {
        let listener = Arc::new(Listener::default());
        let mut watched = Watched::new(listener.clone(), "/proc/version".into(), POLL, SETTLE);
        let looks = looks(&mut watched);
        assert!(looks < 20, "{looks} looks in ten seconds");
        let heard = listener.0.lock().unwrap();
        assert_eq!(heard.as_slice(), ["it does not hold as many bytes as its size says"]);
    }
}
