//! Real models against the outputs that ONNX Runtime recorded, through the whole product: compiler and runtime.

use std::path::Path;
use std::sync::Arc;

use compiler::{ModelSource, Options, PreprocessName, Profile, compile};
use runtime::{Engine, EngineOptions, Limits, LoadOptions, Picture, Tensor, Version};
use wasmtube_conformance::inputs::relative_error;
use wasmtube_conformance::references::{self, RecordedPicture, Reference};
use wasmtube_conformance::{inputs, models};

/// Largest error as a share of the largest output.
const BOUND: f32 = 1e-4;
/// The same where the reference was computed in half precision, whose steps are 2^-11 of a number.
const HALF_BOUND: f32 = 2e-3;

fn load(wasm: Vec<u8>) -> Arc<Version> {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let limits = Limits { deadline: std::time::Duration::from_secs(60), ..Limits::default() };
    Arc::new(Version::load(&engine, wasm, LoadOptions { limits, ..LoadOptions::default() }).unwrap())
}

fn argmax(values: &[f32]) -> usize {
    (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap()
}

/// Compiles a model with each profile and runs every recorded case by tensor and, where the preprocessing has a name,
/// by picture.
#[track_caller]
fn check(folder: &Path, model: &str, preprocess: Option<&str>) {
    check_within(BOUND, folder, model, preprocess);
}

#[track_caller]
fn check_within(bound: f32, folder: &Path, model: &str, preprocess: Option<&str>) {
    let onnx = models::read(&folder.join(model)).unwrap();
    let mut references = references::of(folder, model).unwrap();
    assert!(!references.is_empty(), "no case is recorded for {model}");
    if preprocess.is_none() {
        references.iter_mut().for_each(|reference| reference.picture = None);
    }
    for profile in [Profile::Relaxed, Profile::Simd128] {
        let preprocess = preprocess.map(|name| name.parse::<PreprocessName>().unwrap().into());
        let options = Options { profile, preprocess, ..Options::named("model") };
        let artifact = compile(&ModelSource::whole(&onnx), &options).unwrap();
        let version = load(artifact.wasm);
        version.check_golden().unwrap();
        for reference in &references {
            check_reference(bound, &version, reference, profile);
        }
    }
}

fn check_reference(bound: f32, version: &Arc<Version>, reference: &Reference, profile: Profile) {
    let case = format!("{} {} {}", reference.model, reference.case, profile.name());
    let shape = reference.shape.iter().map(|size| *size as u64).collect();
    let tensor = Tensor::from_f32s(shape, &reference.tensor).unwrap();
    let lease = version.lease();
    let mut answers = vec![("infer", lease.infer(&[tensor]).unwrap())];
    if let Some(RecordedPicture { rgb, width, height }) = reference.picture.clone() {
        let picture = Picture::from_rgb(width, height, rgb).unwrap();
        answers.push(("predict", lease.predict(&picture).unwrap()));
    }
    for (way, found) in answers {
        assert_eq!(found.len(), reference.outputs.len(), "{case} {way}: outputs");
        for (index, (found, expected)) in found.iter().zip(&reference.outputs).enumerate() {
            let found = found.f32s().unwrap();
            let error = relative_error(&found, expected);
            println!("{case} {way} output {index}: error {error:e}, class {}", argmax(&found));
            assert!(error <= bound, "{case} {way} output {index}: error {error:e}");
            assert_eq!(argmax(&found), argmax(expected), "{case} {way} output {index}");
        }
    }
}

#[test]
fn mobilenetv2_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mobilenetv2-tv-f32.onnx", Some("imagenet"));
}

#[test]
fn squeezenet_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "squeezenet1.1-f32.onnx", Some("caffe"));
}

/// Its weights are inputs of the graph too, with their values in the model.
#[test]
fn squeezenet_in_half_precision_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check_within(HALF_BOUND, &folder, "squeezenet1.1-fp16.onnx", Some("caffe"));
}

#[test]
fn mnist_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mnist-8.onnx", Some("raw"));
}

#[test]
fn mlperf_tiny_resnet8_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mlperf-tiny-resnet8-f32.onnx", Some("raw"));
}

#[test]
fn mlperf_tiny_vww_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mlperf-tiny-vww96-f32.onnx", Some("unit"));
}

#[test]
fn mlperf_tiny_kws_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mlperf-tiny-kws-f32.onnx", None);
}

#[test]
fn mlperf_tiny_ad01_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "mlperf-tiny-ad01-f32.onnx", None);
}

#[test]
fn ultraface_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "ultraface-rfb-320.onnx", Some("lite"));
}

#[test]
fn yunet_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "yunet_n_320_320.onnx", Some("bgr"));
}

#[test]
fn yolox_agrees_with_its_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    check(&folder, "yolox_nano.onnx", Some("yolox"));
}

