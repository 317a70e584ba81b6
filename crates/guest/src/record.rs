/// Derives [`trait@Record`] for a struct with named fields, each written as `i64`, `u64` or `f64`.
pub use guest_macros::Record;

/// A struct of numbers that crosses as 8 bytes for each field, little-endian, in the order of the fields.
///
/// Implemented by `#[derive(wasmtube_guest::Record)]` and not by hand: declaration and bytes must agree.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross as plain numbers",
    label = "in a function marked `plain` this is taken for a record",
    note = "derive `wasmtube_guest::Record` for a struct of i64, u64 and f64, use `&[T]` or `Vec<T>` for a list of numbers, or leave `plain` away to cross as JSON"
)]
pub trait Record: Sized {
    /// Number of the fields.
    #[doc(hidden)]
    const FIELDS: usize;

    /// The kind as it stands in the manifest.
    #[doc(hidden)]
    const KIND: &'static str;

    /// The numbers side by side.
    #[doc(hidden)]
    fn to_bytes(&self) -> Vec<u8>;

    /// The record that these bytes are; `None` where there are more or fewer than it has.
    #[doc(hidden)]
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}
