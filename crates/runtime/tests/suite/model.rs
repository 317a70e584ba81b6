//! Compiled models: tensors, pictures, steps, known answers.

use std::sync::Arc;
use std::time::Duration;

use abi::{
    ChannelOrder, DataType, Digest, Filter, FunctionDecl, Golden, GoldenOutput, Layout, Manifest, ModelDecl,
    Preprocess, Resize, State, TensorDecl, ValueKind,
};
use runtime::{
    CallError, Convention, GoldenError, Lease, Limits, LoadError, LoadOptions, Mode, PIXELS_MAX, Picture, Tensor,
    Version,
};

use crate::guest::{deadline, engine, load_error, manifest, sealed};

/// Four steps, each doubles one of four numbers; `image` takes the first four bytes.
pub(crate) const DOUBLE: &str = r#"(module (memory (export "memory") 1)
  (global $picture (mut i32) (i32.const 0))
  (func (export "wasmtube_abi_v1"))
  (func $step (export "step") (param $k i32)
    (local $at i32)
    (local.set $at (i32.mul (local.get $k) (i32.const 4)))
    (f32.store offset=2048 (local.get $at) (f32.mul (f32.const 2) (f32.load offset=1024 (local.get $at)))))
  (func (export "infer")
    (call $step (i32.const 0)) (call $step (i32.const 1)) (call $step (i32.const 2)) (call $step (i32.const 3)))
  (func (export "image") (param $ptr i32) (param $len i32) (param $width i32) (param $height i32) (result i32)
    (if (i32.gt_u (local.get $width) (i32.const 100)) (then (return (i32.const -2))))
    (global.set $picture (local.get $ptr))
    (i32.const 4))
  (func (export "image_step") (param $band i32)
    (f32.store offset=1024 (i32.mul (local.get $band) (i32.const 4))
      (f32.convert_i32_u (i32.load8_u (i32.add (global.get $picture) (local.get $band)))))))"#;

fn tensor(name: &str, address: u32) -> TensorDecl {
    TensorDecl { name: name.into(), dtype: DataType::F32, shape: vec![1, 4], address }
}

pub(crate) fn doubled() -> Manifest {
    let mut manifest = manifest(State::Stateless, &[]);
    let tensors =
        FunctionDecl { takes: vec![ValueKind::Tensor], returns: vec![ValueKind::Tensor], about: String::new() };
    manifest.functions.insert("infer".into(), tensors);
    let image = FunctionDecl { takes: vec![ValueKind::Image], returns: vec![ValueKind::Tensor], about: String::new() };
    manifest.functions.insert("predict".into(), image);
    manifest.model = Some(ModelDecl {
        onnx: Digest::of(b""),
        inputs: vec![tensor("x", 1024)],
        outputs: vec![tensor("y", 2048)],
        steps: 4,
        step_names: (0..4).map(|step| format!("double {step}")).collect(),
        macs: 4,
        weights_bytes: 0,
        preprocess: Some(Preprocess {
            name: "raw".into(),
            layout: Layout::Nchw,
            filter: Filter::Bilinear,
            resize: Resize::Stretch,
            channels: ChannelOrder::Gray,
            mean: vec![0.0],
            scale: vec![1.0],
        }),
        labels: Vec::new(),
        golden: None,
    });
    manifest
}

fn load(text: &str, manifest: &Manifest, mode: Mode, limits: Limits) -> Lease {
    let options = LoadOptions { mode, limits, ..LoadOptions::default() };
    Arc::new(Version::load(engine(), sealed(text, manifest), options).unwrap()).lease()
}

fn double(mode: Mode) -> Lease {
    load(DOUBLE, &doubled(), mode, Limits::default())
}

fn row(values: &[f32]) -> Tensor {
    Tensor::from_f32s(vec![1, 4], values).unwrap()
}

