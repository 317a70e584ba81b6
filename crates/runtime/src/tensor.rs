//! Tensors as they cross: element type, shape, bytes.

mod json;

use abi::DataType;

pub use json::{NotFinite, TensorJsonError};

/// A tensor: elements in row-major order, little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Name of the input or output in the model; empty where the position decides.
    pub name: String,
    dtype: DataType,
    shape: Vec<u64>,
    bytes: Vec<u8>,
}

/// Why bytes are no tensor of a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// The shape has more elements than can be addressed.
    #[error("a tensor of shape {shape:?} is too large")]
    TooLarge {
        /// The shape.
        shape: Vec<u64>,
    },
    /// The number of bytes is not that of the shape.
    #[error("a tensor of {dtype} with shape {shape:?} has {expected} bytes, not {given}")]
    Length {
        /// Element type.
        dtype: DataType,
        /// The shape.
        shape: Vec<u64>,
        /// Bytes of that shape.
        expected: usize,
        /// Bytes that were given.
        given: usize,
    },
}

impl Tensor {
    /// A tensor without a name.
    ///
    /// # Errors
    /// [`TensorError`] where `bytes` is not exactly as long as `shape` says.
    pub fn new(dtype: DataType, shape: Vec<u64>, bytes: Vec<u8>) -> Result<Self, TensorError> {
        let expected = byte_len(dtype, &shape).ok_or_else(|| TensorError::TooLarge { shape: shape.clone() })?;
        if expected != bytes.len() {
            return Err(TensorError::Length { dtype, shape, expected, given: bytes.len() });
        }
        Ok(Self { name: String::new(), dtype, shape, bytes })
    }

    /// A tensor of `f32` without a name.
    ///
    /// # Errors
    /// [`TensorError`] where `values` is not exactly as long as `shape` says.
    pub fn from_f32s(shape: Vec<u64>, values: &[f32]) -> Result<Self, TensorError> {
        Self::new(DataType::F32, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// The same tensor for the input or output of this name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Element type.
    #[must_use]
    pub fn dtype(&self) -> DataType {
        self.dtype
    }

    /// Size of each dimension.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// The elements, little-endian.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The elements, if they are `f32`.
    #[must_use]
    pub fn f32s(&self) -> Option<Vec<f32>> {
        let value = |chunk: &[u8; 4]| f32::from_le_bytes(*chunk);
        (self.dtype == DataType::F32).then(|| self.bytes.as_chunks().0.iter().map(value).collect())
    }

    /// The same numbers as `f32`, if they are `f16`: every one of them is an `f32`.
    #[must_use]
    pub fn widened(&self) -> Option<Self> {
        if self.dtype != DataType::F16 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "exact")]
        let bytes = self.f64s().into_iter().flat_map(|value| (value as f32).to_le_bytes()).collect();
        Some(Self { name: self.name.clone(), dtype: DataType::F32, shape: self.shape.clone(), bytes })
    }

    /// The elements, if they are the scores of one row of classes: more than one `f32` along one dimension, each of
    /// them a number.
    #[must_use]
    pub fn scores(&self) -> Option<Vec<f32>> {
        let scores = self.f32s()?;
        let is_one_row = scores.len() > 1 && self.shape.contains(&u64::try_from(scores.len()).ok()?);
        (is_one_row && !scores.iter().any(|score| score.is_nan())).then_some(scores)
    }

    /// The elements as `f64`, whatever their type. Integers above 2^53 are rounded.
    #[must_use]
    pub fn f64s(&self) -> Vec<f64> {
        let size = self.dtype.size() as usize;
        self.bytes.chunks_exact(size).filter_map(|element| number(self.dtype, element)).collect()
    }

    /// One element as `f64`, as [`Self::f64s`] has it; `None` behind the last.
    #[must_use]
    pub fn f64_at(&self, position: u64) -> Option<f64> {
        let size = self.dtype.size() as usize;
        let start = usize::try_from(position).ok()?.checked_mul(size)?;
        number(self.dtype, self.bytes.get(start..start.checked_add(size)?)?)
    }
}

/// An element from its bytes.
#[allow(clippy::cast_precision_loss, reason = "said in the documentation of `Tensor::f64s`")]
fn number(dtype: DataType, bytes: &[u8]) -> Option<f64> {
    Some(match dtype {
        DataType::F32 => f32::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::F64 => f64::from_le_bytes(bytes.try_into().ok()?),
        DataType::F16 => half(u16::from_le_bytes(bytes.try_into().ok()?)),
        DataType::I8 => i8::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::U8 | DataType::Bool => u8::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::I16 => i16::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::U16 => u16::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::I32 => i32::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::U32 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
        DataType::I64 => i64::from_le_bytes(bytes.try_into().ok()?) as f64,
        DataType::U64 => u64::from_le_bytes(bytes.try_into().ok()?) as f64,
    })
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    let magnitude = match exponent {
        0 => fraction * 2.0_f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2.0_f64.powi(exponent - 15),
    };
    sign * magnitude
}

