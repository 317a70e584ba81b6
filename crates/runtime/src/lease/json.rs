//! What a data function takes and answers, to and from JSON text.

use std::borrow::Cow;

use abi::ValueKind;

use super::wrong;
use crate::call_error::CallError;
use crate::module::{Form, Function};
use crate::plain;

impl Function {
    /// Whether [`crate::Lease::call_json`] can call the function: it is one of a component, or a data function whose
    /// kinds have a form in JSON.
    #[must_use]
    pub fn speaks_json(&self) -> bool {
        match self.form {
            Form::Component => true,
            Form::Data | Form::ClassicData => {
                self.takes().is_none_or(has_json_form) && self.returns().is_none_or(has_json_form)
            }
            Form::Picture | Form::ClassicPicture | Form::Tensors | Form::Scalars => false,
        }
    }

    /// Whether what the function takes has a form in JSON, for [`Self::argument_from_json`]: it is JSON, a list or a
    /// record.
    #[must_use]
    pub fn takes_json(&self) -> bool {
        matches!(self.form, Form::Data | Form::ClassicData) && self.takes().is_some_and(has_json_form)
    }

    /// Whether what the data or picture function answers has a form in JSON, for [`Self::answer_to_json`].
    #[must_use]
    pub fn answers_json(&self) -> bool {
        !matches!(self.form, Form::Tensors | Form::Scalars | Form::Component)
            && self.returns().is_some_and(has_json_form)
    }

    /// The bytes of an argument for [`crate::Lease::call_bytes`] from JSON text: the numbers of a list from an array,
    /// those of a record from an object. For a function that takes JSON, or nothing, it is the text as it is.
    ///
    /// # Errors
    /// [`CallError::WrongArguments`] where what the function takes has no form in JSON, [`CallError::BadArgument`] where
    /// the text does not fit, with the place.
    pub fn argument_from_json<'t>(&self, text: &'t str) -> Result<Cow<'t, [u8]>, CallError> {
        let no_form = || wrong(self, "JSON".into());
        if !matches!(self.form, Form::Data | Form::ClassicData) {
            return Err(no_form());
        }
        match self.takes() {
            None | Some(ValueKind::Json) => Ok(Cow::Borrowed(text.as_bytes())),
            Some(kind) => match plain::from_json(kind, text) {
                Ok(bytes) => bytes.map(Cow::Owned).ok_or_else(no_form),
                Err(misfit) => Err(self.bad_argument(&misfit)),
            },
        }
    }

    /// The JSON text of what a data or picture function answered: an array for a list, an object for a record, nothing
    /// where it declares that it answers nothing.
    ///
    /// # Errors
    /// [`CallError::BadAnswer`] where the bytes are not of the kind that the function declares, hold a number that JSON
    /// has no form for, or are of a kind without a form in JSON.
    pub fn answer_to_json(&self, answer: Vec<u8>) -> Result<String, CallError> {
        let bad = |reason| CallError::BadAnswer { wanted: "a value with a form in JSON", reason };
        match self.returns() {
            None => Ok(String::new()),
            Some(ValueKind::Json) => String::from_utf8(answer).map_err(|error| super::bad_text(&error.utf8_error())),
            Some(kind) => match plain::to_json(kind, &answer) {
                Ok(text) => text.ok_or_else(|| bad(format!("it is {kind}"))),
                Err(misfit) => Err(bad(misfit.to_string())),
            },
        }
    }
}

fn has_json_form(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Json | ValueKind::List(_) | ValueKind::Record(_) => true,
        ValueKind::Bytes | ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => false,
    }
}
