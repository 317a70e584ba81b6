//! Moves transposes down until they meet their inverse or cannot be avoided.
//!
//! The importer surrounds every spatial operator with a transpose to channels-last and one back. Here no transpose is
//! carried out where it stands: each value of the source becomes a [`View`], a value of the target with an order of
//! axes. Operators that work in any order are applied to the values themselves and hand the order on; an operator that
//! needs an order, and an output of the graph, carries it out, unless it is none.

use std::collections::HashMap;

use ir::{Concat, Graph, MatMul, Node, Op, Pad, Reduce, Slice, Softmax, Tensor, Transpose, ValueId};

use self::permutation::{compose, inverse, keeps_elements, permuted};
use self::views::{View, Views};
use crate::eliminate_dead;
use crate::rewrite::{RewriteError, fold, push};

mod permutation;
mod views;

pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    let mut layout = Layout {
        source: &graph,
        views: Views::new(&graph),
        known: vec![None; graph.values().len()],
        reordered: HashMap::new(),
    };
    for id in graph.inputs() {
        let input = layout.views.target.input(&graph[*id].name, graph[*id].ty.clone());
        layout.known[id.index()] = Some(layout.views.plain(input));
    }
    let mut origins: Vec<&str> = vec![""; graph.values().len()];
    for node in graph.nodes() {
        let present = layout.views.target.values().len();
        let view = layout.node(node)?;
        if view.base.index() >= present {
            layout.views.target.rename(view.base, &graph[node.output].name);
        }
        layout.known[node.output.index()] = Some(view);
        origins[node.output.index()] = &node.origin;
    }
    for output in graph.outputs() {
        let view = layout.view(output.value);
        let value = layout.views.materialize(&view, origins[output.value.index()])?;
        layout.views.target.output(&output.name, value);
    }
    eliminate_dead::run(layout.views.target)
}

struct Layout<'g> {
    source: &'g Graph,
    views: Views,
    /// The view of each value of the source, by index.
    known: Vec<Option<View>>,
    /// Matrices of the target with reordered rows, by the matrix, the axes that its rows are made of, and their order.
    reordered: HashMap<(ValueId, Vec<usize>, Vec<usize>), ValueId>,
}

