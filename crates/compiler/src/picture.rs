//! Whether pictures and labels fit the model.

use abi::Preprocess;
use ir::{Code, Diagnostic, Diagnostics, Graph};

use crate::Options;

/// The preprocessing for the first input of the model.
pub(crate) fn preprocess(graph: &Graph, options: &Options) -> Result<Option<Preprocess>, Diagnostics> {
    let Some(set) = options.preprocess else { return Ok(None) };
    let refuse = |message: String| {
        let help = "compile without --preprocess and call `infer` with tensors".into();
        Diagnostics::from(Diagnostic { code: Code::BadPreprocess, message, node: None, operator: None, help })
    };
    let &[input] = graph.inputs() else {
        return Err(refuse(format!("a picture fills one input, the model has {}", graph.inputs().len())));
    };
    let value = &graph[input];
    let channels = match value.ty.shape[..] {
        [1, channels @ (1 | 3), _, _] | [1, _, _, channels @ (1 | 3)] => channels,
        _ => {
            return Err(refuse(format!(
                "input {:?} has shape {:?}, a picture needs [1, channels, height, width] or [1, height, width, \
                 channels] with 1 or 3 channels",
                value.name, value.ty.shape
            )));
        }
    };
    let preprocess = set.preprocess(channels as u64);
    let reason = || refuse(format!("the set `{set}` has no form for {channels} channel: use tf, unit or raw"));
    preprocess.map(Some).ok_or_else(reason)
}

/// Labels name the elements of the last axis of the first output.
pub(crate) fn check_labels(graph: &Graph, options: &Options) -> Result<(), Diagnostics> {
    let labels = options.labels.len();
    let Some(output) = graph.outputs().first().filter(|_| labels > 0) else { return Ok(()) };
    let ty = &graph[output.value].ty;
    if ty.elements() == labels || ty.shape.last() == Some(&labels) {
        return Ok(());
    }
    Err(Diagnostics::from(Diagnostic {
        code: Code::BadLabels,
        message: format!("{labels} labels for output {:?} of shape {:?}", output.name, ty.shape),
        node: None,
        operator: None,
        help: "give a file with one line for each class, the first for class 0".into(),
    }))
}
