//! From a [`Model`] to a graph of the intermediate representation.
//!
//! The nodes are taken in an order in which every value is defined before it is used. Each name stands for a
//! [`value::Value`]: something computed, constant floats, or integers that are known now, on which the arithmetic of
//! shapes is carried out. A refused node leaves its outputs refused; what depends on them is not reported again, but for
//! what is wrong with the attributes of further nodes.

use std::collections::{BTreeMap, HashMap, HashSet};

use ir::{Code, Diagnostic, Diagnostics, Graph};

use crate::model::{Model, domain, shown};
use crate::proto::NodeProto;
use attributes::Attributes;
use builder::Builder;
use call::Call;
use definitions::{Definition, Definitions};
pub use frozen::{Array, Element};
use refusal::Refusal;
use schema::Schema;
use value::Value;

mod attributes;
pub(crate) mod builder;
mod call;
mod declared;
mod definitions;
mod dimensions;
mod flag;
mod frozen;
mod half;
mod inputs;
mod known;
mod ops;
pub(crate) mod refusal;
mod schema;
mod strided;
mod suggest;
pub(crate) mod tensor;
mod value;

/// The operator sets that are understood.
pub const OPSETS: std::ops::RangeInclusive<i64> = 7..=23;

/// The newest version of the file format that is understood, `onnx.IR_VERSION`.
const NEWEST_IR_VERSION: i64 = 14;

/// Choices of the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Shapes of inputs, by name.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// Inputs that become constants, by name.
    pub constants: BTreeMap<String, Array>,
    /// Sizes of free dimensions, by the name that the model gives them; a dimension without a name is called
    /// `INPUT:AXIS`.
    pub dims: BTreeMap<String, usize>,
}

/// A graph and what was decided on the way.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The graph; it has passed no gate yet.
    pub graph: Graph,
    /// Decisions that the model left open, one sentence each.
    pub notes: Vec<String>,
}

/// The ONNX operators that are understood, ascending.
pub fn operators() -> impl Iterator<Item = &'static str> {
    ops::OPERATORS.iter().map(|operator| operator.name)
}

/// Translates a model.
///
/// # Errors
/// Every reason why the model cannot be translated, in the order of the model.
pub fn import(model: &Model<'_>, options: &ImportOptions) -> Result<Imported, Diagnostics> {
    let opset = opset(model)?;
    let elements = model.graph.initializer.iter().map(tensor::stored_elements).sum();
    let mut importer = Importer {
        model,
        opset,
        definitions: Definitions::new(&model.graph),
        builder: Builder::new(model.graph.name, elements),
        slots: HashMap::new(),
        reasons: vec![],
        notes: vec![],
    };
    importer.version();
    importer.structure();
    importer.inputs(options);
    importer.initializers();
    importer.nodes();
    importer.outputs();
    Diagnostics::check(importer.reasons)?;
    let (graph, remarks) = importer.builder.finish();
    let notes = importer.notes.into_iter().chain(remarks).collect();
    Ok(Imported { graph, notes })
}

fn opset(model: &Model<'_>) -> Result<i64, Diagnostic> {
    let about_model = |code, message, help: String| Diagnostic { code, message, node: None, operator: None, help };
    let versions: Vec<i64> =
        model.operator_sets().filter(|(domain, _)| domain.is_empty()).map(|(_, version)| version).collect();
    match versions[..] {
        [] => Err(about_model(
            Code::NoOpset,
            "no version of ONNX's operator set is imported".into(),
            "export the model again, with `opset_import` for the default domain".into(),
        )),
        [version, ref others @ ..] if others.iter().any(|other| *other != version) => Err(about_model(
            Code::MalformedGraph,
            "the operator set is imported twice, in different versions".into(),
            "export the model again, with one version".into(),
        )),
        [version, ..] if OPSETS.contains(&version) => Ok(version),
        [version, ..] => Err(about_model(
            Code::UnsupportedOpset,
            format!("operator set {version} is not one of {} to {}", OPSETS.start(), OPSETS.end()),
            format!(
                "export the model for one of them, or convert it with `onnx.version_converter.convert_version(model, {})`",
                OPSETS.end().min(&version.max(13))
            ),
        )),
    }
}

