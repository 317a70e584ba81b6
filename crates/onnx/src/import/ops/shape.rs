use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::known::Known;
use crate::import::refusal::Result;
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.int("start")?;
    attributes.int("end")?;
    Ok(())
}

/// The shape as known integers, from `start` to `end`.
pub(super) fn shape(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let shape = b.shape(call.input(0)?);
    let rank = shape.len() as i64;
    let bound = |given: Option<i64>, default: i64| {
        let given = given.unwrap_or(default);
        let from_front = if given < 0 { given.saturating_add(rank) } else { given };
        usize::try_from(from_front.clamp(0, rank)).unwrap_or(0)
    };
    let start = bound(call.attributes.int("start")?, 0);
    let end = bound(call.attributes.int("end")?, rank);
    let sizes = shape.get(start..end).unwrap_or_default();
    let sizes = sizes.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect();
    Ok(vec![Value::known(Known::list(sizes))])
}
