//! `--check`: the file that was compiled, held against the reference interpreter.

use std::path::Path;

use compiler::{Checked, CheckedOutput, ModelSource, Options};
use serde::Serialize;

use crate::render::deviation::{DeviationJson, number, worst};
use crate::render::progress::Progress;
use crate::render::units::plural;
use crate::trial;

/// What was found, for programs.
#[derive(Debug, Serialize)]
pub(super) struct CheckedJson {
    bound: f64,
    runs: usize,
    outputs: Vec<CheckedOutputJson>,
}

#[derive(Debug, Serialize)]
struct CheckedOutputJson {
    name: String,
    seed: u64,
    #[serde(flatten)]
    deviation: DeviationJson,
}

impl CheckedJson {
    pub(super) fn of(checked: &Checked, bound: f64) -> Self {
        let output = |output: &CheckedOutput| CheckedOutputJson {
            name: output.name.clone(),
            seed: output.seed,
            deviation: output.deviation.into(),
        };
        Self { bound, runs: checked.runs, outputs: checked.outputs.iter().map(output).collect() }
    }
}

pub(super) fn check(source: &ModelSource<'_>, options: &Options, wasm: &[u8]) -> anyhow::Result<Checked> {
    let _progress = Progress::doing("running the file and the reference interpreter");
    Ok(compiler::check(source, options, wasm, &mut trial::run)?)
}

/// Why the file must not be used, if it must not.
pub(super) fn complaint(checked: &Checked, bound: f64, model: &Path) -> Option<String> {
    let wrong: Vec<String> = checked.beyond(bound).map(|output| wrong(output, bound)).collect();
    let seed = checked.beyond(bound).next()?.seed;
    Some(format!(
        "the compiled file is wrong, so it was not written: {}; `wasmtube diff {} --seed {seed}` with the same options \
         shows which step or pass makes it so",
        wrong.join("; "),
        model.display()
    ))
}

fn wrong(output: &CheckedOutput, bound: f64) -> String {
    format!(
        "the largest error of output `{}` is {} of its largest value, {bound:e} is allowed (seed {}: {})",
        output.name,
        number(output.deviation.share),
        output.seed,
        worst(&output.deviation)
    )
}

/// What was found, a line for each output.
pub(super) fn lines(checked: &Checked) -> Vec<String> {
    let runs = plural(checked.runs, "seeded run");
    let line = |output: &CheckedOutput| {
        let CheckedOutput { name, deviation, .. } = output;
        if deviation.finite == 0 {
            return format!("{name}: no finite number in {runs}, so this says little");
        }
        format!("{name}: largest error {} of the largest value in {runs}", number(deviation.share))
    };
    checked.outputs.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use compiler::{BOUND, Deviation};

    use super::*;

    fn checked(found: f32, expected: f32) -> Checked {
        let deviation = Deviation::between(&[1.0, found], &[1.0, expected]);
        Checked { runs: 4, outputs: vec![CheckedOutput { name: "y".into(), deviation, seed: 3 }] }
    }

    #[test]
    fn what_is_beyond_the_bound_is_a_complaint() {
        assert_eq!(complaint(&checked(0.5, 0.500_01), BOUND, Path::new("m.onnx")), None);
        let complaint = complaint(&checked(0.5, 0.25), BOUND, Path::new("m.onnx")).unwrap();
        let parts = ["`y` is 2.5e-1 of", "1e-4 is allowed (seed 3: element 1 is 0.5 instead of 0.25)", "not written"];
        assert!(parts.iter().all(|part| complaint.contains(part)), "{complaint}");
    }

    #[test]
    fn each_output_has_a_line() {
        assert_eq!(lines(&checked(0.5, 0.5)), ["y: largest error 0 of the largest value in 4 seeded runs"]);
    }
}
