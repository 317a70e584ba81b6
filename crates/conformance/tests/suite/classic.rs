//! The classic `predict` of compiled models, called by nothing but an engine, as the paper's host calls it.

mod numbers;

use std::sync::Arc;

use abi::classic;
use compiler::{Artifact, ModelSource, Options, PreprocessName, Profile, compile};
use runtime::{CallError, Engine, EngineOptions, Lease, Limits, LoadOptions, Mode, Picture, Version};
use serde_json::Value;
use wasmtime::{Instance, Linker, Memory, Module, Store, TypedFunc};
use wasmtube_conformance::references;
use wasmtube_conformance::{engine, models};

const PAGE: usize = 65_536;

/// A host that knows the paper's convention and nothing else: no import, one memory, one function.
struct PaperHost {
    store: Store<()>,
    memory: Memory,
    predict: TypedFunc<(i32, i32, i32, i32), i32>,
    instance: Instance,
}

impl PaperHost {
    fn new(wasm: &[u8]) -> Self {
        let engine = engine::wasmtime().unwrap();
        let module = Module::new(&engine, wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let predict = instance.get_typed_func(&mut store, "predict").unwrap();
        Self { store, memory, predict, instance }
    }

    /// The text that is answered to a picture at `index`; `None` for a trap.
    fn call(&mut self, index: usize, rgb: &[u8], width: u32, height: u32) -> Option<String> {
        self.memory.write(&mut self.store, index, rgb).unwrap();
        let arguments = (index as i32, rgb.len() as i32, width as i32, height as i32);
        let length = self.predict.call(&mut self.store, arguments).ok()?;
        let answer = &self.memory.data(&self.store)[index..][..length as usize];
        Some(str::from_utf8(answer).unwrap().to_owned())
    }

    /// The first address after the memory as it was, which has grown by `bytes`.
    fn window(&mut self, bytes: usize) -> usize {
        let end = self.memory.data_size(&self.store);
        self.memory.grow(&mut self.store, bytes.div_ceil(PAGE) as u64).unwrap();
        end
    }

    /// The model by its own exports: tensors in, the first output as it is.
    fn infer(&mut self, artifact: &Artifact, input: &[f32]) -> Vec<u32> {
        let model = artifact.manifest.model.as_ref().unwrap();
        let bytes: Vec<u8> = input.iter().flat_map(|element| element.to_le_bytes()).collect();
        self.memory.write(&mut self.store, model.inputs[0].address as usize, &bytes).unwrap();
        let infer = self.instance.get_typed_func::<(), ()>(&mut self.store, "infer").unwrap();
        infer.call(&mut self.store, ()).unwrap();
        let output = &model.outputs[0];
        let bytes = &self.memory.data(&self.store)[output.address as usize..][..output.bytes().unwrap() as usize];
        bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    }
}

fn compiled(onnx: &[u8], preprocess: PreprocessName, profile: Profile) -> Artifact {
    let options = Options { preprocess: Some(preprocess.into()), profile, ..Options::named("model") };
    compile(&ModelSource::whole(onnx), &options).unwrap()
}

fn digits(profile: Profile) -> Artifact {
    let onnx = models::read(&models::repository().join("models/digits/digits.onnx")).unwrap();
    compiled(&onnx, PreprocessName::Unit, profile)
}

fn lease(wasm: Vec<u8>) -> Lease {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let limits = Limits { deadline: std::time::Duration::from_secs(60), ..Limits::default() };
    Arc::new(Version::load(&engine, wasm, LoadOptions { limits, ..LoadOptions::default() }).unwrap()).lease()
}

/// The elements of a tensor in the paper's form, as bits, after everything else of the form was checked.
#[track_caller]
fn elements(text: &str, shape: &[u64]) -> Vec<u32> {
    let start = classic::answer_start(shape);
    assert!(text.starts_with(&start) && text.ends_with("]}"), "{text}");
    assert!(text.len() as u64 <= classic::answer_bytes_max(shape).unwrap());
    let value: Value = serde_json::from_str(text).unwrap();
    let fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 4, "{fields:?}");
    let data = value["data"].as_array().unwrap();
    assert_eq!(data.len() as u64, shape.iter().product::<u64>(), "as many numbers as the shape says");
    numbers::elements(&text[start.len()..text.len() - 2])
}

fn bits(tensor: &runtime::Tensor) -> Vec<u32> {
    tensor.f32s().unwrap().into_iter().map(f32::to_bits).collect()
}

fn argmax(bits: &[u32]) -> usize {
    let value = |index: &usize| f32::from_bits(bits[*index]);
    (0..bits.len()).max_by(|a, b| value(a).total_cmp(&value(b))).unwrap()
}

