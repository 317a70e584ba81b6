use abi::export;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, ExprLit, Ident, ItemFn, Lit, Meta};

use crate::declare::declare_function;
use crate::signature::{self, Answer, AnswerKind, Argument, Crossing};

/// The function as it was written, and beside it its export and declaration, or the reasons why there are none.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            return Error::new(item.span(), "`#[wasmtube_guest::function]` belongs on a function").into_compile_error();
        }
    };
    let glue = glue(&arguments, &function).unwrap_or_else(Error::into_compile_error);
    quote! {
        #function
        #glue
    }
}

fn glue(arguments: &TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    let crossing = crossing(arguments)?;
    let ident = &function.sig.ident;
    let name = ident.unraw().to_string();
    if export::is_abi(&name) || export::is_toolchain(&name) || name.starts_with("wasmtube_") {
        return Err(Error::new(ident.span(), format!("the name `{name}` is reserved: rename the function")));
    }
    let (argument, answer) = signature::read(&function.sig, crossing)?;
    let declaration = declare_function(&name, &argument.kinds(), &answer.kinds(), about(&function.attrs));
    let conditions = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let (parameters, prepared, passed) = match &argument {
        Argument::Nothing => {
            (quote!(), quote!(::wasmtube_guest::__private::no_argument(#name, __argument)?;), quote!())
        }
        Argument::Json(ty) => {
            let read = quote_spanned!(ty.span()=> ::wasmtube_guest::__private::from_json::<#ty>(#name, __argument)?);
            (quote!(), quote!(let __argument = #read;), quote!(__argument))
        }
        Argument::Bytes => (quote!(), quote!(), quote!(__argument)),
        Argument::Slice(_, element) | Argument::Vector(_, element) => {
            let read =
                quote_spanned!(element.span()=> ::wasmtube_guest::__private::list::<#element>(#name, __argument)?);
            let passed = match &argument {
                Argument::Vector(..) => quote!(__argument.to_vec()),
                _ => quote!(__argument),
            };
            (quote!(), quote!(let __argument = #read;), passed)
        }
        Argument::Record(ty) => {
            let read = quote_spanned!(ty.span()=> ::wasmtube_guest::__private::record::<#ty>(#name, __argument)?);
            (quote!(), quote!(let __argument = #read;), quote!(__argument))
        }
        Argument::Picture => (
            quote!(, __width: u32, __height: u32),
            quote!(let __argument = ::wasmtube_guest::Image::new(__argument, __width, __height)?;),
            quote!(__argument),
        ),
    };
    let forwarded = match argument {
        Argument::Picture => quote!(|__argument| __wasmtube_call(__argument, __width, __height)),
        Argument::Nothing
        | Argument::Json(_)
        | Argument::Bytes
        | Argument::Slice(..)
        | Argument::Vector(..)
        | Argument::Record(_) => quote!(__wasmtube_call),
    };
    let answered = answered(&function.sig.output, &answer, &quote!(#ident(#passed)), &name);
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "called by the export of a Wasm build"))]
            fn __wasmtube_call(__argument: &[u8] #parameters) -> ::core::result::Result<::wasmtube_guest::__private::Vec<u8>, ::wasmtube_guest::Error> {
                #prepared
                #answered
            }

            #[cfg(target_arch = "wasm32")]
            #[allow(unsafe_code, reason = "the host calls through raw addresses")]
            const _: () = {
                #declaration

                #[unsafe(export_name = #name)]
                unsafe extern "C" fn export(address: *const u8, len: usize #parameters) -> i64 {
                    let argument = unsafe { ::wasmtube_guest::__private::argument(address, len) };
                    ::wasmtube_guest::__private::serve(argument, #forwarded)
                }
            };
        };
    })
}

fn answered(output: &syn::ReturnType, answer: &Answer<'_>, call: &TokenStream, name: &str) -> TokenStream {
    let outcome = quote!(#call.map_err(::wasmtube_guest::Error::from));
    let value = if answer.can_fail { quote!(#outcome?) } else { call.clone() };
    match answer.kind {
        AnswerKind::Bytes if answer.can_fail => outcome,
        AnswerKind::Bytes => quote!(::core::result::Result::Ok(#call)),
        AnswerKind::Json => quote_spanned!(output.span()=> ::wasmtube_guest::__private::to_json(#name, &#value)),
        AnswerKind::Nothing => quote! {
            let () = #value;
            ::core::result::Result::Ok(::wasmtube_guest::__private::Vec::new())
        },
        AnswerKind::List(_) => quote!(::core::result::Result::Ok(::wasmtube_guest::__private::list_bytes(&#value))),
        AnswerKind::Record(ty) => quote_spanned!(ty.span()=>
            ::core::result::Result::Ok(<#ty as ::wasmtube_guest::Record>::to_bytes(&#value))
        ),
    }
}

fn crossing(arguments: &TokenStream) -> syn::Result<Crossing> {
    if arguments.is_empty() {
        return Ok(Crossing::Json);
    }
    match syn::parse2::<Ident>(arguments.clone()) {
        Ok(word) if word == "plain" => Ok(Crossing::Plain),
        _ => Err(Error::new(
            arguments.span(),
            "`#[wasmtube_guest::function]` takes nothing, or `plain` for numbers that cross without JSON",
        )),
    }
}

/// The first paragraph of the documentation on one line.
fn about(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let paragraph = text.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
