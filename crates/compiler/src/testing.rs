//! What several tests need.

use crate::ModelSource;

/// Our own small model.
pub(crate) const DIGITS: &[u8] = include_bytes!("../../../models/digits/digits.onnx");

pub(crate) fn source(onnx: &[u8]) -> ModelSource<'_> {
    ModelSource::whole(onnx)
}