/// What a name stands for.
enum Slot {
    Value(Value),
    /// A constant of an element type that only counts if somebody reads it.
    Foreign(i32),
    /// Reported already.
    Refused,
}

struct Importer<'m> {
    model: &'m Model<'m>,
    opset: i64,
    definitions: Definitions<'m>,
    builder: Builder,
    slots: HashMap<&'m str, Slot>,
    reasons: Vec<Diagnostic>,
    notes: Vec<String>,
}

impl<'m> Importer<'m> {
    fn version(&mut self) {
        let version = self.model.ir_version;
        if version > NEWEST_IR_VERSION {
            self.notes.push(format!(
                "the file has version {version} of the ONNX format, and what came after {NEWEST_IR_VERSION} is not understood"
            ));
        }
    }

    /// Names that are missing or defined twice, and circles.
    fn structure(&mut self) {
        for name in &self.definitions.duplicates {
            self.reasons.push(malformed(None, format!("`{}` is defined twice", shown(name))));
        }
        let declared = self.model.graph.input.iter().chain(&self.model.graph.output);
        if declared.into_iter().any(|value| value.name.is_empty()) {
            self.reasons.push(malformed(None, "an input or output has no name".into()));
        }
        if let Some(cycle) = &self.definitions.cycle {
            let names: Vec<String> =
                cycle.iter().take(8).map(|index| node_name(&self.model.graph.node[*index], *index)).collect();
            let message = match &names[..] {
                [only] => format!("the node `{only}` depends on itself"),
                _ => format!("the nodes `{}` depend on each other", names.join("`, `")),
            };
            self.reasons.push(malformed(None, message));
        }
    }

    fn nodes(&mut self) {
        for index in std::mem::take(&mut self.definitions.order) {
            let node = &self.model.graph.node[index];
            let name = node_name(node, index);
            let outputs = match self.node(node, &name) {
                Ok(outputs) => outputs,
                Err(Skipped::Refused(refusal)) => {
                    self.reasons.push(refusal.about_node(name, node.op_type));
                    vec![]
                }
                Err(Skipped::Reported) => vec![],
            };
            let mut outputs = outputs.into_iter();
            for name in &node.output {
                let slot = outputs.next().map_or(Slot::Refused, Slot::Value);
                if !name.is_empty() {
                    self.slots.entry(name).or_insert(slot);
                }
            }
            for name in &node.input {
                if self.definitions.used_up(name) {
                    self.slots.remove(name);
                }
            }
        }
        // Nodes of a circle, and what depends on them, never came up.
        for node in &self.model.graph.node {
            for name in node.output.iter().filter(|name| !name.is_empty()) {
                self.slots.entry(name).or_insert(Slot::Refused);
            }
        }
    }

    fn node(&mut self, node: &'m NodeProto<'m>, name: &str) -> Result<Vec<Value>, Skipped> {
        let operator = self.operator(node)?;
        let inputs = self.resolve(&node.input, name, node.op_type);
        let schema = Schema::of(operator.name, self.opset)?;
        let attributes = Attributes::new(&node.attribute)?;
        schema.check(&node.input, &node.output, &attributes, self.opset)?;
        (operator.settings)(&attributes)?;
        if let Some(unread) = attributes.unread() {
            return Err(Refusal::setting(
                format!("the attribute `{}` is not supported", shown(unread)),
                "export the model without it",
            )
            .into());
        }
        let call = Call { opset: self.opset, attributes, inputs: inputs?, outputs: &node.output };
        self.builder.begin(name);
        let outputs = (operator.import)(&call, &mut self.builder)?;
        if let Some(missing) = node.output.iter().skip(outputs.len()).find(|name| self.definitions.is_used(name)) {
            return Err(Refusal::new(
                Code::UnsupportedOperator,
                format!("the output `{}` is used, and only the first is supported", shown(missing)),
                "export the model without the further outputs of this node",
            )
            .into());
        }
        for (value, name) in outputs.iter().zip(&node.output) {
            self.builder.name_output(value, name);
        }
        Ok(outputs)
    }

