//! Shapes of the inputs: free dimensions get a size or are refused.

use std::collections::{BTreeMap, HashSet};

use ir::{Code, Diagnostic};

use super::builder::check_rank;
use super::flag::flag;
use super::refusal::{Refusal, Result};
use super::{ImportOptions, suggest};
use crate::model::shown;
use crate::proto::{DimensionProto, ValueInfoProto};

pub(super) struct Bound {
    /// One for each input.
    pub(super) shapes: Vec<Result<Vec<usize>>>,
    pub(super) notes: Vec<String>,
    /// About the options, not the inputs.
    pub(super) reasons: Vec<Diagnostic>,
}

/// Gives each input a static shape.
///
/// A free dimension has the size that an option gives it, by name or through the shape of an input that has it. Without
/// one, the first dimension of an input of rank 2 or more is taken for the batch and bound to 1, unless its name also
/// stands elsewhere.
pub(super) fn bind(inputs: &[&ValueInfoProto<'_>], options: &ImportOptions) -> Bound {
    let mut bound = Bound { shapes: vec![], notes: vec![], reasons: vec![] };
    let free: Vec<(String, bool)> = inputs.iter().flat_map(|input| free_dimensions(input)).collect();
    let names: HashSet<&str> = free.iter().map(|(name, _)| name.as_str()).collect();
    let elsewhere: HashSet<&str> = free.iter().filter(|(_, batch)| !batch).map(|(name, _)| name.as_str()).collect();

    // A size of 0 is reported below.
    let by_name = |(name, size): (&String, &usize)| {
        (name.clone(), ((*size).max(1), format!("`{}`", flag("--dim", name, &size.to_string()))))
    };
    let mut sizes: Sizes = options.dims.iter().map(by_name).collect();
    let given: Vec<Vec<Given<'_>>> = inputs.iter().map(|input| Given::of(input.name, options)).collect();
    let imposed: Vec<Result<()>> = inputs
        .iter()
        .zip(&given)
        .map(|(input, given)| given.iter().try_for_each(|given| given.impose(input, &mut sizes)))
        .collect();

    let mut noted = HashSet::new();
    for ((input, given), imposed) in inputs.iter().zip(&given).zip(imposed) {
        let shape = imposed.and_then(|()| match (dims(input), given.first()) {
            (None, Some(given)) => Ok(given.shape.to_vec()),
            (None, None) => Err(undeclared(input)),
            (Some(_), _) => shape(input, |name, is_batch| match sizes.get(name) {
                Some((size, _)) => Some(*size),
                None if is_batch && !elsewhere.contains(name) => {
                    if noted.insert(name.to_owned()) {
                        let flag = flag("--dim", name, "N");
                        let note = format!("the batch dimension `{}` is bound to 1 (`{flag}` sets it)", shown(name));
                        bound.notes.push(note);
                    }
                    Some(1)
                }
                None => None,
            }),
        });
        bound.shapes.push(shape);
    }
    for (name, size) in &options.dims {
        let reason = |message: String, help: String| Diagnostic {
            code: Code::BadDimension,
            message,
            node: None,
            operator: None,
            help,
        };
        if !names.contains(name.as_str()) {
            let mut known: Vec<&str> = names.iter().copied().collect();
            known.sort_unstable();
            let help = suggest::one_of(name, &known, "the free dimensions of the model are");
            let help = help.unwrap_or_else(|| "leave the option out: every dimension of the model is fixed".to_owned());
            bound.reasons.push(reason(format!("no free dimension is called `{}`", shown(name)), help));
        } else if *size == 0 {
            let message = format!("the dimension `{}` cannot be bound to 0", shown(name));
            bound.reasons.push(reason(message, "give it a size of at least 1".into()));
        }
    }
    bound
}

/// Size of each free dimension that has one, and which option gives it.
type Sizes = BTreeMap<String, (usize, String)>;

/// A shape that an option gives to an input.
struct Given<'o> {
    flag: String,
    code: Code,
    shape: &'o [usize],
    /// What to do where the model declares another shape.
    help: &'static str,
}

impl<'o> Given<'o> {
    fn of(input: &str, options: &'o ImportOptions) -> Vec<Self> {
        let help = "give one size for each dimension that the model declares, and the sizes that it fixes";
        let shape = options.shapes.get(input).map(|shape| {
            let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
            Self { flag: format!("`{}`", flag("--shape", input, &sizes.join(","))), code: Code::BadShape, shape, help }
        });
        let constant = options.constants.get(input).map(|array| Self {
            flag: format!("the array of `--const {}`", shown(input)),
            code: Code::BadConstant,
            shape: &array.shape,
            help: "save the array with the shape that the model declares",
        });
        shape.into_iter().chain(constant).collect()
    }

