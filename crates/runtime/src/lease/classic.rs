//! Calls in the paper's convention.

use abi::{ValueKind, classic, export};

use super::{Lease, checked};
use crate::call::{Argument, Classic, Room};
use crate::call_error::CallError;
use crate::module::{ClassicFunction, Form};
use crate::{Convention, Mode};

impl Lease {
    /// Calls a function in the classic convention with JSON text and answers JSON text, also where the file has another
    /// convention and offers this one beside it.
    ///
    /// # Errors
    /// [`CallError::NotClassic`] where the file offers no such function in this convention,
    /// [`CallError::WrongArguments`] where it takes a picture, [`CallError::BadAnswer`] where it answers no JSON, and
    /// whatever the function breaks.
    pub fn call_classic_json(&self, name: &str, text: &str) -> Result<String, CallError> {
        let function = self.classic(name)?;
        if function.form != Form::ClassicData {
            return Err(wrong(name, "a picture", "JSON".into()));
        }
        self.call_classic(&function, Argument::data(text.as_bytes())).and_then(text_of)
    }

    /// Calls a function in the classic convention with a picture of packed RGB bytes and answers JSON text. A compiled
    /// model that takes pictures has such a function, [`export::PREDICT`], which answers its first output in the paper's
    /// form.
    ///
    /// # Errors
    /// [`CallError::NotClassic`] where the file offers no such function in this convention,
    /// [`CallError::WrongArguments`] where it takes no picture, where a side is zero or the length is not width x height x
    /// 3, [`CallError::PictureTooLarge`], [`CallError::NeedsGuarded`], [`CallError::BadAnswer`] where it answers no JSON,
    /// and whatever the function breaks.
    pub fn call_classic_image(&self, name: &str, rgb: &[u8], width: u32, height: u32) -> Result<String, CallError> {
        let function = self.classic(name)?;
        if function.form != Form::ClassicPicture {
            return Err(wrong(name, "JSON", "a picture".into()));
        }
        if !super::is_picture(rgb, width, height) {
            return Err(wrong(name, "a picture", super::picture_text(rgb, width, height)));
        }
        self.call_classic(&function, Argument::picture(rgb, width, height)).and_then(text_of)
    }

    fn classic(&self, name: &str) -> Result<ClassicFunction<'_>, CallError> {
        let interface = self.version.interface();
        interface.classic_functions().find(|function| function.name == name).ok_or_else(|| CallError::NotClassic {
            name: name.into(),
            available: interface.classic_functions().map(|function| function.name.into()).collect(),
        })
    }

    /// The kind of the answer: JSON, unless the manifest says that there is none.
    fn returns(&self, function: &ClassicFunction<'_>) -> Option<&ValueKind> {
        let functions = self.version.interface().functions();
        function.position.map_or(Some(&ValueKind::Json), |position| functions[position].returns())
    }

    /// Calls the function; an answer that is not of its kind counts as a failed call.
    pub(super) fn call_classic(
        &self,
        function: &ClassicFunction<'_>,
        argument: Argument<'_>,
    ) -> Result<Vec<u8>, CallError> {
        let version = &self.version;
        if let Some(reason) = version.window_refused() {
            return Err(CallError::NoWindow { reason: reason.into() });
        }
        let room = self.room(function, argument)?;
        let call = match function.position {
            Some(position) => Classic::Entry(position),
            None => Classic::Export(function.name),
        };
        let returns = self.returns(function);
        let answer =
            self.run(function.name, |instance| checked(returns, instance.call_classic(call, argument, room)?))?;
        if let (Some(recorder), Some(position)) = (version.recorder(), function.position) {
            recorder.note_value(position, argument);
        }
        Ok(answer)
    }

    /// How large the window for a call is.
    fn room(&self, function: &ClassicFunction<'_>, argument: Argument<'_>) -> Result<Room, CallError> {
        let (bytes, version) = (argument.bytes.len(), &self.version);
        let interface = version.interface();
        let Some(model) = interface.model().filter(|_| interface.convention == Convention::Model) else {
            return Ok(Room { need: bytes, wish: version.limits().result_bytes });
        };
        if version.mode() == Mode::Stepped {
            return Err(CallError::NeedsGuarded { function: function.name.into() });
        }
        if argument.size.is_some_and(|(width, height)| width.max(height) > export::IMAGE_SIDE_MAX) {
            let name = model.inputs.first().map(|input| input.name.clone()).unwrap_or_default();
            return Err(CallError::WrongInput { name, reason: export::IMAGE_ERRORS[1].into() });
        }
        // A model knows how much it may answer, and wants room for that.
        let answer = model.outputs.first().and_then(|output| classic::answer_bytes_max(&output.shape));
        let answer = answer.and_then(|bytes| usize::try_from(bytes).ok());
        let answer = answer.ok_or_else(|| CallError::internal("a tensor outside the memory was loaded"))?;
        Ok(Room { need: bytes.max(answer), wish: 0 })
    }
}

fn text_of(answer: Vec<u8>) -> Result<String, CallError> {
    String::from_utf8(answer).map_err(|error| super::bad_text(&error.utf8_error()))
}

fn wrong(function: &str, expected: &str, given: String) -> CallError {
    CallError::WrongArguments { function: function.into(), expected: expected.into(), given }
}
