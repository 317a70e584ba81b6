//! Calls a function in a slot of a running node.

use anyhow::Context as _;
use node::Argument;
use node::body::{self, Function, Takes};
use node::client::Client;
use node::config::NodeUrl;
use runtime::{ScalarType, Tensor};
use serde_json::Value;

use super::answer::Answer;
use super::input::{self, Input};
use super::model;
use crate::args::CallArguments;
use crate::commands::Outcome;
use crate::usage::usage;

pub(super) fn run(arguments: &CallArguments, url: &NodeUrl) -> anyhow::Result<Outcome> {
    let slot = arguments.file.to_str().ok_or_else(|| usage("the name of a slot is plain text"))?;
    let client = Client::new(url.as_str());
    let live = client.slot(slot)?.live;
    let live = live.with_context(|| format!("the slot `{slot}` has no version yet: push one with `wasmtube push`"))?;
    let wanted = &arguments.function;
    let function = live.functions.iter().find(|function| function.name == *wanted).ok_or_else(|| {
        let names: Vec<&str> = live.functions.iter().map(|function| function.name.as_str()).collect();
        usage(format!("the slot `{slot}` of {url} has no function `{wanted}`: it has {}", runtime::names(&names)))
    })?;
    let argument = argument(function, Input::read(arguments)?)?;
    check_options(arguments, live.convention == "model")?;
    let answer = client.call_with_key(slot, wanted, arguments.key.as_deref(), &argument)?;
    let (answer, labels) = self::answer(answer, function)?;
    answer.show(arguments, &labels)?;
    Ok(Outcome::Done)
}

/// Refuses options that would change nothing.
fn check_options(arguments: &CallArguments, is_model: bool) -> anyhow::Result<()> {
    let name = &arguments.function;
    if !is_model && !arguments.output.is_empty() {
        return Err(usage(format!("`{name}` answers no tensors: leave --output away")));
    }
    if !is_model && arguments.top.is_some() {
        return Err(usage(format!("`{name}` answers no scores: leave --top away")));
    }
    Ok(())
}

/// What the function is given, if it takes that.
fn argument(function: &Function, input: Input) -> anyhow::Result<Argument> {
    let name = &function.name;
    let wanted = |what: &str| Err(usage(format!("`{name}` takes {what}")));
    match (function.takes, input) {
        (Takes::Nothing, Input::Nothing) => Ok(Argument::Nothing),
        (Takes::Nothing, _) => wanted("nothing: leave the arguments away"),
        (Takes::Scalars, Input::Scalars(texts)) => scalars(function, &texts),
        (Takes::Scalars, Input::Nothing) => scalars(function, &[]),
        (Takes::Scalars, _) => wanted(&format!("numbers: give {}", function.parameters.join(" "))),
        (Takes::Json, Input::Json(text)) => Ok(Argument::Json(text)),
        (Takes::Json, _) => wanted("JSON: give --json TEXT"),
        (Takes::Bytes, _) => wanted("bytes, which a node cannot be given"),
        (Takes::Picture, Input::Picture(picture)) => Ok(Argument::Picture(picture.bytes)),
        (Takes::Picture, _) => wanted("a picture: give --image FILE, a PNG or JPEG"),
        (Takes::Tensors, Input::Nothing) if function.parameters.is_empty() => Ok(Argument::Nothing),
        (Takes::Tensors, Input::Tensors(tensors)) => {
            model::check_inputs(&input_names(function), &tensors)?;
            Ok(Argument::Tensors(tensors))
        }
        (Takes::Tensors, _) => {
            wanted(&format!("tensors: give --tensor FILE.npy for {}", input_names(function).join(", ")))
        }
    }
}

/// A list of numbers. Those that JSON has no form for, such as infinity, go as text.
fn scalars(function: &Function, texts: &[String]) -> anyhow::Result<Argument> {
    let types: Option<Vec<ScalarType>> = function.parameters.iter().map(|name| scalar_type(name)).collect();
    let types =
        types.with_context(|| format!("the node says that `{}` takes numbers of unknown types", function.name))?;
    let scalars = input::scalars(&function.name, &types, texts)?;
    let values = scalars.iter().map(|scalar| {
        let text = scalar.to_string();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    });
    Ok(Argument::Json(Value::Array(values.collect()).to_string()))
}

