//! Reads the arguments of a call, calls, and shows the answer.

mod answer;
mod classic;
mod input;
mod model;
mod remote;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use abi::{ModelDecl, ValueKind, export};
use runtime::{
    CallError, ClassicFunction, Engine, Form, Function, Interface, Lease, Limits, LoadOptions, Scalar, ScalarType,
};

use self::answer::Answer;
use self::input::Input;
use super::Outcome;
use crate::args::{CallArguments, Convention, Format};
use crate::files;
use crate::guest_log;
use crate::usage::usage;

/// How long a call may take if nothing is said about it.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn run(arguments: &CallArguments) -> anyhow::Result<Outcome> {
    if arguments.top.is_some() && arguments.format == Format::Json {
        return Err(usage("--top chooses what a table shows: leave it away with --format json"));
    }
    for output in &arguments.output {
        files::refuse_overwriting(&output.path, inputs(arguments))?;
    }
    if let Some(url) = &arguments.at {
        return remote::run(arguments, url);
    }
    let engine = Engine::new(runtime::EngineOptions::default())?;
    let options = LoadOptions {
        limits: Limits {
            deadline: arguments.deadline.map_or(DEADLINE, Duration::from_millis),
            instances: NonZeroUsize::MIN,
            ..Limits::default()
        },
        window: arguments.window.clone(),
        host: guest_log::host_functions(&arguments.host)?,
        ..LoadOptions::default()
    };
    let version =
        runtime::files::load(&engine, &arguments.file, options).map_err(|error| perhaps_a_slot(error, arguments))?;
    on(&Arc::new(version).lease(), arguments)?;
    Ok(Outcome::Done)
}

/// What the arguments name to be read, each with what it is.
fn inputs(arguments: &CallArguments) -> Vec<(&'static str, &Path)> {
    let mut inputs = vec![];
    if arguments.at.is_none() {
        inputs.push(("the file that is called", arguments.file.as_path()));
    }
    inputs.extend(arguments.bytes.iter().map(|bytes| ("the file of --bytes", bytes.as_path())));
    inputs.extend(arguments.image.iter().map(|image| ("the picture", image.as_path())));
    inputs.extend(arguments.tensor.iter().map(|tensor| ("a tensor that is given", tensor.path.as_path())));
    inputs
}

/// Calls a function of a version and shows its answer.
///
/// # Errors
/// The function is not there or takes something else, or the call fails.
pub(super) fn on(lease: &Lease, arguments: &CallArguments) -> anyhow::Result<()> {
    let interface = lease.version().interface();
    let target = match arguments.convention {
        Some(Convention::Classic) => Target::Classic(classic::function(arguments, interface)?),
        None => target(interface, &arguments.function).ok_or_else(|| no_such_function(arguments, interface))?,
    };
    let input = Input::read(arguments)?;
    check_options(arguments, &target)?;
    classic::check_window(arguments, &target, interface, &input)?;
    let keyed = arguments.key.as_deref().map(|key| lease.with_key(key)).transpose()?;
    let answer = call(keyed.as_ref().unwrap_or(lease), &target, input).map_err(explained)?;
    let model = interface.manifest.as_ref().and_then(|manifest| manifest.model.as_ref());
    answer.show(arguments, model.map_or(&[][..], |model| &model.labels))
}

/// Whoever means the slot of a node has to say so.
fn perhaps_a_slot(error: impl Into<anyhow::Error>, arguments: &CallArguments) -> anyhow::Error {
    let file = &arguments.file;
    let error = error.into();
    if file.exists() || file.extension().is_some() {
        return error;
    }
    error.context(format!("there is no file {}: if that is a slot of a running node, add --at URL", file.display()))
}

/// Refuses options that would change nothing.
fn check_options(arguments: &CallArguments, target: &Target<'_>) -> anyhow::Result<()> {
    let name = &arguments.function;
    if matches!(target, Target::Function(_) | Target::Classic(_)) {
        let is_one_file = matches!(&arguments.output[..], [file] if file.name.is_empty());
        if !arguments.output.is_empty() && !answers_bytes(target) {
            return Err(usage(format!("`{name}` answers no tensors: leave --output away")));
        }
        if !arguments.output.is_empty() && !is_one_file {
            return Err(usage(format!("`{name}` answers bytes without a name: give one --output FILE")));
        }
        if arguments.top.is_some() {
            return Err(usage(format!("`{name}` answers no scores: leave --top away")));
        }
    }
    Ok(())
}