#[test]
fn tensors_cross_in_both_modes() {
    for mode in [Mode::Guarded, Mode::Stepped] {
        let lease = double(mode);
        let interface = lease.version().interface();
        assert_eq!((interface.convention, interface.model().unwrap().steps), (Convention::Model, 4));
        let outputs = lease.infer(&[row(&[1.0, 2.0, -3.0, 0.5])]).unwrap();
        assert_eq!((outputs.len(), outputs[0].name.as_str(), outputs[0].shape()), (1, "y", &[1, 4][..]));
        assert_eq!(outputs[0].f32s().unwrap(), [2.0, 4.0, -6.0, 1.0]);
    }
}

#[test]
fn half_precision_is_taken_for_single_precision() {
    let halves: Vec<u8> = [0x3c00_u16, 0x4000, 0xc200, 0x3800].iter().flat_map(|bits| bits.to_le_bytes()).collect();
    let tensor = Tensor::new(DataType::F16, vec![1, 4], halves).unwrap();
    let lease = double(Mode::Guarded);
    assert_eq!(lease.infer(std::slice::from_ref(&tensor)).unwrap()[0].f32s().unwrap(), [2.0, 4.0, -6.0, 1.0]);
    let other = Tensor::new(DataType::F16, vec![4], tensor.bytes().to_vec()).unwrap();
    let error = lease.infer(&[other]).unwrap_err().to_string();
    assert!(error.contains("it is f32 [1, 4], it was given as f16 [4]"), "{error}");
}

#[test]
fn a_profile_has_one_time_for_each_step() {
    let (outputs, times) = double(Mode::Guarded).profile(&[row(&[1.0; 4])]).unwrap();
    assert_eq!((outputs[0].f32s().unwrap(), times.len()), (vec![2.0; 4], 4));
}

#[test]
fn each_step_shows_the_memory_that_it_left() {
    for mode in [Mode::Guarded, Mode::Stepped] {
        let mut seen: Vec<(u32, Vec<f32>)> = vec![];
        let outputs = double(mode).infer_observed(&[row(&[1.0, 2.0, 3.0, 4.0])], |step, memory| {
            let words = memory[2048..][..16].as_chunks().0;
            seen.push((step, words.iter().map(|word| f32::from_le_bytes(*word)).collect()));
        });
        assert_eq!(outputs.unwrap()[0].f32s().unwrap(), [2.0, 4.0, 6.0, 8.0]);
        assert_eq!(seen[0], (0, vec![2.0, 0.0, 0.0, 0.0]));
        assert_eq!(seen[2], (2, vec![2.0, 4.0, 6.0, 0.0]));
        assert_eq!(seen.len(), 4);
    }
}

#[test]
fn a_step_that_traps_ends_what_is_shown() {
    let traps = DOUBLE
        .replace("(local $at i32)", "(local $at i32) (if (i32.eq (local.get $k) (i32.const 2)) (then unreachable))");
    let lease = load(&traps, &doubled(), Mode::Guarded, Limits::default());
    let mut seen = vec![];
    let error = lease.infer_observed(&[row(&[0.0; 4])], |step, _| seen.push(step)).unwrap_err();
    assert!(matches!(error, CallError::Trap(_)), "{error}");
    assert_eq!(seen, [0, 1]);
}

