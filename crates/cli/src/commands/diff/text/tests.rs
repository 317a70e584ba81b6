use clap::Parser as _;
use compiler::{PassDiff, RunError};

use super::*;
use crate::args::{Arguments, Command};

/// A run of two steps, right but for what `change` does.
fn shown(change: impl FnOnce(&mut Diff)) -> String {
    let right = Deviation::between(&[1.0, 0.5], &[1.0, 0.5]);
    let output = OutputDiff {
        name: "y".into(),
        shape: vec![1, 2],
        imported: None,
        optimized: right,
        compiled: Some(right),
        whole: Some(right),
    };
    let step = |step, kernel, origin: &str| StepDiff {
        step,
        kernel,
        value: 7 + step,
        origin: origin.into(),
        shape: vec![1, 2],
        deviation: right,
        own: right,
        operands: 0.0,
    };
    let steps = vec![step(0, "conv", "first"), step(1, "softmax", "second")];
    let mut diff = Diff { bound: 1e-4, outputs: vec![output], pass: None, steps, stopped: None };
    change(&mut diff);
    let Command::Diff(arguments) = Arguments::parse_from(["wasmtube", "diff", "m.onnx"]).command else {
        panic!("another command")
    };
    text(&diff, &arguments, Style::stdout())
}

fn wrong() -> Deviation {
    Deviation::between(&[1.0, 0.25], &[1.0, 0.5])
}

#[track_caller]
fn check(change: impl FnOnce(&mut Diff), parts: &[&str]) {
    let shown = shown(change);
    for part in parts {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
}

#[test]
fn a_right_file_is_shown_step_by_step() {
    let expected = "\
m.onnx: inputs of seed 1, bound 1e-4
  output  shape   compared                                largest error  share
  y       [1, 2]  graph after all passes, imported graph              0      0
                  file, graph after all passes                        0      0
                  file, imported graph                                0      0
steps of the file
  step  kernel   value  ONNX node  shape   largest error  share  of its own
     0  conv        %7  first      [1, 2]              0      0           0
     1  softmax     %8  second     [1, 2]              0      0           0
the same: nothing is beyond the bound
";
    assert_eq!(shown(|_| ()), expected);
}

#[test]
fn the_first_of_several_wrong_steps_is_marked() {
    let spoil = |diff: &mut Diff| diff.steps.iter_mut().for_each(|step| step.deviation = wrong());
    check(
        spoil,
        &[
            "0  conv        %7  first      [1, 2]         2.5e-1  2.5e-1           0  <- the first\n",
            "1  softmax     %8  second     [1, 2]         2.5e-1  2.5e-1           0  beyond\n",
            "differs: step 0, conv at `first`: element 1 is 0.25 instead of 0.5\n  help: ",
        ],
    );
}

#[test]
fn a_wrong_step_says_who_is_to_blame() {
    check(|diff| diff.steps[1].deviation = wrong(), &["step 1, softmax at `second`", "enlarges their rounding"]);
    let overwritten = |diff: &mut Diff| (diff.steps[1].deviation, diff.steps[1].operands) = (wrong(), 0.5);
    check(overwritten, &["its operands were overwritten", "see step 1 in"]);
    let kernel = |diff: &mut Diff| (diff.steps[1].deviation, diff.steps[1].own) = (wrong(), wrong());
    check(kernel, &["it computes something else", "see step 1 in"]);
}

#[test]
fn every_fault_says_what_to_do() {
    check(|diff| diff.outputs[0].imported = Some(wrong()), &["contradicts the reference", "file, reference"]);
    let pass = PassDiff { number: 4, name: "simplify", output: "y".into(), deviation: wrong() };
    check(|diff| diff.pass = Some(pass), &["differs: pass 4, `simplify`, changes output `y`: element 1 is 0.25"]);
    check(|diff| diff.stopped = Some(RunError::from("no room")), &["the file stopped after 2 steps: no room"]);
    check(|diff| diff.outputs[0].compiled = Some(wrong()), &["an output is overwritten"]);
    check(|diff| diff.outputs[0].whole = Some(wrong()), &["together they do not", "--bound"]);
}
