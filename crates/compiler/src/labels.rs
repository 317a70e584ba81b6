//! Whether labels fit the model.

use ir::{Code, Diagnostic, Diagnostics, Graph};

/// Labels name the elements of the last axis of the first output.
pub(crate) fn check(graph: &Graph, labels: &[String]) -> Result<(), Diagnostics> {
    let labels = labels.len();
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
