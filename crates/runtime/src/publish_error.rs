use abi::Digest;

use crate::call_error::CallError;
use crate::shown;

/// Why a version is not published. The live version stays.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// No instance could be started.
    #[error("an instance cannot be started")]
    Start(#[source] CallError),
    /// The module's own check could not be run.
    #[error("`wasmtube_selfcheck` failed")]
    SelfCheck(#[source] CallError),
    /// The module finds itself unfit.
    #[error("`wasmtube_selfcheck` answered {code}, 0 means fit to serve")]
    SelfCheckFailed {
        /// What it answered.
        code: i32,
    },
    /// The model does not give its known answers.
    #[error("the model does not give its known answers")]
    Golden(#[source] GoldenError),
    /// Callers of the live version would fail.
    #[error("callers of the live version would fail: {}; keep these functions as they are and add others beside them", changes(.missing, .changed))]
    Incompatible {
        /// Functions that are gone.
        missing: Vec<String>,
        /// Functions and tensors that take or return something else.
        changed: Vec<String>,
    },
    /// The slot has run a sealed file and the candidate has no seal.
    #[error("the file is not sealed but the slot has run a sealed one: was it cut or stripped? run `wasmtube pack`")]
    Unsealed,
    /// A call that the live version answered breaks the candidate.
    #[error("`{function}` fails for the last argument that the live version answered")]
    Smoke {
        /// The function.
        function: String,
        /// How it failed.
        source: CallError,
    },
    /// Another candidate came while this one was prepared. Only deployments end so.
    #[error("a newer candidate came: this one was given up for {}", .by.short())]
    Superseded {
        /// The newer one.
        by: Digest,
    },
}

fn changes(missing: &[String], changed: &[String]) -> String {
    let part = |what: &str, names: &[String]| format!("{what} {}", shown::names(names));
    let parts = [("missing", missing), ("changed", changed)];
    let parts: Vec<String> =
        parts.into_iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| part(what, names)).collect();
    parts.join("; ")
}

/// How well a model gives its known answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoldenReport {
    /// How many elements were compared.
    pub probes: usize,
    /// Largest difference, as a share of the largest absolute value of its output.
    pub largest_share: f64,
}

/// Why the known answers of a model do not hold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// The model did not answer.
    #[error("the model does not run on its known input")]
    Run(#[source] CallError),
    /// An element differs by more than the file allows.
    #[error(
        "output `{output}` element {position} is {found}, known is {expected}, allowed is a difference of {allowed}"
    )]
    Differs {
        /// Name of the output.
        output: String,
        /// Position in row-major order.
        position: u64,
        /// The known value.
        expected: f32,
        /// The value found.
        found: f64,
        /// Largest difference allowed.
        allowed: f64,
    },
    /// The known answers contradict the model.
    #[error("the known answers in the manifest are malformed: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
}
