//! Why a node does not do what it is asked.

use crate::body;

/// Whose turn it is to change something; decides the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request is wrong.
    Invalid,
    /// It comes from a page of another site, or asks for another host.
    Foreign,
    /// There is no such thing.
    Missing,
    /// It contradicts what runs.
    Conflict,
    /// It is larger than allowed.
    TooLarge,
    /// The function or the file is at fault.
    AtFault,
    /// There were too many requests.
    TooMany,
    /// The node itself is at fault.
    Internal,
    /// A neighbour cannot be reached.
    Unreachable,
    /// It cannot be done now.
    NotNow,
    /// It took too long.
    TooLate,
}

/// Why a node does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Whose turn it is.
    pub class: Class,
    /// For programs: `no_such_slot`, `refused` ...
    pub code: &'static str,
    /// For people: what, why, and what to do.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(class: Class, code: &'static str, message: impl Into<String>) -> Self {
        Self { class, code, message: message.into() }
    }

    /// There is no `what` of this name; `has` says whose names they are that there are.
    pub(crate) fn missing<N: AsRef<str>>(
        code: &'static str,
        what: &str,
        name: &str,
        has: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let mut list = String::new();
        for name in names {
            list.push_str(if list.is_empty() { "" } else { ", " });
            list.push_str(name.as_ref());
        }
        let list = if list.is_empty() { "none" } else { &list };
        Self::new(Class::Missing, code, format!("there is no {what} `{name}`: {has} {list}"))
    }

    /// As it is written in JSON.
    #[must_use]
    pub fn body(&self) -> body::Problem {
        body::Problem { code: self.code.into(), message: self.message.clone() }
    }
}
