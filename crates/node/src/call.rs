//! Calling a function for somebody who is not in this process.

use std::time::Instant;

use abi::{ModelDecl, export};
use runtime::{CallError, Form, Function, Lease, Picture, Scalar, ScalarType, Tensor, one_line};
use serde_json::Value;

use crate::body::{Answer, Ranked, TensorBody};
use crate::refusal::{Class, Refusal};

/// How many of the highest scores are answered.
const TOP: usize = 10;

/// What a function is called with.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Nothing.
    Nothing,
    /// JSON text: what the function takes, a list of numbers for a function on scalars, or an object of tensors in the
    /// paper's form by the names of the inputs.
    Json(String),
    /// The bytes of a PNG or JPEG.
    Picture(Vec<u8>),
    /// Tensors in the order of the inputs, or with their names.
    Tensors(Vec<Tensor>),
}

/// What a function answered.
enum Outcome {
    Value(Value),
    Tensors(Vec<Tensor>),
}

/// Calls a function of the version that the lease pins.
pub(crate) fn call(node: &str, lease: &Lease, function: &str, argument: Argument) -> Result<Answer, Refusal> {
    let interface = lease.version().interface();
    let prepared = prepare(lease, function, argument)?;
    let begun = Instant::now();
    let outcome = prepared();
    let elapsed = begun.elapsed();
    let (value, outputs) = match outcome.map_err(|error| refused(function, &error))? {
        Outcome::Value(value) => (Some(value), None),
        Outcome::Tensors(tensors) => (None, Some(tensors)),
    };
    let top = match (&outputs, interface.model()) {
        (Some(outputs), Some(model)) => ranking(outputs, model),
        (Some(_) | None, _) => None,
    };
    let bodies = |outputs: Vec<Tensor>| {
        outputs.iter().map(|output| tensor_body(function, output)).collect::<Result<_, Refusal>>()
    };
    Ok(Answer {
        node: node.into(),
        digest: interface.digest.to_string(),
        elapsed_ns: u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX),
        value,
        outputs: outputs.map(bodies).transpose()?,
        top,
    })
}

type Prepared<'a> = Box<dyn FnOnce() -> Result<Outcome, CallError> + 'a>;

/// Everything but the call itself, so that only that is timed.
fn prepare<'a>(lease: &'a Lease, name: &'a str, argument: Argument) -> Result<Prepared<'a>, Refusal> {
    let interface = lease.version().interface();
    if let Some(model) = interface.model() {
        match name {
            export::INFER => return infer(lease, model, argument),
            export::PREDICT => return predict(lease, model, argument),
            _ => {}
        }
    }
    let Some(function) = interface.function(name) else {
        let predict = interface.model().is_some_and(|model| model.preprocess.is_some()).then_some(export::PREDICT);
        let names: Vec<&str> =
            interface.functions().iter().map(|function| function.name.as_str()).chain(predict).collect();
        let message = format!("there is no function `{name}`: the live version has {}", runtime::names(&names));
        return Err(Refusal::new(Class::Missing, "no_such_function", message));
    };
    let takes_nothing = function.declares_no_argument();
    match (function.form, argument) {
        (Form::Data | Form::ClassicData | Form::Component, Argument::Json(text)) => {
            Ok(Box::new(move || json(lease, name, &text)))
        }
        (Form::Component, Argument::Nothing) => Ok(Box::new(move || json(lease, name, ""))),
        (Form::Data | Form::ClassicData, Argument::Nothing) if takes_nothing => {
            Ok(Box::new(move || json(lease, name, "")))
        }
        (Form::Picture | Form::ClassicPicture, Argument::Picture(bytes)) => {
            let picture = decode(&bytes)?;
            Ok(Box::new(move || {
                let answer = lease.call_image(name, picture.rgb(), picture.width(), picture.height())?;
                if function.answers_json() {
                    json_value(function.answer_to_json(answer)?)
                } else {
                    Ok(Outcome::Value(value_of(&answer)))
                }
            }))
        }
        (Form::Scalars, Argument::Nothing) => scalars(lease, function, &[]),
        (Form::Scalars, Argument::Json(text)) => {
            let value: Value = serde_json::from_str(&text).map_err(|error| malformed(&error))?;
            match value {
                Value::Array(values) => scalars(lease, function, &values),
                value => scalars(lease, function, &[value]),
            }
        }
        (form, _) => {
            let wanted = match form {
                Form::Data | Form::ClassicData if takes_nothing => "nothing",
                Form::Data | Form::ClassicData | Form::Component => "JSON",
                Form::Picture | Form::ClassicPicture => "a picture, PNG or JPEG",
                Form::Tensors => "tensors, which only compiled models can be given",
                Form::Scalars => "a list of numbers as JSON",
            };
            Err(wrong(name, wanted))
        }
    }
}

