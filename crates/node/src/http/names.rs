//! Names in a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::refusal::Class;

/// The names that stand in the path, in their order.
#[derive(Debug)]
pub(super) struct Names<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Names<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let names = Path::from_request_parts(parts, state).await;
        let Path(names) = names.map_err(|rejection| {
            Failure::of(Class::Invalid, "invalid_path", format!("the path holds no name: {}", rejection.body_text()))
        })?;
        Ok(Self(names))
    }
}
