//! The ways in which a file wants to be called.

use std::fmt;

/// How the functions of a file are called; follows from the file alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Convention {
    /// The core ABI v1: values cross in memory that the function gives, results as address and length.
    CoreV1,
    /// The paper's: JSON or a picture in place. The same functions may be called with plain numbers too.
    Classic,
    /// A compiled model: tensors at fixed addresses.
    Model,
    /// Plain numbers only.
    Scalars,
    /// A WebAssembly component: values of WIT types, given and answered as JSON.
    Component,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CoreV1 => "core ABI v1",
            Self::Classic => "classic",
            Self::Model => "compiled model",
            Self::Scalars => "scalars",
            Self::Component => "component",
        })
    }
}
