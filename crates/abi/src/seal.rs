use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::reason::reason;
use crate::section::{PREAMBLE_LEN, Section, is_wasm, sections, write_custom};
use crate::{Digest, Manifest};

/// Name of the first section of a sealed file.
pub const HEAD_SECTION: &str = "wasmtube";
/// Name of the last section of a sealed file.
pub const END_SECTION: &str = "wasmtube-end";
/// Version of the head section's layout.
pub const SCHEMA: u32 = 1;

const HEAD_NAME: &[u8] = HEAD_SECTION.as_bytes();
const END_NAME: &[u8] = END_SECTION.as_bytes();
const LENGTH_AT: usize = 4;
const HASH_AT: usize = 12;
const MANIFEST_AT: usize = 44;
/// What a manifest takes in memory is a multiple of its JSON.
const MANIFEST_MAX: usize = 8 << 20;

/// What a file claims and proves about being whole.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one is made for each file that is loaded")]
pub enum Seal {
    /// The file holds no section of ours.
    Unsealed,
    /// The file is whole and this is its head.
    Sealed(Head),
}

/// The verified head of a sealed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// What the file says of itself.
    pub manifest: Manifest,
    /// Identity of the file: sha256 of all its bytes as they are.
    pub digest: Digest,
}

/// Why a file that claims to be sealed is refused, or why a module cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The bytes do not begin like a Wasm file.
    #[error("not a Wasm file: it does not begin with \\0asm")]
    NotWasm,
    /// The file ends inside a section.
    #[error("the file ends inside a section: it was cut at {length} bytes")]
    Cut {
        /// Length of the file in bytes.
        length: usize,
    },
    /// Bytes that are no section follow the end section.
    #[error(
        "the file goes on behind its end section `wasmtube-end`, at byte {end} of {length}: remove what was added to it"
    )]
    Trailing {
        /// Offset of the first byte behind the end section.
        end: usize,
        /// Length of the file in bytes.
        length: usize,
    },
    /// The head is there but not the first section, or the end is not the last, or one of them is missing or doubled.
    #[error("the head section `wasmtube` must come first and the empty section `wasmtube-end` last, once each")]
    Misplaced,
    /// The head is too short for its fixed part.
    #[error("the head section is shorter than its fixed part of 44 bytes")]
    ShortHead,
    /// The layout is from another version.
    #[error("the head section has schema {found}, this program reads schema 1")]
    Schema {
        /// Schema in the file.
        found: u32,
    },
    /// The file is longer or shorter than it says.
    #[error("the head announces {announced} bytes and the file has {actual}")]
    Length {
        /// Length in the head.
        announced: u64,
        /// Length of the file.
        actual: u64,
    },
    /// A byte was changed.
    #[error("the hash of the file differs from the one in its head: a byte was changed")]
    Hash,
    /// The manifest is not what this program reads.
    #[error("the manifest cannot be read or written: {reason}")]
    Manifest {
        /// What the JSON reader says.
        reason: String,
    },
    /// The module to be sealed has sections of ours already.
    #[error("the module is sealed already: strip the sections `wasmtube` and `wasmtube-end` first")]
    AlreadySealed,
    /// The manifest is larger than the limit.
    #[error("the manifest has {length} bytes, the limit is 8 MiB")]
    ManifestTooLarge {
        /// Length in bytes.
        length: usize,
    },
}

/// Whether a file has no section of a seal, whole or damaged.
///
/// # Errors
/// [`SealError::NotWasm`], [`SealError::Cut`], [`SealError::AlreadySealed`].
pub fn check_unsealed(module: &[u8]) -> Result<(), SealError> {
    if !is_wasm(module) {
        return Err(SealError::NotWasm);
    }
    for section in sections(module) {
        let section = section.map_err(|_| SealError::Cut { length: module.len() })?;
        if section.custom().is_some_and(|(name, _)| is_ours(name)) {
            return Err(SealError::AlreadySealed);
        }
    }
    Ok(())
}

