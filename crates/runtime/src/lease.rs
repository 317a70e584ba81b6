//! Calls on one version.

mod classic;
mod component;
mod json;
mod resolved;
mod typed;

use std::fmt;
use std::str::Utf8Error;
use std::sync::Arc;
use std::time::Duration;

use abi::{ModelDecl, ValueKind, export};
use arc_swap::Guard;
use serde::de::IgnoredAny;

pub use resolved::Resolved;

use crate::call::Argument;
use crate::call_error::CallError;
use crate::instance::Instance;
use crate::module::{ClassicFunction, Form, Function};
use crate::{KeyError, Picture, Scalar, Tensor, Version, plain, scalar};

/// Longest key, in bytes.
const KEY_MAX: usize = 256;

/// The right to call one version, which stays the same however many versions are published meanwhile.
///
/// A lease is cheap and meant for one call or a few that belong together; whoever keeps it keeps the version in memory,
/// and is refused after the version's drain deadline. Every call has the deadline of the version's limits to itself.
pub struct Lease {
    /// Without a count that all threads would write to, as far as the thread has room for such guards.
    version: Guard<Arc<Version>>,
    key: Option<Arc<str>>,
}

impl Lease {
    pub(crate) fn new(version: Guard<Arc<Version>>) -> Self {
        Self { version, key: None }
    }

    /// The same right, for calls on the instance of this key. A version that declares keyed state takes no other calls:
    /// those of one key run one after the other, in the order in which they came, those of different keys side by side.
    ///
    /// # Errors
    /// [`KeyError::Length`]. Whether the version takes a key is seen when a function is called.
    pub fn with_key(&self, key: &str) -> Result<Self, KeyError> {
        if key.is_empty() || key.len() > KEY_MAX {
            return Err(KeyError::Length { bytes: key.len(), limit: KEY_MAX });
        }
        Ok(Self { key: Some(key.into()), ..self.clone() })
    }

    /// The version that is called.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Calls a function with numbers.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where number or type differ from the export's, and
    /// whatever the function breaks.
    pub fn call_scalars(&self, name: &str, arguments: &[Scalar]) -> Result<Vec<Scalar>, CallError> {
        let (position, function) = self.find(name)?;
        self.call_numbers(position, function, arguments)
    }

    fn call_numbers(
        &self,
        position: usize,
        function: &Function,
        arguments: &[Scalar],
    ) -> Result<Vec<Scalar>, CallError> {
        let params = &function.signature.params;
        let fits = params.len() == arguments.len()
            && params.iter().zip(arguments).all(|(&param, argument)| argument.scalar_type() == param);
        if !(takes_scalars(function) && fits) {
            let given: Vec<_> = arguments.iter().map(|argument| argument.scalar_type()).collect();
            return Err(wrong(function, format!("({})", scalar::list(&given))));
        }
        let results = function.signature.results.len();
        self.run(&function.name, |instance| {
            let answer = instance.call_scalars(position, arguments, results)?;
            if let Some(recorder) = self.version.recorder() {
                recorder.note_scalars(position, arguments);
            }
            Ok(answer)
        })
    }

    /// Calls a function with JSON text and answers JSON text, or nothing where the function declares that it returns
    /// nothing. For a function on JSON the text is passed on as it is; lists are arrays, and records are objects.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where what the function takes or answers has no form
    /// in JSON, [`CallError::BadArgument`] where the text does not fit the kind, [`CallError::GuestError`],
    /// [`CallError::BadAnswer`] where it answers nothing, what is not of its kind or a number without a form in JSON, and
    /// whatever the function breaks.
    pub fn call_json(&self, name: &str, text: &str) -> Result<String, CallError> {
        let (position, function) = self.find(name)?;
        if !function.speaks_json() {
            return Err(wrong(function, "JSON".into()));
        }
        if function.form == Form::Component {
            return self.call_component(position, function, text);
        }
        let bytes = function.argument_from_json(text)?;
        let answer = self.call_value(position, function, Argument::data(&bytes))?;
        function.answer_to_json(answer)
    }

