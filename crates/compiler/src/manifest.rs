use std::collections::BTreeMap;

use abi::{
    DataType, Digest, FunctionDecl, Golden, Manifest, ModelDecl, Preprocess, Producer, State, TensorDecl, ValueKind,
    export,
};
use codegen::Module;
use plan::{Plan, Port};

use crate::{Options, Profile};

/// Everything that the manifest tells.
pub(crate) struct Facts<'f> {
    /// Digest of the model.
    pub(crate) onnx: Digest,
    pub(crate) options: &'f Options,
    pub(crate) plan: &'f Plan,
    pub(crate) module: &'f Module,
    pub(crate) preprocess: Option<Preprocess>,
    pub(crate) golden: Option<Golden>,
}

pub(crate) fn manifest(facts: Facts<'_>) -> Manifest {
    let Facts { onnx, options, plan, module, preprocess, golden } = facts;
    Manifest {
        name: options.name.clone(),
        version: options.version.clone(),
        functions: functions(plan, preprocess.is_some()),
        state: State::Stateless,
        window: None,
        model: Some(ModelDecl {
            onnx,
            inputs: plan.inputs.iter().map(tensor).collect(),
            outputs: plan.outputs.iter().map(tensor).collect(),
            steps: u32::try_from(plan.steps.len()).expect("the importer limits the number of nodes"),
            step_names: module.step_names.clone(),
            macs: plan.macs,
            weights_bytes: 4 * plan.weights.len() as u64,
            preprocess,
            labels: options.labels.clone(),
            golden,
        }),
        features: match options.profile {
            Profile::Relaxed => vec!["simd128".into(), "relaxed-simd".into()],
            Profile::Simd128 => vec!["simd128".into()],
        },
        memory_bytes: module.memory_bytes,
        producer: Producer {
            name: "wasmtube".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            options: recorded(options),
        },
    }
}

fn functions(plan: &Plan, takes_pictures: bool) -> BTreeMap<String, FunctionDecl> {
    let tensors = |ports: &[Port]| vec![ValueKind::Tensor; ports.len()];
    let infer = FunctionDecl {
        takes: tensors(&plan.inputs),
        returns: tensors(&plan.outputs),
        about: "runs the model on tensors".into(),
    };
    let predict = FunctionDecl {
        takes: vec![ValueKind::Image],
        returns: tensors(&plan.outputs),
        about: "resizes and normalizes a picture and runs the model on it".into(),
    };
    let predict = takes_pictures.then(|| (export::PREDICT.to_owned(), predict));
    std::iter::once((export::INFER.to_owned(), infer)).chain(predict).collect()
}

fn tensor(port: &Port) -> TensorDecl {
    TensorDecl {
        name: port.name.clone(),
        dtype: DataType::F32,
        shape: port.shape.iter().map(|size| *size as u64).collect(),
        address: port.address,
    }
}

fn recorded(options: &Options) -> BTreeMap<String, String> {
    let dims = options.dims.iter().map(|(name, size)| (format!("dim.{name}"), size.to_string()));
    let sizes = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let shapes = options.shapes.iter().map(|(name, shape)| (format!("shape.{name}"), sizes(shape)));
    let constants = options.constants.iter().map(|(name, array)| {
        let (element, digest) = (array.element.name(), Digest::of(&array.bytes));
        (format!("const.{name}"), format!("{element}[{}] sha256:{digest}", sizes(&array.shape)))
    });
    let preprocess = options.preprocess.as_ref().map(|spec| ("preprocess".to_owned(), spec.name.clone()));
    let profile = ("profile".to_owned(), options.profile.name().to_owned());
    std::iter::once(profile).chain(preprocess).chain(dims).chain(shapes).chain(constants).collect()
}