/// Calls the model with each picture at 42 and in a window at the end, between calls of `infer`, and compares everything
/// with what the runtime answers.
#[track_caller]
fn check(artifact: &Artifact, pictures: &[Picture]) -> Vec<usize> {
    let model = artifact.manifest.model.as_ref().unwrap();
    let (input, output) = (&model.inputs[0], &model.outputs[0]);
    let mut host = PaperHost::new(&artifact.wasm);
    let lease = lease(artifact.wasm.clone());
    let values: Vec<f32> = (0..input.elements().unwrap()).map(|k| (k % 97) as f32 / 97.0).collect();
    let expected = host.infer(artifact, &values);
    let mut classes = vec![];
    for picture in pictures {
        let (rgb, width, height) = (picture.rgb(), picture.width(), picture.height());
        let ours = bits(&lease.predict(picture).unwrap()[0]);
        let text = host.call(classic::INDEX as usize, rgb, width, height).expect("room at 42");
        assert_eq!(elements(&text, &output.shape), ours, "{width} x {height} at 42");
        assert_eq!(host.infer(artifact, &values), expected, "nothing was overwritten");
        let window = host.window(rgb.len().max(text.len() + PAGE));
        assert_eq!(host.call(window, rgb, width, height).as_deref(), Some(text.as_str()), "in a window at the end");
        assert_eq!(host.infer(artifact, &values), expected, "nothing was overwritten");
        let answer = lease.call_classic_image("predict", rgb, width, height).unwrap();
        assert_eq!(answer, text, "the runtime answers the same text");
        assert_eq!(bits(&lease.predict(picture).unwrap()[0]), ours);
        classes.push(argmax(&ours));
    }
    classes
}

#[test]
fn digits_are_recognized_through_the_classic_convention_alone() {
    let folder = models::repository().join("models/digits");
    let reference = runtime::npy::read(&models::read(&folder.join("reference.npy")).unwrap()).unwrap();
    let reference = bits(&reference);
    let (mut pictures, mut classes) = (vec![], vec![]);
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("samples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        pictures.push(Picture::decode(&models::read(&file).unwrap()).unwrap());
        let index = name.split_once('_').unwrap().0.parse::<usize>().unwrap();
        classes.push(argmax(&reference[10 * index..][..10]));
    }
    assert!(pictures.len() > 5);
    for profile in [Profile::Relaxed, Profile::Simd128] {
        assert_eq!(check(&digits(profile), &pictures), classes);
    }
}

#[test]
fn mobilenetv2_agrees_with_its_references_through_the_classic_convention_alone() {
    let Some(folder) = models::outside_or_say(1) else { return };
    let name = "mobilenetv2-tv-f32.onnx";
    let onnx = models::read(&folder.join(name)).unwrap();
    let references = references::of(&folder, name).unwrap();
    let recorded = references.iter().filter_map(|reference| Some((reference.picture.clone()?, &reference.outputs[0])));
    let (mut pictures, mut classes) = (vec![], vec![]);
    for (picture, output) in recorded {
        assert_eq!((picture.width, picture.height), (224, 224));
        pictures.push(Picture::from_rgb(picture.width, picture.height, picture.rgb).unwrap());
        classes.push(argmax(&output.iter().map(|value| value.to_bits()).collect::<Vec<_>>()));
    }
    assert!(!pictures.is_empty());
    for profile in [Profile::Relaxed, Profile::Simd128] {
        assert_eq!(check(&compiled(&onnx, PreprocessName::Imagenet, profile), &pictures), classes);
    }
}

#[test]
fn large_pictures_go_through_a_window() {
    let artifact = digits(Profile::Relaxed);
    let model = artifact.manifest.model.as_ref().unwrap();
    let mut host = PaperHost::new(&artifact.wasm);
    let (width, height) = (1920, 1080);
    let rgb: Vec<u8> = (0..width * height * 3).map(|k| (k / 7 % 251) as u8).collect();
    let window = host.window(rgb.len());
    let text = host.call(window, &rgb, width, height).unwrap();
    let lease = lease(artifact.wasm.clone());
    let ours = lease.predict(&Picture::from_rgb(width, height, rgb.clone()).unwrap()).unwrap();
    assert_eq!(elements(&text, &model.outputs[0].shape), bits(&ours[0]));
    assert_eq!(lease.call_classic_image("predict", &rgb, width, height).unwrap(), text);
}

