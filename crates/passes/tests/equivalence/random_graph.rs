//! Graphs from a list of choices, so that a failing case shrinks to few nodes.

use ir::ops::broadcast;
use ir::{
    AveragePool, BatchNorm, Binary, BinaryOp, Blend, Clamp, Concat, Conv, Graph, MatMul, MaxPool, Op, Pad, Padding,
    Reduce, ReduceKind, Reshape, Resize, Sampling, Slice, Softmax, Tensor, TensorType, Transpose, Unary, ValueId,
};

/// No value has more elements.
const ELEMENTS: usize = 1 << 9;

/// Where transposes stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transposes {
    /// Around spatial operators and on constants, as the importer writes them.
    AsImported,
    /// And between any two operators.
    Anywhere,
}

/// A graph of every operator: values with several readers, residual blocks and outputs in the middle. The first choices
/// are about the inputs.
pub(crate) fn random_graph(choices: &[u16], transposes: Transposes) -> Graph {
    let mut author =
        Author { graph: Graph::new("random"), choices: choices.iter(), transposes, values: vec![], constants: 0 };
    let batch = 1 + author.choose(2);
    let channels = [1, 3, 4][author.choose(3)];
    let sizes = [[5, 5], [4, 6], [1, 3]][author.choose(3)];
    for name in ["x", "y"] {
        let id = author.graph.input(name, TensorType::f32([batch, channels, sizes[0], sizes[1]]));
        author.values.push(id);
    }
    let mut outputs = 0;
    while author.choices.len() > 0 {
        if let Some(value) = author.statement()
            && author.graph[value].ty.elements() <= ELEMENTS
        {
            author.values.push(value);
        }
        if author.choose(12) == 11 {
            let value = author.any();
            author.graph.output(format!("middle{outputs}"), value);
            outputs += 1;
        }
    }
    let last = *author.values.last().expect("the inputs are values");
    author.graph.output("last", last);
    author.graph
}

struct Author<'c> {
    graph: Graph,
    choices: std::slice::Iter<'c, u16>,
    transposes: Transposes,
    values: Vec<ValueId>,
    constants: u32,
}