fn infer<'a>(lease: &'a Lease, model: &ModelDecl, argument: Argument) -> Result<Prepared<'a>, Refusal> {
    let tensors = match argument {
        Argument::Tensors(tensors) => tensors,
        Argument::Json(text) => tensors_of(model, &text)?,
        Argument::Nothing if model.inputs.is_empty() => vec![],
        Argument::Nothing | Argument::Picture(_) => {
            let names: Vec<&str> = model.inputs.iter().map(|input| input.name.as_str()).collect();
            return Err(wrong(export::INFER, &format!("tensors: {}", runtime::names(&names))));
        }
    };
    Ok(Box::new(move || lease.infer(&tensors).map(Outcome::Tensors)))
}

fn predict<'a>(lease: &'a Lease, model: &ModelDecl, argument: Argument) -> Result<Prepared<'a>, Refusal> {
    if model.preprocess.is_none() {
        let message = "the model was built without preprocessing, so it takes no pictures: call `infer` with tensors";
        return Err(Refusal::new(Class::Invalid, "wrong_argument", message));
    }
    match argument {
        Argument::Picture(bytes) => {
            let picture = decode(&bytes)?;
            Ok(Box::new(move || lease.predict(&picture).map(Outcome::Tensors)))
        }
        Argument::Nothing | Argument::Json(_) | Argument::Tensors(_) => {
            Err(wrong(export::PREDICT, "a picture, PNG or JPEG"))
        }
    }
}

/// `{"name": tensor, ...}`, or one tensor as it is.
fn tensors_of(model: &ModelDecl, text: &str) -> Result<Vec<Tensor>, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    let tensor = |name: &str, value: &Value| {
        Tensor::from_json(name, value)
            .map_err(|error| Refusal::new(Class::Invalid, "invalid_tensor", format!("`{name}`: {}", one_line(&error))))
    };
    match (&value, model.inputs.as_slice()) {
        (Value::Object(fields), [input]) if fields.contains_key("dtype") => Ok(vec![tensor(&input.name, &value)?]),
        (Value::Object(fields), _) => fields.iter().map(|(name, value)| tensor(name, value)).collect(),
        (_, inputs) => {
            let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
            Err(wrong(export::INFER, &format!("an object of tensors by name: {}", runtime::names(&names))))
        }
    }
}

fn decode(bytes: &[u8]) -> Result<Picture, Refusal> {
    Picture::decode(bytes).map_err(|error| Refusal::new(Class::Invalid, "invalid_picture", one_line(&error)))
}

fn json(lease: &Lease, name: &str, text: &str) -> Result<Outcome, CallError> {
    json_value(lease.call_json(name, text)?)
}

fn json_value(answer: String) -> Result<Outcome, CallError> {
    if answer.is_empty() {
        return Ok(Outcome::Value(Value::Null));
    }
    let malformed = |error: serde_json::Error| CallError::BadAnswer { wanted: "JSON", reason: error.to_string() };
    serde_json::from_str(&answer).map(Outcome::Value).map_err(malformed)
}

/// JSON where it is some, else text, else the bytes as numbers.
fn value_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.to_vec().into(),
    })
}

