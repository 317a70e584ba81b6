use abi::{DECLARATION_SECTION, Declaration};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::signature::Kind;

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

/// As [`declare`] for a function, some of whose kinds only the compiler knows: it joins the line from their texts.
pub(crate) fn declare_function(name: &str, takes: &[Kind<'_>], returns: &[Kind<'_>], about: String) -> TokenStream {
    let known = |kinds: &[Kind<'_>]| kinds.iter().map(Kind::known).collect::<Option<Vec<_>>>();
    let declaration =
        |takes, returns| Declaration::Function { name: name.into(), takes, returns, about: about.clone() };
    if let (Some(takes), Some(returns)) = (known(takes), known(returns)) {
        return declare(&declaration(takes, returns));
    }
    let line = declaration(vec![], vec![]).line();
    let (before, between, after) = split(&line);
    let (takes, returns) = (takes.iter().map(Kind::text), returns.iter().map(Kind::text));
    quote! {
        const TEXTS: &[&str] = &[#before, #(#takes,)* #between, #(#returns,)* #after];
        #[used]
        #[unsafe(link_section = #DECLARATION_SECTION)]
        static DECLARATION: [u8; ::wasmtube_guest::__private::length(TEXTS)] =
            ::wasmtube_guest::__private::joined(TEXTS);
    }
}

/// A line around its empty lists of kinds. They come right after the name, which holds no quotation mark.
fn split(line: &str) -> (&str, &str, &str) {
    const TAKES: &str = r#","takes":["#;
    const RETURNS: &str = r#"],"returns":["#;
    let takes = line.find(TAKES).expect("every declaration says what it takes") + TAKES.len();
    let returns = takes + line[takes..].find(RETURNS).expect("every declaration says what it returns") + RETURNS.len();
    (&line[..takes], &line[takes..returns], &line[returns..])
}