    fn operator(&self, node: &NodeProto<'_>) -> Result<&'static ops::Operator, Refusal> {
        if node.op_type.is_empty() || node.output.iter().all(|name| name.is_empty()) {
            return Err(Refusal::new(
                Code::MalformedGraph,
                "a node needs an operator and an output",
                "export the model again, and run `onnx.checker.check_model` on it",
            ));
        }
        let domain = domain(node.domain);
        if self.model.defines(domain, node.op_type) {
            return Err(Refusal::new(
                Code::UnsupportedOperator,
                "the model defines the operator itself, as a function, which is not supported",
                "replace calls of functions by their nodes: `onnx.inliner.inline_local_functions(model)`",
            ));
        }
        if !domain.is_empty() {
            return Err(Refusal::new(
                Code::UnsupportedOperator,
                format!("the domain `{}` is not supported", shown(domain)),
                suggest::other_domain(node.op_type),
            ));
        }
        ops::find(node.op_type).ok_or_else(|| {
            Refusal::new(Code::UnsupportedOperator, "the operator is not supported", suggest::instead_of(node.op_type))
        })
    }

    fn resolve(&mut self, names: &'m [&'m str], node: &str, operator: &str) -> Result<Vec<Option<Value>>, Skipped> {
        let mut inputs = Vec::with_capacity(names.len());
        let mut reported = false;
        for name in names {
            let slot = self.slots.get_mut(name);
            match slot {
                _ if name.is_empty() => inputs.push(None),
                Some(Slot::Value(value)) => inputs.push(Some(value.clone())),
                Some(Slot::Refused) => reported = true,
                Some(slot @ Slot::Foreign(_)) => {
                    let Slot::Foreign(element) = std::mem::replace(slot, Slot::Refused) else { continue };
                    self.reasons.push(Refusal::element(element).about_tensor(name));
                    reported = true;
                }
                None => {
                    let reason = format!("the input `{}` is not defined", shown(name));
                    let mut reason = malformed(Some(node.to_owned()), reason);
                    reason.operator = Some(shown(operator));
                    self.reasons.push(reason);
                    reported = true;
                }
            }
        }
        if reported { Err(Skipped::Reported) } else { Ok(inputs) }
    }

    fn outputs(&mut self) {
        if self.model.graph.output.is_empty() {
            self.reasons.push(malformed(None, "the graph has no output".into()));
        }
        let mut names = HashSet::new();
        for output in &self.model.graph.output {
            if !names.insert(output.name) {
                self.reasons.push(malformed(None, format!("the output `{}` is declared twice", shown(output.name))));
                continue;
            }
            let value = match self.slots.get(output.name) {
                Some(Slot::Value(value)) => self.builder.id(value),
                Some(Slot::Foreign(element)) => Err(Refusal::element(*element)),
                Some(Slot::Refused) => continue,
                None => {
                    let reason = format!("the output `{}` is not defined", shown(output.name));
                    self.reasons.push(malformed(None, reason));
                    continue;
                }
            };
            let checked = value.and_then(|id| Ok((id, declared::check(output, self.builder.type_of(id))?)));
            match checked {
                Ok((id, note)) => {
                    self.notes.extend(note);
                    self.builder.output(output.name, id);
                }
                Err(refusal) => self.reasons.push(refusal.about_output(output.name)),
            }
        }
    }
}

/// Why a node gives no values.
enum Skipped {
    Refused(Refusal),
    Reported,
}

impl From<Refusal> for Skipped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// How a node is called in messages: by its name, by its first output, or by its place.
fn node_name(node: &NodeProto<'_>, index: usize) -> String {
    let names = std::iter::once(&node.name).chain(&node.output);
    names.into_iter().find(|name| !name.is_empty()).map_or_else(|| format!("#{index}"), |name| shown(name))
}

fn malformed(node: Option<String>, message: String) -> Diagnostic {
    let help = "export the model again, and run `onnx.checker.check_model` on it".into();
    Diagnostic { code: Code::MalformedGraph, message, node, operator: None, help }
}

impl Definitions<'_> {
    fn is_initializer(&self, name: &str) -> bool {
        matches!(self.by_name.get(name), Some(Definition::Initializer))
    }
}