#[test]
fn misuse_traps_and_changes_nothing() {
    let artifact = digits(Profile::Relaxed);
    let mut host = PaperHost::new(&artifact.wasm);
    let picture = vec![200_u8; 8 * 8 * 3];
    let expected = host.call(42, &picture, 8, 8).unwrap();
    let end = host.window(PAGE) + PAGE;
    let inside = artifact.manifest.model.as_ref().unwrap().inputs[0].address as i32;
    let length = picture.len() as i32;
    for (index, length, width, height, what) in [
        (42, length - 1, 8, 8, "a picture that is cut"),
        (42, length + 1, 8, 8, "a picture that is too long"),
        (42, length / 3, 8, 8, "gray bytes"),
        (42, 0, 0, 8, "no width"),
        (42, 0, 8, -1, "a height beyond all pictures"),
        (42, 16_385 * 3, 16_385, 1, "a width above the limit"),
        (42, 225 * 224 * 3, 225, 224, "a picture beyond the low memory"),
        (16, length, 8, 8, "an address of the module"),
        (-1, length, 8, 8, "an address beyond the memory"),
        (inside, length, 8, 8, "the input of the model"),
        (end as i32 - length, length, 8, 8, "no room for the answer"),
        (end as i32 - 191, length, 8, 8, "a picture beyond the memory"),
    ] {
        let found = host.predict.call(&mut host.store, (index, length, width, height));
        assert!(found.is_err(), "{what}: {found:?}");
        assert_eq!(host.call(42, &picture, 8, 8).as_deref(), Some(expected.as_str()), "after {what}");
    }
}

/// A picture of the largest size that is promised at 42, whatever the input of the model.
#[test]
fn index_42_takes_pictures_of_224_by_224() {
    let rgb: Vec<u8> = (0..224 * 224 * 3).map(|k| (k % 255) as u8).collect();
    check(&digits(Profile::Relaxed), &[Picture::from_rgb(224, 224, rgb).unwrap()]);
}

/// The runtime tells what a bare engine can only trap for.
#[test]
fn the_runtime_says_what_is_wrong() {
    let artifact = digits(Profile::Relaxed);
    let guarded = lease(artifact.wasm.clone());
    let error = guarded.call_classic_image("predict", &[0; 16_385 * 3], 16_385, 1).unwrap_err();
    let expected = "input `image` of the model: the width or height is zero or above the limit of 16384 pixels";
    assert_eq!(error.to_string(), expected);
    let error = guarded.call_classic_image("predict", &[0; 10], 2, 2).unwrap_err();
    assert!(matches!(error, CallError::WrongArguments { .. }), "{error:?}");
    let error = guarded.call_classic_image("infer", &[0; 3], 1, 1).unwrap_err();
    assert!(matches!(&error, CallError::NotClassic { available, .. } if available == &["predict"]), "{error:?}");
    assert_eq!(guarded.version().counters().spoiled, 0);

    let engine = Engine::new(EngineOptions::default()).unwrap();
    let options = LoadOptions { mode: Mode::Stepped, ..LoadOptions::default() };
    let stepped = Arc::new(Version::load(&engine, artifact.wasm, options).unwrap()).lease();
    let error = stepped.call_classic_image("predict", &[0; 3], 1, 1).unwrap_err();
    assert!(matches!(error, CallError::NeedsGuarded { .. }), "{error:?}");
}

/// An answer that may have more than 1 MiB leaves no low memory, only windows.
#[test]
fn large_answers_want_a_window() {
    let preprocess = abi::Preprocess {
        name: "raw".into(),
        layout: abi::Layout::Nchw,
        resize: abi::Resize::Stretch,
        filter: abi::Filter::Bilinear,
        channels: abi::ChannelOrder::Rgb,
        mean: vec![0.0; 3],
        scale: vec![1.0; 3],
    };
    let mut graph = ir::Graph::new("same");
    let x = graph.input("x", ir::TensorType::f32([1, 3, 150, 150]));
    graph.output("y", x);
    let plan = plan::plan_behind(codegen::low_bytes(&graph, &preprocess), graph).unwrap();
    assert_eq!(plan.weights_start, plan::RESERVED_BYTES);
    let module = codegen::emit(&plan, Profile::Relaxed, Some(&preprocess)).unwrap();
    let mut host = PaperHost::new(&module.wasm);
    assert_eq!(host.call(42, &[9; 3], 1, 1), None);
    let window = host.window(2 << 20);
    let text = host.call(window, &[9; 3], 1, 1).unwrap();
    assert_eq!(elements(&text, &[1, 3, 150, 150]), vec![9.0_f32.to_bits(); 3 * 150 * 150]);
}

#[test]
fn models_without_preprocessing_have_no_classic_convention() {
    let onnx = models::read(&models::repository().join("models/digits/digits.onnx")).unwrap();
    let artifact = compile(&ModelSource::whole(&onnx), &Options::named("digits")).unwrap();
    let error = lease(artifact.wasm).call_classic_image("predict", &[0; 3], 1, 1).unwrap_err();
    assert!(matches!(&error, CallError::NotClassic { available, .. } if available.is_empty()), "{error:?}");
}
