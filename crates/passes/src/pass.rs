use ir::{Graph, TensorType, VerifyError};

use crate::rewrite::RewriteError;
use crate::{
    common_subexpressions, eliminate_dead, fold_affine, fold_constants, fuse_activation, fuse_residual, layout,
    lower_batch_norm, simplify, split_max_pool,
};

/// One rewrite.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// The name in dumps and messages.
    pub name: &'static str,
    /// The rewrite. Fails only where the pass builds a node that is not well-formed.
    pub run: fn(Graph) -> Result<Graph, RewriteError>,
}

/// Every pass, in the order in which they run.
///
/// The order matters: `layout` needs constants to be known and operators that do nothing to be gone, and brings together
/// what `simplify` joins; `common_subexpressions` gives values their only use, which everything after it asks for; an
/// addition folds into a bias before it counts as a residual; and a residual comes before the activation.
pub const PASSES: &[Pass] = &[
    Pass { name: "eliminate_dead", run: eliminate_dead::run },
    Pass { name: "lower_batch_norm", run: lower_batch_norm::run },
    Pass { name: "fold_constants", run: fold_constants::run },
    Pass { name: "simplify", run: simplify::run },
    Pass { name: "layout", run: layout::run },
    Pass { name: "simplify", run: simplify::run },
    Pass { name: "common_subexpressions", run: common_subexpressions::run },
    Pass { name: "fold_affine", run: fold_affine::run },
    Pass { name: "fuse_residual", run: fuse_residual::run },
    Pass { name: "fuse_activation", run: fuse_activation::run },
    Pass { name: "split_max_pool", run: split_max_pool::run },
];

/// A defect of a pass, or the name of a pass that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassError {
    /// The pass built a node that is not well-formed.
    #[error("pass {pass} cannot rewrite the graph")]
    Rewrite {
        /// Name of the pass.
        pass: &'static str,
        /// The node.
        #[source]
        source: RewriteError,
    },
    /// The pass answered a graph that is not well-formed.
    #[error("pass {pass} broke the graph")]
    Verify {
        /// Name of the pass.
        pass: &'static str,
        /// What is broken.
        #[source]
        source: VerifyError,
    },
    /// The pass changed the inputs or outputs of the graph.
    #[error("pass {pass} changed the inputs or outputs of the graph from {before:?} to {after:?}")]
    Interface {
        /// Name of the pass.
        pass: &'static str,
        /// Inputs, then outputs, before the pass.
        before: Vec<(String, TensorType)>,
        /// Inputs, then outputs, after it.
        after: Vec<(String, TensorType)>,
    },
    /// No pass has that name.
    #[error("there is no pass `{name}`: choose one of {}", names().join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
}

/// Runs every pass.
///
/// # Errors
/// A pass that breaks the graph: a defect of the compiler, never of a model.
pub fn optimize(graph: Graph) -> Result<Graph, PassError> {
    PASSES.iter().try_fold(graph, apply)
}

/// Runs the passes up to and including the last one named `last`, or none.
///
/// # Errors
/// As [`optimize`], and if no pass has that name.
pub fn run_until(graph: Graph, last: Option<&str>) -> Result<Graph, PassError> {
    let Some(last) = last else { return Ok(graph) };
    let position = PASSES.iter().rposition(|pass| pass.name == last);
    let position = position.ok_or_else(|| PassError::Unknown { name: last.to_owned() })?;
    PASSES[..=position].iter().try_fold(graph, apply)
}

/// Runs one pass and checks what it answers.
///
/// # Errors
/// A pass that breaks the graph.
pub fn apply(graph: Graph, pass: &Pass) -> Result<Graph, PassError> {
    let before = interface(&graph);
    let graph = (pass.run)(graph).map_err(|source| PassError::Rewrite { pass: pass.name, source })?;
    ir::verify(&graph).map_err(|source| PassError::Verify { pass: pass.name, source })?;
    let after = interface(&graph);
    if before == after { Ok(graph) } else { Err(PassError::Interface { pass: pass.name, before, after }) }
}

/// Every name once, in order.
fn names() -> Vec<&'static str> {
    let mut names = vec![];
    for pass in PASSES {
        if !names.contains(&pass.name) {
            names.push(pass.name);
        }
    }
    names
}

/// Names and types of the inputs, then of the outputs.
fn interface(graph: &Graph) -> Vec<(String, TensorType)> {
    let inputs = graph.inputs().iter().map(|id| (graph[*id].name.clone(), graph[*id].ty.clone()));
    let outputs = graph.outputs().iter().map(|output| (output.name.clone(), graph[output.value].ty.clone()));
    inputs.chain(outputs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"
        input %0 "x" : f32[2]
        %1 = clamp(%0) {bounds = [-inf, inf]} : f32[2] "c"
        %2 = neg(%1) : f32[2] "n"
        output "y" = %2
    "#;

    #[test]
    fn a_dump_stops_after_the_named_pass() {
        let nodes = |last| run_until(ir::text::parse(GRAPH).unwrap(), last).unwrap().nodes().len();
        assert_eq!([nodes(None), nodes(Some("fold_constants")), nodes(Some("simplify"))], [2, 2, 1]);
    }

    #[test]
    fn unknown_pass_is_refused_with_the_choices() {
        let error = run_until(ir::text::parse(GRAPH).unwrap(), Some("vectorize")).unwrap_err();
        assert!(error.to_string().starts_with("there is no pass `vectorize`: choose one of eliminate_dead, "));
    }

    #[test]
    fn a_pass_that_changes_the_outputs_is_caught() {
        let run_wrong = |mut graph: Graph| {
            let value = graph.outputs()[0].value;
            graph.output("extra", value);
            Ok(graph)
        };
        let error = apply(ir::text::parse(GRAPH).unwrap(), &Pass { name: "wrong", run: run_wrong }).unwrap_err();
        assert!(matches!(error, PassError::Interface { pass: "wrong", .. }));
    }

    #[test]
    fn a_pass_that_breaks_the_graph_is_caught() {
        let empty = |graph: Graph| Ok(Graph::new(graph.name));
        let error = apply(ir::text::parse(GRAPH).unwrap(), &Pass { name: "wrong", run: empty }).unwrap_err();
        assert_eq!(error, PassError::Verify { pass: "wrong", source: VerifyError::NoOutput });
    }
}
