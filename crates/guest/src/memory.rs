//! Memory that crosses between host and function: always on a boundary of 16 bytes, never of length 0.
//!
//! Every block is one allocation of exactly its length, so that address and length are enough to give it back.

use std::alloc::{Layout, alloc as allocate, dealloc};
use std::{ptr, slice};

const ALIGN: usize = abi::value::ALIGN as usize;

/// Memory for `len` bytes that the host fills, or null: no memory, a length of 0, or an `align` that is no power of
/// two up to 16.
#[must_use]
pub fn alloc(len: usize, align: usize) -> *mut u8 {
    match layout(len) {
        // SAFETY: a layout is never of length 0.
        Some(layout) if align.is_power_of_two() && align <= ALIGN => unsafe { allocate(layout) },
        _ => ptr::null_mut(),
    }
}

/// Gives a block back. Null or a length of 0 is no block and is left alone.
///
/// # Safety
/// `address` and `len` are those of one call of [`alloc`] or `hand_over`, and of no earlier call of this.
pub unsafe fn free(address: *mut u8, len: usize) {
    if let Some(layout) = layout(len)
        && !address.is_null()
    {
        // SAFETY: the caller names a live block, and blocks are allocated with this layout.
        unsafe { dealloc(address, layout) }
    }
}

/// The bytes of an argument.
///
/// # Safety
/// `address` points to `len` initialised bytes that nobody writes or frees during `'a`, or `len` is 0.
#[must_use]
pub unsafe fn argument<'a>(address: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; a host cannot give more than the whole memory, which is below `isize::MAX`.
    unsafe { slice::from_raw_parts(address, len) }
}

/// A copy of `bytes` that belongs to the host from now on, until it calls [`free`]; null where there are none.
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) fn hand_over(bytes: &[u8]) -> *mut u8 {
    let Some(layout) = layout(bytes.len()) else { return ptr::null_mut() };
    // SAFETY: a layout is never of length 0.
    let block = unsafe { allocate(layout) };
    if block.is_null() {
        std::alloc::handle_alloc_error(layout);
    }
    // SAFETY: the block is new and has the length of `bytes`.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), block, bytes.len()) };
    block
}

/// A number of which any bytes are a valid one, so that a list of them is its bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no element of a list",
    note = "lists are of i8, u8, i16, u16, i32, u32, i64, u64, f32 and f64"
)]
pub trait Number: Copy + sealed::Sealed + 'static {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! numbers {
    ($($ty:ty)*) => { $(
        impl sealed::Sealed for $ty {}
        impl Number for $ty {}
    )* };
}

numbers!(i8 u8 i16 u16 i32 u32 i64 u64 f32 f64);

/// The numbers that some bytes are, where length and boundary are theirs. They are those of the target, which is
/// little-endian as what crosses.
pub(crate) fn elements<T: Number>(bytes: &[u8]) -> Option<&[T]> {
    if bytes.is_empty() {
        return Some(&[]);
    }
    // SAFETY: any bytes are valid numbers of the sealed set.
    let (before, elements, after) = unsafe { bytes.align_to::<T>() };
    (before.is_empty() && after.is_empty()).then_some(elements)
}

/// The bytes of numbers.
pub(crate) fn bytes<T: Number>(elements: &[T]) -> &[u8] {
    // SAFETY: numbers of the sealed set have no padding, and any byte is a valid `u8`.
    let (_, bytes, _) = unsafe { elements.align_to::<u8>() };
    bytes
}

#[cfg(target_endian = "big")]
compile_error!("what crosses is little-endian, as WebAssembly is: build for a little-endian target");

/// The layout of a block of `len` bytes, or `None` for 0 and for more than an address space.
fn layout(len: usize) -> Option<Layout> {
    if len == 0 { None } else { Layout::from_size_align(len, ALIGN).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lie_on_the_boundary_and_come_back() {
        for len in [1, 15, 16, 17, 100_000] {
            for align in [1, 2, 4, 8, 16] {
                let block = alloc(len, align);
                assert!(!block.is_null());
                assert_eq!(block.addr() % ALIGN, 0);
                // SAFETY: the block has `len` bytes; it is written before it is read, and freed once.
                unsafe {
                    ptr::write_bytes(block, 7, len);
                    assert_eq!(argument(block, len), vec![7; len]);
                    free(block, len);
                }
            }
        }
    }

    #[test]
    fn nothing_is_allocated_for_nothing_or_for_other_boundaries() {
        for (len, align) in [(0, 16), (8, 0), (8, 3), (8, 32), (usize::MAX, 16)] {
            assert!(alloc(len, align).is_null(), "{len} bytes on {align}");
        }
        // SAFETY: null and the length 0 are no blocks.
        unsafe {
            free(ptr::null_mut(), 8);
            free(ptr::null_mut(), 0);
            assert_eq!(argument(ptr::null(), 0), b"");
        }
    }

    #[test]
    fn handed_over_bytes_are_a_copy_on_the_boundary() {
        let bytes = b"{\"mean\":101,\"median\":108}";
        let block = hand_over(bytes);
        assert_eq!(block.addr() % ALIGN, 0);
        // SAFETY: the block has the length of `bytes` and is freed once.
        unsafe {
            assert_eq!(argument(block, bytes.len()), bytes);
            free(block, bytes.len());
        }
        assert!(hand_over(b"").is_null());
    }
}
