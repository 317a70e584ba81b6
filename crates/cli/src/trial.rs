//! Runs a file that was just compiled, to compare its answers. Nobody waits for it, so there is hardly a limit.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use compiler::{RunError, Tensor};
use runtime::{Engine, EngineOptions, Lease, Limits, LoadOptions, Version};

/// The outputs for each set of inputs.
///
/// # Errors
/// What the engine or the file says.
pub(crate) fn run(wasm: &[u8], inputs: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, RunError> {
    let lease = load(wasm)?;
    inputs.iter().map(|inputs| lease.infer(&to_runtime(inputs)?)?.iter().map(from_runtime).collect()).collect()
}

/// The outputs for one set of inputs; `after_step` sees each step and the memory as it left it.
///
/// # Errors
/// What the engine or the file says.
pub(crate) fn run_steps(
    wasm: &[u8],
    inputs: &[Tensor],
    after_step: &mut dyn FnMut(usize, &[u8]),
) -> Result<Vec<Tensor>, RunError> {
    let outputs = load(wasm)?.infer_observed(&to_runtime(inputs)?, |step, memory| after_step(step as usize, memory))?;
    outputs.iter().map(from_runtime).collect()
}

fn load(wasm: &[u8]) -> Result<Lease, RunError> {
    let limits = Limits {
        deadline: Duration::from_secs(24 * 60 * 60),
        memory_bytes: u64::MAX,
        code_bytes: usize::MAX,
        instances: NonZeroUsize::MIN,
        ..Limits::default()
    };
    let engine = Engine::new(EngineOptions::default())?;
    let options = LoadOptions { limits, ..LoadOptions::default() };
    Ok(Arc::new(Version::load(&engine, wasm.to_vec(), options)?).lease())
}

fn to_runtime(tensors: &[Tensor]) -> Result<Vec<runtime::Tensor>, RunError> {
    let shape = |tensor: &Tensor| tensor.shape().iter().map(|size| *size as u64).collect();
    tensors.iter().map(|tensor| Ok(runtime::Tensor::from_f32s(shape(tensor), tensor.data())?)).collect()
}

fn from_runtime(tensor: &runtime::Tensor) -> Result<Tensor, RunError> {
    let elements =
        tensor.f32s().ok_or_else(|| format!("output `{}` is of {}, not f32", tensor.name, tensor.dtype()))?;
    Ok(Tensor::new(sizes(tensor)?, elements))
}

/// The shape of a tensor that fits the memory of this machine.
///
/// # Errors
/// A size that does not.
pub(crate) fn sizes(tensor: &runtime::Tensor) -> Result<Vec<usize>, std::num::TryFromIntError> {
    tensor.shape().iter().map(|size| usize::try_from(*size)).collect()
}
