//! What C calls. Each function reads its arguments, lets a safe module work, and writes the result.

mod models;

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::time::Duration;

pub use models::*;
use runtime::Lease;

use crate::options::Settings;
use crate::pointers::{self, Bytes};
use crate::{ABI_VERSION, DIGEST_BYTES, Engine, Error, ErrorKind, Options, Slot, call};

/// Runs what may fail or panic: NULL, or an error for C to free.
fn guard(work: impl FnOnce() -> Result<(), Error>) -> *mut Error {
    // What a panic leaves behind is safe to use: the runtime's locks are taken in spite of it, its instances dropped.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => ptr::null_mut(),
        Ok(Err(error)) => pointers::give(error),
        Err(payload) => pointers::give(Error::panicked(&*payload)),
    }
}

/// Frees what C gives back. A panic on the way has nobody to tell and must not cross.
fn guard_free(work: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(work)));
}

/// Version of the interface of the library that is running: compare it with `WASMTUBE_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtube_abi_version() -> u32 {
    ABI_VERSION
}

/// Options that all mean their defaults.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtube_options_default() -> Options {
    Options::DEFAULT
}

/// Makes an engine in `*engine`: one for a process is enough.
///
/// # Safety
/// `engine` is NULL or leads to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_engine_new(engine: *mut *mut Engine) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("engine", engine, ptr::null_mut()) }?;
        *place = pointers::give(Engine::new()?);
        Ok(())
    })
}

/// Frees an engine. Its slots may live on.
///
/// # Safety
/// `engine` is NULL or comes from `wasmtube_engine_new`, was not freed and is not in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_engine_free(engine: *mut Engine) {
    // SAFETY: as this function asks for.
    guard_free(|| unsafe { pointers::free(engine) });
}

/// Opens a slot in `*slot` with a module in memory, which is copied. Compiling takes up to some seconds for a megabyte
/// of code.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `wasm` leads to `wasm_len` bytes, `name` to text with a NUL byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_open_bytes(
    engine: *const Engine,
    name: *const c_char,
    wasm: *const u8,
    wasm_len: usize,
    options: *const Options,
    slot: *mut *mut Slot,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, engine, name, settings) = unsafe { opening(engine, name, options, slot) }?;
        // SAFETY: as this function asks for.
        let wasm = unsafe { pointers::slice("wasm", wasm, wasm_len) }?;
        *place = pointers::give(Slot::from_bytes(engine, name, wasm, settings)?);
        Ok(())
    })
}

/// Opens a slot in `*slot` with the module in a file.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `name` and `path` lead to text with a NUL byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_open_file(
    engine: *const Engine,
    name: *const c_char,
    path: *const c_char,
    options: *const Options,
    slot: *mut *mut Slot,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, engine, name, settings) = unsafe { opening(engine, name, options, slot) }?;
        // SAFETY: as this function asks for.
        let path = unsafe { pointers::path("path", path) }?;
        *place = pointers::give(Slot::from_file(engine, name, path, settings)?);
        Ok(())
    })
}

/// Opens a slot in `*slot` with the module in a file, and publishes what appears in its place until the slot is freed,
/// however the file is replaced. A file that is refused changes nothing and is told by `wasmtube_slot_next_event`.
///
/// # Safety
/// As `wasmtube_slot_open_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_watch_file(
    engine: *const Engine,
    name: *const c_char,
    path: *const c_char,
    options: *const Options,
    slot: *mut *mut Slot,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, engine, name, settings) = unsafe { opening(engine, name, options, slot) }?;
        // SAFETY: as this function asks for.
        let path = unsafe { pointers::path("path", path) }?;
        *place = pointers::give(Slot::following(engine, name, path, settings)?);
        Ok(())
    })
}

/// What the functions that open a slot have in common.
type Opening<'a> = (&'a mut *mut Slot, &'a Engine, &'a str, Settings);

/// # Safety
/// Each pointer is null or leads to what its type says during `'a`, `name` to text with a NUL byte.
unsafe fn opening<'a>(
    engine: *const Engine,
    name: *const c_char,
    options: *const Options,
    slot: *mut *mut Slot,
) -> Result<Opening<'a>, Error> {
    // SAFETY: the caller's promise is the same.
    let place = unsafe { pointers::place("slot", slot, ptr::null_mut()) }?;
    // SAFETY: the caller's promise is the same.
    let engine = unsafe { pointers::reference("engine", engine) }?;
    // SAFETY: the caller's promise is the same.
    let name = unsafe { pointers::name("name", name) }?;
    // SAFETY: the caller's promise is the same.
    let settings = unsafe { settings(name, options) }?;
    Ok((place, engine, name, settings))
}

