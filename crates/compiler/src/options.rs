use std::collections::BTreeMap;

use onnx::{Array, ExternalData};

use crate::{PreprocessSpec, Profile};

/// The bytes of a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelSource<'m> {
    /// The ONNX file.
    pub onnx: &'m [u8],
    /// The files beside it that tensors keep their data in. The compiler opens nothing: it asks for parts by their
    /// locations.
    pub external: &'m dyn ExternalData,
}

impl<'m> ModelSource<'m> {
    /// A model that is one file.
    #[must_use]
    pub fn whole(onnx: &'m [u8]) -> Self {
        Self { onnx, external: &() }
    }
}

/// What shapes the file apart from the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the module.
    pub name: String,
    /// Version of the module, free text.
    pub version: String,
    /// Instructions that may be used.
    pub profile: Profile,
    /// How a picture becomes the input; without it the file takes tensors only.
    pub preprocess: Option<PreprocessSpec>,
    /// Name of class `n`, by `n`; none, or as many as the last axis of the first output has elements.
    pub labels: Vec<String>,
    /// Sizes of free dimensions, by name.
    pub dims: BTreeMap<String, usize>,
    /// Shapes of inputs, by name.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// Inputs that become constants and are no inputs of the module any more, by name.
    pub constants: BTreeMap<String, Array>,
    /// Whether the file carries known answers. They cost one inference in the reference interpreter.
    pub golden: bool,
}

impl Options {
    /// The usual options: relaxed profile, tensors only, known answers.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: "1".into(),
            profile: Profile::Relaxed,
            preprocess: None,
            labels: vec![],
            dims: BTreeMap::new(),
            shapes: BTreeMap::new(),
            constants: BTreeMap::new(),
            golden: true,
        }
    }
}

/// What is being done, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// A stage begins.
    Stage(Stage),
    /// Known answers are computed, of which this share, from 0 to 1, is done.
    KnownAnswers(f64),
}

/// What the compiler can show of a model, in the order in which it comes into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The ONNX model as it was decoded.
    Onnx,
    /// The graph as it was imported.
    Graph,
    /// The graph after all passes.
    Optimized,
    /// Schedule and addresses.
    Plan,
    /// The module in the text format.
    Wat,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Onnx, Self::Graph, Self::Optimized, Self::Plan, Self::Wat];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Graph => "graph",
            Self::Optimized => "optimized",
            Self::Plan => "plan",
            Self::Wat => "wat",
        }
    }
}