#[test]
fn pictures_go_through_the_model_s_own_preparation() {
    for mode in [Mode::Guarded, Mode::Stepped] {
        let picture = Picture::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(double(mode).predict(&picture).unwrap()[0].f32s().unwrap(), [2.0, 4.0, 6.0, 8.0]);
    }
    let wide = Picture::from_rgb(101, 1, vec![0; 303]).unwrap();
    let error = double(Mode::Guarded).predict(&wide).unwrap_err();
    let expected = "input `x` of the model: the width or height is zero or above the limit of 16384 pixels";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_model_without_preprocessing_takes_no_pictures() {
    let mut manifest = doubled();
    manifest.functions.remove("predict");
    manifest.model.as_mut().unwrap().preprocess = None;
    let picture = Picture::from_rgb(1, 1, vec![0; 3]).unwrap();
    for mode in [Mode::Guarded, Mode::Stepped] {
        let lease = load(DOUBLE, &manifest, mode, Limits::default());
        assert_eq!(
            lease.predict(&picture).unwrap_err().to_string(),
            "`predict` takes tensors: the model was compiled without preprocessing, it was called with a picture"
        );
        assert!(lease.infer(&[row(&[0.0; 4])]).is_ok());
    }
}

/// A photo of 24 megapixels: 72 million bytes.
fn photo() -> Picture {
    Picture::from_rgb(6000, 4000, vec![7; 72_000_000]).unwrap()
}

fn predict(photo: &Picture, limits: Limits) -> Result<Vec<Tensor>, CallError> {
    load(&DOUBLE.replace("(i32.const 100)", "(i32.const 6000)"), &doubled(), Mode::Guarded, limits).predict(photo)
}

#[test]
fn a_photo_needs_no_raised_limit() {
    let limits = Limits { deadline: Duration::from_secs(60), ..Limits::default() };
    assert_eq!(predict(&photo(), limits).unwrap()[0].f32s().unwrap(), [14.0; 4]);
    let limits = Limits::default();
    assert_eq!(limits.picture_bytes as u64, 3 * PIXELS_MAX);
    assert!(limits.memory_bytes > 2 * limits.picture_bytes as u64, "the largest picture leaves room for a model");
}

#[test]
fn a_picture_above_a_limit_is_told_which() {
    let photo = photo();
    let error = predict(&photo, Limits { picture_bytes: 71_999_999, ..Limits::default() }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a picture of 6000 x 4000 pixels has 72000000 bytes of RGB, the limit is 71999999: make it smaller or raise the limit `picture_bytes`"
    );
    let error = predict(&photo, Limits { memory_bytes: 64 << 20, ..Limits::default() }).unwrap_err();
    assert_eq!(error, CallError::MemoryLimit { wanted: 65_536 + 72_000_000, limit: 64 << 20 });
}

#[test]
fn inputs_must_fit_the_manifest() {
    let lease = double(Mode::Guarded);
    let check = |inputs: &[Tensor], expected: &str| {
        assert_eq!(lease.infer(inputs).unwrap_err().to_string(), expected);
    };
    check(&[], "`infer` takes 1 tensors, it was called with 0");
    check(&[row(&[0.0; 4]).named("z")], "input `z` of the model: there is no such input; the model has x");
    let short = Tensor::from_f32s(vec![4], &[0.0; 4]).unwrap();
    check(&[short], "input `x` of the model: it is f32 [1, 4], it was given as f32 [4]");
    let integers = Tensor::new(DataType::I32, vec![1, 4], vec![0; 16]).unwrap().named("x");
    check(&[integers], "input `x` of the model: it is f32 [1, 4], it was given as i32 [1, 4]");
    assert!(lease.infer(&[row(&[0.0; 4]).named("x")]).is_ok());
}

#[test]
fn other_modules_have_no_tensors() {
    let lease = crate::guest::lease(crate::guest::answering(1));
    assert!(matches!(lease.infer(&[]), Err(CallError::NoSuchFunction { .. })));
}

#[test]
fn a_deadline_ends_a_model_between_two_steps() {
    let spin = "(local $at i32) (local $n i32) (loop $spin
      (br_if $spin (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000000))))";
    let text = DOUBLE.replace("(local $at i32)", spin);
    let lease = load(&text, &doubled(), Mode::Stepped, deadline(30));
    let error = lease.infer(&[row(&[0.0; 4])]).unwrap_err();
    assert_eq!(error, CallError::DeadlineExceeded { deadline: Duration::from_millis(30) });
}

