use abi::{Declaration, State, export};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Token};

use crate::declare::declare;

/// The declaration of the module and the exports that every module of the core ABI v1 has.
pub(crate) fn expand(fields: TokenStream) -> TokenStream {
    match syn::parse2::<Module>(fields) {
        Ok(module) => glue(module),
        Err(error) => error.into_compile_error(),
    }
}

struct Module {
    name: String,
    version: String,
    state: State,
}

impl Parse for Module {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut name, mut version, mut state) = (None, None, None);
        while !input.is_empty() {
            let field: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let doubled = match field.to_string().as_str() {
                "name" => name.replace(text(input)?).is_some(),
                "version" => version.replace(text(input)?).is_some(),
                "state" => state.replace(read_state(&input.parse()?)?).is_some(),
                other => {
                    return Err(Error::new(
                        field.span(),
                        format!("unknown field `{other}`: a module has `name`, `version` and `state`"),
                    ));
                }
            };
            if doubled {
                return Err(Error::new(field.span(), format!("the field `{field}` is given twice")));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let missing = |field: &str| {
            Error::new(
                Span::call_site(),
                format!(
                    "`{field}` is missing: write `wasmtube_guest::module! {{ name: \"...\", version: \"...\", state: stateless }}`"
                ),
            )
        };
        Ok(Self {
            name: name.ok_or_else(|| missing("name"))?,
            version: version.ok_or_else(|| missing("version"))?,
            state: state.ok_or_else(|| missing("state"))?,
        })
    }
}

fn text(input: ParseStream<'_>) -> syn::Result<String> {
    let literal: LitStr = input.parse()?;
    let text = literal.value();
    if text.is_empty() { Err(Error::new(literal.span(), "the text is empty")) } else { Ok(text) }
}

fn read_state(ident: &Ident) -> syn::Result<State> {
    match ident.to_string().as_str() {
        "stateless" => Ok(State::Stateless),
        "slot" => Ok(State::Slot),
        "keyed" => Ok(State::Keyed),
        other => Err(Error::new(
            ident.span(),
            format!(
                "unknown state `{other}`: use `stateless` (nothing is kept between calls), `slot` (one instance serves \
                 all calls) or `keyed` (one instance for each key)"
            ),
        )),
    }
}

fn glue(module: Module) -> TokenStream {
    let Module { name, version, state } = module;
    let declaration = declare(&Declaration::Module { name, version, state });
    let (marker, alloc, free, panic) = (export::MARKER, export::ALLOC, export::FREE, export::PANIC);
    quote! {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "the host calls through raw addresses")]
        const _: () = {
            #declaration

            #[unsafe(export_name = #marker)]
            extern "C" fn marker() {}

            #[unsafe(export_name = #alloc)]
            extern "C" fn alloc(len: usize, align: usize) -> *mut u8 {
                ::wasmtube_guest::__private::alloc(len, align)
            }

            #[unsafe(export_name = #free)]
            unsafe extern "C" fn free(address: *mut u8, len: usize) {
                unsafe { ::wasmtube_guest::__private::free(address, len) }
            }

            #[unsafe(export_name = #panic)]
            extern "C" fn panic() -> i64 {
                ::wasmtube_guest::__private::last_panic()
            }
        };
    }
}

#[cfg(test)]
mod tests;
