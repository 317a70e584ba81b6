use std::collections::HashMap;

use ir::{Graph, Op, Reshape, Transpose, ValueId};

use super::permutation::{compose, identity, inverse, keeps_elements, permuted};
use crate::rewrite::{RewriteError, fold, push};

/// How many orders are compared for one operator, however many its operands have.
const ORDERS: usize = 8;

/// A value of the source as a reordering of a value of the target that is not carried out yet.
#[derive(Clone)]
pub(super) struct View {
    /// The value of the target.
    pub(super) base: ValueId,
    /// How the axes of `base` are reordered.
    pub(super) permutation: Vec<usize>,
    /// The shape that the elements are given after that, if another. Only where the reordering moves elements.
    pub(super) reshaped: Option<Vec<usize>>,
}

/// The target graph and the reorderings carried out in it, each once.
pub(super) struct Views {
    pub(super) target: Graph,
    transposed: HashMap<(ValueId, Vec<usize>), ValueId>,
    reshaped: HashMap<(ValueId, Vec<usize>), ValueId>,
}

impl Views {
    pub(super) fn new(source: &Graph) -> Self {
        let mut target = Graph::new(&source.name);
        target.allowance = source.allowance;
        Self { target, transposed: HashMap::new(), reshaped: HashMap::new() }
    }

    /// A value of the target as it is.
    pub(super) fn plain(&self, base: ValueId) -> View {
        View { base, permutation: identity(self.target[base].ty.rank()), reshaped: None }
    }

    pub(super) fn base_shape(&self, view: &View) -> &[usize] {
        &self.target[view.base].ty.shape
    }

    /// Shape of the reordered base, before any reshaping.
    pub(super) fn permuted_shape(&self, view: &View) -> Vec<usize> {
        permuted(self.base_shape(view), &view.permutation)
    }

    /// Carries out the reordering and the reshaping.
    pub(super) fn materialize(&mut self, view: &View, origin: &str) -> Result<ValueId, RewriteError> {
        let value = self.transpose(view.base, &view.permutation, origin)?;
        match &view.reshaped {
            Some(shape) => self.reshape(value, shape, origin),
            None => Ok(value),
        }
    }

    /// The same value without a reshaping that is not carried out.
    pub(super) fn unreshaped(&mut self, view: View, origin: &str) -> Result<View, RewriteError> {
        match &view.reshaped {
            Some(_) => {
                let value = self.materialize(&view, origin)?;
                Ok(self.plain(value))
            }
            None => Ok(view),
        }
    }

    /// `view` under another shape.
    pub(super) fn reshaped(&mut self, view: View, shape: &[usize], origin: &str) -> Result<View, RewriteError> {
        if view.reshaped.is_none() && keeps_elements(self.base_shape(&view), &view.permutation) {
            if self.permuted_shape(&view) == shape {
                return Ok(view);
            }
            let value = self.reshape(view.base, shape, origin)?;
            return Ok(self.plain(value));
        }
        let reshaped = (self.permuted_shape(&view) != shape).then(|| shape.to_vec());
        Ok(View { reshaped, ..view })
    }

    /// Values that the target holds in one order of axes, so that an operator on them yields `rank` axes in that order,
    /// and the order. It is the one of the first few that moves the fewest elements; none, if that is as good.
    pub(super) fn aligned(
        &mut self,
        views: &[View],
        rank: usize,
        origin: &str,
    ) -> Result<(Vec<ValueId>, Vec<usize>), RewriteError> {
        let mut candidates = vec![identity(rank)];
        for view in views.iter().filter(|view| view.permutation.len() == rank) {
            if candidates.len() < ORDERS && !candidates.contains(&view.permutation) {
                candidates.push(view.permutation.clone());
            }
        }
        let cost = |order: &Vec<usize>| views.iter().map(|view| self.cost(view, order)).sum::<usize>();
        let order = candidates.into_iter().min_by_key(cost).expect("the identity is a candidate");
        let values = views.iter().map(|view| self.in_order(view, &order, origin)).collect::<Result<_, _>>()?;
        Ok((values, order))
    }

    /// Elements that [`Self::in_order`] moves.
    fn cost(&self, view: &View, order: &[usize]) -> usize {
        let shape = self.base_shape(view);
        let needed = if view.permutation.len() == order.len() {
            compose(&view.permutation, &inverse(order))
        } else if order.is_sorted() {
            view.permutation.clone()
        } else {
            // Axes of size 1 before the own ones do not change which of those move.
            let missing = order.len() - shape.len();
            let own = inverse(order).into_iter().filter_map(|axis| axis.checked_sub(missing)).collect::<Vec<_>>();
            compose(&view.permutation, &own)
        };
        let free = self.target[view.base].constant.is_some()
            || keeps_elements(shape, &needed)
            || self.transposed.contains_key(&(view.base, needed));
        if free { 0 } else { shape.iter().product() }
    }

    /// The value that, reordered by `order`, is `view`, with axes of size 1 before it where it has fewer.
    fn in_order(&mut self, view: &View, order: &[usize], origin: &str) -> Result<ValueId, RewriteError> {
        if view.permutation.len() == order.len() {
            return self.transpose(view.base, &compose(&view.permutation, &inverse(order)), origin);
        }
        let value = self.materialize(view, origin)?;
        if order.is_sorted() {
            return Ok(value);
        }
        let own = &self.target[value].ty.shape;
        let extended: Vec<usize> = std::iter::repeat_n(1, order.len() - own.len()).chain(own.iter().copied()).collect();
        let value = self.reshape(value, &extended, origin)?;
        self.transpose(value, &inverse(order), origin)
    }

    fn transpose(&mut self, base: ValueId, permutation: &[usize], origin: &str) -> Result<ValueId, RewriteError> {
        if permutation.is_sorted() {
            return Ok(base);
        }
        let shape = &self.target[base].ty.shape;
        if keeps_elements(shape, permutation) {
            return self.reshape(base, &permuted(shape, permutation), origin);
        }
        let key = (base, permutation.to_vec());
        if let Some(value) = self.transposed.get(&key) {
            return Ok(*value);
        }
        let value = self.emit(Op::Transpose(Transpose { permutation: key.1.clone() }), base, origin)?;
        self.transposed.insert(key, value);
        Ok(value)
    }

    pub(super) fn reshape(&mut self, base: ValueId, shape: &[usize], origin: &str) -> Result<ValueId, RewriteError> {
        if self.target[base].ty.shape == shape {
            return Ok(base);
        }
        let key = (base, shape.to_vec());
        if let Some(value) = self.reshaped.get(&key) {
            return Ok(*value);
        }
        let value = self.emit(Op::Reshape(Reshape { shape: key.1.clone() }), base, origin)?;
        self.reshaped.insert(key, value);
        Ok(value)
    }

    /// A node, or a constant where `x` is one.
    fn emit(&mut self, op: Op, x: ValueId, origin: &str) -> Result<ValueId, RewriteError> {
        let Some(tensor) = self.target[x].constant.clone() else { return push(&mut self.target, op, &[x], origin) };
        // A reshape shares the elements.
        if matches!(op, Op::Transpose(_)) && !self.target.spend(tensor.data().len()) {
            return push(&mut self.target, op, &[x], origin);
        }
        let folded = fold(&op, &[&tensor], origin)?;
        let name = self.target[x].name.clone();
        Ok(self.target.constant(name, folded))
    }
}
