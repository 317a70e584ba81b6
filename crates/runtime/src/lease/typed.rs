//! Calls with `serde` types: what crosses follows the kinds that the function declares.

use std::fmt::Display;

use abi::ValueKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Lease, wrong};
use crate::call::Argument;
use crate::call_error::CallError;
use crate::module::{Form, Function};
use crate::plain::{self, Misfit};

impl Lease {
    /// Calls a function with a value and answers a value, in the form that the function declares:
    ///
    /// | the function declares | the argument is | the answer becomes |
    /// |---|---|---|
    /// | `json`, or nothing at all | anything that `serde_json` writes | anything that `serde_json` reads |
    /// | `bytes` | bytes or a sequence of numbers from 0 to 255 | bytes or a sequence |
    /// | `list<T>` | a sequence or tuple of numbers that are each a `T` | a sequence, or a tuple of that length |
    /// | a record | a struct or map with exactly these fields | a struct or map |
    /// | scalars | a number, or a tuple or sequence of them | `()`, a number, or a tuple or sequence |
    /// | a component's types | what has their form in JSON; a tuple, or a struct by name, for several arguments | what reads that form |
    ///
    /// Only `json` goes through text. A number that is not one of the declared type is refused, not cut: integers must
    /// lie in range, and `3.0` is taken for `3`, but not by components. An integer scalar of a function that declares
    /// nothing may be given as signed or unsigned, and is answered as signed. A data function that declares that it takes
    /// nothing gets nothing, whatever the value; one that declares that it returns nothing answers `()`.
    ///
    /// Records of components are structs or maps, variants enums of Rust, options `Option`, also in one another, and
    /// results `Result`, whose `Err` is an answer like any other. Names are those of WIT: `#[serde(rename_all =
    /// "kebab-case")]` makes them. A `list<u8>` is bytes or a sequence of numbers, or base64 where a text is given or
    /// wanted. Floats that are infinite or not a number cross. Sizes count the bytes of numbers and texts.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where the function takes a picture or tensors,
    /// [`CallError::Encode`] where a value has no JSON form, [`CallError::BadArgument`] with the element or field that
    /// does not fit, [`CallError::BadAnswer`] where the answer is not of its kind or not of the wanted type,
    /// [`CallError::GuestError`], and whatever the function breaks.
    pub fn call<A: Serialize + ?Sized, R: DeserializeOwned>(&self, name: &str, argument: &A) -> Result<R, CallError> {
        let (position, function) = self.find(name)?;
        match function.form {
            Form::Data | Form::ClassicData => {
                let bytes = match function.takes() {
                    None => Vec::new(),
                    Some(ValueKind::Json) => json(argument)?.into_bytes(),
                    Some(kind) => plain::encode(kind, argument).map_err(|misfit| function.bad_argument(&misfit))?,
                };
                let answer = self.call_value(position, function, Argument::data(&bytes))?;
                match function.returns() {
                    None => serde_json::from_str("null").map_err(|error| wanted(&error)),
                    Some(kind) => plain::decode(kind, &answer).map_err(|misfit| wanted(&misfit)),
                }
            }
            Form::Scalars => {
                let declared = function.declared.as_ref();
                let takes = plain::scalar_types(&function.signature.params, declared.map(|decl| &decl.takes[..]));
                let returns = plain::scalar_types(&function.signature.results, declared.map(|decl| &decl.returns[..]));
                let scalars =
                    plain::encode_scalars(takes, argument).map_err(|misfit| function.bad_argument(&misfit))?;
                let answer = self.call_numbers(position, function, &scalars)?;
                plain::decode_scalars(returns, &answer).map_err(|misfit| wanted(&misfit))
            }
            Form::Component => self.call_values(position, function, argument),
            Form::Picture | Form::ClassicPicture | Form::Tensors => Err(wrong(function, "a value".into())),
        }
    }
}

impl Function {
    /// The kind of the one value that a data function takes, or `None` if it takes nothing. Without a manifest it is
    /// JSON.
    pub(crate) fn takes(&self) -> Option<&ValueKind> {
        self.declared.as_ref().map_or(Some(&ValueKind::Json), |decl| decl.takes.first())
    }

    /// The kind of the one value that a data or picture function answers, or `None` if it answers nothing. Without a
    /// manifest it is JSON.
    pub(crate) fn returns(&self) -> Option<&ValueKind> {
        self.declared.as_ref().map_or(Some(&ValueKind::Json), |decl| decl.returns.first())
    }

    pub(super) fn bad_argument(&self, misfit: &Misfit) -> CallError {
        let expected = self.declared.as_ref().map_or_else(|| self.signature.to_string(), ToString::to_string);
        CallError::BadArgument { function: self.name.clone(), expected, reason: misfit.to_string() }
    }
}

fn json<A: Serialize + ?Sized>(value: &A) -> Result<String, CallError> {
    serde_json::to_string(value).map_err(|error| CallError::Encode { reason: error.to_string() })
}

pub(super) fn wanted(misfit: &impl Display) -> CallError {
    CallError::BadAnswer { wanted: "of the wanted type", reason: misfit.to_string() }
}
