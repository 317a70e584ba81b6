use ir::Graph;

use super::*;
use crate::testing::{DIGITS, source};

/// What is said of a model that is compiled with the usual passes and `pass` after them.
fn refusal(pass: Pass) -> Diagnostic {
    let passes: Vec<Pass> = PASSES.iter().copied().chain([pass]).collect();
    let refused = compile_by(&passes, &source(DIGITS), &Options::named("digits"), &mut |_| {}).unwrap_err();
    let [reason] = refused.reasons() else { panic!("{refused}") };
    reason.clone()
}

#[test]
fn a_pass_that_breaks_the_graph_is_our_defect() {
    let reason = refusal(Pass { name: "forget", run: |graph| Ok(Graph::new(graph.name)) });
    assert_eq!(reason.to_string(), "E0901: pass forget broke the graph: the graph has no output");
    assert!(reason.help.contains("please report it"), "{}", reason.help);
    let rename = |mut graph: Graph| {
        let input = graph.inputs()[0];
        graph.rename(input, "picture");
        Ok(graph)
    };
    let reason = refusal(Pass { name: "rename", run: rename });
    assert_eq!(reason.code, Code::Internal);
    assert!(reason.message.starts_with("pass rename changed the inputs or outputs of the graph"), "{reason}");
}
