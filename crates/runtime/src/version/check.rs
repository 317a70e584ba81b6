//! What a version must show before it goes live.

use abi::{DataType, Golden, ModelDecl, export};

use super::{Rehearsal, Version};
use crate::call::{Argument, Classic, Room};
use crate::call_error::CallError;
use crate::component::from_json;
use crate::host::Purpose;
use crate::instance::Instance;
use crate::module::{Form, Function};
use crate::publish_error::{GoldenError, GoldenReport, PublishError};
use crate::recorder::Sample;
use crate::{Convention, Tensor};

impl Version {
    /// Starts a fresh instance, asks the module itself if it exports `wasmtube_selfcheck`, and compares the known
    /// answers of a model. The instance is thrown away.
    ///
    /// # Errors
    /// [`PublishError::Start`], [`PublishError::SelfCheck`], [`PublishError::SelfCheckFailed`], [`PublishError::Golden`].
    pub fn check(&self) -> Result<(), PublishError> {
        Rehearsal::start(self).map_err(PublishError::Start)?.check()
    }

    /// Whether the module can check itself or comes with known answers.
    pub(super) fn can_be_checked(&self) -> bool {
        self.checks_itself() || self.golden().is_some()
    }

    /// What [`Self::check`] does, on this instance.
    pub(super) fn check_on(&self, instance: &mut Instance) -> Result<(), PublishError> {
        if self.checks_itself() {
            let code = self.trial(instance, self_check).map_err(PublishError::SelfCheck)?;
            if code != 0 {
                return Err(PublishError::SelfCheckFailed { code });
            }
        }
        if let Some((model, golden)) = self.golden() {
            self.check_golden_on(instance, model, golden).map_err(PublishError::Golden)?;
        }
        Ok(())
    }

    fn checks_itself(&self) -> bool {
        let marked = matches!(self.interface().convention, Convention::CoreV1 | Convention::Model);
        marked && self.interface().service.contains_key(export::SELFCHECK)
    }

    fn golden(&self) -> Option<(&ModelDecl, &Golden)> {
        let model = self.interface().model()?;
        Some((model, model.golden.as_ref()?))
    }

    /// Runs the known input of a model on a fresh instance and compares the answer at the probes.
    ///
    /// # Errors
    /// [`GoldenError`]. A file without known answers passes with an empty report.
    pub fn check_golden(&self) -> Result<GoldenReport, GoldenError> {
        let Some((model, golden)) = self.golden() else {
            return Ok(GoldenReport { probes: 0, largest_share: 0.0 });
        };
        let mut instance = self.fresh(Purpose::Rehearse).map_err(GoldenError::Run)?;
        self.check_golden_on(&mut instance, model, golden)
    }

    /// That there is an instance comes first, as the limit of its memory bounds the inputs too.
    fn check_golden_on(
        &self,
        instance: &mut Instance,
        model: &ModelDecl,
        golden: &Golden,
    ) -> Result<GoldenReport, GoldenError> {
        let inputs = golden_inputs(model, golden)?;
        let outputs = self.trial(instance, |instance| instance.infer(model, &inputs)).map_err(GoldenError::Run)?;
        compare(model, golden, &outputs)
    }

    /// Calls the function at `position` with the last argument that the version before answered.
    pub(super) fn smoke_on(
        &self,
        instance: &mut Instance,
        position: usize,
        sample: &Sample,
    ) -> Result<(), PublishError> {
        let function = &self.interface().functions()[position];
        let refused = |source| PublishError::Smoke { function: function.name.clone(), source };
        if let (Sample::Value { .. }, Form::ClassicData | Form::ClassicPicture, Some(reason)) =
            (sample, function.form, self.window_refused())
        {
            return Err(refused(CallError::NoWindow { reason: reason.into() }));
        }
        let replayed = self.trial(instance, |instance| replay(instance, function, position, sample));
        if let Err(source) = replayed
            && instance.spoiled
        {
            return Err(refused(source));
        }
        Ok(())
    }

    fn trial<R>(
        &self,
        instance: &mut Instance,
        call: impl FnOnce(&mut Instance) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let deadline = self.limits().deadline;
        let running = self.engine().ticker().enter();
        instance.begin(deadline);
        running.allow(deadline, |epochs| instance.allow(epochs));
        call(instance)
    }
}

