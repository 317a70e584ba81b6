//! The files that are given for inputs and outputs.

use abi::DataType;
use anyhow::Context as _;
use compiler::{Given, Tensor};
use runtime::npy;

use crate::args::NamedFile;
use crate::files::{self, Content};
use crate::trial::sizes;

/// Tensors for inputs: of exactly the type that models take, or of one that widens to it without loss.
pub(super) fn inputs(files: &[NamedFile]) -> anyhow::Result<Vec<Given>> {
    let elements = |tensor: &runtime::Tensor| {
        let dtype = tensor.dtype();
        let wide = tensor.widened();
        wide.as_ref()
            .unwrap_or(tensor)
            .f32s()
            .with_context(|| format!("it holds {dtype}, an input is {}: save it as float32", DataType::F32))
    };
    read(files, elements)
}

/// Tensors for outputs: of any type, since the file answers numbers of `f32` for all of them.
#[allow(clippy::cast_possible_truncation, reason = "a reference is as precise as what it is compared with")]
pub(super) fn references(files: &[NamedFile]) -> anyhow::Result<Vec<Given>> {
    read(files, |tensor| Ok(tensor.f64s().into_iter().map(|element| element as f32).collect()))
}

fn read(
    files: &[NamedFile],
    elements: impl Fn(&runtime::Tensor) -> anyhow::Result<Vec<f32>>,
) -> anyhow::Result<Vec<Given>> {
    let given = |file: &NamedFile| {
        let tensor = || {
            let tensor = npy::read(&files::read(&file.path, Content::Array)?)?;
            Ok(Tensor::new(sizes(&tensor)?, elements(&tensor)?))
        };
        let tensor: anyhow::Result<Tensor> = tensor();
        let tensor = tensor.with_context(|| format!("cannot use {}", file.path.display()))?;
        Ok(Given { name: file.name.clone(), tensor })
    };
    files.iter().map(given).collect()
}
