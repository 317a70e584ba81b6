//! Compiled models: tensors at fixed addresses, run whole or step by step.

use std::time::{Duration, Instant};

use abi::{DataType, ModelDecl, TensorDecl, export};

use super::Argument;
use crate::call_error::CallError;
use crate::instance::{Instance, ModelExports};
use crate::{Mode, Picture, Tensor, shown};

impl Instance {
    /// Puts the inputs in place, runs the model, reads the outputs.
    pub(crate) fn infer(&mut self, model: &ModelDecl, inputs: &[Tensor]) -> Result<Vec<Tensor>, CallError> {
        self.put_inputs(model, inputs)?;
        self.run_model(model)?;
        self.read_outputs(model)
    }

    /// As [`Self::infer`], step by step, with the time that each took.
    pub(crate) fn profile(
        &mut self,
        model: &ModelDecl,
        inputs: &[Tensor],
    ) -> Result<(Vec<Tensor>, Vec<Duration>), CallError> {
        self.put_inputs(model, inputs)?;
        let mut times = Vec::new();
        let mut last = Instant::now();
        self.run_steps(model, |_, _| {
            let now = Instant::now();
            times.push(now - last);
            last = now;
        })?;
        Ok((self.read_outputs(model)?, times))
    }

    /// As [`Self::infer`], step by step; `after_step` gets the number of each step and the memory as it left it.
    pub(crate) fn infer_observed(
        &mut self,
        model: &ModelDecl,
        inputs: &[Tensor],
        after_step: &mut dyn FnMut(u32, &[u8]),
    ) -> Result<Vec<Tensor>, CallError> {
        self.put_inputs(model, inputs)?;
        self.run_steps(model, after_step)?;
        self.read_outputs(model)
    }

    /// Turns a picture into the input, runs the model, reads the outputs.
    pub(crate) fn predict(&mut self, model: &ModelDecl, picture: &Picture) -> Result<Vec<Tensor>, CallError> {
        let exports = self.exports()?.image.filter(|_| model.preprocess.is_some());
        let Some((image, image_step)) = exports else {
            return Err(CallError::WrongArguments {
                function: export::PREDICT.into(),
                expected: "tensors: the model was compiled without preprocessing".into(),
                given: "a picture".into(),
            });
        };
        let len = self.argument_len(Argument::picture(picture.rgb(), picture.width(), picture.height()))?;
        let window = self.window(picture.rgb().len(), 0)?;
        self.write("window for the picture", window.base, picture.rgb())?;
        let size = (picture.width().cast_signed(), picture.height().cast_signed());
        let bands = image
            .call(&mut self.store, (window.base.cast_signed(), len, size.0, size.1))
            .map_err(|error| self.fault(&error))?;
        if bands < 0 {
            let meaning = usize::try_from(-1 - i64::from(bands)).ok().and_then(|at| export::IMAGE_ERRORS.get(at));
            let name = model.inputs.first().map(|input| input.name.clone()).unwrap_or_default();
            let reason = meaning.map_or_else(|| format!("unknown error {bands}"), |text| (*text).to_string());
            return Err(CallError::WrongInput { name, reason });
        }
        for band in 0..bands {
            image_step.call(&mut self.store, band).map_err(|error| self.fault(&error))?;
            self.check_deadline()?;
        }
        self.run_model(model)?;
        self.read_outputs(model)
    }

    fn exports(&self) -> Result<ModelExports, CallError> {
        self.model.clone().ok_or_else(|| CallError::internal("a model was loaded without its exports"))
    }

    fn run_model(&mut self, model: &ModelDecl) -> Result<(), CallError> {
        match self.mode {
            Mode::Guarded => self.exports()?.infer.call(&mut self.store, ()).map_err(|error| self.fault(&error)),
            Mode::Stepped => self.run_steps(model, |_, _| ()),
        }
    }

    fn run_steps(&mut self, model: &ModelDecl, mut after_step: impl FnMut(u32, &[u8])) -> Result<(), CallError> {
        let step = self.exports()?.step;
        let memory = self.memory()?;
        for k in 0..model.steps {
            step.call(&mut self.store, k.cast_signed()).map_err(|error| self.fault(&error))?;
            after_step(k, memory.data(&self.store));
            self.check_deadline()?;
        }
        Ok(())
    }

    fn put_inputs(&mut self, model: &ModelDecl, inputs: &[Tensor]) -> Result<(), CallError> {
        if let Some(unknown) = inputs
            .iter()
            .find(|input| !input.name.is_empty() && !model.inputs.iter().any(|decl| decl.name == input.name))
        {
            let names: Vec<&str> = model.inputs.iter().map(|decl| decl.name.as_str()).collect();
            let reason = format!("there is no such input; the model has {}", shown::names(&names));
            return Err(CallError::WrongInput { name: unknown.name.clone(), reason });
        }
        if inputs.len() != model.inputs.len() {
            return Err(CallError::WrongArguments {
                function: export::INFER.into(),
                expected: format!("{} tensors", model.inputs.len()),
                given: inputs.len().to_string(),
            });
        }
        for (position, decl) in model.inputs.iter().enumerate() {
            let given = find(inputs, decl, position)?;
            let widened = if decl.dtype == DataType::F32 { given.widened() } else { None };
            check_input(decl, given, widened.is_some())?;
            let input = widened.as_ref().unwrap_or(given);
            self.write("input tensor", decl.address, input.bytes())?;
        }
        Ok(())
    }

    fn read_outputs(&mut self, model: &ModelDecl) -> Result<Vec<Tensor>, CallError> {
        let mut outputs = Vec::with_capacity(model.outputs.len());
        for decl in &model.outputs {
            let len = decl.bytes().and_then(|bytes| u32::try_from(bytes).ok());
            let len = len.ok_or_else(|| CallError::internal("a tensor outside the memory was loaded"))?;
            let bytes = self.read("output tensor", decl.address, len)?.to_vec();
            outputs.push(Tensor::new(decl.dtype, decl.shape.clone(), bytes)?.named(decl.name.clone()));
        }
        Ok(outputs)
    }
}

/// The tensor of this name, else the nameless one at this position.
fn find<'a>(inputs: &'a [Tensor], decl: &TensorDecl, position: usize) -> Result<&'a Tensor, CallError> {
    let named = inputs.iter().find(|input| input.name == decl.name);
    let by_position = inputs.get(position).filter(|input| input.name.is_empty());
    named
        .or(by_position)
        .ok_or_else(|| CallError::WrongInput { name: decl.name.clone(), reason: "it is missing".into() })
}

/// `widens`: the elements will have the type of the declaration.
fn check_input(decl: &TensorDecl, input: &Tensor, widens: bool) -> Result<(), CallError> {
    if (widens || input.dtype() == decl.dtype) && input.shape() == decl.shape {
        return Ok(());
    }
    let (given_type, given) = (input.dtype(), input.shape());
    let reason = format!("it is {} {:?}, it was given as {given_type} {given:?}", decl.dtype, decl.shape);
    Err(CallError::WrongInput { name: decl.name.clone(), reason })
}