    /// Compares the shape with what is known and gives its sizes to free dimensions.
    fn impose(&self, input: &ValueInfoProto<'_>, sizes: &mut Sizes) -> Result<()> {
        let Self { flag, shape, .. } = self;
        let refuse = |message: String, help: &str| Err(Refusal::new(self.code, message, help));
        if let Some(axis) = shape.iter().position(|size| *size == 0) {
            return refuse(format!("{flag} gives axis {axis} the size 0"), "give sizes of at least 1");
        }
        let Some(dims) = dims(input) else { return Ok(()) };
        check_rank(dims.len())?;
        if dims.len() != shape.len() {
            let declared = declared(dims);
            let message = format!("{flag} has {} dimensions, and the model declares {declared}", shape.len());
            return refuse(message, self.help);
        }
        for (axis, (dim, size)) in dims.iter().zip(*shape).enumerate() {
            match dim.dim_value {
                Some(fixed) if usize::try_from(fixed) == Ok(*size) => {}
                Some(fixed) => {
                    let message = format!("{flag} gives axis {axis} the size {size}, and the model {fixed}");
                    return refuse(message, self.help);
                }
                None => {
                    let name = name(input, axis, dim);
                    match sizes.get(&name) {
                        Some((other, _)) if other == size => {}
                        Some((other, by)) => {
                            let name = shown(&name);
                            let message = format!(
                                "{flag} gives the dimension `{name}` the size {size}, and {by} the size {other}"
                            );
                            return refuse(message, "give the dimension one size everywhere");
                        }
                        None => {
                            sizes.insert(name, (*size, flag.clone()));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Name of each free dimension, and whether it can be a batch.
fn free_dimensions(input: &ValueInfoProto<'_>) -> Vec<(String, bool)> {
    // An input of more dimensions is refused.
    let dims = dims(input).filter(|dims| check_rank(dims.len()).is_ok()).unwrap_or_default();
    let free = dims.iter().enumerate().filter(|(_, dim)| dim.dim_value.is_none());
    free.map(|(axis, dim)| (name(input, axis, dim), axis == 0 && dims.len() > 1)).collect()
}

fn dims<'i, 'm>(input: &'i ValueInfoProto<'m>) -> Option<&'i [DimensionProto<'m>]> {
    Some(&input.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim)
}

fn own_name<'m>(dim: &DimensionProto<'m>) -> Option<&'m str> {
    dim.dim_param.filter(|name| !name.is_empty())
}

fn name(input: &ValueInfoProto<'_>, axis: usize, dim: &DimensionProto<'_>) -> String {
    own_name(dim).map_or_else(|| format!("{}:{axis}", input.name), str::to_owned)
}

/// The dimensions as the model declares them.
pub(super) fn declared(dims: &[DimensionProto<'_>]) -> String {
    let size = |dim: &DimensionProto<'_>| {
        dim.dim_value.map_or_else(|| own_name(dim).map_or_else(|| "?".to_owned(), shown), |size| size.to_string())
    };
    format!("[{}]", dims.iter().map(size).collect::<Vec<_>>().join(", "))
}

fn undeclared(input: &ValueInfoProto<'_>) -> Refusal {
    let help = format!("give it one, such as `--shape {}=1,3,224,224`", shown(input.name));
    Refusal::new(Code::FreeDimension, "the shape is not declared", help)
}

/// The declared shape; `size_of` gives the size of a free dimension, if it has one.
fn shape(input: &ValueInfoProto<'_>, mut size_of: impl FnMut(&str, bool) -> Option<usize>) -> Result<Vec<usize>> {
    let dims = dims(input).unwrap_or_default();
    check_rank(dims.len())?;
    let mut open = vec![];
    let mut sizes = vec![];
    for (axis, dim) in dims.iter().enumerate() {
        let size = match dim.dim_value {
            Some(size @ 1..) => Some(usize::try_from(size).unwrap_or(usize::MAX)),
            Some(size) => {
                return Err(Refusal::new(
                    Code::MalformedGraph,
                    format!("axis {axis} has size {size}"),
                    "export the model with sizes of at least 1, or with a named dimension, which `--dim` binds",
                ));
            }
            None => {
                let name = name(input, axis, dim);
                let size = size_of(&name, axis == 0 && dims.len() > 1);
                if size.is_none() && !open.iter().any(|(open, _)| *open == name) {
                    open.push((name, own_name(dim).is_some()));
                }
                size
            }
        };
        sizes.push(size);
    }
    if let Some(sizes) = sizes.iter().copied().collect() {
        return Ok(sizes);
    }
    let flags = if open.iter().all(|(_, is_named)| *is_named) {
        open.iter().map(|(name, _)| flag("--dim", name, "N")).collect::<Vec<_>>().join(" ")
    } else {
        let sizes: Vec<String> = sizes.iter().map(|size| size.map_or_else(|| "N".into(), |s| s.to_string())).collect();
        flag("--shape", input.name, &sizes.join(","))
    };
    let names: Vec<String> = open.iter().map(|(name, _)| shown(name)).collect();
    let (message, them) = match &names[..] {
        [name] => (format!("the dimension `{name}` has no fixed size"), "it"),
        _ => (format!("the dimensions `{}` have no fixed size", names.join("`, `")), "them"),
    };
    Err(Refusal::new(Code::FreeDimension, message, format!("bind {them} with `{flags}`")))
}
