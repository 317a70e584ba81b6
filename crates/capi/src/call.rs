//! Calls by JSON, whatever the function takes.

pub(crate) mod model;
mod numbers;

use abi::export;
use runtime::{CallError, Form, Function, Lease};
use serde_json::Value;

use crate::{Error, ErrorKind};

/// Calls a function with one value. One of numbers takes an array of them, a single one as it is, and answers in the same
/// way.
pub(crate) fn json(lease: &Lease, name: &str, text: &str) -> Result<String, Error> {
    let Some(function) = lease.version().interface().function(name).filter(|function| function.form == Form::Scalars)
    else {
        return Ok(lease.call_json(name, text)?);
    };
    let arguments = match read("json", text)? {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(arguments)) => arguments,
        Some(argument) => vec![argument],
    };
    Ok(numbers::call(lease, function, &arguments)?)
}

/// Calls a function with an array of its arguments, which is empty for one that takes nothing.
pub(crate) fn arguments(lease: &Lease, name: &str, text: &str) -> Result<String, Error> {
    let arguments = match read("json", text)? {
        None => Vec::new(),
        Some(Value::Array(arguments)) => arguments,
        Some(_) => return Err(not_json("`json` is not an array of the arguments")),
    };
    let Some(function) = lease.version().interface().function(name) else {
        return Ok(lease.call_json(name, text)?);
    };
    let component = || function.wit.as_ref().map_or(0, |wit| wit.params.len());
    let takes = match function.form {
        Form::Scalars => return Ok(numbers::call(lease, function, &arguments)?),
        Form::ClassicData | Form::ClassicPicture if is_of_integers(function) && arguments.len() > 1 => {
            return Ok(numbers::integers(lease, function, &arguments)?);
        }
        // Where there are several, the runtime reads the array and says what does not fit.
        Form::Component if component() > 1 => return Ok(lease.call_json(name, text)?),
        Form::Component => component(),
        Form::Data | Form::ClassicData => usize::from(!function.declares_no_argument()),
        Form::Picture | Form::ClassicPicture | Form::Tensors => 1,
    };
    if arguments.len() != takes {
        let count = |count| if count == 1 { "1 argument".into() } else { format!("{count} arguments") };
        let (expected, given) = (count(takes), count(arguments.len()));
        return Err(CallError::WrongArguments { function: name.into(), expected, given }.into());
    }
    Ok(lease.call_json(name, only_element(text))?)
}

/// Calls a function with a picture; `predict` of a compiled model answers its outputs in JSON.
pub(crate) fn image(lease: &Lease, name: &str, rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    match lease.version().interface().model() {
        Some(model) if name == export::PREDICT => {
            let outputs = model::predict(lease, rgb, width, height)?;
            Ok(model::json(&outputs, &model.labels)?.into_bytes())
        }
        Some(_) | None => Ok(lease.call_image(name, rgb, width, height)?),
    }
}

/// Without a manifest, a function of the classic convention may as well be one of integers.
fn is_of_integers(function: &Function) -> bool {
    function.declared.is_none()
}

/// The value, or nothing where there is no text.
fn read(what: &str, text: &str) -> Result<Option<Value>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| not_json(&format!("`{what}` is not JSON: {error}")))
}

fn not_json(message: &str) -> Error {
    Error::new(ErrorKind::Misuse, "not_json", message)
}

/// What stands between the brackets of an array, as it is written.
fn only_element(array: &str) -> &str {
    let text = array.trim();
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).map_or("", str::trim)
}
