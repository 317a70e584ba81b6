//! The arrays of `--const`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use abi::DataType;
use anyhow::Context as _;
use compiler::{Array, Element};
use runtime::npy;

use crate::files::{self, Content};
use crate::usage::usage;

/// Reads the array for each input.
pub(super) fn read(constants: &[(String, PathBuf)]) -> anyhow::Result<BTreeMap<String, Array>> {
    let mut arrays = BTreeMap::new();
    for (input, path) in constants {
        let tensor =
            npy::read(&files::read(path, Content::Array)?).with_context(|| format!("cannot use {}", path.display()))?;
        let shape = tensor.shape().iter().map(|size| usize::try_from(*size)).collect::<Result<_, _>>()?;
        let array = Array { element: element(tensor.dtype()), shape, bytes: tensor.bytes().to_vec() };
        if arrays.insert(input.clone(), array).is_some() {
            return Err(usage(format!("--const gives `{input}` two arrays: give one")));
        }
    }
    Ok(arrays)
}

fn element(dtype: DataType) -> Element {
    match dtype {
        DataType::F32 => Element::Float32,
        DataType::F64 => Element::Float64,
        DataType::F16 => Element::Float16,
        DataType::I8 => Element::Int8,
        DataType::U8 => Element::Uint8,
        DataType::I16 => Element::Int16,
        DataType::U16 => Element::Uint16,
        DataType::I32 => Element::Int32,
        DataType::U32 => Element::Uint32,
        DataType::I64 => Element::Int64,
        DataType::U64 => Element::Uint64,
        DataType::Bool => Element::Bool,
    }
}
