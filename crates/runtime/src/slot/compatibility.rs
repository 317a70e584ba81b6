//! Whether callers of one version can call another.

use abi::{FunctionDecl, ModelDecl, State, TensorDecl};

use crate::module::{Function, Interface};
use crate::publish_error::PublishError;

/// Every function of the live version must be there and take and return the same; so must a model's tensors, wherever
/// they lie. Either both versions are called by key or none.
pub(super) fn check(live: &Interface, candidate: &Interface) -> Result<(), PublishError> {
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    for function in live.functions() {
        match candidate.function(&function.name) {
            None => missing.push(function.name.clone()),
            Some(other) if !is_same(function, other) => changed.push(function.name.clone()),
            Some(_) => {}
        }
    }
    match (live.model(), candidate.model()) {
        (Some(live), Some(candidate)) => changed.extend(changed_tensors(live, candidate)),
        (Some(_), None) => changed.push("the tensors of the model".into()),
        (None, _) => {}
    }
    match (takes_keys(live), takes_keys(candidate)) {
        (true, false) => changed.push("calls no longer name a key".into()),
        (false, true) => changed.push("calls must name a key".into()),
        (true, true) | (false, false) => {}
    }
    if missing.is_empty() && changed.is_empty() { Ok(()) } else { Err(PublishError::Incompatible { missing, changed }) }
}

fn takes_keys(interface: &Interface) -> bool {
    interface.manifest.as_ref().is_some_and(|manifest| manifest.state == State::Keyed)
}

/// Two declarations are compared by kinds, all else by how it is called. The kinds of a component say less than its types.
fn is_same(a: &Function, b: &Function) -> bool {
    let kinds = |decl: &FunctionDecl| (decl.takes.clone(), decl.returns.clone());
    match (&a.declared, &b.declared) {
        (Some(declared), Some(other)) => kinds(declared) == kinds(other) && a.wit == b.wit,
        _ => a.signature == b.signature && a.form == b.form && a.wit == b.wit,
    }
}

fn changed_tensors(live: &ModelDecl, candidate: &ModelDecl) -> Vec<String> {
    let type_of = |tensor: &TensorDecl| (tensor.name.clone(), tensor.dtype, tensor.shape.clone());
    let sides = [(&live.inputs, &candidate.inputs, "input"), (&live.outputs, &candidate.outputs, "output")];
    let mut changed = Vec::new();
    for (live, candidate, side) in sides {
        if live.len() != candidate.len() {
            changed.push(format!("the number of {side}s"));
        }
        let pairs = live.iter().zip(candidate);
        changed
            .extend(pairs.filter(|(a, b)| type_of(a) != type_of(b)).map(|(a, _)| format!("{side} tensor {}", a.name)));
    }
    let takes_pictures = |model: &ModelDecl| model.preprocess.is_some();
    if takes_pictures(live) && !takes_pictures(candidate) {
        changed.push("pictures are no longer taken".into());
    }
    changed
}