/// # Safety
/// `options` is null or leads to options as the header of the program declares them, beginning with their size.
unsafe fn settings(slot: &str, options: *const Options) -> Result<Settings, Error> {
    if options.is_null() {
        return Options::DEFAULT.settings(slot, "", None);
    }
    // SAFETY: not null. Only the first field is read, which options of every version have.
    let size = unsafe { options.cast::<usize>().read() };
    if size != size_of::<Options>() {
        let expected = size_of::<Options>();
        let message = format!("`size` is {size}, not {expected}: begin with wasmtube_options_default()");
        return Err(Error::new(ErrorKind::Misuse, "wrong_options", &message));
    }
    // SAFETY: they are of the size that is known here.
    let options = unsafe { pointers::reference("options", options) }?;
    // SAFETY: the caller vouches for the text.
    let allow = unsafe { pointers::optional_name("allow", options.allow) }?;
    // SAFETY: the caller vouches for the text.
    let window = unsafe { pointers::optional_name("window", options.window) }?;
    options.settings(slot, allow.unwrap_or_default(), window)
}

/// Frees a slot. Calls must have ended; a file is followed no longer.
///
/// # Safety
/// `slot` is NULL or was opened by this library, was not freed and is not in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_free(slot: *mut Slot) {
    // SAFETY: as this function asks for.
    guard_free(|| unsafe { pointers::free(slot) });
}

/// Calls a function with JSON text, and gives JSON text in `*answer`, or no bytes where the function answers nothing. `key`
/// names whose state the function is to see, where it keeps its state by key, and is NULL where it does not.
///
/// A function of numbers takes one of them, or an array of them, and answers `null`, a number or an array. What JSON has no
/// number for is text there: `"NaN"`, `"inf"`, `"-inf"`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `json` to
/// `json_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_call_json(
    slot: *const Slot,
    function: *const c_char,
    key: *const c_char,
    json: *const u8,
    json_len: usize,
    answer: *mut Bytes,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, lease, function) = unsafe { calling(slot, function, key, answer) }?;
        // SAFETY: as this function asks for.
        let json = unsafe { pointers::text("json", json, json_len) }?;
        *place = Bytes::from_vec(call::json(&lease, function, json)?.into_bytes());
        Ok(())
    })
}

/// Calls a function with a JSON array of its arguments, `[]` or no bytes where it takes nothing: numbers, also of functions
/// that could be of the classic convention, or the arguments of a component's function. A function on JSON takes one
/// argument. `key`, answer and numbers as in `wasmtube_slot_call_json`.
///
/// # Safety
/// As `wasmtube_slot_call_json`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_call_arguments(
    slot: *const Slot,
    function: *const c_char,
    key: *const c_char,
    json: *const u8,
    json_len: usize,
    answer: *mut Bytes,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, lease, function) = unsafe { calling(slot, function, key, answer) }?;
        // SAFETY: as this function asks for.
        let json = unsafe { pointers::text("json", json, json_len) }?;
        *place = Bytes::from_vec(call::arguments(&lease, function, json)?.into_bytes());
        Ok(())
    })
}

/// Calls a function of the core ABI v1 with bytes in the form of the kind that it declares; `key` as in
/// `wasmtube_slot_call_json`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `data` to
/// `data_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_call_bytes(
    slot: *const Slot,
    function: *const c_char,
    key: *const c_char,
    data: *const u8,
    data_len: usize,
    answer: *mut Bytes,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, lease, function) = unsafe { calling(slot, function, key, answer) }?;
        // SAFETY: as this function asks for.
        let data = unsafe { pointers::slice("data", data, data_len) }?;
        *place = Bytes::from_vec(lease.call_bytes(function, data)?);
        Ok(())
    })
}

/// Calls a function with a picture of packed RGB bytes, row by row from the top left: `rgb_len` is width x height x 3; `key`
/// as in `wasmtube_slot_call_json`.
///
/// `predict` of a compiled model answers JSON: `outputs` with name, dtype, shape and data of each, and `top`, the ten highest
/// scores with index, label, probability and score, where the first output is one row of scores. `wasmtube_slot_predict`
/// answers tensors.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `rgb` to `rgb_len`
/// bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_call_image(
    slot: *const Slot,
    function: *const c_char,
    key: *const c_char,
    rgb: *const u8,
    rgb_len: usize,
    width: u32,
    height: u32,
    answer: *mut Bytes,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let (place, lease, function) = unsafe { calling(slot, function, key, answer) }?;
        // SAFETY: as this function asks for.
        let rgb = unsafe { pointers::slice("rgb", rgb, rgb_len) }?;
        *place = Bytes::from_vec(call::image(&lease, function, rgb, width, height)?);
        Ok(())
    })
}

/// # Safety
/// Each pointer is null or leads to what its type says during `'a`, `function` and `key` to text with a NUL byte.
unsafe fn calling<'a>(
    slot: *const Slot,
    function: *const c_char,
    key: *const c_char,
    answer: *mut Bytes,
) -> Result<(&'a mut Bytes, Lease, &'a str), Error> {
    // SAFETY: the caller's promise is the same.
    let place = unsafe { pointers::place("answer", answer, Bytes::EMPTY) }?;
    // SAFETY: the caller's promise is the same.
    let slot = unsafe { pointers::reference("slot", slot) }?;
    // SAFETY: the caller's promise is the same.
    let function = unsafe { pointers::name("function", function) }?;
    // SAFETY: the caller's promise is the same.
    let key = unsafe { pointers::optional_name("key", key) }?;
    Ok((place, slot.lease(key)?, function))
}

