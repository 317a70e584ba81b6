//! What a graph begins with: inputs, those that the caller freezes, and initializers.

use ir::{Code, Diagnostic};

use super::definitions::Definition;
use super::dimensions;
use super::frozen;
use super::refusal::{Refusal, Result};
use super::suggest;
use super::tensor::{self, Loaded};
use super::value::Value;
use super::{ImportOptions, Importer, Slot, half};
use crate::model::{element, shown};
use crate::proto::{TensorProto, ValueInfoProto};

impl<'m> Importer<'m> {
    pub(super) fn inputs(&mut self, options: &ImportOptions) {
        let defaulted = |input: &&ValueInfoProto<'_>| self.definitions.is_initializer(input.name);
        let (constant, inputs): (Vec<&ValueInfoProto<'_>>, Vec<_>) = self.model.graph.input.iter().partition(defaulted);
        if self.model.ir_version >= 4 && !constant.is_empty() {
            let first = shown(constant[0].name);
            self.notes.push(format!(
                "inputs with a value in the model are constants: {} in all, `{first}` first",
                constant.len()
            ));
        }
        let bound = dimensions::bind(&inputs, options);
        self.notes.extend(bound.notes);
        for (input, shape) in inputs.iter().zip(bound.shapes) {
            let slot = match self.input(input, shape, options) {
                Ok(slot) => slot,
                Err(refusal) => {
                    self.reasons.push(refusal.about_input(input.name));
                    Slot::Refused
                }
            };
            self.slots.entry(input.name).or_insert(slot);
        }
        self.reasons.extend(bound.reasons);
        let names: Vec<&str> = inputs.iter().map(|input| input.name).collect();
        let shapes = options.shapes.keys().map(|name| (name, Code::BadShape));
        let constants = options.constants.keys().map(|name| (name, Code::BadConstant));
        for (name, code) in shapes.chain(constants).filter(|(name, _)| !names.contains(&name.as_str())) {
            self.reasons.push(self.no_input(name, code, &names));
        }
    }

    fn input(
        &mut self,
        input: &ValueInfoProto<'_>,
        shape: Result<Vec<usize>>,
        options: &ImportOptions,
    ) -> Result<Slot> {
        let Some(ty) = input.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref()) else {
            return Err(Refusal::new(
                Code::UnsupportedType,
                "only tensors are supported, not sequences, maps or optional values",
                "export the model with tensors as inputs",
            ));
        };
        if let Some(array) = options.constants.get(input.name) {
            let value = frozen::value(input, ty.elem_type, array)?;
            shape?;
            return Ok(self.loaded(input.name, value));
        }
        if element::is_integer(ty.elem_type) {
            return Err(Refusal::integer_input(ty.elem_type, input.name));
        }
        if !element::is_float(ty.elem_type) {
            return Err(Refusal::element(ty.elem_type));
        }
        if ty.elem_type == element::FLOAT16 {
            let name = shown(input.name);
            self.notes.push(format!("the input `{name}` is float16 in the model and float32 in the module"));
        }
        Ok(Slot::Value(self.builder.input(input.name, shape?)?))
    }

    pub(super) fn initializers(&mut self) {
        let tensors = &self.model.graph.initializer;
        if tensors.iter().any(|tensor| tensor.data_type == element::FLOAT16 && self.definitions.is_used(tensor.name)) {
            self.builder.remark(half::NOTE);
        }
        if self.model.has_checksums() {
            self.notes.push(
                "the SHA-1 checksums of other files are not compared; the digest of the model covers what was read"
                    .to_owned(),
            );
        }
        for tensor in tensors {
            let slot = match tensor::load(tensor) {
                // What nobody reads takes no memory.
                Ok(Loaded::Float(_)) if !self.definitions.is_used(tensor.name) => continue,
                Ok(loaded) => self.loaded(tensor.name, loaded),
                Err(refusal) => {
                    self.reasons.push(refusal.about_tensor(tensor.name));
                    Slot::Refused
                }
            };
            self.slots.entry(tensor.name).or_insert(slot);
        }
        let sparse = self.model.graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref());
        for TensorProto { name, .. } in sparse {
            let refusal = Refusal::new(
                Code::UnsupportedType,
                "a sparse tensor is not supported",
                "store the tensor dense before exporting",
            );
            self.reasons.push(refusal.about_tensor(name));
            self.slots.entry(name).or_insert(Slot::Refused);
        }
    }

    fn loaded(&mut self, name: &str, loaded: Loaded) -> Slot {
        match loaded {
            Loaded::Float(floats) => Slot::Value(self.builder.constant(name, floats)),
            Loaded::Known(integers) => Slot::Value(Value::known(integers)),
            Loaded::Foreign(element) => Slot::Foreign(element),
        }
    }

    /// An option names what is no input.
    fn no_input(&self, name: &str, code: Code, inputs: &[&str]) -> Diagnostic {
        let shown = shown(name);
        let message = match self.definitions.by_name.get(name) {
            Some(Definition::Initializer) => format!("`{shown}` is no input: it has its value in the model"),
            Some(Definition::Node(_)) => format!("`{shown}` is no input: the model computes it"),
            Some(Definition::Input) | None => format!("no input is called `{shown}`"),
        };
        let help = suggest::one_of(name, inputs, "the inputs of the model are");
        let help = help.unwrap_or_else(|| "leave the option out: the model has no inputs".to_owned());
        Diagnostic { code, message, node: None, operator: None, help }
    }
}
