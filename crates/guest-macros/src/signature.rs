use abi::ValueKind;
use syn::spanned::Spanned as _;
use syn::{Error, FnArg, GenericArgument, Path, PathArguments, PathSegment, ReturnType, Signature, Type};

/// What a function takes.
pub(crate) enum Argument<'a> {
    Nothing,
    Json(&'a Type),
    Bytes,
    Picture,
}

impl Argument<'_> {
    pub(crate) fn kinds(&self) -> Vec<ValueKind> {
        match self {
            Self::Nothing => vec![],
            Self::Json(_) => vec![ValueKind::Json],
            Self::Bytes => vec![ValueKind::Bytes],
            Self::Picture => vec![ValueKind::Image],
        }
    }
}

/// What a function answers.
pub(crate) struct Answer {
    pub(crate) kind: AnswerKind,
    /// Whether the function returns a `Result`.
    pub(crate) can_fail: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum AnswerKind {
    Json,
    Bytes,
}

impl Answer {
    pub(crate) fn kinds(&self) -> Vec<ValueKind> {
        match self.kind {
            AnswerKind::Json => vec![ValueKind::Json],
            AnswerKind::Bytes => vec![ValueKind::Bytes],
        }
    }
}

/// Reads a signature. All that is wrong with it is reported at once.
pub(crate) fn read(signature: &Signature) -> syn::Result<(Argument<'_>, Answer)> {
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
    let argument = argument(signature).unwrap_or_else(|error| {
        refuse(error);
        Argument::Nothing
    });
    let answer = answer(&signature.output).unwrap_or_else(|error| {
        refuse(error);
        Answer { kind: AnswerKind::Json, can_fail: false }
    });
    match refused {
        None => Ok((argument, answer)),
        Some(errors) => Err(errors),
    }
}

fn argument(signature: &Signature) -> syn::Result<Argument<'_>> {
    let mut inputs = signature.inputs.iter();
    let Some(first) = inputs.next() else { return Ok(Argument::Nothing) };
    if let Some(second) = inputs.next() {
        return Err(Error::new(
            second.span(),
            "an exported function takes at most one argument: put the values into one struct that implements `Deserialize`",
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
        Type::Reference(_) => Err(Error::new(
            ty.span(),
            "only bytes are borrowed, as `&[u8]`: take a type that implements `DeserializeOwned` by value",
        )),
        Type::ImplTrait(_) => {
            Err(Error::new(ty.span(), "name the type: `impl Trait` does not say what to read the argument as"))
        }
        Type::Path(path) if last(&path.path).is_some_and(|segment| segment.ident == "Image") => Ok(Argument::Picture),
        _ => Ok(Argument::Json(ty)),
    }
}

fn answer(output: &ReturnType) -> syn::Result<Answer> {
    let ReturnType::Type(_, ty) = output else { return Ok(Answer { kind: AnswerKind::Json, can_fail: false }) };
    match result_of(ty) {
        Some(value) => Ok(Answer { kind: answer_kind(value)?, can_fail: true }),
        None => Ok(Answer { kind: answer_kind(ty)?, can_fail: false }),
    }
}

fn answer_kind(ty: &Type) -> syn::Result<AnswerKind> {
    match ty {
        Type::Reference(_) => {
            Err(Error::new(ty.span(), "an answer outlives the call: return a value that owns what it holds"))
        }
        Type::Path(path) if is_byte_vector(&path.path) => Ok(AnswerKind::Bytes),
        _ => Ok(AnswerKind::Json),
    }
}

/// `T` of `Result<T>` and `Result<T, E>`, however the path begins.
fn result_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let segment = last(&path.path).filter(|segment| segment.ident == "Result")?;
    first_type(segment)
}

fn is_byte_slice(ty: &Type) -> bool {
    matches!(ty, Type::Slice(slice) if is_u8(&slice.elem))
}

fn is_byte_vector(path: &Path) -> bool {
    last(path).is_some_and(|segment| segment.ident == "Vec" && first_type(segment).is_some_and(is_u8))
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
