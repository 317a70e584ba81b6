//! What a function takes, whatever its convention: for interfaces that are not those of the convention.

use super::{Form, Function};

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgumentKind {
    /// Nothing.
    Nothing,
    /// Numbers.
    Scalars,
    /// A value with a form in JSON: any, the numbers of a list or a record, the parameters of a component's function.
    Json,
    /// Bytes.
    Bytes,
    /// A picture.
    Picture,
    /// The inputs of a compiled model.
    Tensors,
}

impl ArgumentKind {
    /// Its name, for programs: `nothing`, `scalars` ...
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Scalars => "scalars",
            Self::Json => "json",
            Self::Bytes => "bytes",
            Self::Picture => "picture",
            Self::Tensors => "tensors",
        }
    }
}

impl Function {
    /// What the function takes.
    #[must_use]
    pub fn argument_kind(&self) -> ArgumentKind {
        match self.form {
            Form::Scalars if self.signature.params.is_empty() => ArgumentKind::Nothing,
            Form::Scalars => ArgumentKind::Scalars,
            Form::Data | Form::ClassicData if self.declares_no_argument() => ArgumentKind::Nothing,
            Form::Data | Form::ClassicData if self.takes_json() => ArgumentKind::Json,
            Form::Data | Form::ClassicData => ArgumentKind::Bytes,
            Form::Picture | Form::ClassicPicture => ArgumentKind::Picture,
            Form::Tensors => ArgumentKind::Tensors,
            Form::Component if self.wit.as_ref().is_none_or(|wit| wit.params.is_empty()) => ArgumentKind::Nothing,
            Form::Component => ArgumentKind::Json,
        }
    }

    /// Whether the function declares that it takes nothing.
    #[must_use]
    pub fn declares_no_argument(&self) -> bool {
        self.declared.as_ref().is_some_and(|declared| declared.takes.is_empty())
    }
}
