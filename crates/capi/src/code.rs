//! The words by which programs tell errors apart. They are those of a node's HTTP interface where it has the same error.

use runtime::{CallError, DeployError, EngineError, LoadError, OpenError, PublishError, WatchError};

use crate::{Error, ErrorKind};

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::of(ErrorKind::Setup, "engine", &error)
    }
}

impl From<WatchError> for Error {
    fn from(error: WatchError) -> Self {
        Self::of(ErrorKind::Setup, "watch", &error)
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        let (kind, code) = match &error {
            OpenError::TooLarge { .. } => (ErrorKind::File, "too_large"),
            OpenError::Changing { .. } => (ErrorKind::File, "changing"),
            OpenError::Load { source, .. } => (ErrorKind::Load, load_code(source)),
            // `Read`, and whatever else may hinder reading.
            _ => (ErrorKind::File, "unreadable"),
        };
        Self::of(kind, code, &error)
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::of(ErrorKind::Load, load_code(&error), &error)
    }
}

impl From<PublishError> for Error {
    fn from(error: PublishError) -> Self {
        let code = match &error {
            PublishError::Start(_) => "no_instance",
            PublishError::SelfCheck(_) | PublishError::SelfCheckFailed { .. } => "self_check",
            PublishError::Golden(_) => "known_answers",
            PublishError::Incompatible { .. } => "incompatible",
            PublishError::Unsealed => "unsealed",
            PublishError::Smoke { .. } => "last_argument",
            PublishError::Superseded { .. } => "superseded",
            _ => "refused",
        };
        Self::of(ErrorKind::Publish, code, &error)
    }
}

impl From<DeployError> for Error {
    fn from(error: DeployError) -> Self {
        match error {
            DeployError::Load(error) => error.into(),
            DeployError::Publish(error) => error.into(),
            // `Panicked`, and whatever else is no fault of the file.
            error => Self::of(ErrorKind::Internal, "internal", &error),
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::Internal { .. } => ErrorKind::Internal,
            _ => ErrorKind::Call,
        };
        let object = match &error {
            CallError::GuestError(object) => Some((object.code.clone(), object.retryable)),
            _ => None,
        };
        let made = Self::of(kind, error.code(), &error);
        match object {
            Some((code, retryable)) => made.guest(&code, retryable),
            None => made,
        }
    }
}

fn load_code(error: &LoadError) -> &'static str {
    match error {
        LoadError::Seal(_) | LoadError::Stripped => "seal",
        LoadError::Imports { .. } | LoadError::ImportType { .. } => "imports",
        LoadError::NotAllowed { .. } => "not_allowed",
        LoadError::CodeTooLarge { .. }
        | LoadError::CodeTooCostly { .. }
        | LoadError::TooComplex { .. }
        | LoadError::TooMany { .. }
        | LoadError::TablesTooLarge { .. } => "too_large",
        // What is left breaks a rule of WebAssembly or of a manifest.
        _ => "invalid_module",
    }
}
