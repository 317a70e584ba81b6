use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Nothing, unless the model is trained.
pub(super) fn dropout(call: &Call<'_>, _: &mut Builder) -> Result<Vec<Value>> {
    call.attributes.ignore("ratio");
    call.attributes.ignore("seed");
    if call.optional(2).is_some() && call.known(2, "`training_mode`")?.scalar() != Some(0) {
        return Err(Refusal::setting("training is not supported", "export the model for inference (`model.eval()`)"));
    }
    Ok(vec![call.input(0)?.clone()])
}
