//! Names of exports and the limits that come with them.

/// Marks a file that follows the core ABI v1 or is a compiled model: `() -> ()`, never called, its name is the version.
pub const MARKER: &str = "wasmtube_abi_v1";
/// `(len: i32, align: i32) -> i32`: memory for a value that crosses, or 0 when there is none.
pub const ALLOC: &str = "wasmtube_alloc";
/// `(ptr: i32, len: i32) -> ()`: gives memory back.
pub const FREE: &str = "wasmtube_free";
/// `() -> i32`: 0 if the function finds itself fit to serve.
pub const SELFCHECK: &str = "wasmtube_selfcheck";
/// `() -> i64`: the state of a stateful function, packed as a result.
pub const EXPORT_STATE: &str = "wasmtube_export_state";
/// `(from_version: i32, ptr: i32, len: i32) -> i64`: takes over the state of another version.
pub const IMPORT_STATE: &str = "wasmtube_import_state";
/// `() -> i64`: the message of the panic that made the last call trap, packed as a result that is never freed, or 0.
pub const PANIC: &str = "wasmtube_panic";
/// The linear memory.
pub const MEMORY: &str = "memory";
/// Reactor initialiser of WASI modules, run once before the first call.
pub const INITIALIZE: &str = "_initialize";
/// Static constructors of C and Rust modules, run once before the first call.
pub const CALL_CTORS: &str = "__wasm_call_ctors";

/// Compiled models: runs every step.
pub const INFER: &str = "infer";
/// Compiled models: `(k: i32) -> ()` runs step `k` of [`crate::ModelDecl::steps`].
pub const STEP: &str = "step";
/// Compiled models: `(ptr, len, width, height: i32) -> i32` takes a picture of packed RGB bytes and answers the number
/// of bands to run, or a negative [`IMAGE_ERRORS`] code.
pub const IMAGE: &str = "image";
/// Compiled models: `(band: i32) -> ()` resizes and normalises one band into the input tensor.
pub const IMAGE_STEP: &str = "image_step";
/// Compiled models that take pictures export it in the classic convention ([`crate::classic`]):
/// `(index, length, width, height: i32) -> i32`. By the same name hosts offer their own convenience, which decodes, runs
/// [`IMAGE`] and [`INFER`], and names the classes.
pub const PREDICT: &str = "predict";

/// Meaning of the negative answers of [`IMAGE`], by `-1 - code`.
pub const IMAGE_ERRORS: [&str; 3] = [
    "the length is not width x height x 3",
    "the width or height is zero or above the limit of 16384 pixels",
    "the picture does not lie in memory that the model leaves to its caller",
];
/// Largest width or height of a picture that [`IMAGE`] accepts.
pub const IMAGE_SIDE_MAX: u32 = 16_384;

/// Names of exports that tool chains add and nobody calls: never part of a function's interface.
#[must_use]
pub fn is_toolchain(name: &str) -> bool {
    name.starts_with("__") || matches!(name, MEMORY | INITIALIZE | "_start")
}

/// Names of exports that belong to the core ABI v1 itself rather than to the functions of a file.
#[must_use]
pub fn is_abi(name: &str) -> bool {
    matches!(name, MARKER | ALLOC | FREE | SELFCHECK | PANIC | EXPORT_STATE | IMPORT_STATE)
}
