use std::rc::Rc;

use ir::ValueId;

use super::known::Known;

/// What an ONNX value is to the importer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Computed in the graph.
    Graph(ValueId),
    /// Floats that are known, not yet part of the graph.
    Float(ConstantId),
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

/// Place of a constant in the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConstantId(pub(super) usize);
