use ir::{Graph, InferError, Node, Tensor, TensorType, ValueId};

use crate::fold;

/// Why a graph could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// Another number of tensors than the graph has inputs.
    #[error("the graph has {expected} inputs, {found} tensors were given")]
    InputCount {
        /// Inputs of the graph.
        expected: usize,
        /// Tensors that were given.
        found: usize,
    },
    /// A tensor of another type than the input it stands for.
    #[error("input `{name}` is {expected}, a tensor of {found} was given")]
    InputType {
        /// Name of the input.
        name: String,
        /// Type of the input.
        expected: TensorType,
        /// Type of the tensor.
        found: TensorType,
    },
    /// A node reads a value that nothing before it defines: the graph was not verified.
    #[error("`{reader}` reads value {value} before it is defined")]
    Undefined {
        /// Origin of the node or name of the output.
        reader: String,
        /// Index of the value.
        value: usize,
    },
    /// A node whose inputs do not fit its operator: the graph was not verified.
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
}

/// The outputs of a graph, in its order, for inputs in its order. Other values are freed after their last use.
///
/// # Errors
/// Inputs of another number or type, and graphs that [`ir::verify`] refuses.
pub fn evaluate(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, EvalError> {
    evaluate_observed(graph, inputs, &mut |_| {})
}

/// The outputs of a graph, as [`evaluate`]; `observe` is told each node before it runs.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_observed(
    graph: &Graph,
    inputs: &[Tensor],
    observe: &mut dyn FnMut(&Node),
) -> Result<Vec<Tensor>, EvalError> {
    let mut values = defined(graph, inputs)?;
    let mut uses = graph.use_counts();
    run(graph, &mut values, observe, |values, node| {
        for id in &node.inputs {
            uses[id.index()] -= 1;
        }
        for id in node.inputs.iter().chain([&node.output]).filter(|id| uses[id.index()] == 0) {
            values[id.index()] = None;
        }
    })?;
    graph.outputs().iter().map(|output| read(&values, output.value, &output.name).cloned()).collect()
}

/// Every value of a graph, by [`ValueId::index`].
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_all(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let mut values = defined(graph, inputs)?;
    run(graph, &mut values, &mut |_| {}, |_, _| {})?;
    graph.value_ids().map(|id| read(&values, id, &graph[id].name).cloned()).collect()
}

/// The values that exist before the first node.
fn defined(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Option<Tensor>>, EvalError> {
    let (expected, found) = (graph.inputs().len(), inputs.len());
    if expected != found {
        return Err(EvalError::InputCount { expected, found });
    }
    let mut values: Vec<Option<Tensor>> = graph.values().iter().map(|value| value.constant.clone()).collect();
    for (id, tensor) in graph.inputs().iter().zip(inputs) {
        let (expected, found) = (&graph[*id].ty, tensor.ty());
        if *expected != found {
            let name = graph[*id].name.clone();
            return Err(EvalError::InputType { name, expected: expected.clone(), found });
        }
        values[id.index()] = Some(tensor.clone());
    }
    Ok(values)
}

/// Runs the nodes in order and tells `after` of every node once it has run.
fn run(
    graph: &Graph,
    values: &mut [Option<Tensor>],
    observe: &mut dyn FnMut(&Node),
    mut after: impl FnMut(&mut [Option<Tensor>], &Node),
) -> Result<(), EvalError> {
    for node in graph.nodes() {
        observe(node);
        let inputs: Vec<&Tensor> =
            node.inputs.iter().map(|id| read(values, *id, &node.origin)).collect::<Result<_, _>>()?;
        let result = fold(&node.op, &inputs).map_err(|source| EvalError::Operator {
            op: node.op.name(),
            origin: node.origin.clone(),
            source,
        })?;
        values[node.output.index()] = Some(result);
        after(values, node);
    }
    Ok(())
}

fn read<'v>(values: &'v [Option<Tensor>], id: ValueId, reader: &str) -> Result<&'v Tensor, EvalError> {
    let undefined = || EvalError::Undefined { reader: reader.to_owned(), value: id.index() };
    values[id.index()].as_ref().ok_or_else(undefined)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"
        input %0 "x" : f32[2]
        const %1 "c" : f32[2] = [10, 20]
        %2 = add(%0, %1) : f32[2] "a"
        %3 = neg(%2) : f32[2] "n"
        %4 = mul(%3, %3) : f32[2] "s"
        output "first" = %2
        output "square" = %4
        output "again" = %2
        output "in" = %0
    "#;

    fn graph() -> Graph {
        ir::text::parse(GRAPH).unwrap()
    }

    fn input() -> Tensor {
        Tensor::new([2], [1.0, 2.0])
    }

    #[test]
    fn outputs_come_in_order_and_survive_their_readers() {
        let outputs = evaluate(&graph(), &[input()]).unwrap();
        let data: Vec<&[f32]> = outputs.iter().map(Tensor::data).collect();
        assert_eq!(data, [&[11.0, 22.0][..], &[121.0, 484.0], &[11.0, 22.0], &[1.0, 2.0]]);
    }

    #[test]
    fn every_value_is_reported() {
        let values = evaluate_all(&graph(), &[input()]).unwrap();
        assert_eq!(values.len(), 5);
        assert_eq!(values[3].data(), [-11.0, -22.0]);
        assert_eq!(values[1].data(), [10.0, 20.0]);
    }

    #[test]
    fn missing_input_is_refused() {
        let error = evaluate(&graph(), &[]).unwrap_err();
        assert_eq!(error.to_string(), "the graph has 1 inputs, 0 tensors were given");
    }

    #[test]
    fn input_of_another_shape_is_refused() {
        let error = evaluate(&graph(), &[Tensor::splat([3], 0.0)]).unwrap_err();
        assert_eq!(error.to_string(), "input `x` is f32[2], a tensor of f32[3] was given");
    }
}
