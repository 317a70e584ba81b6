//! NumPy's file format for one array (`.npy`, versions 1.0 to 3.0): reading and writing [`Tensor`]s.
//!
//! A file is `\x93NUMPY`, two bytes of version, the length of the header (2 bytes in version 1, else 4), the header as
//! a Python dictionary padded with spaces, then the elements.

mod header;

use abi::DataType;

use crate::Tensor;
use crate::tensor::byte_len;

const MAGIC: &[u8] = b"\x93NUMPY";
/// Data starts at a multiple of this, as NumPy writes it.
const ALIGN: usize = 64;

/// Why bytes are no array that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The bytes do not begin like a file of NumPy.
    #[error("not a .npy file: it does not begin with \\x93NUMPY")]
    Magic,
    /// The version is not known.
    #[error("version {major}.{minor} of the .npy format is unknown: save with versions 1.0 to 3.0")]
    Version {
        /// First byte of the version.
        major: u8,
        /// Second byte of the version.
        minor: u8,
    },
    /// The file ends inside the header.
    #[error("the .npy file ends inside its header")]
    Cut,
    /// The header is not the dictionary that NumPy writes.
    #[error("the .npy header is malformed at byte {at}: {wanted} expected")]
    Header {
        /// Position in the header.
        at: usize,
        /// What should stand there.
        wanted: &'static str,
    },
    /// The element type is not one of ours.
    #[error("element type `{descr}` is not supported: use little-endian f2, f4, f8, i1 to i8, u1 to u8 or b1")]
    ElementType {
        /// The type as NumPy writes it.
        descr: String,
    },
    /// The elements are in column-major order.
    #[error("the array is in Fortran order: save it with numpy.ascontiguousarray")]
    FortranOrder,
    /// There are more or fewer elements than the shape says.
    #[error("an array of {dtype} with shape {shape:?} does not have {given} bytes of elements")]
    Length {
        /// Element type.
        dtype: DataType,
        /// Shape in the header.
        shape: Vec<u64>,
        /// Bytes after the header.
        given: usize,
    },
}

/// Reads a file. Nothing is allocated beyond the size of `file`.
///
/// # Errors
/// [`NpyError`] for everything that is not a whole array in C order of a [`DataType`].
pub fn read(file: &[u8]) -> Result<Tensor, NpyError> {
    let rest = file.strip_prefix(MAGIC).ok_or(NpyError::Magic)?;
    let (&[major, minor], rest) = rest.split_first_chunk::<2>().ok_or(NpyError::Cut)?;
    let (header_len, rest) = match (major, minor) {
        (1, 0) => {
            let (len, rest) = rest.split_first_chunk::<2>().ok_or(NpyError::Cut)?;
            (usize::from(u16::from_le_bytes(*len)), rest)
        }
        (2 | 3, 0) => {
            let (len, rest) = rest.split_first_chunk::<4>().ok_or(NpyError::Cut)?;
            (usize::try_from(u32::from_le_bytes(*len)).map_err(|_| NpyError::Cut)?, rest)
        }
        _ => return Err(NpyError::Version { major, minor }),
    };
    let (text, data) = rest.split_at_checked(header_len).ok_or(NpyError::Cut)?;
    let header = header::parse(text)?;
    let dtype = dtype(&header.descr).ok_or_else(|| NpyError::ElementType { descr: header.descr.clone() })?;
    if header.fortran_order && header.shape.len() > 1 {
        return Err(NpyError::FortranOrder);
    }
    let wrong_length = || NpyError::Length { dtype, shape: header.shape.clone(), given: data.len() };
    if byte_len(dtype, &header.shape) != Some(data.len()) {
        return Err(wrong_length());
    }
    Tensor::new(dtype, header.shape.clone(), data.to_vec()).map_err(|_| wrong_length())
}

/// Writes a file of version 1.0, or 2.0 where the header is too long for it, byte for byte as NumPy does.
#[must_use]
pub fn write(tensor: &Tensor) -> Vec<u8> {
    let shape: Vec<String> = tensor.shape().iter().map(u64::to_string).collect();
    let shape =
        if let [single] = shape.as_slice() { format!("({single},)") } else { format!("({})", shape.join(", ")) };
    let dictionary = format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", descr(tensor.dtype()));
    let padded = |fixed: usize| (fixed + dictionary.len() + 1).next_multiple_of(ALIGN) - fixed;
    let mut file = MAGIC.to_vec();
    let header_len = match u16::try_from(padded(MAGIC.len() + 4)) {
        Ok(len) => {
            file.extend_from_slice(&[1, 0]);
            file.extend_from_slice(&len.to_le_bytes());
            usize::from(len)
        }
        Err(_) => {
            let len = padded(MAGIC.len() + 6);
            file.extend_from_slice(&[2, 0]);
            file.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
            len
        }
    };
    let data_at = file.len() + header_len;
    file.extend_from_slice(dictionary.as_bytes());
    file.resize(data_at - 1, b' ');
    file.push(b'\n');
    file.extend_from_slice(tensor.bytes());
    file
}

fn dtype(descr: &str) -> Option<DataType> {
    Some(match descr {
        "<f4" => DataType::F32,
        "<f8" => DataType::F64,
        "<f2" => DataType::F16,
        "|i1" | "<i1" => DataType::I8,
        "|u1" | "<u1" => DataType::U8,
        "<i2" => DataType::I16,
        "<u2" => DataType::U16,
        "<i4" => DataType::I32,
        "<u4" => DataType::U32,
        "<i8" => DataType::I64,
        "<u8" => DataType::U64,
        "|b1" => DataType::Bool,
        _ => return None,
    })
}

fn descr(dtype: DataType) -> &'static str {
    match dtype {
        DataType::F32 => "<f4",
        DataType::F64 => "<f8",
        DataType::F16 => "<f2",
        DataType::I8 => "|i1",
        DataType::U8 => "|u1",
        DataType::I16 => "<i2",
        DataType::U16 => "<u2",
        DataType::I32 => "<i4",
        DataType::U32 => "<u4",
        DataType::I64 => "<i8",
        DataType::U64 => "<u8",
        DataType::Bool => "|b1",
    }
}

#[cfg(test)]
mod tests;
