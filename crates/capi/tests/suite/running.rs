//! What the tests share: the library in the hands of Rust, freed as C would.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::ptr;

use wasmtube::*;

/// The function of the paper, and a later version of it.
pub(crate) const STATS: &str = "guests/prebuilt/stats-v1.wasm";
pub(crate) const STATS_V2: &str = "guests/prebuilt/stats-v2.wasm";

pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// `kind: code: message`, or nothing; frees the error.
pub(crate) fn failure(error: *mut Error) -> Option<String> {
    if error.is_null() {
        return None;
    }
    // SAFETY: the library gave the error, and it is freed once, after its texts were copied.
    unsafe {
        let text = |text| CStr::from_ptr(text).to_str().unwrap();
        let (kind, code) = (wasmtube_error_kind(error), text(wasmtube_error_code(error)));
        let said = format!("{kind:?}: {code}: {}", text(wasmtube_error_message(error)));
        wasmtube_error_free(error);
        Some(said)
    }
}

#[track_caller]
pub(crate) fn succeed(error: *mut Error) {
    assert_eq!(failure(error), None);
}

#[track_caller]
pub(crate) fn fail(error: *mut Error, expected: &str) {
    assert_eq!(failure(error).as_deref(), Some(expected));
}

/// The bytes as text; freed.
pub(crate) fn take(bytes: Bytes) -> String {
    String::from_utf8(take_bytes(bytes)).unwrap()
}

/// A copy of the bytes; freed.
pub(crate) fn take_bytes(mut bytes: Bytes) -> Vec<u8> {
    if bytes.data.is_null() {
        return Vec::new();
    }
    // SAFETY: the library gave the bytes, and they are freed once, after they were copied.
    unsafe {
        let copy = std::slice::from_raw_parts(bytes.data, bytes.len).to_vec();
        assert_eq!(*bytes.data.add(bytes.len), 0, "a NUL byte follows");
        wasmtube_bytes_free(&raw mut bytes);
        assert!(bytes.data.is_null() && bytes.len == 0);
        copy
    }
}

pub(crate) const NO_BYTES: Bytes = Bytes { data: ptr::null_mut(), len: 0 };

/// An engine that is freed at the end.
pub(crate) struct Running(pub(crate) *mut Engine);

impl Running {
    pub(crate) fn new() -> Self {
        let mut engine = ptr::null_mut();
        // SAFETY: there is room for the pointer.
        succeed(unsafe { wasmtube_engine_new(&raw mut engine) });
        Self(engine)
    }

    pub(crate) fn open(&self, wasm: &[u8], options: Option<&Options>) -> Result<Opened, String> {
        let mut slot = ptr::null_mut();
        let options = options.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            wasmtube_slot_open_bytes(self.0, c"test".as_ptr(), wasm.as_ptr(), wasm.len(), options, &raw mut slot)
        };
        match failure(error) {
            None => Ok(Opened(slot)),
            Some(said) => {
                assert!(slot.is_null());
                Err(said)
            }
        }
    }

    pub(crate) fn open_path(&self, path: &Path, watch: bool) -> Result<Opened, String> {
        let mut slot = ptr::null_mut();
        let path = CString::new(path.to_str().unwrap()).unwrap();
        let open = if watch { wasmtube_slot_watch_file } else { wasmtube_slot_open_file };
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe { open(self.0, c"test".as_ptr(), path.as_ptr(), ptr::null(), &raw mut slot) };
        failure(error).map_or(Ok(Opened(slot)), Err)
    }

    pub(crate) fn open_wat(&self, text: &str, options: Option<&Options>) -> Result<Opened, String> {
        self.open(&wat::parse_str(text).unwrap(), options)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SAFETY: made by the library and freed once.
        unsafe { wasmtube_engine_free(self.0) };
    }
}

/// A slot that is freed at the end.
#[derive(Debug)]
pub(crate) struct Opened(pub(crate) *mut Slot);

// SAFETY: the header allows slots to be used from all threads at once.
unsafe impl Send for Opened {}
// SAFETY: as above.
unsafe impl Sync for Opened {}

impl Opened {
    pub(crate) fn json(&self, function: &str, json: &str) -> Result<String, String> {
        self.json_of(None, function, json)
    }

    pub(crate) fn json_of(&self, key: Option<&CStr>, function: &str, json: &str) -> Result<String, String> {
        let (function, mut answer) = (CString::new(function).unwrap(), NO_BYTES);
        let key = key.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            wasmtube_slot_call_json(self.0, function.as_ptr(), key, json.as_ptr(), json.len(), &raw mut answer)
        };
        failure(error).map_or_else(|| Ok(take(answer)), Err)
    }

    pub(crate) fn publish(&self, path: &str) -> Result<(), String> {
        let path = CString::new(workspace(path).to_str().unwrap()).unwrap();
        // SAFETY: every pointer leads to what lives during the call.
        failure(unsafe { wasmtube_slot_publish_file(self.0, path.as_ptr()) }).map_or(Ok(()), Err)
    }

    pub(crate) fn digest(&self) -> String {
        let mut digest = [0; DIGEST_BYTES];
        // SAFETY: there is room for the digest.
        succeed(unsafe { wasmtube_slot_digest(self.0, digest.as_mut_ptr()) });
        // SAFETY: the library ends the text with a NUL byte.
        unsafe { CStr::from_ptr(digest.as_ptr()) }.to_str().unwrap().into()
    }

    pub(crate) fn event(&self, timeout_ms: u64) -> String {
        let mut event = NO_BYTES;
        // SAFETY: there is room for the event.
        succeed(unsafe { wasmtube_slot_next_event(self.0, timeout_ms, &raw mut event) });
        take(event)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // SAFETY: made by the library and freed once.
        unsafe { wasmtube_slot_free(self.0) };
    }
}
