//! From raw addresses to values, with a null pointer as an error. Each function trusts what it cannot check: that an
//! address which is not null leads to what the header says.

use std::ffi::{CStr, c_char};
use std::path::Path;
use std::ptr;

use runtime::{CallError, Tensor};

use crate::{Error, ErrorKind, TensorView, tensors};

/// Bytes that the library hands out. A NUL byte follows them, which `len` does not count, so that text can be printed.
/// Free them with `wasmtube_bytes_free`.
#[repr(C)]
#[derive(Debug)]
pub struct Bytes {
    /// The bytes; NULL where there are none to free.
    pub data: *mut u8,
    /// How many.
    pub len: usize,
}

impl Bytes {
    /// Nothing to free.
    pub(crate) const EMPTY: Self = Self { data: ptr::null_mut(), len: 0 };

    pub(crate) fn from_vec(mut bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        bytes.push(0);
        Self { data: Box::into_raw(bytes.into_boxed_slice()).cast(), len }
    }

    /// Frees the bytes and leaves nothing.
    ///
    /// # Safety
    /// The value is [`Self::EMPTY`] or an unchanged one of [`Self::from_vec`] that was not copied and freed elsewhere.
    pub(crate) unsafe fn free(&mut self) {
        let Self { data, len } = std::mem::replace(self, Self::EMPTY);
        if !data.is_null() {
            // SAFETY: `from_vec` gave away a boxed slice of `len` bytes and a NUL byte, and nobody freed it.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data, len + 1)) });
        }
    }
}

/// The `len` values at an address, which may be null where there are none.
///
/// # Safety
/// Where `data` is not null, it leads to `len` values that nobody changes or frees during `'a`.
pub(crate) unsafe fn slice<'a, T>(what: &str, data: *const T, len: usize) -> Result<&'a [T], Error> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::null(what));
    }
    let size = len.checked_mul(size_of::<T>());
    if size.is_none_or(|size| isize::try_from(size).is_err()) {
        let message = format!("`{what}` with a length of {len} is larger than any memory");
        return Err(Error::new(ErrorKind::Misuse, "too_large", &message));
    }
    // SAFETY: not null, not longer than `isize::MAX` bytes, and the caller vouches for the values.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// A copy of the tensor that is given at this position.
///
/// # Safety
/// Each pointer of the view is null or leads to as much as its length says, or to text with a NUL byte.
pub(crate) unsafe fn tensor(position: usize, view: &TensorView) -> Result<Tensor, Error> {
    let what = |field: &str| format!("inputs[{position}].{field}");
    // SAFETY: the caller's promise is the same.
    let tensor_name = unsafe { optional_name(&what("name"), view.name) }?;
    // SAFETY: the caller's promise is the same.
    let dtype_name = unsafe { name(&what("dtype"), view.dtype) }?;
    // SAFETY: the caller's promise is the same.
    let shape = unsafe { slice(&what("shape"), view.shape, view.rank) }?;
    // SAFETY: the caller's promise is the same.
    let data = unsafe { slice(&what("data"), view.data, view.data_len) }?;
    let dtype = tensors::dtype(dtype_name).ok_or_else(|| {
        let message = format!("`{}` is `{dtype_name}`, not a type such as `f32`", what("dtype"));
        Error::new(ErrorKind::Misuse, "wrong_type", &message)
    })?;
    let tensor = Tensor::new(dtype, shape.to_vec(), data.to_vec()).map_err(CallError::from)?;
    Ok(tensor.named(tensor_name.unwrap_or_default()))
}

/// As [`slice`], of bytes as text.
///
/// # Safety
/// As [`slice`].
pub(crate) unsafe fn text<'a>(what: &str, data: *const u8, len: usize) -> Result<&'a str, Error> {
    // SAFETY: the caller's promise is the same.
    let bytes = unsafe { slice(what, data, len) }?;
    utf8(what, bytes)
}

/// Text that ends with a NUL byte.
///
/// # Safety
/// Where `pointer` is not null, it leads to a NUL byte with whatever stands before it, unchanged during `'a`.
pub(crate) unsafe fn name<'a>(what: &str, pointer: *const c_char) -> Result<&'a str, Error> {
    // SAFETY: the caller's promise is the same.
    let text = unsafe { c_str(what, pointer) }?;
    utf8(what, text.to_bytes())
}

/// As [`name`], or nothing where the pointer is null.
///
/// # Safety
/// As [`name`].
pub(crate) unsafe fn optional_name<'a>(what: &str, pointer: *const c_char) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise is the same.
    unsafe { name(what, pointer) }.map(Some)
}

/// A path that ends with a NUL byte: bytes of any kind on Unix, UTF-8 elsewhere.
///
/// # Safety
/// As [`name`].
pub(crate) unsafe fn path<'a>(what: &str, pointer: *const c_char) -> Result<&'a Path, Error> {
    // SAFETY: the caller's promise is the same.
    let text = unsafe { c_str(what, pointer) }?;
    native_path(what, text)
}

#[cfg(unix)]
fn native_path<'a>(_what: &str, text: &'a CStr) -> Result<&'a Path, Error> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(Path::new(std::ffi::OsStr::from_bytes(text.to_bytes())))
}

#[cfg(not(unix))]
fn native_path<'a>(what: &str, text: &'a CStr) -> Result<&'a Path, Error> {
    utf8(what, text.to_bytes()).map(Path::new)
}

/// # Safety
/// As [`name`].
unsafe fn c_str<'a>(what: &str, pointer: *const c_char) -> Result<&'a CStr, Error> {
    if pointer.is_null() {
        return Err(Error::null(what));
    }
    // SAFETY: not null, and the caller vouches for the NUL byte.
    Ok(unsafe { CStr::from_ptr(pointer) })
}

fn utf8<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    let bad = |error| Error::new(ErrorKind::Misuse, "not_utf8", &format!("`{what}` is not UTF-8: {error}"));
    str::from_utf8(bytes).map_err(bad)
}

/// What a pointer leads to.
///
/// # Safety
/// Where `pointer` is not null, it leads to a value that nobody changes or frees during `'a`.
pub(crate) unsafe fn reference<'a, T>(what: &str, pointer: *const T) -> Result<&'a T, Error> {
    // SAFETY: the caller vouches for what is there.
    unsafe { pointer.as_ref() }.ok_or_else(|| Error::null(what))
}

/// A place for a result, which is set to `empty` until there is one.
///
/// # Safety
/// Where `pointer` is not null, it leads to room for a value that nobody else uses during `'a`.
pub(crate) unsafe fn place<'a, T>(what: &str, pointer: *mut T, empty: T) -> Result<&'a mut T, Error> {
    if pointer.is_null() {
        return Err(Error::null(what));
    }
    // SAFETY: not null, and the caller vouches for the room. What is there may be no value yet, so it is not dropped.
    unsafe { pointer.write(empty) };
    // SAFETY: it holds a value now, and nobody else uses it.
    Ok(unsafe { &mut *pointer })
}

/// Frees a value that was given away by [`give`].
///
/// # Safety
/// `pointer` is null or comes from [`give`], was not freed, and is not used by anybody.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: `give` made it from a box, and it is freed once.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// Gives a value away until it is freed by [`free`].
pub(crate) fn give<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}
