//! What an entry is for, and the secret that entries are signed with.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io;

use abi::Digest;
use sha2::{Digest as _, Sha256};

use super::folder::Folder;
use super::mac::Mac;
use crate::Mode;
use crate::host::random_bytes;

/// Grows when entries are written in another way.
const FORMAT: u8 = 1;
const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;
const ENVIRONMENT_BYTES: usize = 16;

/// Everything that compiled code depends on beside the file: mode, version and settings of the engine, features of the
/// processor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Environment([u8; ENVIRONMENT_BYTES]);

impl Environment {
    pub(super) fn of(engine: &wasmtime::Engine, mode: Mode) -> Self {
        let mut hash = Hashing(Sha256::new());
        let mode: u8 = match mode {
            Mode::Guarded => 0,
            Mode::Stepped => 1,
        };
        (FORMAT, mode).hash(&mut hash);
        engine.precompile_compatibility_hash().hash(&mut hash);
        let digest: [u8; 32] = hash.0.finalize().into();
        let mut environment = [0; ENVIRONMENT_BYTES];
        environment.copy_from_slice(&digest[..ENVIRONMENT_BYTES]);
        Self(environment)
    }
}

/// Gives SHA-256 what is hashed, since a hasher of the standard library answers few bits, and others in another version.
struct Hashing(Sha256);

impl Hasher for Hashing {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// What an entry holds the code of. Its text is the name of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct EntryKey {
    pub(super) digest: Digest,
    pub(super) environment: Environment,
}

impl EntryKey {
    /// The key whose text this is.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (digest, environment) = name.split_once('-')?;
        let digest = digest.parse().ok()?;
        let mut bytes = [0; ENVIRONMENT_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(environment.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        let key = Self { digest, environment: Environment(bytes) };
        (key.to_string() == name).then_some(key)
    }

    pub(super) fn to_bytes(self) -> [u8; 32 + ENVIRONMENT_BYTES] {
        let mut bytes = [0; 32 + ENVIRONMENT_BYTES];
        bytes[..32].copy_from_slice(&self.digest.0);
        bytes[32..].copy_from_slice(&self.environment.0);
        bytes
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:?}", self.digest, self.environment)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The secret of a folder. Whoever does not know it cannot write an entry that is loaded.
pub(super) struct NodeKey([u8; KEY_BYTES]);

impl NodeKey {
    /// The key in the folder. One that is missing, or that others may have read or written, gives place to a new one,
    /// with which no entry that is there agrees.
    pub(super) fn open(folder: &Folder) -> io::Result<Self> {
        match folder.read_secret(KEY_FILE) {
            Ok(Some(secret)) => return Ok(Self(secret)),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let secret: [u8; KEY_BYTES] = random_bytes().map_err(io::Error::other)?;
        folder.write_durably(KEY_FILE, &secret)?;
        // Where another process has written one at the same time, both take the last.
        folder.read_secret(KEY_FILE)?.map(Self).ok_or_else(|| io::Error::other("the key that was written is not there"))
    }

    pub(super) fn mac(&self) -> Mac {
        Mac::new(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(config: &wasmtime::Config, mode: Mode) -> EntryKey {
        let engine = wasmtime::Engine::new(config).unwrap();
        EntryKey { digest: Digest::of(b""), environment: Environment::of(&engine, mode) }
    }

    #[test]
    fn the_name_of_an_entry_is_its_key() {
        let key = key(&wasmtime::Config::new(), Mode::Guarded);
        let name = key.to_string();
        assert_eq!(EntryKey::parse(&name), Some(key));
        for other in ["", "-", &name[1..], &format!("{name}0"), &name.to_uppercase(), &name.replace('-', "-+")] {
            assert_eq!(EntryKey::parse(other), None, "{other}");
        }
    }

    #[test]
    fn whatever_code_depends_on_is_in_the_key() {
        let with = |change: fn(&mut wasmtime::Config)| {
            let mut config = wasmtime::Config::new();
            change(&mut config);
            key(&config, Mode::Guarded)
        };
        let plain = with(|_| ());
        assert_eq!(plain, with(|_| ()), "the same in every process");
        let version = |config: &mut wasmtime::Config| {
            config.module_version(wasmtime::ModuleVersionStrategy::Custom("48.0.9".into())).unwrap();
        };
        let others = [
            key(&wasmtime::Config::new(), Mode::Stepped),
            with(version),
            with(|config| {
                config.epoch_interruption(true);
            }),
            with(|config| {
                config.cranelift_opt_level(wasmtime::OptLevel::None);
            }),
            with(|config| {
                config.wasm_relaxed_simd(false);
            }),
            with(|config| {
                config.cranelift_nan_canonicalization(true);
            }),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(*other, plain, "{index}");
        }
    }

    /// With a target by name the engine looks at no processor: its features are flags of the compiler.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    #[test]
    fn features_of_the_processor_are_in_the_key() {
        let mut least = wasmtime::Config::new();
        least.target("x86_64-unknown-linux-gnu").unwrap();
        assert_ne!(key(&least, Mode::Guarded), key(&wasmtime::Config::new(), Mode::Guarded));
    }
}