/// The interpreter alone, on the graph as it was imported, is right too.
#[test]
fn interpreter_agrees_with_references() {
    let Some(folder) = models::outside_or_say(1) else { return };
    for model in [
        "mobilenetv2-tv-f32.onnx",
        "squeezenet1.1-f32.onnx",
        "squeezenet1.1-fp16.onnx",
        "mnist-8.onnx",
        "mlperf-tiny-resnet8-f32.onnx",
        "mlperf-tiny-vww96-f32.onnx",
        "mlperf-tiny-kws-f32.onnx",
        "mlperf-tiny-ad01-f32.onnx",
        "ultraface-rfb-320.onnx",
        "yunet_n_320_320.onnx",
        "yolox_nano.onnx",
    ] {
        let onnx = models::read(&folder.join(model)).unwrap();
        let decoded = onnx::decode(&onnx, &onnx::Limits::STANDARD).unwrap();
        let graph = onnx::import(&decoded, &onnx::ImportOptions::default()).unwrap().graph;
        let reference = &references::of(&folder, model).unwrap()[0];
        let tensor = ir::Tensor::new(reference.shape.clone(), reference.tensor.clone());
        let found = interp::evaluate(&graph, &[tensor]).unwrap();
        let bound = if model.contains("fp16") { HALF_BOUND } else { BOUND };
        assert_eq!(found.len(), reference.outputs.len(), "{model}: outputs");
        for (index, (found, expected)) in found.iter().zip(&reference.outputs).enumerate() {
            let error = inputs::relative_error(found.data(), expected);
            println!("{model} output {index}: error {error:e}");
            assert!(error <= bound, "{model} output {index}: error {error:e}");
        }
    }
}

/// Compiling twice gives the same bytes.
#[test]
fn compiling_is_deterministic() {
    let onnx = models::read(&models::repository().join("models/digits/digits.onnx")).unwrap();
    let file = || compile(&ModelSource::whole(&onnx), &Options::named("digits")).unwrap().wasm;
    assert_eq!(file(), file());
}

/// Our own model against the outputs recorded when it was trained.
#[test]
fn digits_agree_with_their_references() {
    let folder = models::repository().join("models/digits");
    let onnx = models::read(&folder.join("digits.onnx")).unwrap();
    let read = |name: &str| runtime::npy::read(&models::read(&folder.join(name)).unwrap()).unwrap();
    let images = read("heldout-images.npy");
    let expected = read("reference.npy").f32s().unwrap();
    assert_eq!((images.bytes().len(), expected.len()), (359 * 64, 359 * 10));
    for profile in [Profile::Relaxed, Profile::Simd128] {
        let options = Options { profile, ..Options::named("digits") };
        let artifact = compile(&ModelSource::whole(&onnx), &options).unwrap();
        let version = load(artifact.wasm);
        let lease = version.lease();
        for (index, (image, expected)) in images.bytes().chunks_exact(64).zip(expected.chunks_exact(10)).enumerate() {
            let values: Vec<f32> = image.iter().map(|gray| f32::from(*gray) / 16.0).collect();
            let tensor = Tensor::from_f32s(vec![1, 1, 8, 8], &values).unwrap();
            let found = lease.infer(&[tensor]).unwrap()[0].f32s().unwrap();
            let error = relative_error(&found, expected);
            assert!(error <= BOUND, "digit {index}: error {error:e}");
            assert_eq!(argmax(&found), argmax(expected), "digit {index}");
        }
    }
}

/// Every file that is written can be read, whatever its known answers are.
#[test]
fn numbers_that_are_not_finite_make_no_broken_file() {
    // Half of the seeded inputs are negative.
    let golden = abi::Golden { seed: 1, scale: 1.0, offset: 0.0, tolerance: 1e-4, outputs: vec![] };
    let input: Vec<f32> = golden.input(0).take(40).collect();
    assert!(input.iter().any(|x| *x < 0.0));
    let wasm = compile(&ModelSource::whole(&sqrt_model()), &Options::named("roots")).unwrap().wasm;
    load(wasm).check_golden().unwrap();
}

/// `y = Sqrt(x)` on `[1, 40]`, as ONNX bytes: fields of the protocol buffer written out.
fn sqrt_model() -> Vec<u8> {
    let field = |number: u8, content: &[u8]| [&[number << 3 | 2, content.len() as u8], content].concat();
    let text = |number: u8, text: &str| field(number, text.as_bytes());
    let node = [text(1, "x"), text(2, "y"), text(4, "Sqrt")].concat();
    let dimensions = [field(1, &[0x08, 1]), field(1, &[0x08, 40])].concat();
    let tensor = [vec![0x08, 1], field(2, &dimensions)].concat();
    let value = |name: &str| [text(1, name), field(2, &field(1, &tensor))].concat();
    let graph = [field(1, &node), text(2, "g"), field(11, &value("x")), field(12, &value("y"))].concat();
    let opset = [text(1, ""), vec![0x10, 17]].concat();
    [vec![0x08, 8], field(7, &graph), field(8, &opset)].concat()
}