fn scalars<'a>(lease: &'a Lease, function: &'a Function, values: &[Value]) -> Result<Prepared<'a>, Refusal> {
    let params = &function.signature.params;
    let types = || params.iter().map(|param| param.name()).collect::<Vec<_>>().join(", ");
    if params.len() != values.len() {
        let message = format!("`{}` takes {} numbers ({}), not {}", function.name, params.len(), types(), values.len());
        return Err(Refusal::new(Class::Invalid, "wrong_argument", message));
    }
    let parse = |(param, value): (&ScalarType, &Value)| {
        let text = match value {
            Value::Number(number) => number.to_string(),
            // What JSON has no number for: infinities, and integers beyond 2^53 of programs that lose them.
            Value::String(text) => text.clone(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                let message = format!("`{}` takes numbers ({}), not {value}", function.name, types());
                return Err(Refusal::new(Class::Invalid, "wrong_argument", message));
            }
        };
        param.parse(&text).map_err(|error| {
            Refusal::new(Class::Invalid, "wrong_argument", format!("`{}`: {}", function.name, one_line(&error)))
        })
    };
    let arguments: Vec<Scalar> = params.iter().zip(values).map(parse).collect::<Result<_, _>>()?;
    Ok(Box::new(move || {
        let mut answer: Vec<Value> =
            lease.call_scalars(&function.name, &arguments)?.into_iter().map(scalar_value).collect();
        Ok(Outcome::Value(match answer.len() {
            0 => Value::Null,
            1 => answer.remove(0),
            _ => Value::Array(answer),
        }))
    }))
}

/// A number, or its name as text where JSON has none for it.
fn scalar_value(scalar: Scalar) -> Value {
    scalar.to_json().unwrap_or_else(|| scalar.to_string().into())
}

fn tensor_body(function: &str, tensor: &Tensor) -> Result<TensorBody, Refusal> {
    /// The form of a tensor without its name.
    #[derive(serde::Deserialize)]
    struct Nameless {
        dtype: String,
        shape: Vec<u64>,
        strides: Option<Vec<u64>>,
        data: Vec<Value>,
    }
    let refusal = |message| Refusal::new(Class::AtFault, "bad_answer", format!("`{function}`: {message}"));
    let text = tensor.to_json().map_err(|error| refusal(one_line(&error)))?;
    let Nameless { dtype, shape, strides, data } =
        serde_json::from_str(&text).map_err(|error| refusal(error.to_string()))?;
    Ok(TensorBody { name: tensor.name.clone(), dtype, shape, strides, data })
}

/// The highest scores of the first output, where it is one row of numbers.
fn ranking(outputs: &[Tensor], model: &ModelDecl) -> Option<Vec<Ranked>> {
    let output = outputs.first()?;
    let ranked = |(ranked, probability): (runtime::Ranked, f64)| Ranked {
        index: ranked.class as u64,
        label: ranked.label,
        probability,
        score: ranked.score.into(),
    };
    Some(runtime::top_shares(output, TOP, &model.labels)?.into_iter().map(ranked).collect())
}

fn wrong(function: &str, wanted: &str) -> Refusal {
    Refusal::new(Class::Invalid, "wrong_argument", format!("`{function}` takes {wanted}"))
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(Class::Invalid, "invalid_json", format!("the argument is not JSON: {error}"))
}

pub(crate) fn refused(function: &str, error: &CallError) -> Refusal {
    let class = match error {
        CallError::DeadlineExceeded { .. } => Class::TooLate,
        CallError::ArgumentTooLarge { .. } | CallError::PictureTooLarge { .. } => Class::TooLarge,
        CallError::NoSuchFunction { .. } => Class::Missing,
        CallError::WrongArguments { .. }
        | CallError::BadArgument { .. }
        | CallError::WrongInput { .. }
        | CallError::Tensor(_)
        | CallError::Encode { .. }
        | CallError::NoWindow { .. }
        | CallError::Key(_)
        | CallError::NotClassic { .. }
        | CallError::NeedsGuarded { .. } => Class::Invalid,
        CallError::Busy { .. } | CallError::Retired | CallError::Instantiate { .. } => Class::NotNow,
        CallError::Internal { .. } => Class::Internal,
        // What is left is what the function does.
        _ => Class::AtFault,
    };
    Refusal::new(class, error.code(), format!("`{function}`: {}", one_line(error)))
}
