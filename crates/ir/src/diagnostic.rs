//! What the compiler says when it refuses a model: all reasons at once, each with a stable code.

use std::fmt;

mod code;

pub use code::{Class, Code};

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable identity, with a page in `docs/errors/`.
    pub code: Code,
    /// What is wrong, with the values that make it so.
    pub message: String,
    /// The ONNX node, by name, or by its first output where it has no name.
    pub node: Option<String>,
    /// The ONNX operator.
    pub operator: Option<String>,
    /// What to do next.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        match (&self.operator, &self.node) {
            (Some(operator), Some(node)) => write!(f, "{operator} at node `{node}`: ")?,
            (None, Some(node)) => write!(f, "node `{node}`: ")?,
            (Some(operator), None) => write!(f, "{operator}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.message)
    }
}

/// Every reason why a model is refused; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// `Ok` if there is nothing to report.
    ///
    /// # Errors
    /// The reasons, if there are any.
    pub fn check(reasons: Vec<Diagnostic>) -> Result<(), Self> {
        if reasons.is_empty() { Ok(()) } else { Err(Self(reasons)) }
    }

    /// The reasons in the order of the model.
    #[must_use]
    pub fn reasons(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(reason: Diagnostic) -> Self {
        Self(vec![reason])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, reason) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
