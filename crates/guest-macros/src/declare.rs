use abi::{DECLARATION_SECTION, Declaration};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// A static that adds the declaration to its section of the Wasm file.
pub(crate) fn declare(declaration: &Declaration) -> TokenStream {
    let line = declaration.line();
    let bytes = Literal::byte_string(line.as_bytes());
    let len = line.len();
    quote! {
        #[used]
        #[unsafe(link_section = #DECLARATION_SECTION)]
        static DECLARATION: [u8; #len] = *#bytes;
    }
}
