use std::collections::HashMap;
use std::rc::Rc;

use ir::{Binary, BinaryOp, Graph, Op, Reshape, Tensor, TensorType, Transpose, ValueId, ops::broadcast};

use super::known::Known;
use super::refusal::{Refusal, Result};
use super::strided;
use super::value::{Constant, Value};
use crate::model::provenance;

/// Largest number of dimensions of a tensor.
pub(crate) const MAX_RANK: usize = 8;

/// Nodes of the graph. Some operators with a list of inputs become one for each.
const NODES_MAX: usize = 1 << 18;

/// The graph as it grows.
///
/// A constant is added to the graph when a node first needs it, so what only served to compute shapes, or was
/// transposed, is left behind.
pub(crate) struct Builder {
    graph: Graph,
    origin: String,
    /// Values that existed before the current node.
    earlier: usize,
    scalars: HashMap<u32, Rc<Constant>>,
    /// For each value of the graph, whether it depends on constants only.
    folded: Vec<bool>,
    notes: Vec<String>,
}

impl Builder {
    /// A builder whose constants may grow to a few times the elements of the file.
    pub(super) fn new(name: &str, elements_in_file: usize) -> Self {
        let mut graph = Graph::new(provenance(name));
        graph.allowance = elements_in_file.saturating_mul(4).saturating_add(Graph::SPARE_ELEMENTS);
        Self { graph, origin: String::new(), earlier: 0, scalars: HashMap::new(), folded: vec![], notes: vec![] }
    }

    /// What follows comes from this node.
    pub(super) fn begin(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
        self.earlier = self.graph.values().len();
    }

    /// The graph, and what was remarked on the way.
    pub(super) fn finish(self) -> (Graph, Vec<String>) {
        (self.graph, self.notes)
    }

