use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ir::{Tensor, ValueId};

use super::known::Known;
use crate::model::provenance;

/// What an ONNX value is to the importer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Computed in the graph.
    Graph(ValueId),
    /// Floats that are known, not yet part of the graph.
    Float(Rc<Constant>),
    /// Integers that are known; they never become part of the graph.
    Known(Rc<Known>),
}

impl Value {
    pub(crate) fn known(known: Known) -> Self {
        Self::Known(Rc::new(known))
    }

    /// The integers, if they are known.
    pub(crate) fn as_known(&self) -> Option<&Known> {
        match self {
            Self::Known(known) => Some(known),
            Self::Graph(_) | Self::Float(_) => None,
        }
    }
}

/// Constant floats, which are given up with the last value that stands for them.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(super) name: String,
    pub(super) tensor: Tensor,
    /// In the graph, once a node has needed it.
    pub(super) id: Cell<Option<ValueId>>,
    /// What was made of it by reordering its axes.
    pub(super) permuted: RefCell<Vec<(Vec<usize>, Rc<Constant>)>>,
}

impl Constant {
    pub(super) fn new(name: &str, tensor: Tensor) -> Rc<Self> {
        Rc::new(Self { name: provenance(name).to_owned(), tensor, id: Cell::new(None), permuted: RefCell::default() })
    }
}
