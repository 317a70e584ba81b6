//! Compiled code to bytes and back: the only module of the crate with unsafe code.
//!
//! The engine runs what it is given here as machine code of this process and looks at little of it. So what is given to it
//! is [`Proven`], and what can be proven later is [`Serialized`]; only this module makes either.

use std::fs::File;

/// What the engine made of code that it compiled.
pub(crate) struct Serialized(Vec<u8>);

impl Serialized {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An open file that was read whole and holds, byte for byte, what [`Native::serialize`] once gave.
#[derive(Debug)]
pub(crate) struct Proven {
    file: File,
}

impl Proven {
    /// Takes a file that the proof reads through this very descriptor. The descriptor stays open, so that the file is
    /// never looked up by its name again.
    pub(super) fn prove<E>(file: File, proof: impl FnOnce(&File) -> Result<(), E>) -> Result<Self, E> {
        proof(&file)?;
        Ok(Self { file })
    }
}

/// Code in the form that the engine runs.
pub(crate) trait Native: Sized {
    /// Its bytes, for an entry.
    fn serialize(&self) -> wasmtime::Result<Serialized>;

    /// Maps what was proven.
    fn load(engine: &wasmtime::Engine, proven: &Proven) -> wasmtime::Result<Self>;
}

// What both calls below ask of their caller, and why it holds:
//
// 1. "Only previously-serialized bytes are being passed." `entry::prove` is the only caller of `Proven::prove`. It reads
//    the file through the descriptor that is mapped here and compares its authentication code, under the secret of the
//    folder, which nobody but the user of this process can read (`Folder::read_secret`, mode 0600). `entry::write` is
//    the only one that signs with that secret, and it signs `Serialized` alone, whose field is private here.
// 2. Of another version, other settings or another kind the engine itself makes an error.
// 3. "Must remain unchanged." Other users cannot enter the folder (0700) nor write the file (0600), which is checked
//    when each is opened. We never open a file for writing once it has its name: `Folder::write` replaces it by
//    renaming another over it, and removing it takes its name alone, so that what is mapped keeps its content.
//    Processes of the same user are able to change it; they could change the memory of this process as well.

impl Native for wasmtime::Module {
    fn serialize(&self) -> wasmtime::Result<Serialized> {
        self.serialize().map(Serialized)
    }

    fn load(engine: &wasmtime::Engine, proven: &Proven) -> wasmtime::Result<Self> {
        let file = proven.file.try_clone()?;
        // SAFETY: `proven` holds what an engine serialized, and stays as it is, by 1 and 3 above.
        unsafe { Self::deserialize_open_file(engine, file) }
    }
}

impl Native for wasmtime::component::Component {
    fn serialize(&self) -> wasmtime::Result<Serialized> {
        self.serialize().map(Serialized)
    }

    fn load(engine: &wasmtime::Engine, proven: &Proven) -> wasmtime::Result<Self> {
        let path = path_of(&proven.file);
        // SAFETY: the path leads to the file of the descriptor, whatever its name leads to by now; then as above.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

/// A path to an open file: components are not to be had from a descriptor.
#[cfg(unix)]
fn path_of(file: &File) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

#[cfg(not(unix))]
fn path_of(_: &File) -> String {
    unreachable!("no file of a folder is opened on this system")
}