/// Adds head and end to an unsealed file, a core module or a component.
///
/// # Errors
/// [`SealError::NotWasm`], [`SealError::Cut`], [`SealError::AlreadySealed`], [`SealError::ManifestTooLarge`], and
/// [`SealError::Manifest`] for a manifest that JSON cannot carry, such as one with a number that is not finite.
pub fn pack(module: &[u8], manifest: &Manifest) -> Result<Vec<u8>, SealError> {
    check_unsealed(module)?;
    let json = serde_json::to_vec(manifest).map_err(|error| SealError::Manifest { reason: reason(&error) })?;
    // JSON has no NaN and no infinity: what cannot be read back must not be sealed.
    let read: Manifest =
        serde_json::from_slice(&json).map_err(|error| SealError::Manifest { reason: reason(&error) })?;
    if read != *manifest {
        return Err(SealError::Manifest { reason: "it does not survive being written and read".into() });
    }
    if json.len() > MANIFEST_MAX {
        return Err(SealError::ManifestTooLarge { length: json.len() });
    }
    let mut content = Vec::with_capacity(MANIFEST_AT + json.len());
    content.extend_from_slice(&SCHEMA.to_le_bytes());
    content.extend_from_slice(&[0; MANIFEST_AT - LENGTH_AT]);
    content.extend_from_slice(&json);

    let mut file = Vec::with_capacity(module.len() + content.len() + 64);
    file.extend_from_slice(&module[..PREAMBLE_LEN]);
    write_custom(&mut file, HEAD_SECTION, &content);
    let head = file.len() - content.len();
    file.extend_from_slice(&module[PREAMBLE_LEN..]);
    write_custom(&mut file, END_SECTION, &[]);

    let length = file.len() as u64;
    file[head + LENGTH_AT..head + HASH_AT].copy_from_slice(&length.to_le_bytes());
    let hash: [u8; 32] = Sha256::digest(&file).into();
    file[head + HASH_AT..head + MANIFEST_AT].copy_from_slice(&hash);
    Ok(file)
}

/// Reads and verifies the seal of a whole file.
///
/// # Errors
/// A file that holds either section of ours, or ends like a sealed one, claims to be sealed; any error means that it is
/// not what it claims to be. A file whose sections do not fill it exactly is refused in any case.
pub fn read_seal(file: &[u8]) -> Result<Seal, SealError> {
    if !is_wasm(file) {
        return Err(SealError::NotWasm);
    }
    let (mut first, mut last, mut ours) = (None, None, 0_usize);
    for section in sections(file) {
        let section = section.map_err(|_| not_a_section(file.len(), last))?;
        ours += usize::from(section.custom().is_some_and(|(name, _)| is_ours(name)));
        first = first.or(Some(section));
        last = Some(section);
    }
    if ours == 0 && !file.ends_with(END_SECTION.as_bytes()) {
        return Ok(Seal::Unsealed);
    }
    let (Some(head), Some(end), 2) = (first, last, ours) else { return Err(SealError::Misplaced) };
    let (Some((HEAD_NAME, content)), Some((END_NAME, []))) = (head.custom(), end.custom()) else {
        return Err(SealError::Misplaced);
    };
    verify(file, head.payload_start + head.payload.len() - content.len(), content)
}

/// Why a file of this length has no section behind the last one.
fn not_a_section(length: usize, last: Option<Section<'_>>) -> SealError {
    match last.filter(|last| last.custom() == Some((END_NAME, &[]))) {
        Some(end) => SealError::Trailing { end: end.payload_start + end.payload.len(), length },
        None => SealError::Cut { length },
    }
}

fn verify(file: &[u8], content_at: usize, content: &[u8]) -> Result<Seal, SealError> {
    if content.len() < MANIFEST_AT {
        return Err(SealError::ShortHead);
    }
    let schema = u32::from_le_bytes(content[..LENGTH_AT].try_into().expect("4 bytes"));
    if schema != SCHEMA {
        return Err(SealError::Schema { found: schema });
    }
    let announced = u64::from_le_bytes(content[LENGTH_AT..HASH_AT].try_into().expect("8 bytes"));
    let actual = file.len() as u64;
    if announced != actual {
        return Err(SealError::Length { announced, actual });
    }
    let hash_at = content_at + HASH_AT;
    let manifest_at = content_at + MANIFEST_AT;
    let mut hasher = Sha256::new();
    hasher.update(&file[..hash_at]);
    hasher.update([0; MANIFEST_AT - HASH_AT]);
    hasher.update(&file[manifest_at..]);
    if hasher.finalize()[..] != content[HASH_AT..MANIFEST_AT] {
        return Err(SealError::Hash);
    }
    let length = content.len() - MANIFEST_AT;
    if length > MANIFEST_MAX {
        return Err(SealError::ManifestTooLarge { length });
    }
    let manifest = serde_json::from_slice(&content[MANIFEST_AT..])
        .map_err(|error| SealError::Manifest { reason: reason(&error) })?;
    Ok(Seal::Sealed(Head { manifest, digest: Digest::of(file) }))
}

fn is_ours(name: &[u8]) -> bool {
    name == HEAD_NAME || name == END_NAME
}

#[cfg(test)]
mod tests;
