use abi::{DataType, ValueKind};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, FnArg, GenericArgument, Path, PathArguments, PathSegment, ReturnType, Signature, Type};

/// How the values of a function cross that are not of a kind of their own, such as bytes and pictures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crossing {
    Json,
    /// As the numbers that they are.
    Plain,
}

/// A kind that is declared.
pub(crate) enum Kind<'a> {
    Known(ValueKind),
    /// That of a type which derives `Record`.
    Record(&'a Type),
}

impl Kind<'_> {
    pub(crate) fn known(&self) -> Option<ValueKind> {
        match self {
            Self::Known(kind) => Some(kind.clone()),
            Self::Record(_) => None,
        }
    }

    /// An expression of the kind as it stands in the manifest.
    pub(crate) fn text(&self) -> TokenStream {
        match self {
            Self::Known(kind) => kind.to_json().to_token_stream(),
            Self::Record(ty) => quote_spanned!(ty.span()=> <#ty as ::wasmtube_guest::Record>::KIND),
        }
    }
}

/// What a function takes.
pub(crate) enum Argument<'a> {
    Nothing,
    Json(&'a Type),
    Bytes,
    Picture,
    /// Elements where they lie.
    Slice(DataType, &'a Type),
    /// Elements of the function's own.
    Vector(DataType, &'a Type),
    Record(&'a Type),
}

impl<'a> Argument<'a> {
    pub(crate) fn kinds(&self) -> Vec<Kind<'a>> {
        match self {
            Self::Nothing => vec![],
            Self::Json(_) => vec![Kind::Known(ValueKind::Json)],
            Self::Bytes => vec![Kind::Known(ValueKind::Bytes)],
            Self::Picture => vec![Kind::Known(ValueKind::Image)],
            Self::Slice(element, _) | Self::Vector(element, _) => vec![Kind::Known(ValueKind::List(*element))],
            Self::Record(ty) => vec![Kind::Record(ty)],
        }
    }
}

/// What a function answers.
pub(crate) struct Answer<'a> {
    pub(crate) kind: AnswerKind<'a>,
    /// Whether the function returns a `Result`.
    pub(crate) can_fail: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum AnswerKind<'a> {
    Nothing,
    Json,
    Bytes,
    List(DataType),
    Record(&'a Type),
}

impl<'a> Answer<'a> {
    pub(crate) fn kinds(&self) -> Vec<Kind<'a>> {
        match self.kind {
            AnswerKind::Nothing => vec![],
            AnswerKind::Json => vec![Kind::Known(ValueKind::Json)],
            AnswerKind::Bytes => vec![Kind::Known(ValueKind::Bytes)],
            AnswerKind::List(element) => vec![Kind::Known(ValueKind::List(element))],
            AnswerKind::Record(ty) => vec![Kind::Record(ty)],
        }
    }
}

/// Reads a signature. All that is wrong with it is reported at once.
pub(crate) fn read(signature: &Signature, crossing: Crossing) -> syn::Result<(Argument<'_>, Answer<'_>)> {
    let mut refused: Option<Error> = None;
    let mut refuse = |error: Error| match &mut refused {
        Some(errors) => errors.combine(error),
        None => refused = Some(error),
    };
    for (token, reason) in [
        (
            signature.asyncness.as_ref().map(|token| token.span),
            "an exported function cannot be async: the host calls it and waits",
        ),
        (
            signature.unsafety.as_ref().map(|token| token.span),
            "an exported function cannot be unsafe: the host may call it with any argument",
        ),
        (
            signature.abi.as_ref().map(|abi| abi.extern_token.span),
            "remove `extern`: the export is made beside the function",
        ),
        (
            (!signature.generics.params.is_empty()).then(|| signature.generics.span()),
            "an exported function cannot be generic: its type is fixed in the file",
        ),
    ] {
        if let Some(span) = token {
            refuse(Error::new(span, reason));
        }
    }
    let argument = argument(signature, crossing).unwrap_or_else(|error| {
        refuse(error);
        Argument::Nothing
    });
    let answer = answer(&signature.output, crossing).unwrap_or_else(|error| {
        refuse(error);
        Answer { kind: AnswerKind::Json, can_fail: false }
    });
    match refused {
        None => Ok((argument, answer)),
        Some(errors) => Err(errors),
    }
}

fn argument(signature: &Signature, crossing: Crossing) -> syn::Result<Argument<'_>> {
    let mut inputs = signature.inputs.iter();
    let Some(first) = inputs.next() else { return Ok(Argument::Nothing) };
    if let Some(second) = inputs.next() {
        return Err(Error::new(
            second.span(),
            match crossing {
                Crossing::Json => {
                    "an exported function takes at most one argument: put the values into one struct that implements `Deserialize`"
                }
                Crossing::Plain => {
                    "an exported function takes at most one argument: put the numbers into one struct that derives `wasmtube_guest::Record`"
                }
            },
        ));
    }
    let ty = match first {
        FnArg::Typed(argument) => &*argument.ty,
        FnArg::Receiver(receiver) => {
            return Err(Error::new(receiver.span(), "a method cannot be exported: write a free function"));
        }
    };
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() && is_byte_slice(&reference.elem) => {
            Ok(Argument::Bytes)
        }
        Type::Reference(reference) if crossing == Crossing::Plain => match &*reference.elem {
            Type::Slice(slice) if reference.mutability.is_none() => {
                let element = number(&slice.elem).ok_or_else(|| no_element(&slice.elem))?;
                Ok(Argument::Slice(element, &slice.elem))
            }
            _ => Err(Error::new(ty.span(), "only lists are borrowed, as `&[T]`: take a record by value")),
        },
        Type::Reference(_) => Err(Error::new(
            ty.span(),
            "only bytes are borrowed, as `&[u8]`: take a type that implements `DeserializeOwned` by value, or numbers as `&[T]` in a function marked `plain`",
        )),
        Type::ImplTrait(_) => {
            Err(Error::new(ty.span(), "name the type: `impl Trait` does not say what to read the argument as"))
        }
        Type::Path(path) if last(&path.path).is_some_and(|segment| segment.ident == "Image") => Ok(Argument::Picture),
        _ => match crossing {
            Crossing::Json => Ok(Argument::Json(ty)),
            Crossing::Plain => match vector_of(ty) {
                Some(element) if is_u8(element) => Err(Error::new(ty.span(), "take bytes as `&[u8]`")),
                Some(element) => {
                    let dtype = number(element).ok_or_else(|| no_element(element))?;
                    Ok(Argument::Vector(dtype, element))
                }
                None => Ok(Argument::Record(ty)),
            },
        },
    }
}