    /// A decision that the model leaves open, told once however often it is taken.
    pub(crate) fn remark(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    pub(super) fn input(&mut self, name: &str, shape: Vec<usize>) -> Result<Value> {
        let ty = TensorType::f32(shape);
        check(&ty)?;
        let id = self.graph.input(name, ty);
        self.note(id, false);
        Ok(Value::Graph(id))
    }

    pub(super) fn output(&mut self, name: &str, id: ValueId) {
        self.graph.output(name, id);
    }

    /// Names a value after the output of its node, if it was made for that node.
    pub(super) fn name_output(&mut self, value: &Value, name: &str) {
        if let Value::Graph(id) = value
            && id.index() >= self.earlier
        {
            self.graph.rename(*id, provenance(name));
        }
    }

    pub(crate) fn type_of(&self, id: ValueId) -> &TensorType {
        &self.graph[id].ty
    }

    /// The shape of a value.
    pub(crate) fn shape<'a>(&'a self, value: &'a Value) -> &'a [usize] {
        match value {
            Value::Graph(id) => &self.graph[*id].ty.shape,
            Value::Float(constant) => constant.tensor.shape(),
            Value::Known(known) => &known.shape,
        }
    }

    /// The elements of a value, if it is constant floats.
    pub(crate) fn tensor<'a>(&self, value: &'a Value) -> Option<&'a Tensor> {
        match value {
            Value::Float(constant) => Some(&constant.tensor),
            Value::Graph(_) | Value::Known(_) => None,
        }
    }

    /// The one number that a value is, if it is constant.
    pub(crate) fn number(&self, value: &Value) -> Option<f32> {
        match value {
            Value::Float(constant) => constant.tensor.scalar(),
            Value::Known(known) => known.scalar().map(|number| number as f32),
            Value::Graph(_) => None,
        }
    }

    /// Whether a value depends on constants only, so that folding makes it one.
    pub(crate) fn is_constant(&self, value: &Value) -> bool {
        match value {
            Value::Graph(id) => self.folded[id.index()],
            Value::Float(_) | Value::Known(_) => true,
        }
    }

    /// Constant floats.
    pub(crate) fn constant(&mut self, name: &str, tensor: Tensor) -> Value {
        Value::Float(Constant::new(name, tensor))
    }

    /// Constant floats that the current node makes of others; [`Builder::charge`] has been paid.
    pub(crate) fn derived(&mut self, tensor: Tensor) -> Value {
        let name = self.origin.clone();
        self.constant(&name, tensor)
    }

    /// A tensor with one value everywhere.
    pub(crate) fn splat(&mut self, shape: Vec<usize>, value: f32) -> Result<Value> {
        self.charge(elements(&shape)?)?;
        Ok(self.derived(Tensor::splat(shape, value)))
    }

    /// A number, as a tensor without dimensions.
    pub(crate) fn scalar(&mut self, value: f32) -> Value {
        if let Some(constant) = self.scalars.get(&value.to_bits()) {
            return Value::Float(Rc::clone(constant));
        }
        let constant = Constant::new(&format!("{value:?}"), Tensor::splat([], value));
        self.scalars.insert(value.to_bits(), Rc::clone(&constant));
        Value::Float(constant)
    }

    /// Pays for constants that are computed here, so that a small file cannot ask for endless work.
    pub(crate) fn charge(&mut self, elements: usize) -> Result<()> {
        if self.graph.spend(elements) {
            Ok(())
        } else {
            Err(Refusal::too_large("the constants that the model computes are out of proportion to its size"))
        }
    }

    /// The value as one of the graph.
    pub(crate) fn id(&mut self, value: &Value) -> Result<ValueId> {
        let constant = match value {
            Value::Graph(id) => return Ok(*id),
            Value::Known(_) => return Err(Refusal::integers()),
            Value::Float(constant) => constant,
        };
        if let Some(id) = constant.id.get() {
            return Ok(id);
        }
        check(&constant.tensor.ty())?;
        let id = self.graph.constant(constant.name.clone(), constant.tensor.clone());
        constant.id.set(Some(id));
        self.note(id, true);
        Ok(id)
    }

    /// Adds a node.
    pub(crate) fn push(&mut self, op: Op, inputs: &[ValueId]) -> Result<ValueId> {
        let types: Vec<&TensorType> = inputs.iter().map(|id| &self.graph[*id].ty).collect();
        check(&op.infer(&types)?)?;
        if self.graph.nodes().len() == NODES_MAX {
            return Err(Refusal::too_large(format!("the model takes more than {NODES_MAX} operations")));
        }
        let id = self.graph.push(op, inputs, self.origin.clone())?;
        let folded = inputs.iter().all(|input| self.folded[input.index()]);
        self.note(id, folded);
        Ok(id)
    }

    /// Adds a node on values of any kind.
    pub(crate) fn apply(&mut self, op: Op, inputs: &[&Value]) -> Result<Value> {
        let ids = inputs.iter().map(|value| self.id(value)).collect::<Result<Vec<_>>>()?;
        self.push(op, &ids).map(Value::Graph)
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
        self.apply(Op::Binary(Binary { op }), &[a, b])
    }

    /// The same elements under another shape.
    pub(crate) fn reshape(&mut self, value: &Value, shape: Vec<usize>) -> Result<Value> {
        check_rank(shape.len())?;
        if self.shape(value) == shape {
            return Ok(value.clone());
        }
        let from = TensorType::f32(self.shape(value));
        Op::Reshape(Reshape { shape: shape.clone() }).infer(&[&from])?;
        elements(&shape)?;
        match value {
            Value::Graph(id) => self.push(Op::Reshape(Reshape { shape }), &[*id]).map(Value::Graph),
            Value::Known(known) => {
                self.charge(known.data.len())?;
                Ok(Value::known(Known::new(shape, known.data.clone())))
            }
            Value::Float(constant) => Ok(self.constant(&constant.name, constant.tensor.reshaped(shape))),
        }
    }

    /// The same elements with reordered axes; see [`Transpose`].
    pub(crate) fn transpose(&mut self, value: &Value, permutation: &[usize]) -> Result<Value> {
        let op = Transpose { permutation: permutation.to_vec() };
        let ty = Op::Transpose(op.clone()).infer(&[&TensorType::f32(self.shape(value))])?;
        match value {
            Value::Graph(id) => self.push(Op::Transpose(op), &[*id]).map(Value::Graph),
            Value::Known(known) => {
                self.charge(known.data.len())?;
                Ok(Value::known(Known::new(ty.shape, strided::permuted(&known.data, &known.shape, permutation))))
            }
            Value::Float(constant) => {
                let mut permuted = constant.permuted.borrow_mut();
                if let Some((_, done)) = permuted.iter().find(|(done, _)| done == permutation) {
                    return Ok(Value::Float(Rc::clone(done)));
                }
                let tensor = &constant.tensor;
                self.charge(tensor.data().len())?;
                let data = strided::permuted(tensor.data(), tensor.shape(), permutation);
                let result = Constant::new(&constant.name, Tensor::new(ty.shape, data));
                permuted.push((permutation.to_vec(), Rc::clone(&result)));
                Ok(Value::Float(result))
            }
        }
    }

    /// Repeats a value to fill a shape that it broadcasts to.
    pub(crate) fn expand(&mut self, value: &Value, shape: &[usize]) -> Result<Value> {
        check_rank(shape.len())?;
        let from = self.shape(value).to_vec();
        let to = broadcast(&from, shape)?;
        if from == to {
            return Ok(value.clone());
        }
        if let Value::Known(known) = value {
            self.charge(elements(&to)?)?;
            let strides = strided::broadcast_strides(&from, &to);
            let data = strided::offsets(&to, &strides, 0).map(|offset| known.data[offset]).collect();
            return Ok(Value::known(Known::new(to, data)));
        }
        // One times x is x for every x, so a product with ones repeats.
        let missing = to.len() - from.len();
        let sizes = to.iter().enumerate().map(|(axis, size)| match axis.checked_sub(missing) {
            Some(axis) if from[axis] == *size => 1,
            _ => *size,
        });
        let ones = sizes.collect::<Vec<_>>();
        let ones = self.splat(ones, 1.0)?;
        self.binary(BinaryOp::Mul, value, &ones)
    }

    fn note(&mut self, id: ValueId, folded: bool) {
        debug_assert_eq!(id.index(), self.folded.len());
        self.folded.push(folded);
    }
}

/// Refuses a tensor of more than [`MAX_RANK`] dimensions.
pub(crate) fn check_rank(rank: usize) -> Result<()> {
    if rank > MAX_RANK {
        return Err(Refusal::shape(
            format!("a tensor of rank {rank} is not supported"),
            format!("use tensors of at most {MAX_RANK} dimensions"),
        ));
    }
    Ok(())
}

/// Number of elements of a tensor that is known when compiling. An empty one is held to the limit as if it were not,
/// so that every order of its axes can be calculated with.
pub(crate) fn elements(shape: &[usize]) -> Result<usize> {
    let filled: Vec<usize> = shape.iter().map(|size| (*size).max(1)).collect();
    let most = TensorType::f32(filled).checked_elements()?;
    Ok(if shape.contains(&0) { 0 } else { most })
}

/// What every tensor of the graph must be.
fn check(ty: &TensorType) -> Result<()> {
    check_rank(ty.rank())?;
    ty.checked_elements()?;
    Ok(())
}
