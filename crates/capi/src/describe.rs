//! What a version offers, as JSON text.

use abi::{ModelDecl, TensorDecl, export};
use runtime::{Form, Function, Interface};
use serde_json::{Value, json};

pub(crate) fn json(interface: &Interface) -> String {
    let model = interface.model();
    let mut functions: Vec<Value> = interface.functions().iter().map(function).collect();
    if model.is_some_and(|model| model.preprocess.is_some()) {
        functions.push(
            json!({ "name": export::PREDICT, "takes": "picture", "answers": "tensors", "type": "picture -> tensors" }),
        );
    }
    json!({
        "digest": interface.digest.to_string(),
        "convention": interface.convention.to_string(),
        "functions": functions,
        "model": model.map(described),
    })
    .to_string()
}

/// The words are those of a node's HTTP interface.
fn function(function: &Function) -> Value {
    let declared = function.declared.as_ref();
    let takes = function.argument_kind().name();
    let answers = match function.form {
        Form::Scalars if function.signature.results.is_empty() => "nothing",
        Form::Scalars => "scalars",
        Form::Tensors => "tensors",
        Form::Component if function.wit.as_ref().is_none_or(|wit| wit.result.is_none()) => "nothing",
        Form::Component => "json",
        Form::Data | Form::ClassicData | Form::Picture | Form::ClassicPicture => match declared {
            Some(declared) if declared.returns.is_empty() => "nothing",
            Some(_) if !function.answers_json() => "bytes",
            Some(_) | None => "json",
        },
    };
    let text = match (&function.wit, declared) {
        (Some(wit), _) => wit.to_string(),
        (None, Some(declared)) => declared.to_string(),
        (None, None) => function.signature.to_string(),
    };
    json!({ "name": function.name, "takes": takes, "answers": answers, "type": text })
}

fn described(model: &ModelDecl) -> Value {
    let tensor = |decl: &TensorDecl| json!({ "name": decl.name, "dtype": decl.dtype.name(), "shape": decl.shape });
    json!({
        "inputs": model.inputs.iter().map(tensor).collect::<Value>(),
        "outputs": model.outputs.iter().map(tensor).collect::<Value>(),
        "labels": model.labels,
        "takes_pictures": model.preprocess.is_some(),
    })
}
