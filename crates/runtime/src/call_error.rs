use std::time::Duration;

use abi::value::ErrorObject;

use crate::{TensorError, Trap, shown};

/// Why a call cannot be assigned to an instance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The version has an instance for each key and the call names none.
    #[error("the function keeps its state by key: name the key of the call")]
    Missing,
    /// The version does not know keys.
    #[error("the function keeps no state by key (`{state}`): call it without a key")]
    NotTaken {
        /// What it keeps.
        state: &'static str,
    },
    /// The key is empty or too long.
    #[error("a key must have 1 to {limit} bytes, this one has {bytes}")]
    Length {
        /// Length in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why a call has no result. The process and the version live on; only the instance may have been replaced.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The function ran longer than it may.
    #[error("the function did not answer within {deadline:?} and was stopped")]
    DeadlineExceeded {
        /// The limit.
        deadline: Duration,
    },
    /// The function failed.
    #[error("the function trapped: {0}")]
    Trap(Box<Trap>),
    /// The host could not make an instance, which is not the function's fault.
    #[error(
        "the host could not make an instance: {reason}; if memory or address space ran out, free some, raise `ulimit -v` or lower the limit `instances`"
    )]
    Instantiate {
        /// What the engine says.
        reason: String,
    },
    /// The function could not go on because it was refused memory.
    #[error("the function wanted {wanted} bytes of memory, the limit is {limit}")]
    MemoryLimit {
        /// The sum it would have had, in bytes.
        wanted: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The function could not go on because it was refused table elements.
    #[error("the function wanted {wanted} table elements, the limit is {limit}")]
    TableLimit {
        /// The sum it would have had.
        wanted: u64,
        /// The limit.
        limit: u64,
    },
    /// The argument is larger than the limit.
    #[error("the argument has {bytes} bytes, the limit is {limit}")]
    ArgumentTooLarge {
        /// Size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The picture is larger than the limit.
    #[error(
        "a picture of {width} x {height} pixels has {bytes} bytes of RGB, the limit is {limit}: make it smaller or raise the limit `picture_bytes`"
    )]
    PictureTooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The result is larger than the limit.
    #[error("the result has {bytes} bytes, the limit is {limit}")]
    ResultTooLarge {
        /// Size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The function has no memory for the argument.
    #[error("the function has no memory for an argument of {bytes} bytes")]
    GuestOutOfMemory {
        /// Size of the argument in bytes.
        bytes: usize,
    },
    /// The function gave memory for the argument that does not lie on the boundary that it was asked for.
    #[error("the function gave memory for the argument at {ptr}, which is not on a boundary of {align} bytes")]
    Misaligned {
        /// The address.
        ptr: u32,
        /// The boundary in bytes.
        align: u32,
    },
    /// The function named a place outside its memory.
    #[error("the {what} lies outside the memory: address {ptr}, {len} bytes, memory of {memory} bytes")]
    PointerOutOfRange {
        /// What should lie there.
        what: &'static str,
        /// The address.
        ptr: u32,
        /// Length in bytes.
        len: u32,
        /// Size of the memory in bytes.
        memory: usize,
    },
    /// The result lies partly inside the argument, so neither can be freed.
    #[error("the result ({len} bytes at {ptr}) overlaps the argument without lying inside it")]
    PartialOverlap {
        /// Address of the result.
        ptr: u32,
        /// Length of the result in bytes.
        len: u32,
    },
    /// A classic function announced more bytes than fit behind its argument's address.
    #[error("the function announced a result of {len} bytes, its window has {window}")]
    ResultBeyondWindow {
        /// Announced length in bytes.
        len: u32,
        /// Size of the window in bytes.
        window: u32,
    },
    /// The function answered with an error object.
    #[error("the function answered with an error")]
    GuestError(#[source] ErrorObject),
    /// The function answered something that is not what it declares.
    #[error("the function's answer is not {wanted}: {reason}")]
    BadAnswer {
        /// What it should be.
        wanted: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The module has no such function.
    #[error("there is no function `{name}`; the module has {}", list(.available))]
    NoSuchFunction {
        /// The name that was called.
        name: String,
        /// Names that can be called.
        available: Vec<String>,
    },
    /// The function cannot be called in the classic convention.
    #[error("`{name}` cannot be called in the classic convention; functions of the module that can: {}", list(.available))]
    NotClassic {
        /// The name that was called.
        name: String,
        /// Names that can be called in this convention.
        available: Vec<String>,
    },
    /// A model as a whole would run without interruption.
    #[error(
        "in the classic convention `{function}` runs the whole model at once, which a version in stepped mode cannot interrupt: load it guarded"
    )]
    NeedsGuarded {
        /// Name of the function.
        function: String,
    },
    /// The function takes something else.
    #[error("`{function}` takes {expected}, it was called with {given}")]
    WrongArguments {
        /// The function.
        function: String,
        /// What it takes.
        expected: String,
        /// What was given.
        given: String,
    },
    /// The argument is JSON of another type than the function takes, or no JSON.
    #[error("the argument does not fit `{function}`, which is {expected}: {reason}")]
    BadArgument {
        /// The function.
        function: String,
        /// Its type.
        expected: String,
        /// What does not fit, and where.
        reason: String,
    },
    /// A tensor or picture does not fit the model.
    #[error("input `{name}` of the model: {reason}")]
    WrongInput {
        /// Name of the input.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// A tensor contradicts itself.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// The value given to [`crate::Lease::call`] has no JSON form.
    #[error("the argument cannot be written as JSON: {reason}")]
    Encode {
        /// What the writer says.
        reason: String,
    },
    /// There is no place in the module's memory for the argument.
    #[error(
        "no place in memory for the argument: {reason}; choose one, `end`, `42` or `alloc:NAME`, by the setting `window`, or build the module for the core ABI v1"
    )]
    NoWindow {
        /// Why not.
        reason: String,
    },
    /// The instance that the call needs was busy for the whole deadline, or as many calls wait as may.
    #[error(
        "no instance is free: at most {instances} run at once, with one call each, and {waiting} other calls wait, of at most {queue}; this one waited {waited:?}: raise the limit `instances` or `queue`, or call less often"
    )]
    Busy {
        /// How many may run at once.
        instances: usize,
        /// How many other calls wait.
        waiting: usize,
        /// The limit of waiting calls.
        queue: usize,
        /// How long the call waited.
        waited: Duration,
    },
    /// The call and the version do not agree on a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The lease is older than the drain deadline of its version.
    #[error("the version of this lease was replaced and drained: acquire a new lease")]
    Retired,
    /// The host is at fault.
    #[error("internal error, please report it: {reason}")]
    Internal {
        /// What is wrong.
        reason: String,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { shown::names(names) }
}

