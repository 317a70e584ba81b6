//! Damaged models through the whole compiler: a file or a refusal, never a panic.

use compiler::{ModelSource, Options, compile};
use wasmtube_conformance::inputs::Numbers;
use wasmtube_conformance::models;

const CHANGES: usize = 400;

fn digits() -> Vec<u8> {
    models::read(&models::repository().join("models/digits/digits.onnx")).unwrap()
}

/// A file that compiles says so; a refusal has a reason that is not our own defect.
fn survive(onnx: &[u8], what: &str) -> bool {
    let options =
        Options { preprocess: Some(compiler::PreprocessName::Unit.into()), golden: false, ..Options::named("damaged") };
    match compile(&ModelSource::whole(onnx), &options) {
        Ok(_) => true,
        Err(refused) => {
            for reason in refused.reasons() {
                assert_ne!(reason.code, ir::Code::Internal, "{what}: {reason}");
            }
            false
        }
    }
}

#[test]
fn changed_models_are_compiled_or_refused() {
    let whole = digits();
    let mut random = Numbers::seeded(3);
    let mut compiled = 0;
    for change in 0..CHANGES {
        let mut onnx = whole.clone();
        for _ in 0..=random.below(3) {
            // The structure is at both ends, the weights in the middle.
            let span = onnx.len().min(2000);
            let at = if random.below(2) == 0 { random.below(span) } else { onnx.len() - 1 - random.below(span) };
            match random.below(3) {
                0 => onnx[at] ^= 1 << random.below(8),
                1 => onnx[at] = random.bits() as u8,
                _ => {
                    onnx.remove(at);
                }
            }
        }
        compiled += usize::from(survive(&onnx, &format!("change {change}")));
    }
    assert!(compiled > 0 && compiled < CHANGES, "{compiled} of {CHANGES} compiled: the changes show nothing");
}

#[test]
fn cut_models_are_refused() {
    let whole = digits();
    for length in (0..whole.len()).step_by(whole.len() / 150) {
        assert!(!survive(&whole[..length], &format!("cut at {length}")), "cut at {length}");
    }
}
