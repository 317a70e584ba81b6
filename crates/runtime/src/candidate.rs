//! Bytes that want to go live.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::{Digest, Manifest, Seal, SealError};

/// A content that wants to go live. It is hashed and its seal is checked once, when it becomes a candidate; clones share
/// the bytes.
#[derive(Clone)]
pub struct Candidate {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) digest: Digest,
    /// The manifest of a file whose seal holds; `None` in one without a seal.
    pub(crate) seal: Result<Option<Manifest>, SealError>,
    pub(crate) noticed: Instant,
    /// Time to check the seal.
    pub(crate) proved: Duration,
    /// How long its file was waited for, where it is from one that is followed.
    pub(crate) settled: Option<Duration>,
}

impl Candidate {
    /// Hashes the bytes and checks their seal. A candidate whose seal does not hold is refused when it is deployed.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let noticed = Instant::now();
        let (digest, seal) = match abi::read_seal(&bytes) {
            Ok(Seal::Sealed(head)) => (head.digest, Ok(Some(head.manifest))),
            Ok(Seal::Unsealed) => (Digest::of(&bytes), Ok(None)),
            Err(error) => (Digest::of(&bytes), Err(error)),
        };
        Self { bytes: Arc::new(bytes), digest, seal, noticed, proved: noticed.elapsed(), settled: None }
    }

    /// From a file that changed at `noticed` and was waited for until it stood still or proved itself whole.
    pub(crate) fn settled(self, noticed: Instant, settled: Duration) -> Self {
        Self { noticed, settled: Some(settled), ..self }
    }

    /// Identity of the content.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("digest", &self.digest)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoadError, Module};

    const MODULE: &str = r#"(module (func (export "f")))"#;

    #[test]
    fn what_is_known_of_a_candidate_is_not_found_out_again() {
        let elsewhere = Digest::of(b"of another content");
        let candidate = Candidate { digest: elsewhere, ..Candidate::new(wat::parse_str(MODULE).unwrap()) };
        assert_eq!(Module::of(candidate.clone()).unwrap().interface().digest, elsewhere);
        let cut = Candidate { seal: Err(SealError::Hash), ..candidate };
        assert_eq!(Module::of(cut).unwrap_err(), LoadError::Seal(SealError::Hash));
    }

    #[test]
    fn a_content_that_is_no_file_of_ours_has_a_digest_too() {
        let candidate = Candidate::new(b"no Wasm".to_vec());
        assert_eq!((candidate.digest(), &candidate.seal), (Digest::of(b"no Wasm"), &Err(SealError::NotWasm)));
    }
}
