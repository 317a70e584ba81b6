use ir::{Concat, Op, TensorType};

use crate::import::attributes::Attributes;
use crate::import::builder::{Builder, elements};
use crate::import::call::{Call, missing};
use crate::import::known::{self, Known};
use crate::import::refusal::Result;
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.int("axis")?.ok_or_else(|| missing("axis"))?;
    Ok(())
}

pub(super) fn concat(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let inputs = call.list()?;
    let axis = call.axis("axis", None, b.shape(call.input(0)?).len())?;
    let op = Op::Concat(Concat { axis });
    let known: Option<Vec<&Known>> = inputs.iter().map(|input| input.as_known()).collect();
    let Some(known) = known else { return Ok(vec![b.apply(op, &inputs)?]) };
    let types: Vec<TensorType> = known.iter().map(|input| TensorType::f32(input.shape.clone())).collect();
    let ty = op.infer(&types.iter().collect::<Vec<_>>())?;
    b.charge(elements(&ty.shape)?)?;
    Ok(vec![Value::known(known::concat(&known, axis, ty.shape))])
}
