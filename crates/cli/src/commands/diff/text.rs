//! What was compared, for people: outputs, steps, and where to look.

use compiler::{Cause, Deviation, Diff, Fault, OutputDiff, StepDiff};

use crate::args::DiffArguments;
use crate::render::deviation::{number, worst};
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::table::{Align, Table};

pub(super) fn text(diff: &Diff, arguments: &DiffArguments, style: Style) -> String {
    let inputs = if arguments.tensor.is_empty() {
        format!("inputs of seed {}", arguments.seed)
    } else {
        "the inputs that were given".into()
    };
    let heading = format!("{}: {inputs}, bound {:e}", arguments.model.display(), diff.bound);
    let mut text = format!("{}\n{}", style.bold(printable(&heading)), outputs(diff, style));
    if !diff.steps.is_empty() {
        text.push_str(&format!("{}\n{}", style.bold("steps of the file"), steps(diff, style)));
    }
    text.push_str(&verdict(diff, style));
    text
}

fn outputs(diff: &Diff, style: Style) -> String {
    let mut table = Table::new(&[
        ("output", Align::Left),
        ("shape", Align::Left),
        ("compared", Align::Left),
        ("largest error", Align::Right),
        ("share", Align::Right),
        ("", Align::Left),
    ]);
    for output in &diff.outputs {
        let whole = if output.imported.is_some() { "file, reference" } else { "file, imported graph" };
        let rows = [
            ("imported graph, reference", output.imported),
            ("graph after all passes, imported graph", Some(output.optimized)),
            ("file, graph after all passes", output.compiled),
            (whole, output.whole),
        ];
        let shown = rows.into_iter().filter_map(|(compared, deviation)| Some((compared, deviation?)));
        for (row, (compared, deviation)) in shown.enumerate() {
            let (name, shape) =
                if row == 0 { (output.name.clone(), format!("{:?}", output.shape)) } else { Default::default() };
            let [error, share] = errors(&deviation);
            table.row([name, shape, compared.into(), error, share, mark(deviation.exceeds(diff.bound)).into()]);
        }
    }
    table.text(style)
}

fn steps(diff: &Diff, style: Style) -> String {
    let mut table = Table::new(&[
        ("step", Align::Right),
        ("kernel", Align::Left),
        ("value", Align::Right),
        ("ONNX node", Align::Left),
        ("shape", Align::Left),
        ("largest error", Align::Right),
        ("share", Align::Right),
        ("of its own", Align::Right),
        ("", Align::Left),
    ]);
    let first = diff.steps.iter().position(|step| step.deviation.exceeds(diff.bound));
    for (index, step) in diff.steps.iter().enumerate() {
        let StepDiff { step, kernel, value, origin, shape, deviation, own, operands: _ } = step;
        let [error, share] = errors(deviation);
        let mark = if first == Some(index) { "<- the first" } else { mark(deviation.exceeds(diff.bound)) };
        let (step, value, shape) = (step.to_string(), format!("%{value}"), format!("{shape:?}"));
        table.row([step, (*kernel).into(), value, origin.clone(), shape, error, share, number(own.share), mark.into()]);
    }
    table.text(style)
}

fn errors(deviation: &Deviation) -> [String; 2] {
    [deviation.largest_error, deviation.share].map(number)
}

fn mark(is_beyond: bool) -> &'static str {
    if is_beyond { "beyond" } else { "" }
}

/// Where the answer goes wrong and what to do.
fn verdict(diff: &Diff, style: Style) -> String {
    let Some(fault) = diff.fault() else {
        return format!("{} nothing is beyond the bound\n", style.green("the same:"));
    };
    let part = |output: &OutputDiff, deviation: Option<Deviation>| {
        let worst = deviation.as_ref().map(worst).unwrap_or_default();
        format!("output `{}`: {worst}", output.name)
    };
    let (what, next) = match fault {
        Fault::Importer(output) => (
            format!("the imported graph contradicts the reference: {}", part(output, output.imported)),
            "the importer misreads an operator, or the reference belongs to another model or input: compare `wasmtube \
             build MODEL --emit graph` with the model"
                .to_owned(),
        ),
        Fault::Pass(pass) => (
            format!(
                "pass {}, `{}`, changes output `{}`: {}",
                pass.number,
                pass.name,
                pass.output,
                worst(&pass.deviation)
            ),
            "a defect of this pass: please report it with the model".to_owned(),
        ),
        Fault::Step(step) => (
            format!("step {}, {} at `{}`: {}", step.step, step.kernel, step.origin, worst(&step.deviation)),
            after_step(step, diff.bound),
        ),
        Fault::Stopped(error) => (
            format!("the file stopped after {} steps: {}", diff.steps.len(), runtime::one_line(error.as_ref())),
            "if it is no limit of this machine, it is a defect: please report it with the model".to_owned(),
        ),
        Fault::Output(output) => (
            format!("every step is right, yet an output is overwritten: {}", part(output, output.compiled)),
            "a defect of the memory plan: please report it with the model".to_owned(),
        ),
        Fault::Sum(output) => (
            format!("each part keeps to the bound, together they do not: {}", part(output, output.whole)),
            "rounding adds up: choose a larger --bound if the answer is good enough".to_owned(),
        ),
    };
    format!("{} {}\n  {} {next}\n", style.red("differs:"), printable(&what), style.dim("help:"))
}

fn after_step(step: &StepDiff, bound: f64) -> String {
    let see =
        format!("see step {} in `wasmtube build MODEL --emit plan`, and please report it with the model", step.step);
    match step.cause(bound) {
        Cause::Kernel => format!("it computes something else from its operands than its node says, a defect: {see}"),
        Cause::Memory => format!("its operands were overwritten after they had been right, a defect: {see}"),
        Cause::Rounding => "it computes what its node says from operands that keep to the bound, and enlarges their \
                            rounding, as a difference of nearly equal numbers does: choose a larger --bound if the answer \
                            is good enough"
            .into(),
    }
}

#[cfg(test)]
mod tests;
