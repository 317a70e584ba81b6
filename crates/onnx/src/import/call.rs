use ir::Code;

use super::attributes::Attributes;
use super::builder::check_rank;
use super::known::Known;
use super::refusal::{Refusal, Result};
use super::value::Value;

/// One application of an ONNX operator.
#[derive(Debug)]
pub(crate) struct Call<'m> {
    /// Version of the operator set.
    pub(crate) opset: i64,
    pub(crate) attributes: Attributes<'m>,
    /// As many as the operator accepts; those left out are `None`.
    pub(super) inputs: Vec<Option<Value>>,
    /// The names of the outputs, empty where one is left out.
    pub(crate) outputs: &'m [&'m str],
}

impl Call<'_> {
    /// An input that must be there.
    pub(crate) fn input(&self, index: usize) -> Result<&Value> {
        self.optional(index).ok_or_else(|| Refusal::input(format!("input {index} is left out")))
    }

    /// An input that may be left out.
    pub(crate) fn optional(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index)?.as_ref()
    }

    /// All inputs of an operator that takes a list, none of which may be left out.
    pub(crate) fn list(&self) -> Result<Vec<&Value>> {
        (0..self.inputs.len()).map(|index| self.input(index)).collect()
    }

    /// Integers that must be known: `what` says which.
    pub(crate) fn known(&self, index: usize, what: &str) -> Result<&Known> {
        self.input(index)?.as_known().ok_or_else(|| Refusal::not_constant(what))
    }

    /// A shape that must be known: `what` says which.
    pub(crate) fn sizes(&self, index: usize, what: &str) -> Result<Vec<usize>> {
        let given = &self.known(index, what)?.data;
        check_rank(given.len())?;
        let size =
            |size: &i64| usize::try_from(*size).map_err(|_| Refusal::input(format!("{what} has a size of {size}")));
        given.iter().map(size).collect()
    }

    /// A list of integers that is an attribute in older operator sets and an input in newer ones.
    pub(crate) fn ints(&self, attribute: &str, index: usize) -> Result<Option<&[i64]>> {
        match self.optional(index) {
            Some(_) => Ok(Some(&self.known(index, &format!("`{attribute}`"))?.data)),
            None => self.attributes.ints(attribute),
        }
    }

    /// An axis attribute, counted from the end if negative; `rank` is one more than the largest that is valid.
    pub(crate) fn axis(&self, name: &str, default: Option<i64>, rank: usize) -> Result<usize> {
        let given = self.attributes.int(name)?.or(default);
        let given = given.ok_or_else(|| missing(name))?;
        axis(given, rank)
    }
}

/// The refusal of a node without an attribute that it needs.
pub(crate) fn missing(attribute: &str) -> Refusal {
    Refusal::new(
        Code::BadAttribute,
        format!("the attribute `{attribute}` is missing"),
        "run `onnx.checker.check_model(model, full_check=True)` on the model",
    )
}

/// An axis of a tensor of that rank, counted from the end if negative.
pub(crate) fn axis(given: i64, rank: usize) -> Result<usize> {
    let resolved = if given < 0 { given.checked_add_unsigned(rank as u64) } else { Some(given) };
    resolved
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|axis| *axis < rank)
        .ok_or_else(|| Refusal::attribute(format!("axis {given} is out of range for a rank-{rank} tensor")))
}

/// Several axes, ascending; none may be given twice.
pub(crate) fn axes(given: &[i64], rank: usize) -> Result<Vec<usize>> {
    if given.len() > rank {
        return Err(Refusal::attribute(format!("{} axes for a rank-{rank} tensor", given.len())));
    }
    let mut axes = given.iter().map(|given| axis(*given, rank)).collect::<Result<Vec<_>>>()?;
    axes.sort_unstable();
    match axes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Refusal::attribute(format!("axis {} is given twice", pair[0]))),
        None => Ok(axes),
    }
}