fn answer(output: &ReturnType, crossing: Crossing) -> syn::Result<Answer<'_>> {
    let ReturnType::Type(_, ty) = output else {
        let kind = match crossing {
            Crossing::Json => AnswerKind::Json,
            Crossing::Plain => AnswerKind::Nothing,
        };
        return Ok(Answer { kind, can_fail: false });
    };
    match result_of(ty) {
        Some(value) => Ok(Answer { kind: answer_kind(value, crossing)?, can_fail: true }),
        None => Ok(Answer { kind: answer_kind(ty, crossing)?, can_fail: false }),
    }
}

fn answer_kind(ty: &Type, crossing: Crossing) -> syn::Result<AnswerKind<'_>> {
    match (ty, vector_of(ty), crossing) {
        (Type::Reference(_), ..) => {
            Err(Error::new(ty.span(), "an answer outlives the call: return a value that owns what it holds"))
        }
        (_, Some(element), _) if is_u8(element) => Ok(AnswerKind::Bytes),
        (_, _, Crossing::Json) => Ok(AnswerKind::Json),
        (_, Some(element), Crossing::Plain) => number(element).map(AnswerKind::List).ok_or_else(|| no_element(element)),
        (Type::Tuple(tuple), None, Crossing::Plain) if tuple.elems.is_empty() => Ok(AnswerKind::Nothing),
        (_, None, Crossing::Plain) => Ok(AnswerKind::Record(ty)),
    }
}

/// `T` of `Result<T>` and `Result<T, E>`, however the path begins.
fn result_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let segment = last(&path.path).filter(|segment| segment.ident == "Result")?;
    first_type(segment)
}

/// `T` of `Vec<T>`, however the path begins.
fn vector_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let segment = last(&path.path).filter(|segment| segment.ident == "Vec")?;
    first_type(segment)
}

/// The number type of this name.
fn number(ty: &Type) -> Option<DataType> {
    const NUMBERS: [DataType; 9] = [
        DataType::I8,
        DataType::I16,
        DataType::U16,
        DataType::I32,
        DataType::U32,
        DataType::I64,
        DataType::U64,
        DataType::F32,
        DataType::F64,
    ];
    let Type::Path(path) = ty else { return None };
    NUMBERS.into_iter().find(|number| path.path.is_ident(number.name()))
}

fn no_element(ty: &Type) -> Error {
    let reason = "the elements of a list are numbers: write i8, i16, u16, i32, u32, i64, u64, f32 or f64";
    Error::new(ty.span(), reason)
}

fn is_byte_slice(ty: &Type) -> bool {
    matches!(ty, Type::Slice(slice) if is_u8(&slice.elem))
}

fn is_u8(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("u8"))
}

fn last(path: &Path) -> Option<&PathSegment> {
    path.segments.last()
}

fn first_type(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        },
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    }
}