fn scalar_type(name: &str) -> Option<ScalarType> {
    let types = [ScalarType::I32, ScalarType::I64, ScalarType::F32, ScalarType::F64];
    types.into_iter().find(|scalar| scalar.name() == name)
}

/// `image` of `image f32 [1, 1, 8, 8]`.
fn input_names(function: &Function) -> Vec<&str> {
    function.parameters.iter().map(|parameter| input_name(parameter)).collect()
}

fn input_name(parameter: &str) -> &str {
    let before_shape = parameter.rsplit_once(" [").map_or(parameter, |(before, _)| before);
    before_shape.rsplit_once(' ').map_or(before_shape, |(name, _)| name)
}

/// The answer as a local call would give it, and the labels of its classes.
fn answer(answer: body::Answer, function: &Function) -> anyhow::Result<(Answer, Vec<String>)> {
    if let Some(outputs) = answer.outputs {
        let (tensors, labels) = tensors(outputs, &answer.top.unwrap_or_default())?;
        return Ok((Answer::Tensors(tensors), labels));
    }
    let value = answer.value.unwrap_or(Value::Null);
    let answer = match function.takes {
        Takes::Scalars => Answer::Scalars(match value {
            Value::Null => vec![],
            Value::Array(values) => values.iter().map(text).collect(),
            value => vec![text(&value)],
        }),
        Takes::Nothing | Takes::Json | Takes::Bytes | Takes::Picture | Takes::Tensors => {
            Answer::Json(value.to_string())
        }
    };
    Ok((answer, vec![]))
}

/// A number as it is written, and what JSON has no number for as its name.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), Into::into)
}

/// The outputs in the order of the model, with the labels that the node told of the classes of the first.
fn tensors(outputs: Vec<body::TensorBody>, top: &[body::Ranked]) -> anyhow::Result<(Vec<Tensor>, Vec<String>)> {
    let read = |body: body::TensorBody| {
        let body::TensorBody { name, dtype, shape, strides, data } = body;
        let form = serde_json::json!({ "dtype": dtype, "shape": shape, "strides": strides, "data": data });
        Tensor::from_json(&name, &form).with_context(|| format!("the node answered what is no tensor as `{name}`"))
    };
    let tensors = outputs.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let labels = tensors.first().map(|tensor| labels(tensor, top)).unwrap_or_default();
    Ok((tensors, labels))
}

/// One for each class, empty where it was not told; none at all where no class has one.
fn labels(tensor: &Tensor, top: &[body::Ranked]) -> Vec<String> {
    if top.iter().all(|ranked| ranked.label.is_none()) {
        return vec![];
    }
    let mut labels = vec![String::new(); tensor.scores().map_or(0, |scores| scores.len())];
    for ranked in top {
        let place = usize::try_from(ranked.index).ok().and_then(|index| labels.get_mut(index));
        if let (Some(place), Some(label)) = (place, &ranked.label) {
            place.clone_from(label);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_inputs_are_what_stands_before_their_type() {
        for (parameter, name) in
            [("image f32 [1, 1, 8, 8]", "image"), ("a b i64 []", "a b"), ("x", "x"), ("", ""), ("[ f32 [1]", "[")]
        {
            assert_eq!(input_name(parameter), name);
        }
    }

    fn output(name: &str, data: &[f64]) -> body::TensorBody {
        body::TensorBody {
            name: name.into(),
            dtype: "FP32".into(),
            shape: vec![data.len() as u64],
            strides: None,
            data: data.iter().map(|number| (*number).into()).collect(),
        }
    }

    #[test]
    fn outputs_keep_their_order_and_labels_belong_to_the_first() {
        let outputs = vec![output("b", &[0.25, 0.75, 0.0]), output("a", &[0.5, 1.5])];
        let ranked =
            |index, label: &str, score| body::Ranked { index, label: Some(label.into()), probability: 0.5, score };
        let (tensors, labels) = tensors(outputs, &[ranked(1, "dog", 0.75), ranked(0, "cat", 0.25)]).unwrap();
        assert_eq!(tensors.iter().map(|tensor| tensor.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(labels, ["cat", "dog", ""]);
    }

    #[test]
    fn what_is_no_tensor_is_refused() {
        let body = body::TensorBody { shape: vec![u64::MAX, 2], ..output("y", &[]) };
        assert!(tensors(vec![body], &[]).is_err());
    }
}