impl Layout<'_> {
    /// The view of a value of the source; constants are copied when they are first asked for.
    fn view(&mut self, id: ValueId) -> View {
        if let Some(view) = &self.known[id.index()] {
            return view.clone();
        }
        let value = &self.source[id];
        let tensor = value.constant.clone().expect("a verified graph defines every value before it is read");
        let constant = self.views.target.constant(&value.name, tensor);
        let view = self.views.plain(constant);
        self.known[id.index()] = Some(view.clone());
        view
    }

    fn node(&mut self, node: &Node) -> Result<View, RewriteError> {
        let origin = &node.origin;
        match &node.op {
            Op::Unary(_) | Op::Clamp(_) => {
                let view = self.view(node.inputs[0]);
                self.on_base(node.op.clone(), view, origin)
            }
            Op::Transpose(op) => {
                let view = self.view(node.inputs[0]);
                if let Some(shape) = view.reshaped.as_ref().filter(|shape| keeps_elements(shape, &op.permutation)) {
                    let shape = permuted(shape, &op.permutation);
                    return self.views.reshaped(view, &shape, origin);
                }
                let view = self.views.unreshaped(view, origin)?;
                Ok(View { permutation: compose(&view.permutation, &op.permutation), ..view })
            }
            Op::Reshape(op) => {
                let view = self.view(node.inputs[0]);
                self.views.reshaped(view, &op.shape, origin)
            }
            Op::Binary(_) => self.binary(node),
            Op::Concat(op) => {
                let views = self.all_unreshaped(node)?;
                let rank = self.source[node.output].ty.rank();
                let (values, permutation) = self.views.aligned(&views, rank, origin)?;
                let axis = permutation[op.axis];
                let base = push(&mut self.views.target, Op::Concat(Concat { axis }), &values, origin)?;
                Ok(View { base, permutation, reshaped: None })
            }
            Op::Pad(op) => {
                let view = self.unreshaped(node)?;
                let back = inverse(&view.permutation);
                let (before, after) = (permuted(&op.before, &back), permuted(&op.after, &back));
                self.on_base(Op::Pad(Pad { before, after, value: op.value }), view, origin)
            }
            Op::Slice(op) => {
                let view = self.unreshaped(node)?;
                let back = inverse(&view.permutation);
                let [starts, sizes, steps] =
                    [&op.starts, &op.sizes, &op.steps].map(|settings| permuted(settings, &back));
                self.on_base(Op::Slice(Slice { starts, sizes, steps }), view, origin)
            }
            Op::Reduce(op) => {
                let view = self.unreshaped(node)?;
                let mut axes = permuted(&view.permutation, &op.axes);
                axes.sort_unstable();
                self.on_base(Op::Reduce(Reduce { kind: op.kind, axes }), view, origin)
            }
            Op::Softmax(op) => {
                let view = self.unreshaped(node)?;
                let axis = view.permutation[op.axis];
                self.on_base(Op::Softmax(Softmax { axis }), view, origin)
            }
            Op::MatMul(op) => match self.product_of_flattened(node, op)? {
                Some(view) => Ok(view),
                None => self.in_place(node),
            },
            Op::AveragePool(_) | Op::BatchNorm(_) | Op::Conv(_) | Op::MaxPool(_) | Op::Resize(_) => self.in_place(node),
        }
    }

    /// Applies an operator to the base of a view; the result has the view's order.
    fn on_base(&mut self, op: Op, view: View, origin: &str) -> Result<View, RewriteError> {
        let base = push(&mut self.views.target, op, &[view.base], origin)?;
        Ok(View { base, ..view })
    }

    /// Applies an operator that needs its inputs as they are.
    fn in_place(&mut self, node: &Node) -> Result<View, RewriteError> {
        let mut inputs = vec![];
        for id in &node.inputs {
            let view = self.view(*id);
            inputs.push(self.views.materialize(&view, &node.origin)?);
        }
        let base = push(&mut self.views.target, node.op.clone(), &inputs, &node.origin)?;
        Ok(self.views.plain(base))
    }

    fn unreshaped(&mut self, node: &Node) -> Result<View, RewriteError> {
        let view = self.view(node.inputs[0]);
        self.views.unreshaped(view, &node.origin)
    }

    fn all_unreshaped(&mut self, node: &Node) -> Result<Vec<View>, RewriteError> {
        let mut views = vec![];
        for id in &node.inputs {
            let view = self.view(*id);
            views.push(self.views.unreshaped(view, &node.origin)?);
        }
        Ok(views)
    }

    fn binary(&mut self, node: &Node) -> Result<View, RewriteError> {
        if let Some(view) = self.binary_with_number(node)? {
            return Ok(view);
        }
        let views = self.all_unreshaped(node)?;
        let rank = self.source[node.output].ty.rank();
        let (values, permutation) = self.views.aligned(&views, rank, &node.origin)?;
        let base = push(&mut self.views.target, node.op.clone(), &values, &node.origin)?;
        Ok(View { base, permutation, reshaped: None })
    }

    /// An operand and one number, whatever the shape of the operand.
    fn binary_with_number(&mut self, node: &Node) -> Result<Option<View>, RewriteError> {
        let views = [self.view(node.inputs[0]), self.view(node.inputs[1])];
        for (at, other) in [(0, 1), (1, 0)] {
            let number = &self.source[node.inputs[other]];
            let is_number = number.constant.as_ref().is_some_and(|tensor| tensor.scalar().is_some());
            let rank = self.views.base_shape(&views[at]).len().min(self.source[node.inputs[at]].ty.rank());
            if is_number && number.ty.rank() <= rank {
                let inputs = [views[0].base, views[1].base];
                let base = push(&mut self.views.target, node.op.clone(), &inputs, &node.origin)?;
                return Ok(Some(View { base, ..views[at].clone() }));
            }
        }
        Ok(None)
    }

    /// The product of a flattened, reordered tensor with a constant matrix: the rows of the matrix are reordered
    /// instead, once for each order.
    fn product_of_flattened(&mut self, node: &Node, op: &MatMul) -> Result<Option<View>, RewriteError> {
        let a = self.view(node.inputs[0]);
        let Some(shape) = &a.reshaped else { return Ok(None) };
        let matrix = self.view(node.inputs[1]);
        let matrix = self.views.materialize(&matrix, &node.origin)?;
        let Some(tensor) = self.views.target[matrix].constant.clone() else { return Ok(None) };
        let &[rows, columns] = tensor.shape() else { return Ok(None) };
        let Some(split) = flattened_from(self.views.base_shape(&a), &a.permutation, rows) else { return Ok(None) };

        let moved: Vec<usize> = self.views.permuted_shape(&a)[split..].to_vec();
        let suffix: Vec<usize> = a.permutation[split..].iter().map(|axis| axis - split).collect();
        let order = (matrix, moved, inverse(&suffix));
        let reordered = match self.reordered.get(&order) {
            Some(reordered) => *reordered,
            None => {
                if !self.views.target.spend(tensor.data().len()) {
                    return Ok(None);
                }
                let tensor = reorder_rows(&tensor, &order.1, &order.2, &node.origin)?.reshaped([rows, columns]);
                let name = self.views.target[matrix].name.clone();
                let reordered = self.views.target.constant(name, tensor);
                self.reordered.insert(order, reordered);
                reordered
            }
        };
        let mut inputs = vec![self.views.reshape(a.base, shape, &node.origin)?, reordered];
        if let Some(bias) = node.inputs.get(2) {
            let bias = self.view(*bias);
            inputs.push(self.views.materialize(&bias, &node.origin)?);
        }
        let base = push(&mut self.views.target, Op::MatMul(op.clone()), &inputs, &node.origin)?;
        Ok(Some(self.views.plain(base)))
    }
}

/// The first of the axes that are flattened to `size` elements, if those change places among themselves only and the
/// axes before them keep theirs.
fn flattened_from(base: &[usize], permutation: &[usize], size: usize) -> Option<usize> {
    (0..=permutation.len()).rev().find(|split| {
        let (outer, inner) = permutation.split_at(*split);
        inner.iter().all(|axis| axis >= split)
            && inner.iter().map(|axis| base[*axis]).product::<usize>() == size
            && keeps_elements(base, outer)
    })
}

/// A matrix whose rows are the elements of a tensor of shape `axes`, for another order of those axes.
fn reorder_rows(matrix: &Tensor, axes: &[usize], permutation: &[usize], origin: &str) -> Result<Tensor, RewriteError> {
    let columns = matrix.shape()[1];
    let shape = [axes, &[columns]].concat();
    let permutation = [permutation, &[axes.len()]].concat();
    fold(&Op::Transpose(Transpose { permutation }), &[&matrix.reshaped(shape)], origin)
}
