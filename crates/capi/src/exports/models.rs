//! Compiled models, with tensors.

use std::ptr;

use super::guard;
use crate::pointers;
use crate::{Error, Outputs, Slot, TensorView};

/// Runs a compiled model on tensors, in the order of its inputs or, where they have names, in any. `*outputs` is for
/// `wasmtube_outputs_at` and freed by `wasmtube_outputs_free`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `inputs` leads to `inputs_len` tensors, and each of their pointers
/// to as much as its length says, or to text with a NUL byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_infer(
    slot: *const Slot,
    inputs: *const TensorView,
    inputs_len: usize,
    outputs: *mut *mut Outputs,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("outputs", outputs, ptr::null_mut()) }?;
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        // SAFETY: as this function asks for.
        let views = unsafe { pointers::slice("inputs", inputs, inputs_len) }?;
        // SAFETY: as this function asks for.
        let tensors = views.iter().enumerate().map(|(at, view)| unsafe { pointers::tensor(at, view) });
        let tensors = tensors.collect::<Result<Vec<_>, Error>>()?;
        *place = pointers::give(Outputs::new(slot.lease(None)?.infer(&tensors)?));
        Ok(())
    })
}

/// Runs a compiled model on a picture as `wasmtube_slot_call_image` takes it, and answers tensors as
/// `wasmtube_slot_infer` does.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `rgb` leads to `rgb_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_predict(
    slot: *const Slot,
    rgb: *const u8,
    rgb_len: usize,
    width: u32,
    height: u32,
    outputs: *mut *mut Outputs,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("outputs", outputs, ptr::null_mut()) }?;
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        // SAFETY: as this function asks for.
        let rgb = unsafe { pointers::slice("rgb", rgb, rgb_len) }?;
        *place = pointers::give(Outputs::new(crate::call::model::predict(&slot.lease(None)?, rgb, width, height)?));
        Ok(())
    })
}

/// How many tensors a model answered. 0 for NULL.
///
/// # Safety
/// `outputs` is NULL or was given by this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_outputs_count(outputs: *const Outputs) -> usize {
    // SAFETY: as this function asks for.
    unsafe { outputs.as_ref() }.map_or(0, |outputs| outputs.views().len())
}

/// The output at this position, from 0 in the order of the model; it lives as long as the outputs. NULL behind the last,
/// and for NULL.
///
/// # Safety
/// As `wasmtube_outputs_count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_outputs_at(outputs: *const Outputs, position: usize) -> *const TensorView {
    // SAFETY: as this function asks for.
    let view = unsafe { outputs.as_ref() }.and_then(|outputs| outputs.views().get(position));
    view.map_or(ptr::null(), ptr::from_ref)
}

/// Frees what a model answered.
///
/// # Safety
/// `outputs` is NULL or was given by this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_outputs_free(outputs: *mut Outputs) {
    // SAFETY: as this function asks for.
    super::guard_free(|| unsafe { pointers::free(outputs) });
}
