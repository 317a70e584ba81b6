//! What a version is and offers, as it is told.

use abi::{Layout, ModelDecl, TensorDecl, ValueKind, export};
use runtime::{ArgumentKind, Convention, Form, Function, Interface, Version, WitType};

use crate::body;

/// Name and version that a file gives itself.
pub(super) fn title(interface: &Interface) -> Option<String> {
    interface.manifest.as_ref().map(|manifest| format!("{} {}", manifest.name, manifest.version))
}

/// The live version, which went live at `since`.
pub(super) fn version(version: &Version, since: u64) -> body::Version {
    let interface = version.interface();
    let manifest = interface.manifest.as_ref();
    let counters = version.counters();
    body::Version {
        digest: interface.digest.to_string(),
        name: manifest.map(|manifest| manifest.name.clone()),
        version: manifest.map(|manifest| manifest.version.clone()),
        sealed: interface.is_sealed(),
        convention: convention(interface.convention).into(),
        bytes: interface.file_bytes as u64,
        since,
        calls: counters.calls,
        failed: counters.failed,
        functions: functions(interface),
    }
}

fn convention(convention: Convention) -> &'static str {
    match convention {
        Convention::CoreV1 => "core-v1",
        Convention::Classic => "classic",
        Convention::Model => "model",
        Convention::Scalars => "scalars",
        Convention::Component => "component",
        // The set is open in another crate.
        _ => "unknown",
    }
}

fn functions(interface: &Interface) -> Vec<body::Function> {
    let mut functions: Vec<body::Function> = interface.functions().iter().map(function).collect();
    if let Some(model) = interface.model() {
        for function in &mut functions {
            if function.name == export::INFER {
                function.parameters = model.inputs.iter().map(tensor).collect();
            }
        }
        if model.preprocess.is_some() {
            functions.push(body::Function {
                name: export::PREDICT.into(),
                takes: body::Takes::Picture,
                parameters: vec![],
                picture: picture(model),
            });
        }
    }
    functions
}

fn function(function: &Function) -> body::Function {
    let takes = match function.argument_kind() {
        ArgumentKind::Nothing => body::Takes::Nothing,
        ArgumentKind::Scalars => body::Takes::Scalars,
        ArgumentKind::Json => body::Takes::Json,
        ArgumentKind::Bytes => body::Takes::Bytes,
        ArgumentKind::Picture => body::Takes::Picture,
        ArgumentKind::Tensors => body::Takes::Tensors,
    };
    let parameters = match function.form {
        Form::Scalars => function.signature.params.iter().map(|param| param.name().to_owned()).collect(),
        Form::Component => wit_params(function).iter().map(|(name, ty)| format!("{name}: {ty}")).collect(),
        Form::Data => numbers(function).map(ToString::to_string).into_iter().collect(),
        Form::ClassicData | Form::Picture | Form::ClassicPicture | Form::Tensors => vec![],
    };
    body::Function { name: function.name.clone(), takes, parameters, picture: None }
}

/// The list or record that a data function takes.
fn numbers(function: &Function) -> Option<&ValueKind> {
    let kind = function.declared.as_ref()?.takes.first()?;
    matches!(kind, ValueKind::List(_) | ValueKind::Record(_)).then_some(kind)
}

/// The parameters of a function of a component.
fn wit_params(function: &Function) -> &[(String, WitType)] {
    function.wit.as_ref().map_or(&[], |wit| &wit.params)
}

fn tensor(decl: &TensorDecl) -> String {
    format!("{} {} {:?}", decl.name, decl.dtype, decl.shape)
}

/// Width and height of the pictures that a model was made for.
fn picture(model: &ModelDecl) -> Option<[u32; 2]> {
    let [_, a, b, c] = *model.inputs.first()?.shape.as_slice() else { return None };
    let (height, width) = match model.preprocess.as_ref()?.layout {
        Layout::Nchw => (b, c),
        Layout::Nhwc => (a, b),
    };
    Some([u32::try_from(width).ok()?, u32::try_from(height).ok()?])
}