impl CallError {
    /// The word by which programs tell errors apart, the same in the HTTP interface of a node and in the C interface.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::ArgumentTooLarge { .. } | Self::PictureTooLarge { .. } => "too_large",
            Self::NoSuchFunction { .. } => "no_such_function",
            Self::WrongArguments { .. }
            | Self::BadArgument { .. }
            | Self::WrongInput { .. }
            | Self::Tensor(_)
            | Self::Encode { .. }
            | Self::NoWindow { .. }
            | Self::NotClassic { .. }
            | Self::NeedsGuarded { .. } => "wrong_argument",
            Self::Key(_) => "wrong_key",
            Self::Busy { .. } => "busy",
            Self::Retired => "retired",
            Self::Instantiate { .. } => "no_instance",
            Self::Internal { .. } => "internal",
            Self::Trap(_) => "trap",
            Self::GuestError(_) => "guest_error",
            Self::MemoryLimit { .. } | Self::TableLimit { .. } | Self::GuestOutOfMemory { .. } => "out_of_memory",
            // Answers that break the convention.
            Self::BadAnswer { .. }
            | Self::ResultTooLarge { .. }
            | Self::Misaligned { .. }
            | Self::PointerOutOfRange { .. }
            | Self::PartialOverlap { .. }
            | Self::ResultBeyondWindow { .. } => "bad_answer",
        }
    }

    pub(crate) fn internal(reason: impl Into<String>) -> Self {
        Self::Internal { reason: reason.into() }
    }
}
