//! Compares a model at every station on its way to the answer.

mod report;
mod tensors;
mod text;

use compiler::{DiffError, ModelSource, Options, Trial};

use self::report::Report;
use super::build::{Beside, refuse};
use super::{Outcome, build};
use crate::args::DiffArguments;
use crate::files::{self, Content};
use crate::render::print;
use crate::render::progress::Progress;
use crate::render::style::Style;
use crate::trial;
use crate::usage::usage;

pub(super) fn run(arguments: &DiffArguments) -> anyhow::Result<Outcome> {
    let name = build::stem(&arguments.model)?;
    let options = Options { golden: false, ..build::shaped(name, &arguments.shaping)? };
    let trial = Trial {
        inputs: tensors::inputs(&arguments.tensor)?,
        seed: arguments.seed,
        references: tensors::references(&arguments.reference)?,
        bound: arguments.bound,
    };
    let onnx = files::read(&arguments.model, Content::Model)?;
    let diff = {
        let _progress = Progress::doing("running the file and the reference interpreter");
        let source = ModelSource { onnx: &onnx, external: &Beside::of(&arguments.model) };
        compiler::diff(&source, &options, &trial, &mut trial::run_steps)
    };
    let diff = match diff {
        Ok(diff) => diff,
        Err(DiffError::Refused(refused)) => return refuse(&refused, arguments.json),
        Err(DiffError::Given(error)) => return Err(usage(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string(&Report::of(&diff, arguments))?))?;
    } else {
        print(&text::text(&diff, arguments, Style::stdout()))?;
    }
    Ok(if diff.fault().is_none() { Outcome::Done } else { Outcome::Failed })
}
