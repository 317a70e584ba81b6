use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::Result;
use crate::import::value::Value;

/// Repeats along axes of size 1; the input may also be the larger one.
pub(super) fn expand(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let shape = call.sizes(1, "the new shape")?;
    Ok(vec![b.expand(call.input(0)?, &shape)?])
}
