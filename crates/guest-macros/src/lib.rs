//! The macros behind `wasmtube_guest`, which re-exports and documents them.
//!
//! An expansion leaves the function as it is and adds, beside it, what only a Wasm build needs: the export of the core
//! ABI v1 and one line of the custom section that becomes the manifest ([`abi::Declaration`]).
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod declare;
mod function;
mod module;
mod record;
mod signature;

use proc_macro::TokenStream;

/// Makes a function callable by the host. Documented in `wasmtube_guest`.
#[proc_macro_attribute]
pub fn function(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(arguments.into(), item.into()).into()
}

/// Makes a struct of numbers one that crosses as they are. Documented in `wasmtube_guest`.
#[proc_macro_derive(Record)]
pub fn record(item: TokenStream) -> TokenStream {
    record::expand(item.into()).into()
}

/// Declares the module and exports the services of the core ABI v1. Documented in `wasmtube_guest`.
#[proc_macro]
pub fn module(fields: TokenStream) -> TokenStream {
    module::expand(fields.into()).into()
}