fn answers_bytes(target: &Target<'_>) -> bool {
    let is_bytes = |kind: &ValueKind| matches!(kind, ValueKind::Bytes | ValueKind::List(_) | ValueKind::Record(_));
    match target {
        Target::Function(Function { declared: Some(decl), .. }) => decl.returns.iter().any(is_bytes),
        Target::Function(_) | Target::Classic(_) | Target::Infer(_) | Target::Predict(_) => false,
    }
}

/// What is called.
enum Target<'f> {
    /// A compiled model, on tensors.
    Infer(&'f ModelDecl),
    /// A compiled model, on a picture.
    Predict(&'f ModelDecl),
    /// An exported function.
    Function(&'f Function),
    /// An exported function in the classic convention, whatever that of the file is.
    Classic(ClassicFunction<'f>),
}

fn target<'f>(interface: &'f Interface, name: &str) -> Option<Target<'f>> {
    let model = interface.manifest.as_ref().and_then(|manifest| manifest.model.as_ref());
    match (model, name) {
        (Some(model), export::INFER) => Some(Target::Infer(model)),
        (Some(model), export::PREDICT) => Some(Target::Predict(model)),
        _ => interface.function(name).map(Target::Function),
    }
}

fn no_such_function(arguments: &CallArguments, interface: &Interface) -> anyhow::Error {
    let takes_pictures = interface
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.model.as_ref())
        .is_some_and(|model| model.preprocess.is_some());
    let names = interface.functions().iter().map(|function| function.name.as_str());
    let names: Vec<&str> = names.chain(takes_pictures.then_some(export::PREDICT)).collect();
    usage(format!(
        "{} has no function `{}`: it has {}",
        arguments.file.display(),
        arguments.function,
        runtime::names(&names)
    ))
}

fn call(lease: &Lease, target: &Target<'_>, input: Input) -> anyhow::Result<Answer> {
    match (target, input) {
        (Target::Infer(model), Input::Tensors(tensors)) => {
            model::check_inputs(&input_names(model), &tensors)?;
            Ok(Answer::Tensors(lease.infer(&tensors)?))
        }
        (Target::Infer(model), Input::Nothing) if model.inputs.is_empty() => Ok(Answer::Tensors(lease.infer(&[])?)),
        (Target::Infer(model), _) if model.inputs.is_empty() => {
            Err(usage("`infer` takes nothing, as the model has no inputs: leave the arguments away"))
        }
        (Target::Infer(model), _) => {
            Err(usage(format!("`infer` takes tensors: give --tensor FILE.npy for {}", input_names(model).join(", "))))
        }
        (Target::Predict(model), _) if model.preprocess.is_none() => {
            Err(usage("the model was built without --preprocess, so it takes no pictures: call `infer` with --tensor"))
        }
        (Target::Predict(_), Input::Picture(picture)) => Ok(Answer::Tensors(lease.predict(&picture.decoded()?)?)),
        (Target::Predict(_), _) => Err(usage("`predict` takes a picture: give --image FILE, a PNG or JPEG")),
        (Target::Function(function), input) => call_function(lease, function, input),
        (Target::Classic(function), input) => classic::call(lease, function, input),
    }
}

fn input_names(model: &ModelDecl) -> Vec<&str> {
    model.inputs.iter().map(|input| input.name.as_str()).collect()
}

