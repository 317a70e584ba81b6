use crate::graph::{Graph, Node};
use crate::op::InferError;
use crate::tensor::TensorType;

/// A graph that breaks an invariant of the crate: a defect of the compiler, never of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A node or output reads a value that nothing before it defines.
    #[error("`{reader}` reads value {value} before it is defined")]
    Undefined {
        /// Origin of the node or name of the output.
        reader: String,
        /// Index of the value.
        value: usize,
    },
    /// A value has two definitions.
    #[error("value {value} is defined again by `{origin}`")]
    Redefined {
        /// Origin of the second definition.
        origin: String,
        /// Index of the value.
        value: usize,
    },
    /// The inputs of a node do not fit its operator.
    #[error("{op} at `{origin}`")]
    Operator {
        /// Name of the operator.
        op: &'static str,
        /// Origin of the node.
        origin: String,
        /// What does not fit.
        #[source]
        source: InferError,
    },
    /// The recorded type is not the inferred one.
    #[error("{op} at `{origin}` has type {recorded} and computes {inferred}")]
    Type {
        /// Name of the operator.
        op: &'static str,
        /// Origin of the node.
        origin: String,
        /// Type in the graph.
        recorded: TensorType,
        /// Type by [`crate::Op::infer`].
        inferred: TensorType,
    },
    /// A value that is empty or too large.
    #[error("value {value}")]
    Value {
        /// Index of the value.
        value: usize,
        /// What is wrong with its shape.
        #[source]
        source: InferError,
    },
    /// A graph without a result.
    #[error("the graph has no output")]
    NoOutput,
}

/// Checks every invariant of the crate.
///
/// # Errors
/// The first one that is broken.
pub fn verify(graph: &Graph) -> Result<(), VerifyError> {
    for (value, declared) in graph.values().iter().enumerate() {
        declared.ty.checked_elements().map_err(|source| VerifyError::Value { value, source })?;
    }
    let mut defined: Vec<bool> = graph.values().iter().map(|value| value.constant.is_some()).collect();
    for input in graph.inputs() {
        defined[input.index()] = true;
    }
    for node in graph.nodes() {
        for input in &node.inputs {
            if !defined[input.index()] {
                return Err(VerifyError::Undefined { reader: node.origin.clone(), value: input.index() });
            }
        }
        check_type(graph, node)?;
        if std::mem::replace(&mut defined[node.output.index()], true) {
            return Err(VerifyError::Redefined { origin: node.origin.clone(), value: node.output.index() });
        }
    }
    for output in graph.outputs() {
        if !defined[output.value.index()] {
            return Err(VerifyError::Undefined { reader: output.name.clone(), value: output.value.index() });
        }
    }
    if graph.outputs().is_empty() { Err(VerifyError::NoOutput) } else { Ok(()) }
}

fn check_type(graph: &Graph, node: &Node) -> Result<(), VerifyError> {
    let (op, origin) = (node.op.name(), node.origin.clone());
    let types: Vec<&TensorType> = node.inputs.iter().map(|id| &graph[*id].ty).collect();
    let inferred = match node.op.infer(&types) {
        Ok(inferred) => inferred,
        Err(source) => return Err(VerifyError::Operator { op, origin, source }),
    };
    let recorded = graph[node.output].ty.clone();
    if recorded == inferred { Ok(()) } else { Err(VerifyError::Type { op, origin, recorded, inferred }) }
}
