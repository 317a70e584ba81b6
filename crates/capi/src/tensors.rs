//! Tensors as C sees them.

use std::ffi::{CString, c_char};

use abi::DataType;
use runtime::Tensor;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NameError, StrDeserializer};

/// A tensor, given to a model or answered by it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TensorView {
    /// Name of the input or output in the model. NULL for an input that its position decides.
    pub name: *const c_char,
    /// Type of the elements: `f32`, `f64`, `f16`, `i8`, `u8`, `i16`, `u16`, `i32`, `u32`, `i64`, `u64` or `bool`.
    pub dtype: *const c_char,
    /// Size of each dimension.
    pub shape: *const u64,
    /// How many dimensions.
    pub rank: usize,
    /// The elements in row-major order without gaps, little-endian.
    pub data: *const u8,
    /// How many bytes.
    pub data_len: usize,
}

/// What a model answered.
#[derive(Debug)]
pub struct Outputs {
    views: Vec<TensorView>,
    /// What the views lead to.
    _kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    name: CString,
    dtype: CString,
    tensor: Tensor,
}

impl Outputs {
    pub(crate) fn new(tensors: Vec<Tensor>) -> Self {
        let kept: Vec<Kept> = tensors
            .into_iter()
            .map(|tensor| Kept {
                name: crate::error::c_text(&tensor.name),
                dtype: crate::error::c_text(tensor.dtype().name()),
                tensor,
            })
            .collect();
        let view = |Kept { name, dtype, tensor }: &Kept| TensorView {
            name: name.as_ptr(),
            dtype: dtype.as_ptr(),
            shape: tensor.shape().as_ptr(),
            rank: tensor.shape().len(),
            data: tensor.bytes().as_ptr(),
            data_len: tensor.bytes().len(),
        };
        Self { views: kept.iter().map(view).collect(), _kept: kept }
    }

    pub(crate) fn views(&self) -> &[TensorView] {
        &self.views
    }
}

/// The type of this name.
pub(crate) fn dtype(name: &str) -> Option<DataType> {
    let name: StrDeserializer<'_, NameError> = name.into_deserializer();
    DataType::deserialize(name).ok()
}
