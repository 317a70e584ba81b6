//! Calls in the paper's convention, and the window that they have.

use runtime::{ClassicFunction, Form, Interface, Lease, Window};

use super::Target;
use super::answer::Answer;
use super::input::Input;
use crate::args::CallArguments;
use crate::usage::usage;

/// The function that is called with `--convention classic`.
pub(super) fn function<'f>(arguments: &CallArguments, interface: &'f Interface) -> anyhow::Result<ClassicFunction<'f>> {
    let (file, name) = (arguments.file.display(), &arguments.function);
    if let Some(function) = interface.classic_functions().find(|function| function.name == name) {
        return Ok(function);
    }
    let names: Vec<&str> = interface.classic_functions().map(|function| function.name).collect();
    let advice = match (&names[..], interface.model()) {
        ([], Some(model)) if model.preprocess.is_none() => {
            "the model was built without --preprocess, so it takes no pictures: build it with it".into()
        }
        ([], Some(_)) => "the file was built before compiled models offered it: build it again".into(),
        ([], None) => "no function of the file is of its types: leave --convention away".into(),
        (names, _) => format!("it has {}", names.join(", ")),
    };
    Err(usage(format!("{file} has no function `{name}` in the classic convention: {advice}")))
}

pub(super) fn call(lease: &Lease, function: &ClassicFunction<'_>, input: Input) -> anyhow::Result<Answer> {
    let name = function.name;
    match (function.form, input) {
        (Form::ClassicData, Input::Json(text)) => Ok(Answer::Json(lease.call_classic_json(name, &text)?)),
        (Form::ClassicPicture, Input::Picture(picture)) => {
            let picture = picture.decoded()?;
            let (rgb, width, height) = (picture.rgb(), picture.width(), picture.height());
            Ok(Answer::Json(lease.call_classic_image(name, rgb, width, height)?))
        }
        (Form::ClassicPicture, _) => {
            Err(usage(format!("`{name}` takes a picture in the classic convention: give --image FILE, a PNG or JPEG")))
        }
        (_, _) => Err(usage(format!("`{name}` takes JSON in the classic convention: give --json TEXT"))),
    }
}

/// Refuses a window that would change nothing.
pub(super) fn check_window(
    arguments: &CallArguments,
    target: &Target<'_>,
    interface: &Interface,
    input: &Input,
) -> anyhow::Result<()> {
    let (name, Some(window)) = (&arguments.function, &arguments.window) else { return Ok(()) };
    let has_window = match target {
        Target::Function(function) => {
            matches!(function.form, Form::ClassicData | Form::ClassicPicture) && !matches!(input, Input::Scalars(_))
        }
        Target::Classic(_) => true,
        Target::Infer(_) | Target::Predict(_) => false,
    };
    if !has_window {
        return Err(usage(format!(
            "--window is the place of data and pictures in the classic convention, which `{name}` is not called in \
             here: leave it away"
        )));
    }
    if interface.model().is_some() && *window != Window::End {
        return Err(usage(
            "a compiled model gets its picture in a window at the end of its memory: leave --window away, or give `end`",
        ));
    }
    Ok(())
}