/// Gives what the live version offers as a JSON object in `*description`: `functions`, each with its name, its type and
/// what it takes and answers (`nothing`, `scalars`, `json`, `bytes`, `picture`, `tensors`), and `model`, of a compiled model its inputs,
/// outputs and labels, else `null`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_describe(slot: *const Slot, description: *mut Bytes) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("description", description, Bytes::EMPTY) }?;
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        *place = Bytes::from_vec(slot.describe().into_bytes());
        Ok(())
    })
}

/// Compiles and checks a module in memory beside the live one, and makes it the live one if it passes. Calls that have
/// begun end on the version that they began on. A module that is live already changes nothing; of two that are published
/// at once the one that came last wins.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `wasm` leads to `wasm_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_publish_bytes(
    slot: *const Slot,
    wasm: *const u8,
    wasm_len: usize,
) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        // SAFETY: as this function asks for.
        let wasm = unsafe { pointers::slice("wasm", wasm, wasm_len) }?;
        slot.publish_bytes(wasm)
    })
}

/// As `wasmtube_slot_publish_bytes`, with the module in a file.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `path` leads to text with a NUL byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_publish_file(slot: *const Slot, path: *const c_char) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        // SAFETY: as this function asks for.
        let path = unsafe { pointers::path("path", path) }?;
        slot.publish_file(path)
    })
}

/// Writes the digest of the live version, 64 hexadecimal digits and a NUL byte, to the `WASMTUBE_DIGEST_BYTES` at `digest`.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says; `digest` leads to room for `WASMTUBE_DIGEST_BYTES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_digest(slot: *const Slot, digest: *mut c_char) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("digest", digest.cast(), [0u8; DIGEST_BYTES]) }?;
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        for (place, digit) in place.iter_mut().zip(slot.digest().bytes()) {
            *place = digit;
        }
        Ok(())
    })
}

/// Waits for the next event of a slot and gives it as a JSON object in `*event`: `event` is `published`, `refused`,
/// `drained`, `drain_overdue`, `trapped` or `evicted`, and `slot` the name. `data` is NULL where none came within
/// `timeout_ms`. A slot keeps 256 events and drops those that follow; several threads that wait do so one after another.
///
/// # Safety
/// Each pointer is NULL or leads to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_slot_next_event(slot: *const Slot, timeout_ms: u64, event: *mut Bytes) -> *mut Error {
    guard(|| {
        // SAFETY: as this function asks for.
        let place = unsafe { pointers::place("event", event, Bytes::EMPTY) }?;
        // SAFETY: as this function asks for.
        let slot = unsafe { pointers::reference("slot", slot) }?;
        if let Some(text) = slot.next_event(Duration::from_millis(timeout_ms)) {
            *place = Bytes::from_vec(text.into_bytes());
        }
        Ok(())
    })
}

/// Frees the bytes and sets the fields to NULL and 0.
///
/// # Safety
/// `bytes` is NULL or leads to what this library wrote there, or to NULL and 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_bytes_free(bytes: *mut Bytes) {
    guard_free(|| {
        // SAFETY: as this function asks for.
        if let Some(bytes) = unsafe { bytes.as_mut() } {
            // SAFETY: as this function asks for.
            unsafe { bytes.free() };
        }
    });
}

/// The kind of operation that failed. NULL is an internal error.
///
/// # Safety
/// `error` is NULL or was given by this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_kind(error: *const Error) -> ErrorKind {
    // SAFETY: as this function asks for.
    unsafe { error.as_ref() }.map_or(ErrorKind::Internal, |error| error.kind)
}

/// A stable word for programs, such as `deadline_exceeded`; it lives as long as the error. NULL for NULL.
///
/// # Safety
/// As `wasmtube_error_kind`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_code(error: *const Error) -> *const c_char {
    // SAFETY: as this function asks for.
    unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.code.as_ptr())
}

/// What is wrong, where, why and what to do, in a sentence for people; it lives as long as the error. NULL for NULL.
///
/// # Safety
/// As `wasmtube_error_kind`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_message(error: *const Error) -> *const c_char {
    // SAFETY: as this function asks for.
    unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.message.as_ptr())
}

/// The code of the error that the function itself answered; it lives as long as the error. NULL for every other error.
///
/// # Safety
/// As `wasmtube_error_kind`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_guest_code(error: *const Error) -> *const c_char {
    // SAFETY: as this function asks for.
    let guest = unsafe { error.as_ref() }.and_then(|error| error.guest.as_ref());
    guest.map_or(ptr::null(), |(code, _)| code.as_ptr())
}

/// Whether the function itself said that the same call may succeed later.
///
/// # Safety
/// As `wasmtube_error_kind`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_retryable(error: *const Error) -> bool {
    // SAFETY: as this function asks for.
    let guest = unsafe { error.as_ref() }.and_then(|error| error.guest.as_ref());
    guest.is_some_and(|(_, retryable)| *retryable)
}

/// Frees an error and its texts.
///
/// # Safety
/// `error` is NULL or was given by this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtube_error_free(error: *mut Error) {
    // SAFETY: as this function asks for.
    guard_free(|| unsafe { pointers::free(error) });
}