/// The nearest IEEE 754 binary16, ties to even, or `None` where that is infinite.
fn half_bits(value: f64) -> Option<u16> {
    const SMALLEST_EXPONENT: i32 = -14;
    let exponent = i32::try_from(value.to_bits() >> 52 & 0x7ff).ok()? - 1023;
    let exponent = exponent.max(SMALLEST_EXPONENT);
    // Scaling by a power of two is exact.
    let steps = (value.abs() * 2.0_f64.powi(10 - exponent)).round_ties_even();
    let magnitude = f64::from((exponent - SMALLEST_EXPONENT) << 10) + steps;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to fit 15 bits")]
    let bits = (magnitude < f64::from(0x7c00_u16)).then_some(magnitude as u16)?;
    Some(if value.is_sign_negative() { bits | 0x8000 } else { bits })
}

/// Bytes of a tensor, or `None` where the number overflows.
pub(crate) fn byte_len(dtype: DataType, shape: &[u64]) -> Option<usize> {
    let elements = shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size))?;
    usize::try_from(elements.checked_mul(u64::from(dtype.size()))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_must_fit_the_shape() {
        assert!(Tensor::from_f32s(vec![2, 3], &[0.0; 6]).is_ok());
        assert!(matches!(
            Tensor::from_f32s(vec![2, 3], &[0.0; 5]),
            Err(TensorError::Length { expected: 24, given: 20, .. })
        ));
        let huge = Tensor::new(DataType::F64, vec![u64::MAX, 2], Vec::new());
        assert!(matches!(huge, Err(TensorError::TooLarge { .. })));
    }

    #[test]
    fn every_type_can_be_read_as_numbers() {
        let read = |dtype, bytes: &[u8]| Tensor::new(dtype, vec![1], bytes.to_vec()).unwrap().f64s()[0];
        assert_eq!(read(DataType::I8, &[0xff]), -1.0);
        assert_eq!(read(DataType::U16, &[0xff, 0xff]), 65_535.0);
        assert_eq!(read(DataType::I64, &(-3_i64).to_le_bytes()), -3.0);
        assert_eq!(read(DataType::F16, &0x3c00_u16.to_le_bytes()), 1.0);
        assert_eq!(read(DataType::F16, &0xc000_u16.to_le_bytes()), -2.0);
        assert_eq!(read(DataType::F16, &0x0001_u16.to_le_bytes()), 2.0_f64.powi(-24));
        assert_eq!(read(DataType::F16, &0x7c00_u16.to_le_bytes()), f64::INFINITY);
        assert!(read(DataType::F16, &0x7c01_u16.to_le_bytes()).is_nan());
    }

    #[test]
    fn every_finite_half_is_its_own_nearest() {
        for bits in 0..=u16::MAX {
            let value = half(bits);
            assert_eq!(half_bits(value), value.is_finite().then_some(bits), "{value}");
        }
        let between = f64::midpoint(half(0x3c01), half(0x3c02));
        assert_eq!(half_bits(between), Some(0x3c02), "to even");
    }

    #[test]
    fn half_precision_is_widened_and_nothing_else() {
        let halves: Vec<u8> = [0x3c00_u16, 0x8001, 0xfc00].iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let wide = Tensor::new(DataType::F16, vec![3], halves).unwrap().named("x").widened().unwrap();
        assert_eq!((wide.name.as_str(), wide.shape()), ("x", &[3][..]));
        assert_eq!(wide.f32s().unwrap(), [1.0, -(2.0_f32.powi(-24)), f32::NEG_INFINITY]);
        assert_eq!(wide.widened(), None);
    }

    #[test]
    fn scores_are_one_row_of_numbers() {
        let scores = |shape: &[u64], values: &[f32]| Tensor::from_f32s(shape.to_vec(), values).unwrap().scores();
        assert_eq!(scores(&[1, 2, 1], &[1.0, f32::INFINITY]), Some(vec![1.0, f32::INFINITY]));
        assert_eq!(scores(&[2, 2], &[1.0; 4]), None);
        assert_eq!(scores(&[1], &[1.0]), None);
        assert_eq!(scores(&[2], &[1.0, f32::NAN]), None);
        assert_eq!(Tensor::new(DataType::U8, vec![2], vec![1, 2]).unwrap().scores(), None);
    }
}