impl Author<'_> {
    fn choose(&mut self, of: usize) -> usize {
        self.choices.next().map_or(0, |choice| usize::from(*choice) % of)
    }

    /// A value, more often a late one.
    fn any(&mut self) -> ValueId {
        let back = [0, 0, 0, 1, 1, 2, 3, 5, 8][self.choose(9)];
        self.values[self.values.len().saturating_sub(1 + back)]
    }

    fn shape(&self, id: ValueId) -> Vec<usize> {
        self.graph[id].ty.shape.clone()
    }

    /// A constant of `low <= element < high`.
    fn constant(&mut self, shape: &[usize], low: f32, high: f32) -> ValueId {
        self.constants += 1;
        let elements: usize = shape.iter().product();
        let number = |index: usize| {
            let mixed = (index as u32).wrapping_add(self.constants.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
            low + (high - low) * ((mixed ^ (mixed >> 15)) % 1000) as f32 / 1000.0
        };
        let data: Vec<f32> = (0..elements).map(number).collect();
        self.graph.constant(format!("c{}", self.constants), Tensor::new(shape, data))
    }

    /// Adds a node if its inputs fit; `None` otherwise.
    fn push(&mut self, op: Op, inputs: &[ValueId]) -> Option<ValueId> {
        let types: Vec<&TensorType> = inputs.iter().map(|id| &self.graph[*id].ty).collect();
        let ty = op.infer(&types).ok()?;
        if ty.elements() > 4 * ELEMENTS {
            return None;
        }
        let origin = format!("n{}", self.graph.nodes().len());
        self.graph.push(op, inputs, origin).ok()
    }

    fn transpose(&mut self, x: ValueId, permutation: &[usize]) -> Option<ValueId> {
        self.push(Op::Transpose(Transpose { permutation: permutation.to_vec() }), &[x])
    }

    fn statement(&mut self) -> Option<ValueId> {
        match self.choose(18) {
            0 | 1 => self.channels_last(Self::conv),
            2 => self.channels_last(Self::pool),
            3 => self.channels_last(Self::batch_norm),
            4 => self.residual(),
            5 => self.unary(),
            6 => self.clamp(),
            7 => self.binary(),
            8 | 9 => self.binary_with_constant(),
            10 => self.concat(),
            11 => self.pad_or_slice(),
            12 => self.reduce_or_softmax(),
            13 => self.reshape(),
            14 => self.mat_mul(),
            15 => self.channels_last(Self::resize),
            16 if self.transposes == Transposes::Anywhere => self.any_transpose(),
            _ => self.constant_node(),
        }
    }

    /// As the importer writes a spatial operator.
    fn channels_last(&mut self, inner: fn(&mut Self, ValueId) -> Option<ValueId>) -> Option<ValueId> {
        let x = self.any();
        let x = self.transpose(x, &[0, 2, 3, 1])?;
        let y = inner(self, x)?;
        self.transpose(y, &[0, 3, 1, 2])
    }

    fn conv(&mut self, x: ValueId) -> Option<ValueId> {
        let c = *self.shape(x).last()?;
        let (groups, o) = [(1, 3), (1, c), (c, c), (1, 4)][self.choose(4)];
        let kernel = [[1, 1], [3, 3], [1, 2]][self.choose(3)];
        let top = self.choose(2);
        let padding = Padding { top, left: kernel[1] / 2, bottom: top, right: kernel[1] / 2 };
        let strides = [[1, 1], [1, 1], [2, 1]][self.choose(3)];
        let inputs =
            [x, self.constant(&[kernel[0], kernel[1], c / groups, o], -0.5, 0.5), self.constant(&[o], -0.5, 0.5)];
        self.push(Op::Conv(Conv { strides, dilations: [1, 1], padding, groups, activation: None }), &inputs)
    }

    fn pool(&mut self, x: ValueId) -> Option<ValueId> {
        let kernel = [[2, 2], [1, 1], [3, 1], [5, 5], [3, 6]][self.choose(5)];
        let padding = Padding { top: kernel[0] / 2, ..Padding::ZERO };
        let strides = [1 + self.choose(2), 1];
        let op = match self.choose(2) {
            0 => Op::MaxPool(MaxPool { kernel, strides, padding }),
            _ => Op::AveragePool(AveragePool { kernel, strides, padding, count_padding: kernel[1] == 2 }),
        };
        self.push(op, &[x])
    }

    fn resize(&mut self, x: ValueId) -> Option<ValueId> {
        let shape = self.shape(x);
        let (rows, columns) = (self.sampling(*shape.get(1)?), self.sampling(*shape.get(2)?));
        self.push(Op::Resize(Resize { rows, columns }), &[x])
    }

    fn sampling(&mut self, size: usize) -> Sampling {
        match self.choose(4) {
            0 => Sampling::identity(size),
            1 => Sampling::Nearest((0..2 * size).map(|output| output / 2).collect()),
            2 => Sampling::Nearest((0..size).step_by(2).rev().collect()),
            _ => {
                let blend = |near: usize| Blend { near, far: (near + 1) % size, weight: 0.25 };
                Sampling::Linear((0..size).map(blend).collect())
            }
        }
    }

    fn batch_norm(&mut self, x: ValueId) -> Option<ValueId> {
        let c = [*self.shape(x).last()?];
        let inputs = [
            x,
            self.constant(&c, 0.5, 1.5),
            self.constant(&c, -0.5, 0.5),
            self.constant(&c, -0.5, 0.5),
            self.constant(&c, 0.5, 1.5),
        ];
        self.push(Op::BatchNorm(BatchNorm { epsilon: 1e-3 }), &inputs)
    }

    /// `activation(branch(x) + x)`, where the branch keeps the shape.
    fn residual(&mut self) -> Option<ValueId> {
        let x = self.any();
        let last = self.transpose(x, &[0, 2, 3, 1])?;
        let c = *self.shape(last).last()?;
        let inputs = [last, self.constant(&[1, 1, c, c], -0.5, 0.5), self.constant(&[c], -0.5, 0.5)];
        let op = Conv { strides: [1, 1], dilations: [1, 1], padding: Padding::ZERO, groups: 1, activation: None };
        let branch = self.push(Op::Conv(op), &inputs)?;
        let branch = if self.choose(3) == 2 { self.batch_norm(branch)? } else { branch };
        let branch = self.transpose(branch, &[0, 3, 1, 2])?;
        let operands = if self.choose(2) == 0 { [branch, x] } else { [x, branch] };
        let sum = self.push(Op::Binary(Binary { op: BinaryOp::Add }), &operands)?;
        self.values.push(sum);
        self.push(Op::Clamp(Clamp::RELU), &[sum])
    }

    fn unary(&mut self) -> Option<ValueId> {
        let x = self.any();
        let op = [Unary::Abs, Unary::Neg, Unary::Sigmoid, Unary::Tanh][self.choose(4)];
        self.push(Op::Unary(op), &[x])
    }

    fn clamp(&mut self) -> Option<ValueId> {
        let x = self.any();
        let infinity = f32::INFINITY;
        let (low, high) = [(0.0, infinity), (0.0, 6.0), (-infinity, infinity), (-1.0, 0.5)][self.choose(4)];
        self.push(Op::Clamp(Clamp { low, high }), &[x])
    }

    fn binary(&mut self) -> Option<ValueId> {
        let (a, b) = (self.any(), self.any());
        let op = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Max][self.choose(4)];
        broadcast(&self.shape(a), &self.shape(b)).ok()?;
        self.push(Op::Binary(Binary { op }), &[a, b])
    }

    fn binary_with_constant(&mut self) -> Option<ValueId> {
        let x = self.any();
        let mut shape = self.shape(x);
        for size in &mut shape {
            if self.choose(2) == 0 {
                *size = 1;
            }
        }
        let dropped = self.choose(shape.len() + 1);
        let shape = if shape[..dropped].iter().all(|size| *size == 1) { shape.split_off(dropped) } else { shape };
        let constant = self.constant(&shape, 0.5, 1.5);
        let op = BinaryOp::ALL[self.choose(6)];
        let swapped = op != BinaryOp::Div && self.choose(2) == 1;
        self.push(Op::Binary(Binary { op }), &if swapped { [constant, x] } else { [x, constant] })
    }

    fn concat(&mut self) -> Option<ValueId> {
        let (a, b) = (self.any(), self.any());
        let axis = self.choose(self.shape(a).len().max(1));
        let constant = (self.choose(3) == 2).then(|| self.constant(&self.shape(a), -1.0, 1.0));
        let inputs: Vec<ValueId> =
            if self.choose(5) == 4 { vec![a] } else { [a, b].into_iter().chain(constant).collect() };
        self.push(Op::Concat(Concat { axis }), &inputs)
    }

    fn pad_or_slice(&mut self) -> Option<ValueId> {
        let x = self.any();
        let shape = self.shape(x);
        if self.choose(2) == 0 {
            let before = shape.iter().map(|_| self.choose(3) / 2).collect();
            let after = shape.iter().map(|_| self.choose(3) / 2).collect();
            return self.push(Op::Pad(Pad { before, after, value: 0.5 }), &[x]);
        }
        let starts: Vec<usize> = shape.iter().map(|size| self.choose(2).min(size.saturating_sub(1))).collect();
        let steps: Vec<usize> = shape.iter().map(|_| 1 + self.choose(2)).collect();
        let sizes = (0..shape.len()).map(|axis| (shape[axis] - starts[axis]).div_ceil(steps[axis])).collect();
        self.push(Op::Slice(Slice { starts, sizes, steps }), &[x])
    }

    fn reduce_or_softmax(&mut self) -> Option<ValueId> {
        let x = self.any();
        let rank = self.shape(x).len();
        if self.choose(2) == 0 {
            let axis = self.choose(rank.max(1));
            return self.push(Op::Softmax(Softmax { axis }), &[x]);
        }
        let axes = (0..rank).filter(|_| self.choose(2) == 1).collect();
        let kind = ReduceKind::ALL[self.choose(3)];
        self.push(Op::Reduce(Reduce { kind, axes }), &[x])
    }

    fn reshape(&mut self) -> Option<ValueId> {
        let x = self.any();
        let shape = self.shape(x);
        let elements = shape.iter().product::<usize>();
        let shape = match self.choose(4) {
            0 => vec![shape[0], elements / shape[0]],
            1 => vec![elements],
            2 => [&shape[..], &[1]].concat(),
            _ => shape.iter().copied().filter(|size| *size != 1).chain([1, 1]).collect(),
        };
        self.push(Op::Reshape(Reshape { shape }), &[x])
    }

    /// Flattens first where needed, as a classifier does.
    fn mat_mul(&mut self) -> Option<ValueId> {
        let x = self.any();
        let shape = self.shape(x);
        let x = match shape.len() {
            2 => x,
            _ => {
                let shape = vec![shape[0], shape[1..].iter().product()];
                self.push(Op::Reshape(Reshape { shape }), &[x])?
            }
        };
        let k = self.shape(x)[1];
        let n = 2 + self.choose(2);
        let matrix = if self.choose(3) == 2 {
            let matrix = self.constant(&[n, k], -0.5, 0.5);
            self.transpose(matrix, &[1, 0])?
        } else {
            self.constant(&[k, n], -0.5, 0.5)
        };
        self.push(Op::MatMul(MatMul { activation: None }), &[x, matrix])
    }

    fn any_transpose(&mut self) -> Option<ValueId> {
        let x = self.any();
        let mut left: Vec<usize> = (0..self.shape(x).len()).collect();
        let mut permutation = vec![];
        while !left.is_empty() {
            let next = self.choose(left.len());
            permutation.push(left.remove(next));
        }
        self.transpose(x, &permutation)
    }

    /// A value that is known when compiling.
    fn constant_node(&mut self) -> Option<ValueId> {
        let x = self.any();
        let constant = self.constant(&self.shape(x), -1.0, 1.0);
        self.push(Op::Unary(Unary::Tanh), &[constant])
    }
}
