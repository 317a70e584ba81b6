//! What a slot may allow.

use std::fmt;
use std::str::FromStr;

/// Something that functions may ask of the host where their slot allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Lines for the log.
    Log,
    /// What time it is, and how much of it went by.
    Clock,
    /// Values that are kept by key and survive swaps.
    Kv,
    /// The configuration of the slot.
    Config,
    /// Random bytes.
    Random,
    /// WASI preview 1: arguments, of which there are none.
    WasiArgsGet,
    /// WASI preview 1: size of the arguments.
    WasiArgsSizesGet,
    /// WASI preview 1: both clocks.
    WasiClockTimeGet,
    /// WASI preview 1: the environment, which is empty.
    WasiEnvironGet,
    /// WASI preview 1: size of the environment.
    WasiEnvironSizesGet,
    /// WASI preview 1: standard output and standard error, whose lines go to the log.
    WasiFdWrite,
    /// WASI preview 1: the end of the process, which is a trap.
    WasiProcExit,
    /// WASI preview 1: random bytes.
    WasiRandomGet,
}

impl Permission {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 13] = [
        Self::Clock,
        Self::Config,
        Self::Kv,
        Self::Log,
        Self::Random,
        Self::WasiArgsGet,
        Self::WasiArgsSizesGet,
        Self::WasiClockTimeGet,
        Self::WasiEnvironGet,
        Self::WasiEnvironSizesGet,
        Self::WasiFdWrite,
        Self::WasiProcExit,
        Self::WasiRandomGet,
    ];

    /// The name that configurations and commands use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Kv => "kv",
            Self::Config => "config",
            Self::Random => "random",
            Self::WasiArgsGet => "wasi:args_get",
            Self::WasiArgsSizesGet => "wasi:args_sizes_get",
            Self::WasiClockTimeGet => "wasi:clock_time_get",
            Self::WasiEnvironGet => "wasi:environ_get",
            Self::WasiEnvironSizesGet => "wasi:environ_sizes_get",
            Self::WasiFdWrite => "wasi:fd_write",
            Self::WasiProcExit => "wasi:proc_exit",
            Self::WasiRandomGet => "wasi:random_get",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing of this name to allow; there is {}", list(&Permission::ALL))]
pub struct ParsePermissionError;

impl FromStr for Permission {
    type Err = ParsePermissionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|permission| permission.name() == text).ok_or(ParsePermissionError)
    }
}

/// Names with commas between them, or `nothing`.
pub(crate) fn list<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> String {
    let names: Vec<&str> = permissions.into_iter().map(|permission| permission.name()).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_what_it_names() {
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(permission));
        }
        assert!(Permission::ALL.is_sorted_by_key(|permission| permission.name()));
        for text in ["", "Log", "wasi", "wasi:fd_read", "kv "] {
            assert_eq!(text.parse::<Permission>(), Err(ParsePermissionError), "{text}");
        }
    }
}