fn call_function(lease: &Lease, function: &Function, input: Input) -> anyhow::Result<Answer> {
    let name = function.name.as_str();
    match (function.form, input) {
        (Form::ClassicData | Form::Component, Input::Json(text)) => Ok(Answer::Json(lease.call_json(name, &text)?)),
        (Form::Data, Input::Json(text)) if function.takes_json() => {
            call_data(lease, function, &function.argument_from_json(&text)?)
        }
        (Form::Component, Input::Nothing) => Ok(Answer::Json(lease.call_json(name, "")?)),
        (Form::Data, Input::Nothing) if function.declares_no_argument() => call_data(lease, function, b""),
        (Form::Data, Input::Bytes(bytes)) if !matches!(takes(function), None | Some(ValueKind::Json)) => {
            call_data(lease, function, &bytes)
        }
        (Form::Picture | Form::ClassicPicture, Input::Picture(picture)) => {
            let picture = picture.decoded()?;
            let answer = lease.call_image(name, picture.rgb(), picture.width(), picture.height())?;
            Ok(Answer::of_bytes(function, answer))
        }
        (Form::Scalars, input @ (Input::Nothing | Input::Scalars(_))) => {
            let scalars = input::scalars(name, &function.signature.params, input.texts())?;
            Ok(Answer::Scalars(written(&lease.call_scalars(name, &scalars)?)))
        }
        // A function of the classic convention may as well be one of integers.
        (Form::ClassicData | Form::ClassicPicture, Input::Scalars(texts)) if function.declared.is_none() => {
            let scalars = input::scalars(name, &function.signature.params, &texts)?;
            Ok(Answer::Scalars(written(&lease.call_scalars(name, &scalars)?)))
        }
        (form, _) => Err(usage(format!("`{name}` takes {}", wanted(function, form)))),
    }
}

fn written(scalars: &[Scalar]) -> Vec<String> {
    scalars.iter().map(Scalar::to_string).collect()
}

fn call_data(lease: &Lease, function: &Function, argument: &[u8]) -> anyhow::Result<Answer> {
    Ok(Answer::of_bytes(function, lease.call_bytes(&function.name, argument)?))
}

/// The one value that the function declares to take.
fn takes(function: &Function) -> Option<&ValueKind> {
    function.declared.as_ref()?.takes.first()
}

/// What to give for a function.
fn wanted(function: &Function, form: Form) -> String {
    match form {
        Form::Data if function.declares_no_argument() => "nothing: leave the arguments away".into(),
        Form::Data => data(takes(function)),
        Form::ClassicData if function.declared.is_some() => "JSON: give --json TEXT".into(),
        Form::ClassicData => "JSON or two integers: give --json TEXT, or the integers".into(),
        Form::Picture => "a picture: give --image FILE, a PNG or JPEG".into(),
        Form::ClassicPicture => "a picture: give --image FILE, a PNG or JPEG".into(),
        Form::Component => match &function.wit {
            Some(wit) => format!("JSON, as {wit}: give --json TEXT"),
            None => "JSON: give --json TEXT".into(),
        },
        Form::Tensors => "tensors, which only compiled models can be given".into(),
        Form::Scalars if function.signature.params.is_empty() => "nothing: leave the arguments away".into(),
        Form::Scalars => format!("numbers: give {}", params(&function.signature.params)),
    }
}

fn data(kind: Option<&ValueKind>) -> String {
    match kind {
        Some(ValueKind::Bytes) => "bytes: give --bytes FILE".into(),
        Some(kind @ (ValueKind::List(_) | ValueKind::Record(_))) => {
            let form = if matches!(kind, ValueKind::List(_)) { "an array" } else { "an object" };
            format!("{kind}: give {form} with --json TEXT, or its bytes with --bytes FILE")
        }
        Some(ValueKind::Json | ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_)) | None => {
            "JSON: give --json TEXT".into()
        }
    }
}

fn params(params: &[ScalarType]) -> String {
    params.iter().map(|param| param.name()).collect::<Vec<_>>().join(" ")
}

/// Errors that mean another command line are wrong usage.
fn explained(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<CallError>() {
        Some(CallError::WrongArguments { .. } | CallError::BadArgument { .. } | CallError::NotClassic { .. }) => {
            usage(error.to_string())
        }
        Some(CallError::NoWindow { .. }) => usage(format!("{error}; `--window` of `call` and `pack` sets it")),
        Some(CallError::DeadlineExceeded { .. }) => {
            error.context("the call was stopped: give it longer with --deadline MS")
        }
        _ => error,
    }
}

impl Input {
    fn texts(&self) -> &[String] {
        match self {
            Self::Scalars(texts) => texts,
            Self::Nothing | Self::Json(_) | Self::Bytes(_) | Self::Picture(_) | Self::Tensors(_) => &[],
        }
    }
}
