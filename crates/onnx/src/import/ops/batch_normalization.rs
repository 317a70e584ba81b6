use ir::{BatchNorm, Op};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.ignore("momentum");
    attributes.float("epsilon")?;
    if attributes.flag("training_mode", false)? {
        return Err(training());
    }
    if !attributes.flag("spatial", true)? {
        return Err(Refusal::setting(
            "statistics for each position are not supported",
            "export the model with `spatial` = 1 or a newer operator set",
        ));
    }
    Ok(())
}

/// Over the last axis, between two transpositions where the channels are elsewhere.
pub(super) fn batch_normalization(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    if call.outputs.iter().skip(1).any(|name| !name.is_empty()) {
        return Err(training());
    }
    let epsilon = call.attributes.float("epsilon")?.unwrap_or(1e-5);
    let x = call.input(0)?;
    let rank = b.shape(x).len();
    if rank < 2 {
        return Err(Refusal::input(format!("an input of rank {rank} has no channels")));
    }
    let parameters = (1..5).map(|index| call.input(index)).collect::<Result<Vec<_>>>()?;
    if parameters.iter().any(|parameter| !b.is_constant(parameter)) {
        return Err(Refusal::not_constant("the parameters"));
    }
    let op = Op::BatchNorm(BatchNorm { epsilon });
    if rank == 2 {
        return Ok(vec![b.apply(op, &[&[x], &parameters[..]].concat())?]);
    }
    let to_last: Vec<usize> = std::iter::once(0).chain(2..rank).chain([1]).collect();
    let from_last: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
    let last = Value::Graph(b.id(x)?);
    let last = b.transpose(&last, &to_last)?;
    let y = b.apply(op, &[&[&last], &parameters[..]].concat())?;
    Ok(vec![b.transpose(&y, &from_last)?])
}

fn training() -> Refusal {
    Refusal::setting("training is not supported", "export the model for inference (`model.eval()`)")
}