#[test]
fn a_deadline_ends_an_endless_model() {
    let text = DOUBLE.replace(r#"(func (export "infer")"#, r#"(func (export "infer") (loop $l (br $l))"#);
    let error = load(&text, &doubled(), Mode::Guarded, deadline(30)).infer(&[row(&[0.0; 4])]).unwrap_err();
    assert_eq!(error, CallError::DeadlineExceeded { deadline: Duration::from_millis(30) });
}

#[test]
fn tensors_outside_the_memory_are_refused_at_load() {
    for address in [65_536 - 15, u32::MAX] {
        let mut manifest = doubled();
        manifest.model.as_mut().unwrap().outputs[0].address = address;
        let error = load_error(sealed(DOUBLE, &manifest));
        assert!(matches!(error, LoadError::Contradiction { .. }), "{error:?}");
    }
    let mut manifest = doubled();
    manifest.model.as_mut().unwrap().inputs[0].shape = vec![u64::MAX, 8];
    assert!(matches!(load_error(sealed(DOUBLE, &manifest)), LoadError::Contradiction { .. }));
}

#[test]
fn a_model_without_step_is_refused() {
    let text = DOUBLE.replace(r#"(export "step")"#, "");
    let error = load_error(sealed(&text, &doubled())).to_string();
    assert!(error.starts_with("the manifest says compiled model, which needs `step`, but"), "{error}");
}

pub(crate) fn with_golden(factor: f32) -> Manifest {
    let mut manifest = doubled();
    let mut golden = Golden { seed: 7, scale: 1.5, offset: 0.25, tolerance: 1e-6, outputs: Vec::new() };
    let values: Vec<f32> = golden.input(0).take(4).map(|x| x * factor).collect();
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    golden.outputs = vec![GoldenOutput { largest, positions: vec![0, 3], values: vec![values[0], values[3]] }];
    manifest.model.as_mut().unwrap().golden = Some(golden);
    manifest
}

#[test]
fn known_answers_hold() {
    let version = Version::load(engine(), sealed(DOUBLE, &with_golden(2.0)), LoadOptions::default()).unwrap();
    let report = version.check_golden().unwrap();
    assert_eq!((report.probes, report.largest_share), (2, 0.0));
}

#[test]
fn wrong_answers_are_found() {
    let version = Version::load(engine(), sealed(DOUBLE, &with_golden(2.1)), LoadOptions::default()).unwrap();
    let error = version.check_golden().unwrap_err();
    assert!(matches!(&error, GoldenError::Differs { output, position: 0, .. } if output == "y"), "{error:?}");
}

#[test]
fn malformed_known_answers_are_refused() {
    let mut manifest = with_golden(2.0);
    manifest.model.as_mut().unwrap().golden.as_mut().unwrap().outputs[0].positions[1] = 4;
    let error = load_error(sealed(DOUBLE, &manifest)).to_string();
    assert!(error.contains("known answers, but output `y` of 4 elements has none at 4"), "{error}");
}

#[test]
fn what_a_manifest_says_of_a_model_must_be_possible() {
    let golden = |model: &mut ModelDecl, change: fn(&mut Golden)| change(model.golden.as_mut().unwrap());
    let check = |change: &dyn Fn(&mut ModelDecl), expected: &str| {
        let mut manifest = with_golden(2.0);
        change(manifest.model.as_mut().unwrap());
        let error = load_error(sealed(DOUBLE, &manifest)).to_string();
        assert!(error.starts_with("the manifest says ") && error.contains(expected), "{error}");
    };
    check(&|model| model.steps = u32::MAX, "that the model has 4294967295 steps, but it names 4");
    check(
        &|model| model.inputs.push(tensor("z", 1036)),
        "that the input `z` lies at 1036, but the input `x` reaches beyond that",
    );
    check(
        &|model| model.outputs = vec![tensor("y", 0); 4097],
        "that the model has 4097 outputs, but together they are",
    );
    check(&|model| model.outputs[0] = tensor(&"n".repeat(1 << 20), u32::MAX), "nnn…` of shape [1, 4] lies at");
    check(&|model| golden(model, |golden| golden.tolerance = -1.0), "tolerance -1 are not finite, or");
    check(&|model| golden(model, |golden| golden.outputs.clear()), "1 outputs have 0 of them");
    check(&|model| golden(model, |golden| golden.outputs[0].values.truncate(1)), "has 2 positions and 1 values");
    check(&|model| golden(model, |golden| golden.outputs[0].largest = -0.5), "or the largest is negative");
}
