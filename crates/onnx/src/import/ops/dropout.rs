use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.ignore("ratio");
    attributes.ignore("seed");
    Ok(())
}

/// Nothing, unless the model is trained.
pub(super) fn dropout(call: &Call<'_>, _: &mut Builder) -> Result<Vec<Value>> {
    if call.optional(2).is_some() && call.known(2, "`training_mode`")?.scalar() != Some(0) {
        return Err(Refusal::setting("training is not supported", "export the model for inference (`model.eval()`)"));
    }
    Ok(vec![call.input(0)?.clone()])
}
