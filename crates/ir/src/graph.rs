use crate::op::{InferError, Op};
use crate::tensor::{Tensor, TensorType};

/// Identity of a value in one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(crate) u32);

impl ValueId {
    /// Position in [`Graph::values`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A graph input, a constant or the output of a node.
#[derive(Debug, Clone)]
pub struct Value {
    /// Element type and shape.
    pub ty: TensorType,
    /// Provenance: the name in the ONNX graph. Not an identity.
    pub name: String,
    /// The elements, if the value is a constant.
    pub constant: Option<Tensor>,
}

/// One operator application.
#[derive(Debug, Clone)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// From what, in the order that the operator defines.
    pub inputs: Vec<ValueId>,
    /// The one result.
    pub output: ValueId,
    /// Provenance: the ONNX node it came from. Not an identity.
    pub origin: String,
}

/// A named result of the graph.
#[derive(Debug, Clone)]
pub struct GraphOutput {
    /// Name in the ONNX graph.
    pub name: String,
    /// The value.
    pub value: ValueId,
}

/// A static data-flow graph. It only grows; a pass makes a new one.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Name of the model.
    pub name: String,
    /// Elements of new constants that may still be made of those that there are. Many nodes may read one constant, and
    /// each may want it in another form.
    pub allowance: usize,
    values: Vec<Value>,
    nodes: Vec<Node>,
    inputs: Vec<ValueId>,
    outputs: Vec<GraphOutput>,
}

impl Graph {
    /// The allowance of a graph without constants of its own.
    pub const SPARE_ELEMENTS: usize = 1 << 24;

    /// An empty graph.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            allowance: Self::SPARE_ELEMENTS,
            values: vec![],
            nodes: vec![],
            inputs: vec![],
            outputs: vec![],
        }
    }

    /// Adds a graph input.
    pub fn input(&mut self, name: impl Into<String>, ty: TensorType) -> ValueId {
        let id = self.value(Value { ty, name: name.into(), constant: None });
        self.inputs.push(id);
        id
    }

    /// Adds a constant.
    pub fn constant(&mut self, name: impl Into<String>, tensor: Tensor) -> ValueId {
        self.value(Value { ty: tensor.ty(), name: name.into(), constant: Some(tensor) })
    }

    /// Adds a node after all others and answers its output, named after `origin`.
    ///
    /// # Errors
    /// What [`Op::infer`] says of the inputs.
    ///
    /// # Panics
    /// If an input is not of this graph.
    pub fn push(&mut self, op: Op, inputs: &[ValueId], origin: impl Into<String>) -> Result<ValueId, InferError> {
        let types: Vec<&TensorType> = inputs.iter().map(|id| &self[*id].ty).collect();
        let ty = op.infer(&types)?;
        ty.checked_elements()?;
        let origin = origin.into();
        let output = self.value(Value { ty, name: origin.clone(), constant: None });
        self.nodes.push(Node { op, inputs: inputs.to_vec(), output, origin });
        Ok(output)
    }

    /// Declares a value as a result of the graph.
    pub fn output(&mut self, name: impl Into<String>, value: ValueId) {
        self.outputs.push(GraphOutput { name: name.into(), value });
    }

    /// Takes from the allowance, if it holds that much.
    pub fn spend(&mut self, elements: usize) -> bool {
        let left = self.allowance.checked_sub(elements);
        self.allowance = left.unwrap_or(self.allowance);
        left.is_some()
    }

    /// Gives a value another name.
    pub fn rename(&mut self, id: ValueId, name: impl Into<String>) {
        self.values[id.index()].name = name.into();
    }

    /// All values, by [`ValueId::index`].
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Every value's identity, in order.
    pub fn value_ids(&self) -> impl Iterator<Item = ValueId> + use<> {
        (0..self.len_u32()).map(ValueId)
    }

    /// The nodes in the order of execution.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The inputs, in the order of the ONNX graph.
    #[must_use]
    pub fn inputs(&self) -> &[ValueId] {
        &self.inputs
    }

    /// The outputs, in the order of the ONNX graph.
    #[must_use]
    pub fn outputs(&self) -> &[GraphOutput] {
        &self.outputs
    }

    /// Takes the elements out of a constant. It stays a value that nothing defines, so only who needs its elements no more
    /// may go on with the graph.
    pub fn take_elements(&mut self, id: ValueId) -> Option<Tensor> {
        self.values[id.index()].constant.take()
    }

    /// Multiply-accumulate operations of one node.
    #[must_use]
    pub fn macs(&self, node: &Node) -> u64 {
        let terms: u64 = match &node.op {
            Op::Conv(_) => self[node.inputs[1]].ty.shape[..3].iter().map(|size| *size as u64).product(),
            Op::MatMul(_) => self[node.inputs[0]].ty.shape.last().map_or(0, |depth| *depth as u64),
            Op::AveragePool(_)
            | Op::BatchNorm(_)
            | Op::Binary(_)
            | Op::Clamp(_)
            | Op::Concat(_)
            | Op::MaxPool(_)
            | Op::Pad(_)
            | Op::Reduce(_)
            | Op::Reshape(_)
            | Op::Resize(_)
            | Op::Slice(_)
            | Op::Softmax(_)
            | Op::Transpose(_)
            | Op::Unary(_) => 0,
        };
        terms.saturating_mul(self[node.output].ty.elements() as u64)
    }

    /// How often each value is read, by nodes and as a graph output, by [`ValueId::index`].
    #[must_use]
    pub fn use_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.values.len()];
        let read =
            self.nodes.iter().flat_map(|node| &node.inputs).chain(self.outputs.iter().map(|output| &output.value));
        for id in read {
            counts[id.index()] += 1;
        }
        counts
    }

    fn value(&mut self, value: Value) -> ValueId {
        let id = ValueId(self.len_u32());
        self.values.push(value);
        id
    }

    fn len_u32(&self) -> u32 {
        u32::try_from(self.values.len()).expect("the importer limits the number of values")
    }
}

impl std::ops::Index<ValueId> for Graph {
    type Output = Value;

    fn index(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }
}