fn self_check(instance: &mut Instance) -> Result<i32, CallError> {
    let check = instance
        .typed_export::<(), i32>(export::SELFCHECK)
        .ok_or_else(|| CallError::BadAnswer { wanted: "a self-check", reason: "its type is not () -> i32".into() })?;
    check.call(&mut instance.store, ()).map_err(|error| instance.fault(&error))
}

/// A function whose form changed under `allow_breaking` has nothing to compare.
fn replay(instance: &mut Instance, function: &Function, position: usize, sample: &Sample) -> Result<(), CallError> {
    match (function.form, sample) {
        (Form::Scalars | Form::ClassicData | Form::ClassicPicture, Sample::Scalars(arguments)) => {
            let Some(func) = instance.entries[position].func else { return Ok(()) };
            let signature = func.ty(&instance.store);
            let fits = signature.params().len() == arguments.len()
                && signature
                    .params()
                    .zip(arguments)
                    .all(|(param, argument)| argument.to_val().matches_ty(&instance.store, &param).unwrap_or(false));
            if fits { instance.call_scalars(position, arguments, signature.results().len()).map(drop) } else { Ok(()) }
        }
        (Form::ClassicData | Form::ClassicPicture, Sample::Value { bytes, size })
            if size.is_some() == (function.form == Form::ClassicPicture) =>
        {
            let room = Room { need: bytes.len(), wish: instance.limits.result_bytes };
            let argument = Argument { bytes, size: *size };
            instance.call_classic(Classic::Entry(position), argument, room).map(drop)
        }
        (Form::Component, Sample::Value { bytes, .. }) => {
            let Some(wit) = &function.wit else { return Ok(()) };
            let arguments = str::from_utf8(bytes).ok().and_then(|text| from_json::arguments(wit, text).ok());
            let Some(arguments) = arguments else { return Ok(()) };
            instance.call_component(position, &arguments, wit.result.is_some()).map(drop)
        }
        // No unsealed file has functions of another form.
        _ => Ok(()),
    }
}

fn golden_inputs(model: &ModelDecl, golden: &Golden) -> Result<Vec<Tensor>, GoldenError> {
    let input = |(index, decl): (usize, &abi::TensorDecl)| {
        let malformed = |reason: &str| GoldenError::Malformed { reason: format!("input `{}` {reason}", decl.name) };
        if decl.dtype != DataType::F32 {
            return Err(malformed("is not of f32, for which the seed has no meaning"));
        }
        let elements = decl.elements().and_then(|elements| usize::try_from(elements).ok());
        let elements = elements.ok_or_else(|| malformed("is too large"))?;
        let mut bytes = Vec::with_capacity(elements.saturating_mul(size_of::<f32>()));
        golden.input(index as u64).take(elements).for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        let tensor = Tensor::new(decl.dtype, decl.shape.clone(), bytes).map_err(|_| malformed("contradicts itself"))?;
        Ok(tensor.named(decl.name.clone()))
    };
    model.inputs.iter().enumerate().map(input).collect()
}

fn compare(model: &ModelDecl, golden: &Golden, outputs: &[Tensor]) -> Result<GoldenReport, GoldenError> {
    let malformed = |reason: String| GoldenError::Malformed { reason };
    if golden.outputs.len() != model.outputs.len() {
        return Err(malformed(format!("{} outputs, {} known answers", model.outputs.len(), golden.outputs.len())));
    }
    let mut report = GoldenReport { probes: 0, largest_share: 0.0 };
    for (known, tensor) in golden.outputs.iter().zip(outputs) {
        if known.positions.len() != known.values.len() {
            return Err(malformed(format!("output `{}` has not one value for each position", tensor.name)));
        }
        let allowed = f64::from(golden.tolerance) * f64::from(known.largest);
        for (&position, &expected) in known.positions.iter().zip(&known.values) {
            let found = tensor.f64_at(position);
            let found =
                found.ok_or_else(|| malformed(format!("output `{}` has no element {position}", tensor.name)))?;
            let error = (found - f64::from(expected)).abs();
            if error.is_nan() || error > allowed {
                let output = tensor.name.clone();
                return Err(GoldenError::Differs { output, position, expected, found, allowed });
            }
            report.probes += 1;
            if known.largest > 0.0 {
                report.largest_share = report.largest_share.max(error / f64::from(known.largest));
            }
        }
    }
    Ok(report)
}
