//! Why a value is not one of its type.

use std::fmt;

/// What does not fit, and where in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    /// Such as `a[1].b`; empty for the value as a whole.
    place: String,
    reason: String,
}

impl Misfit {
    pub(super) fn new(reason: impl fmt::Display) -> Self {
        Self(Box::new(Inner { place: String::new(), reason: reason.to_string() }))
    }

    pub(super) fn at_element(self, index: usize) -> Self {
        self.inside(&format!("[{index}]"))
    }

    pub(super) fn at_field(self, name: &str) -> Self {
        self.inside(name)
    }

    fn inside(mut self, outer: &str) -> Self {
        let rest = &self.0.place;
        let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
        self.0.place = format!("{outer}{dot}{rest}");
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { place, reason } = &*self.0;
        if !place.is_empty() {
            write!(f, "at `{place}`: ")?;
        }
        f.write_str(reason)
    }
}

impl std::error::Error for Misfit {}

impl serde::ser::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}
