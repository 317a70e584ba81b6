//! Inputs that the caller makes constants.

use std::borrow::Cow;

use ir::Code;

use super::builder::elements;
use super::refusal::{Refusal, Result};
use super::tensor::{self, Loaded};
use crate::model::element;
use crate::proto::{TensorProto, ValueInfoProto};

/// Elements in row-major order, little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array {
    /// Type of the elements.
    pub element: Element,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// The elements; booleans are bytes.
    pub bytes: Vec<u8>,
}

/// Element types that an array can have, with their numbers in ONNX. An input may be frozen to floats of 32 and 16 bits,
/// integers of 64 and 32, and booleans.
#[allow(missing_docs, reason = "the names of the ONNX specification")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    Float32 = 1,
    Uint8 = 2,
    Int8 = 3,
    Uint16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    Uint32 = 12,
    Uint64 = 13,
}

impl Element {
    fn onnx(self) -> i32 {
        self as i32
    }

    /// The name in messages.
    #[must_use]
    pub fn name(self) -> String {
        element::name(self.onnx())
    }
}

/// The value of an input that is frozen to `array`. Half precision also stands for single
/// precision.
pub(super) fn value(input: &ValueInfoProto<'_>, declared: i32, array: &Array) -> Result<Loaded> {
    let given = array.element.onnx();
    let widens = given == element::FLOAT16 && declared == element::FLOAT;
    if given != declared && !widens {
        let (given, declared) = (element::name(given), element::name(declared));
        return Err(Refusal::new(
            Code::BadConstant,
            format!("the model declares {declared}, and the array of `--const` holds {given}"),
            format!("save the array again with `array.astype(\"{declared}\")`"),
        ));
    }
    let bytes = elements(&array.shape)?.saturating_mul(element::size(given).ok_or_else(|| Refusal::element(given))?);
    if bytes != array.bytes.len() {
        let message = format!("the array of `--const` has {} bytes, not the {bytes} of its shape", array.bytes.len());
        return Err(Refusal::new(Code::BadConstant, message, "save the array again"));
    }
    let dims = array.shape.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect();
    let raw_data = Cow::Borrowed(&array.bytes[..]);
    tensor::load(&TensorProto { dims, data_type: given, name: input.name, raw_data, ..TensorProto::default() })
}
