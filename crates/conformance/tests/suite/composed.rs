//! ONNX operators that are composed of ours, against published numbers.

use compiler::{ModelSource, Options};
use wasmtube_conformance::inputs::relative_error;

/// `y = op(x)` on a row, as ONNX bytes: fields of the protocol buffer written out.
pub(crate) fn model(op: &str, elements: usize) -> Vec<u8> {
    model_to(op, elements, elements)
}

/// As [`model`], where the answer has so many elements.
fn model_to(op: &str, elements: usize, results: usize) -> Vec<u8> {
    let field = |number: u8, content: &[u8]| [&[number << 3 | 2, content.len() as u8], content].concat();
    let text = |number: u8, text: &str| field(number, text.as_bytes());
    let node = [text(1, "x"), text(2, "y"), text(4, op)].concat();
    let value = |name: &str, elements: usize| {
        let dimensions = [field(1, &[0x08, 1]), field(1, &[0x08, elements as u8])].concat();
        let tensor = [vec![0x08, 1], field(2, &dimensions)].concat();
        [text(1, name), field(2, &field(1, &tensor))].concat()
    };
    let graph =
        [field(1, &node), text(2, "g"), field(11, &value("x", elements)), field(12, &value("y", results))].concat();
    let opset = [text(1, ""), vec![0x10, 20]].concat();
    [vec![0x08, 10], field(7, &graph), field(8, &opset)].concat()
}

/// Values as pairs of `x` and `y`.
#[track_caller]
fn check(op: &str, values: &[(f32, f32)]) {
    let onnx = model(op, values.len());
    let decoded = onnx::decode(&onnx, &onnx::Limits::STANDARD).unwrap();
    let graph = onnx::import(&decoded, &onnx::ImportOptions::default()).unwrap().graph;
    let x: Vec<f32> = values.iter().map(|(x, _)| *x).collect();
    let expected: Vec<f32> = values.iter().map(|(_, y)| *y).collect();
    let found = interp::evaluate(&graph, &[ir::Tensor::new([1, x.len()], x)]).unwrap();
    let error = relative_error(found[0].data(), &expected);
    assert!(error < 4e-7, "{op}: error {error:e}, {:?}", found[0].data());
    compiler::compile(&ModelSource::whole(&onnx), &Options::named("m")).unwrap();
}

const INFINITE: f32 = f32::INFINITY;

/// Abramowitz and Stegun, *Handbook of Mathematical Functions*, table 7.1.
#[test]
fn erf_has_its_published_values() {
    check("Erf", &[(0.0, 0.0), (0.1, 0.112_462_916), (-0.5, -0.520_499_9), (1.0, 0.842_700_8), (-2.0, -0.995_322_3)]);
    check("Erf", &[(3.0, 0.999_977_9), (20.0, 1.0), (-INFINITE, -1.0), (INFINITE, 1.0), (1e-20, 0.0)]);
}

#[test]
fn gelu_is_x_times_the_normal_distribution() {
    check("Gelu", &[(0.0, 0.0), (1.0, 0.841_344_8), (-1.0, -0.158_655_26), (2.0, 1.954_499_7), (-0.5, -0.154_268_77)]);
}

#[test]
fn functions_keep_to_their_limits() {
    check("Softplus", &[(0.0, std::f32::consts::LN_2), (100.0, 100.0), (-100.0, 0.0), (1.0, 1.313_261_6)]);
    check("Softsign", &[(0.0, 0.0), (1.0, 0.5), (-3.0, -0.75)]);
    check("Elu", &[(0.0, 0.0), (2.0, 2.0), (-1.0, -0.632_120_55), (-200.0, -1.0)]);
    check("Reciprocal", &[(2.0, 0.5), (-4.0, -0.25), (INFINITE, 0.0)]);
}

/// Folded to one number, which is compared with the first of the row.
#[test]
fn powers_of_large_numbers_do_not_overflow() {
    for (x, expected) in [([1000.0, 1000.0], 1_000.693_2), ([-1000.0, 0.0], 0.0), ([-INFINITE, -INFINITE], -INFINITE)] {
        let onnx = model_to("ReduceLogSumExp", 2, 1);
        let decoded = onnx::decode(&onnx, &onnx::Limits::STANDARD).unwrap();
        let graph = onnx::import(&decoded, &onnx::ImportOptions::default()).unwrap().graph;
        let found = interp::evaluate(&graph, &[ir::Tensor::new([1, 2], x)]).unwrap();
        assert_eq!(found[0].data(), [expected], "{x:?}");
    }
}
