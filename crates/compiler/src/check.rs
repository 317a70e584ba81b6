//! Whether a compiled file answers what the reference interpreter computes from the graph as it was imported.

use ir::{Diagnostics, Tensor};

use crate::deviation::Deviation;
use crate::pipeline::{imported, internal};
use crate::{ModelSource, Options, golden};

/// Why a run has no outputs, in the words of whoever ran the file.
pub type RunError = Box<dyn std::error::Error + Send + Sync>;

/// Runs a sealed file: loads it once, then gives it each set of inputs, one tensor for each input of the model in its
/// order, and answers the outputs of each run.
///
/// The compiler has no engine; whoever has one lends it.
pub type Run<'r> = dyn FnMut(&[u8], &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, RunError> + 'r;

/// Largest error that a compiled file may have, as a share of the largest value of an output.
pub const BOUND: f64 = 1e-4;

/// Seeds of the inputs.
const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// What the comparison has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// How many sets of inputs were run.
    pub runs: usize,
    /// One for each output, in the order of the model.
    pub outputs: Vec<CheckedOutput>,
}

/// The worst that was seen of one output.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedOutput {
    /// Name in the ONNX graph.
    pub name: String,
    /// The largest of all runs.
    pub deviation: Deviation,
    /// Seed of the run with the largest deviation.
    pub seed: u64,
}

impl Checked {
    /// The outputs that are beyond `bound`.
    pub fn beyond(&self, bound: f64) -> impl Iterator<Item = &CheckedOutput> {
        self.outputs.iter().filter(move |output| output.deviation.exceeds(bound))
    }
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The model is refused.
    #[error("the model is refused")]
    Refused(#[source] Diagnostics),
    /// The file could not be run.
    #[error("the compiled file does not run")]
    Run(#[source] RunError),
    /// The file answers other tensors than the model has outputs.
    #[error(transparent)]
    Outputs(#[from] OtherOutputs),
}

/// A file answers other tensors than its model has outputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the compiled file answers {found}, the model {expected}")]
pub struct OtherOutputs {
    /// Types that were answered, in order.
    pub found: String,
    /// Types of the outputs, in order.
    pub expected: String,
}

/// Runs a file that was compiled from `source` with `options` on seeded inputs and compares its answers with those of
/// the reference interpreter, which takes about as long as known answers take, for each of four sets of inputs.
///
/// # Errors
/// [`CheckError`]. Answers that are wrong are no error but a [`Checked`] beyond its bound.
pub fn check(
    source: &ModelSource<'_>,
    options: &Options,
    wasm: &[u8],
    run: &mut Run<'_>,
) -> Result<Checked, CheckError> {
    let (graph, _) = imported(source, options).map_err(CheckError::Refused)?;
    let inputs = SEEDS.map(|seed| golden::seeded(&graph, &golden::recipe(seed)));
    let answers = run(wasm, &inputs).map_err(CheckError::Run)?;
    if answers.len() != inputs.len() {
        let reason = format!("{} runs were asked for, {} were answered", inputs.len(), answers.len());
        return Err(CheckError::Run(reason.into()));
    }
    let mut checked = Checked { runs: SEEDS.len(), outputs: vec![] };
    for ((inputs, found), seed) in inputs.iter().zip(&answers).zip(SEEDS) {
        let expected = interp::evaluate(&graph, inputs).map_err(|error| CheckError::Refused(internal(error)))?;
        same_types(found, &expected)?;
        let pairs = graph.outputs().iter().zip(found.iter().zip(&expected));
        let run = pairs.map(|(output, (found, expected))| CheckedOutput {
            name: output.name.clone(),
            deviation: Deviation::between(found.data(), expected.data()),
            seed,
        });
        checked.add(run.collect());
    }
    Ok(checked)
}

impl Checked {
    /// Keeps the worse of what is known and of another run, output by output.
    fn add(&mut self, run: Vec<CheckedOutput>) {
        if self.outputs.is_empty() {
            self.outputs = run;
            return;
        }
        for (worst, output) in self.outputs.iter_mut().zip(run) {
            let finite = worst.deviation.finite.max(output.deviation.finite);
            if output.deviation.share > worst.deviation.share {
                *worst = output;
            }
            worst.deviation.finite = finite;
        }
    }
}

/// Refuses outputs of another number or type than expected.
pub(crate) fn same_types(found: &[Tensor], expected: &[Tensor]) -> Result<(), OtherOutputs> {
    let types = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.ty().to_string()).collect::<Vec<_>>();
    let (found, expected) = (types(found), types(expected));
    if found == expected {
        return Ok(());
    }
    Err(OtherOutputs { found: found.join(", "), expected: expected.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DIGITS, source};

    /// The worst share of the only output, where every answer of the interpreter goes through `spoil`.
    fn share(spoil: impl Fn(usize, &mut Vec<f32>)) -> Result<f64, CheckError> {
        let options = Options::named("digits");
        let (graph, _) = imported(&source(DIGITS), &options).unwrap();
        let mut answer = |wasm: &[u8], runs: &[Vec<Tensor>]| {
            assert_eq!(wasm, b"file");
            let run = |(index, inputs): (usize, &Vec<Tensor>)| {
                let [output] = &interp::evaluate(&graph, inputs)?[..] else { panic!("one output") };
                let mut data = output.data().to_vec();
                spoil(index, &mut data);
                Ok(vec![Tensor::new([1, data.len()], data)])
            };
            runs.iter().enumerate().map(run).collect()
        };
        let checked = check(&source(DIGITS), &options, b"file", &mut answer)?;
        assert_eq!((checked.runs, checked.outputs.len(), checked.outputs[0].name.as_str()), (4, 1, "probabilities"));
        Ok(checked.outputs[0].deviation.share)
    }

    #[test]
    fn right_answers_deviate_by_nothing() {
        assert_eq!(share(|_, _| ()).unwrap(), 0.0);
    }

    #[test]
    fn one_wrong_element_of_one_run_is_found() {
        let found = share(|run, data| data[3] += if run == 2 { 0.01 } else { 0.0 }).unwrap();
        assert!((0.01..0.1).contains(&found), "{found}");
        assert!(share(|run, data| data[9] = if run == 3 { f32::NAN } else { data[9] }).unwrap().is_infinite());
    }

    #[test]
    fn answers_of_another_type_are_an_error() {
        let error = share(|_, data| data.truncate(9)).unwrap_err();
        assert_eq!(error.to_string(), "the compiled file answers f32[1, 9], the model f32[1, 10]");
    }

    #[test]
    fn what_does_not_run_is_an_error() {
        let options = Options::named("digits");
        let error = check(&source(DIGITS), &options, b"", &mut |_, _| Err("no engine".into())).unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no engine");
        let error = check(&source(DIGITS), &options, b"", &mut |_, _| Ok(vec![])).unwrap_err();
        assert!(matches!(error, CheckError::Run(_)));
    }
}
