//! What was compared, for programs.

use compiler::{Cause, Diff, Fault, OutputDiff, PassDiff, StepDiff};
use serde::Serialize;

use crate::args::DiffArguments;
use crate::render::deviation::DeviationJson;

/// Everything that was compared.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    model: String,
    bound: f64,
    /// Absent where tensors were given.
    seed: Option<u64>,
    differs: bool,
    fault: Option<FaultJson>,
    outputs: Vec<OutputJson>,
    steps: Vec<StepJson>,
    /// Why the file was not run to its end.
    stopped: Option<String>,
}

/// The first place beyond the bound.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum FaultJson {
    Importer { output: String },
    Pass { number: usize, name: &'static str, output: String, deviation: DeviationJson },
    Step { step: usize, cause: &'static str },
    Stopped,
    Output { output: String },
    Sum { output: String },
}

#[derive(Debug, Serialize)]
struct OutputJson {
    name: String,
    shape: Vec<usize>,
    imported: Option<DeviationJson>,
    optimized: DeviationJson,
    compiled: Option<DeviationJson>,
    whole: Option<DeviationJson>,
}

#[derive(Debug, Serialize)]
struct StepJson {
    step: usize,
    kernel: &'static str,
    value: usize,
    origin: String,
    shape: Vec<usize>,
    differs: bool,
    #[serde(flatten)]
    deviation: DeviationJson,
    own: DeviationJson,
}

impl Report {
    pub(super) fn of(diff: &Diff, arguments: &DiffArguments) -> Self {
        let fault = diff.fault().map(|fault| FaultJson::of(fault, diff.bound));
        let step = |step: &StepDiff| StepJson {
            step: step.step,
            kernel: step.kernel,
            value: step.value,
            origin: step.origin.clone(),
            shape: step.shape.clone(),
            differs: step.deviation.exceeds(diff.bound),
            deviation: step.deviation.into(),
            own: step.own.into(),
        };
        Self {
            model: arguments.model.display().to_string(),
            bound: diff.bound,
            seed: arguments.tensor.is_empty().then_some(arguments.seed),
            differs: fault.is_some(),
            fault,
            outputs: diff.outputs.iter().map(OutputJson::from).collect(),
            steps: diff.steps.iter().map(step).collect(),
            stopped: diff.stopped.as_ref().map(|error| runtime::one_line(error.as_ref())),
        }
    }
}

impl FaultJson {
    fn of(fault: Fault<'_>, bound: f64) -> Self {
        let name = |output: &OutputDiff| output.name.clone();
        match fault {
            Fault::Importer(output) => Self::Importer { output: name(output) },
            Fault::Pass(PassDiff { number, name, output, deviation }) => {
                Self::Pass { number: *number, name, output: output.clone(), deviation: (*deviation).into() }
            }
            Fault::Step(step) => {
                let cause = match step.cause(bound) {
                    Cause::Kernel => "kernel",
                    Cause::Memory => "memory",
                    Cause::Rounding => "rounding",
                };
                Self::Step { step: step.step, cause }
            }
            Fault::Stopped(_) => Self::Stopped,
            Fault::Output(output) => Self::Output { output: name(output) },
            Fault::Sum(output) => Self::Sum { output: name(output) },
        }
    }
}

impl From<&OutputDiff> for OutputJson {
    fn from(output: &OutputDiff) -> Self {
        Self {
            name: output.name.clone(),
            shape: output.shape.clone(),
            imported: output.imported.map(Into::into),
            optimized: output.optimized.into(),
            compiled: output.compiled.map(Into::into),
            whole: output.whole.map(Into::into),
        }
    }
}
