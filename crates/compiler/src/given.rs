//! Tensors that somebody gives for the inputs or outputs of a model.

use ir::{Tensor, TensorType};

/// A tensor for an input or output.
#[derive(Debug, Clone)]
pub struct Given {
    /// Name of the input or output; empty where the position decides.
    pub name: String,
    /// The tensor.
    pub tensor: Tensor,
}

/// Why tensors do not go with a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GivenError {
    /// No input or output has this name.
    #[error("the model has no {what} `{name}`: it has {}", names.join(", "))]
    Unknown {
        /// `input` or `output`.
        what: &'static str,
        /// The name that was given.
        name: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// Two tensors for one input or output.
    #[error("two tensors are given for {what} `{name}`: give one")]
    Twice {
        /// `input` or `output`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// More tensors without a name than inputs or outputs without a tensor.
    #[error("{given} tensors are given for {what}s, the model has {} ({})", names.len(), names.join(", "))]
    TooMany {
        /// `input` or `output`.
        what: &'static str,
        /// How many are given.
        given: usize,
        /// The names that there are.
        names: Vec<String>,
    },
    /// Some inputs are given and others not.
    #[error("no tensor is given for input `{name}`: give one for each input, or none for seeded ones")]
    Missing {
        /// Its name.
        name: String,
    },
    /// Another type than the model's.
    #[error("{what} `{name}` is {expected}, the tensor that is given is {found}")]
    Type {
        /// `input` or `output`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Type in the model.
        expected: TensorType,
        /// Type of the tensor.
        found: TensorType,
    },
}

/// For each of the `ports`, by name and type, the tensor that is given for it. Names come first; those without one fill
/// what is left, in order.
pub(crate) fn matched(
    what: &'static str,
    given: &[Given],
    ports: &[(&str, &TensorType)],
) -> Result<Vec<Option<Tensor>>, GivenError> {
    let names = || ports.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
    let mut found: Vec<Option<&Tensor>> = vec![None; ports.len()];
    for Given { name, tensor } in given.iter().filter(|given| !given.name.is_empty()) {
        let position = ports.iter().position(|(port, _)| port == name);
        let position = position.ok_or_else(|| GivenError::Unknown { what, name: name.clone(), names: names() })?;
        if found[position].replace(tensor).is_some() {
            return Err(GivenError::Twice { what, name: name.clone() });
        }
    }
    let mut free = (0..ports.len()).filter(|position| found[*position].is_none()).collect::<Vec<_>>().into_iter();
    for Given { tensor, .. } in given.iter().filter(|given| given.name.is_empty()) {
        let position = free.next();
        let position = position.ok_or_else(|| GivenError::TooMany { what, given: given.len(), names: names() })?;
        found[position] = Some(tensor);
    }
    for (tensor, (name, ty)) in found.iter().zip(ports) {
        if let Some(found) = tensor.map(Tensor::ty).filter(|found| found != *ty) {
            return Err(GivenError::Type { what, name: (*name).into(), expected: (*ty).clone(), found });
        }
    }
    Ok(found.into_iter().map(Option::<&Tensor>::cloned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tensors as `(name, value)` for two ports `a` and `b` of one element.
    #[track_caller]
    fn check(given: &[(&str, f32)], expected: Result<[Option<f32>; 2], &str>) {
        let ty = TensorType::f32([1]);
        let given =
            given.iter().map(|(name, value)| Given { name: (*name).into(), tensor: Tensor::new([1], [*value]) });
        let found = matched("input", &given.collect::<Vec<_>>(), &[("a", &ty), ("b", &ty)]);
        let values = |found: Vec<Option<Tensor>>| found.iter().map(|tensor| Some(tensor.as_ref()?.data()[0])).collect();
        let expected = expected.map(|values| values.to_vec()).map_err(str::to_owned);
        assert_eq!(found.map(values).map_err(|error| error.to_string()), expected);
    }

    #[test]
    fn names_come_first_and_positions_fill_the_rest() {
        check(&[], Ok([None, None]));
        check(&[("", 1.0), ("", 2.0)], Ok([Some(1.0), Some(2.0)]));
        check(&[("b", 1.0)], Ok([None, Some(1.0)]));
        check(&[("", 1.0), ("a", 2.0)], Ok([Some(2.0), Some(1.0)]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check(&[("c", 1.0)], Err("the model has no input `c`: it has a, b"));
        check(&[("a", 1.0), ("a", 2.0)], Err("two tensors are given for input `a`: give one"));
        check(&[("", 1.0), ("a", 2.0), ("", 3.0)], Err("3 tensors are given for inputs, the model has 2 (a, b)"));
    }

    #[test]
    fn types_must_agree() {
        let given = [Given { name: String::new(), tensor: Tensor::splat([2, 1], 0.0) }];
        let error = matched("output", &given, &[("y", &TensorType::f32([1, 2]))]).unwrap_err();
        assert_eq!(error.to_string(), "output `y` is f32[1, 2], the tensor that is given is f32[2, 1]");
    }
}
