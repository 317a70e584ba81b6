//! How calls end, as it is counted.

use crate::call_error::CallError;

/// How a call on a seated instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    /// The function trapped, broke a limit or broke the convention.
    Trapped,
    TimedOut,
    ErrorObject,
    /// The host or the caller is to blame.
    Failed,
}

impl Outcome {
    #[inline]
    pub(crate) fn of<R>(result: &Result<R, CallError>) -> Self {
        match result {
            Ok(_) => Self::Succeeded,
            Err(error) => Self::of_error(error),
        }
    }

    #[cold]
    pub(crate) fn of_error(error: &CallError) -> Self {
        match error {
            CallError::DeadlineExceeded { .. } => Self::TimedOut,
            CallError::GuestError(_) => Self::ErrorObject,
            CallError::Trap(_)
            | CallError::MemoryLimit { .. }
            | CallError::TableLimit { .. }
            | CallError::GuestOutOfMemory { .. }
            | CallError::BadAnswer { .. }
            | CallError::ResultTooLarge { .. }
            | CallError::Misaligned { .. }
            | CallError::PointerOutOfRange { .. }
            | CallError::PartialOverlap { .. }
            | CallError::ResultBeyondWindow { .. } => Self::Trapped,
            CallError::Instantiate { .. }
            | CallError::ArgumentTooLarge { .. }
            | CallError::PictureTooLarge { .. }
            | CallError::NoSuchFunction { .. }
            | CallError::NotClassic { .. }
            | CallError::NeedsGuarded { .. }
            | CallError::WrongArguments { .. }
            | CallError::BadArgument { .. }
            | CallError::WrongInput { .. }
            | CallError::Tensor(_)
            | CallError::Encode { .. }
            | CallError::NoWindow { .. }
            | CallError::Busy { .. }
            | CallError::Key(_)
            | CallError::Retired
            | CallError::Internal { .. } => Self::Failed,
        }
    }
}