    /// Calls a function of the core ABI v1 with bytes in the form of the kind that it declares.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where the function takes no data value,
    /// [`CallError::BadArgument`] where a list or record cannot have so many bytes, [`CallError::GuestError`],
    /// [`CallError::BadAnswer`] where the answer is not of its kind, and whatever the function breaks.
    pub fn call_bytes(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, CallError> {
        let (position, function) = self.find(name)?;
        if function.form != Form::Data {
            return Err(wrong(function, "bytes".into()));
        }
        if let Some(kind) = function.takes() {
            plain::check_len(kind, bytes.len()).map_err(|misfit| function.bad_argument(&misfit))?;
        }
        self.call_value(position, function, Argument::data(bytes))
    }

    /// Calls a function with a picture of packed RGB bytes. The answer has the kind that the function declares, JSON
    /// text without a manifest.
    ///
    /// # Errors
    /// [`CallError::NoSuchFunction`], [`CallError::WrongArguments`] where the function takes no picture, where a side is
    /// zero or the length is not width x height x 3, [`CallError::PictureTooLarge`], [`CallError::GuestError`],
    /// [`CallError::BadAnswer`] where the answer is not of its kind, and whatever the function breaks.
    pub fn call_image(&self, name: &str, rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, CallError> {
        let (position, function) = self.find(name)?;
        if !matches!(function.form, Form::Picture | Form::ClassicPicture) {
            return Err(wrong(function, "a picture".into()));
        }
        if !is_picture(rgb, width, height) {
            return Err(wrong(function, picture_text(rgb, width, height)));
        }
        self.call_value(position, function, Argument::picture(rgb, width, height))
    }

    /// Runs a compiled model on tensors, in any order if they carry the names of the inputs.
    ///
    /// # Errors
    /// [`CallError::WrongArguments`], [`CallError::WrongInput`] where name, type or shape differ from the model's, and
    /// whatever the model breaks.
    pub fn infer(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, CallError> {
        let model = self.model(export::INFER)?;
        self.run(export::INFER, |instance| instance.infer(model, inputs))
    }

    /// As [`Self::infer`], with the time that each step took.
    ///
    /// # Errors
    /// As [`Self::infer`].
    pub fn profile(&self, inputs: &[Tensor]) -> Result<(Vec<Tensor>, Vec<Duration>), CallError> {
        let model = self.model(export::STEP)?;
        self.run(export::STEP, |instance| instance.profile(model, inputs))
    }

    /// As [`Self::infer`], step by step: after each step `after_step` gets its number and the whole linear memory, where
    /// whoever knows the addresses finds what the step has written. The time that it takes counts as time of the call.
    ///
    /// # Errors
    /// As [`Self::infer`]; `after_step` has then seen the steps before.
    pub fn infer_observed(
        &self,
        inputs: &[Tensor],
        mut after_step: impl FnMut(u32, &[u8]),
    ) -> Result<Vec<Tensor>, CallError> {
        let model = self.model(export::STEP)?;
        self.run(export::STEP, |instance| instance.infer_observed(model, inputs, &mut after_step))
    }

    /// Runs a compiled model on a picture, which the model itself resizes and normalises.
    ///
    /// # Errors
    /// [`CallError::WrongArguments`] where the model was compiled without preprocessing, [`CallError::PictureTooLarge`],
    /// [`CallError::WrongInput`] where it refuses the picture, and whatever the model breaks.
    pub fn predict(&self, picture: &Picture) -> Result<Vec<Tensor>, CallError> {
        let model = self.model(export::PREDICT)?;
        self.run(export::PREDICT, |instance| instance.predict(model, picture))
    }

    /// Calls the function; an answer that is not of its kind counts as a failed call.
    fn call_value(&self, position: usize, function: &Function, argument: Argument<'_>) -> Result<Vec<u8>, CallError> {
        if let Some(function) = ClassicFunction::of(function, Some(position)) {
            return self.call_classic(&function, argument);
        }
        let call = |instance: &mut Instance| checked(function.returns(), instance.call_core(position, argument)?);
        self.run(&function.name, call)
    }

    #[inline]
    fn run<R>(&self, function: &str, call: impl FnOnce(&mut Instance) -> Result<R, CallError>) -> Result<R, CallError> {
        self.version.run(function, self.key.as_ref(), call)
    }

    fn find(&self, name: &str) -> Result<(usize, &Function), CallError> {
        let interface = self.version.interface();
        match interface.position(name) {
            Some(position) => Ok((position, &interface.functions()[position])),
            None => Err(self.no_such(name)),
        }
    }

    fn model(&self, name: &str) -> Result<&ModelDecl, CallError> {
        self.version.interface().model().ok_or_else(|| self.no_such(name))
    }

    fn no_such(&self, name: &str) -> CallError {
        let available = self.version.interface().functions().iter().map(|function| function.name.clone()).collect();
        CallError::NoSuchFunction { name: name.into(), available }
    }
}

impl Clone for Lease {
    fn clone(&self) -> Self {
        Self { version: Guard::from_inner(Arc::clone(&self.version)), key: self.key.clone() }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("version", &**self.version).field("key", &self.key).finish()
    }
}

/// Passes an answer of this kind on or says what is wrong with it.
fn checked(kind: Option<&ValueKind>, answer: Vec<u8>) -> Result<Vec<u8>, CallError> {
    match kind {
        Some(ValueKind::Json) => check_json(answer),
        Some(kind) => match plain::check_len(kind, answer.len()) {
            Ok(()) => Ok(answer),
            Err(misfit) => Err(CallError::BadAnswer { wanted: "of the kind it declares", reason: misfit.to_string() }),
        },
        None => Ok(answer),
    }
}

fn check_json(answer: Vec<u8>) -> Result<Vec<u8>, CallError> {
    let bad = |reason: String| CallError::BadAnswer { wanted: "JSON", reason };
    if answer.is_empty() {
        return Err(bad("it is empty; a function without a result answers `null`".into()));
    }
    let text = str::from_utf8(&answer).map_err(|error| bad_text(&error))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| bad(error.to_string()))?;
    Ok(answer)
}

/// Without a manifest, whatever it means, a function of a module has a type of numbers.
fn takes_scalars(function: &Function) -> bool {
    function.form == Form::Scalars || function.declared.is_none() && function.form != Form::Component
}

fn is_picture(rgb: &[u8], width: u32, height: u32) -> bool {
    !rgb.is_empty() && u64::try_from(rgb.len()) == Ok(u64::from(width) * u64::from(height) * 3)
}

fn picture_text(rgb: &[u8], width: u32, height: u32) -> String {
    format!("{} bytes for {width} x {height} pixels of RGB", rgb.len())
}

fn bad_text(error: &Utf8Error) -> CallError {
    CallError::BadAnswer { wanted: "text in UTF-8", reason: error.to_string() }
}

fn wrong(function: &Function, given: String) -> CallError {
    CallError::WrongArguments { function: function.name.clone(), expected: expected(function), given }
}

fn expected(function: &Function) -> String {
    match (&function.declared, function.form) {
        (_, Form::Component) => "JSON".into(),
        (_, Form::Scalars) => format!("({})", scalar::list(&function.signature.params)),
        (Some(decl), _) if decl.takes.is_empty() => "nothing".into(),
        (Some(decl), _) => decl.takes.iter().map(kind_name).collect::<Vec<_>>().join(", "),
        (None, Form::ClassicPicture) => "a picture or (i32, i32, i32, i32)".into(),
        (None, _) => "JSON or (i32, i32)".into(),
    }
}

fn kind_name(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Json => "JSON".into(),
        ValueKind::Image => "a picture".into(),
        ValueKind::Tensor => "a tensor".into(),
        ValueKind::Bytes | ValueKind::Scalar(_) | ValueKind::List(_) | ValueKind::Record(_) => kind.to_string(),
    }
}
