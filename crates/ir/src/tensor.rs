use std::fmt;
use std::sync::Arc;

use crate::op::InferError;

/// Largest number of elements of one tensor.
pub const MAX_ELEMENTS: usize = 1 << 30;

/// Element type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DType {
    /// IEEE 754 single precision.
    F32,
}

impl DType {
    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
        }
    }
}

/// Element type and static shape of a value; an empty shape is a scalar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// Size of each dimension, outermost first.
    pub shape: Vec<usize>,
}

impl TensorType {
    /// An `f32` tensor.
    #[must_use]
    pub fn f32(shape: impl Into<Vec<usize>>) -> Self {
        Self { dtype: DType::F32, shape: shape.into() }
    }

    /// Number of dimensions.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    ///
    /// # Panics
    /// On a type that [`TensorType::checked_elements`] refuses: none such is in a graph.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.checked_elements().expect("types in a graph were checked against MAX_ELEMENTS")
    }

    /// Number of elements, at least 1 and at most [`MAX_ELEMENTS`].
    ///
    /// # Errors
    /// [`InferError::Empty`], [`InferError::TooLarge`].
    pub fn checked_elements(&self) -> Result<usize, InferError> {
        if self.shape.contains(&0) {
            return Err(InferError::Empty { shape: self.shape.clone() });
        }
        self.shape
            .iter()
            .try_fold(1_usize, |product, size| product.checked_mul(*size))
            .filter(|elements| *elements <= MAX_ELEMENTS)
            .ok_or_else(|| InferError::TooLarge { shape: self.shape.clone() })
    }

    /// Row-major strides in elements.
    #[must_use]
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1; self.rank()];
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] = strides[axis] * self.shape[axis];
        }
        strides
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DType::F32 = self.dtype;
        write!(f, "f32{:?}", self.shape)
    }
}

/// A constant: a type and its elements in row-major order.
#[derive(Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Arc<[f32]>,
}

impl Tensor {
    /// A tensor of `shape` with the elements `data`.
    ///
    /// # Panics
    /// If the number of elements is not the product of the shape.
    #[must_use]
    pub fn new(shape: impl Into<Vec<usize>>, data: impl Into<Arc<[f32]>>) -> Self {
        let (shape, data) = (shape.into(), data.into());
        assert_eq!(shape.iter().product::<usize>(), data.len(), "elements must fill the shape {shape:?}");
        Self { shape, data }
    }

    /// A tensor with one value everywhere.
    #[must_use]
    pub fn splat(shape: impl Into<Vec<usize>>, value: f32) -> Self {
        let shape = shape.into();
        let elements = shape.iter().product();
        Self { shape, data: vec![value; elements].into() }
    }

    /// Size of each dimension.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements in row-major order.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The same elements under another shape.
    ///
    /// # Panics
    /// If the number of elements differs.
    #[must_use]
    pub fn reshaped(&self, shape: impl Into<Vec<usize>>) -> Self {
        Self::new(shape, Arc::clone(&self.data))
    }

    /// The type of the tensor.
    #[must_use]
    pub fn ty(&self) -> TensorType {
        TensorType::f32(self.shape.clone())
    }

    /// The only element, if there is one element and no more.
    #[must_use]
    pub fn scalar(&self) -> Option<f32> {
        match self.data[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({})", self.ty())
    }
}
