use std::sync::Arc;

use ir::{Code, Tensor};

use super::builder::{check_rank, elements};
use super::half;
use super::known::Known;
use super::refusal::{Refusal, Result};
use crate::model::element;
use crate::proto::TensorProto;

/// A tensor of the file.
pub(super) enum Loaded {
    Float(Tensor),
    Known(Known),
    /// Of this element type, which is not supported.
    Foreign(i32),
}

/// How many floats would take as much of the file as the data of a tensor. Integers in lists may take one byte each.
pub(super) fn stored_elements(tensor: &TensorProto<'_>) -> usize {
    tensor.float_data.len() + (tensor.int32_data.len() + tensor.int64_data.len() + tensor.raw_data.len()) / 4
}

/// Reads a tensor. Half precision is widened.
pub(super) fn load(tensor: &TensorProto<'_>) -> Result<Loaded> {
    if tensor.data_location == TensorProto::EXTERNAL && element::size(tensor.data_type).is_some() {
        return Err(Refusal::new(
            Code::ExternalData,
            "its data is in another file, which is read for initializers and the `value` of Constant only",
            "save the model with its data inside: `onnx.save_model(model, path, save_as_external_data=False)`",
        ));
    }
    let shape = shape(tensor)?;
    let elements = elements(&shape)?;
    let floats = |data: Arc<[f32]>| Ok(Loaded::Float(Tensor::new(shape.clone(), data)));
    let ints = |data| Ok(Loaded::Known(Known::new(shape.clone(), data)));
    match tensor.data_type {
        element::FLOAT => floats(match stored(tensor, &tensor.float_data, elements)? {
            Stored::Raw(raw) => raw.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            Stored::Typed(typed) => typed.into(),
        }),
        element::FLOAT16 => floats(match stored(tensor, &tensor.int32_data, elements)? {
            Stored::Raw(raw) => raw.iter().map(|bytes| half::widened(u16::from_le_bytes(*bytes))).collect(),
            Stored::Typed(typed) => {
                typed.iter().map(|bits| half_bits(*bits).map(half::widened)).collect::<Result<_>>()?
            }
        }),
        element::INT64 => match stored(tensor, &tensor.int64_data, elements)? {
            Stored::Raw(raw) => ints(raw.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()),
            Stored::Typed(typed) => ints(typed.to_vec()),
        },
        element::INT32 => match stored(tensor, &tensor.int32_data, elements)? {
            Stored::Raw(raw) => ints(raw.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect()),
            Stored::Typed(typed) => ints(typed.iter().map(|value| i64::from(*value)).collect()),
        },
        element::BOOL => match stored(tensor, &tensor.int32_data, elements)? {
            Stored::Raw(raw) => ints(raw.iter().map(|[byte]: &[u8; 1]| i64::from(*byte != 0)).collect()),
            Stored::Typed(typed) => ints(typed.iter().map(|value| i64::from(*value != 0)).collect()),
        },
        other => Ok(Loaded::Foreign(other)),
    }
}

/// Half precision in a list of integers stands in the lower 16 bits.
fn half_bits(bits: i32) -> Result<u16> {
    u16::try_from(bits).map_err(|_| bad_data(format!("{bits} is not the bits of a float16")))
}

pub(crate) fn shape(tensor: &TensorProto<'_>) -> Result<Vec<usize>> {
    check_rank(tensor.dims.len())?;
    let size = |size: &i64| usize::try_from(*size).map_err(|_| bad_data(format!("a dimension has size {size}")));
    tensor.dims.iter().map(size).collect()
}

enum Stored<'t, const N: usize, T> {
    Raw(&'t [[u8; N]]),
    Typed(&'t [T]),
}

/// The data of a tensor, which is either raw or in the list of its type.
fn stored<'t, const N: usize, T>(
    tensor: &'t TensorProto<'_>,
    typed: &'t [T],
    elements: usize,
) -> Result<Stored<'t, N, T>> {
    let bytes = tensor.raw_data.len();
    match (bytes, typed.len()) {
        (0, found) if found == elements => Ok(Stored::Typed(typed)),
        (0, found) => Err(bad_data(format!("{found} elements do not fill the shape {:?}", tensor.dims))),
        (_, 1..) => Err(bad_data("the data is given twice, raw and typed".into())),
        (_, 0) => match tensor.raw_data.as_chunks() {
            (raw, []) if raw.len() == elements => Ok(Stored::Raw(raw)),
            _ => Err(bad_data(format!("{bytes} bytes do not fill {:?} with {N} bytes each", tensor.dims))),
        },
    }
}

fn bad_data(message: String) -> Refusal {
    Refusal::new(Code::BadInitializer, message, "export the model again; the file is damaged or was cut")
}
