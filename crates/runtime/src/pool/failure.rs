//! Why calls fail, as it is counted.

use crate::call_error::CallError;

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The function trapped, broke a limit or broke the convention.
    Trap,
    Timeout,
    ErrorObject,
    /// The host or the caller is to blame.
    Other,
}

impl Failure {
    pub(super) fn of(error: &CallError) -> Self {
        match error {
            CallError::DeadlineExceeded { .. } => Self::Timeout,
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
            | CallError::ResultBeyondWindow { .. } => Self::Trap,
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
            | CallError::Internal { .. } => Self::Other,
        }
    }
}
