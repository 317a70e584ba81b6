use abi::{DataType, ValueKind};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Error, Field, Fields, FieldsNamed, Item, Type};

/// The implementation of `Record` for a struct, or the reasons why there is none.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    syn::parse2::<Item>(item).and_then(|item| implementation(&item)).unwrap_or_else(Error::into_compile_error)
}

fn implementation(item: &Item) -> syn::Result<TokenStream> {
    let Item::Struct(input) = item else { return Err(Error::new(item.span(), "a record is a struct")) };
    let Fields::Named(FieldsNamed { named: fields, .. }) = &input.fields else {
        return Err(Error::new(input.ident.span(), "a record has fields with names: `struct Name { field: f64 }`"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), "a record cannot be generic: its fields are fixed in the file"));
    }
    let mut kinds = Vec::new();
    let mut refused: Option<Error> = None;
    for field in fields {
        match kind(field) {
            Ok(kind) => kinds.push(kind),
            Err(error) => match &mut refused {
                Some(errors) => errors.combine(error),
                None => refused = Some(error),
            },
        }
    }
    if let Some(errors) = refused {
        return Err(errors);
    }
    let kind = ValueKind::Record(kinds);
    kind.check().map_err(|error| Error::new(input.ident.span(), error))?;
    let text = kind.to_json();
    let name = &input.ident;
    let count = fields.len();
    let idents: Vec<_> = fields.iter().filter_map(|field| field.ident.as_ref()).collect();
    let types = fields.iter().map(|field| &field.ty);
    let places = 0..count;
    Ok(quote! {
        #[automatically_derived]
        impl ::wasmtube_guest::Record for #name {
            const FIELDS: usize = #count;
            const KIND: &'static str = #text;

            fn to_bytes(&self) -> ::wasmtube_guest::__private::Vec<u8> {
                let words = [#(self.#idents.to_le_bytes()),*];
                words.as_flattened().to_vec()
            }

            fn from_bytes(bytes: &[u8]) -> ::core::option::Option<Self> {
                let words = ::wasmtube_guest::__private::words::<#count>(bytes)?;
                ::core::option::Option::Some(Self { #(#idents: <#types>::from_le_bytes(words[#places])),* })
            }
        }
    })
}

fn kind(field: &Field) -> syn::Result<(String, DataType)> {
    let name = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
    let dtype = match &field.ty {
        Type::Path(path) if path.path.is_ident("i64") => DataType::I64,
        Type::Path(path) if path.path.is_ident("u64") => DataType::U64,
        Type::Path(path) if path.path.is_ident("f64") => DataType::F64,
        other => {
            return Err(Error::new(
                other.span(),
                format!("the field `{name}` of a record has 8 bytes: write its type as `i64`, `u64` or `f64`"),
            ));
        }
    };
    Ok((name, dtype))
}

#[cfg(test)]
mod tests;
