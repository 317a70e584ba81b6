//! `image` and `image_step` against resizing written down a second time, pixel by pixel in double precision.

use abi::{ChannelOrder, Preprocess, PreprocessName, Resize, export};
use codegen::Profile;
use ir::{Graph, TensorType};
use wasmtime::{Instance, Module, Store};
use wasmtube_conformance::engine;
use wasmtube_conformance::inputs::Numbers;

/// In units of a byte.
const BOUND: f64 = 0.01;

struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    fn random(width: usize, height: usize) -> Self {
        let mut random = Numbers::seeded((width * 1000 + height) as u64);
        Self { width, height, rgb: (0..width * height * 3).map(|_| random.below(256) as u8).collect() }
    }
}

/// Weights of the elements of an axis of `size` for output `index` at `scale`.
fn triangle(index: usize, crop: f64, scale: f64, size: usize) -> Vec<(usize, f64)> {
    let center = (index as f64 + crop + 0.5) * scale;
    let support = scale.max(1.0);
    let weights: Vec<(usize, f64)> = (0..size)
        .map(|element| (element, 1.0 - (element as f64 + 0.5 - center).abs() / support))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    weights.into_iter().map(|(element, weight)| (element, weight / total)).collect()
}

/// Size after resizing and what is cropped on the left and on top.
fn resized(resize: Resize, picture: &Picture, (width, height): (usize, usize)) -> [(usize, f64); 2] {
    let exact = (picture.width, picture.height) == (width, height);
    let (w, h) = match resize {
        Resize::ShorterSideCrop if !exact => {
            let shorter = |side: usize| (side as f64 * 8.0 / 7.0).round() as usize;
            if picture.width * height <= picture.height * width {
                (shorter(width), shorter(width) * picture.height / picture.width)
            } else {
                (shorter(height) * picture.width / picture.height, shorter(height))
            }
        }
        Resize::ShorterSideCrop | Resize::Stretch => (width, height),
    };
    let crop = |whole: usize, kept: usize| ((whole - kept) as f64 / 2.0).round_ties_even();
    [(w, crop(w, width)), (h, crop(h, height))]
}

/// The tensor, channels first.
fn expected(preprocess: &Preprocess, picture: &Picture, (width, height): (usize, usize)) -> Vec<f64> {
    let [(w, left), (h, top)] = resized(preprocess.resize, picture, (width, height));
    let scales = (picture.width as f64 / w as f64, picture.height as f64 / h as f64);
    let mean = |x: usize, y: usize, channel: usize| -> f64 {
        let columns = triangle(x, left, scales.0, picture.width);
        let rows = triangle(y, top, scales.1, picture.height);
        let sample = |row: usize, column: usize| f64::from(picture.rgb[(row * picture.width + column) * 3 + channel]);
        rows.iter().map(|(row, v)| columns.iter().map(|(column, u)| u * v * sample(*row, *column)).sum::<f64>()).sum()
    };
    let mut tensor = vec![];
    for (channel, (average, scale)) in preprocess.mean.iter().zip(&preprocess.scale).enumerate() {
        for y in 0..height {
            for x in 0..width {
                let p = match preprocess.channels {
                    ChannelOrder::Rgb => mean(x, y, channel),
                    ChannelOrder::Bgr => mean(x, y, 2 - channel),
                    ChannelOrder::Gray => 0.299 * mean(x, y, 0) + 0.587 * mean(x, y, 1) + 0.114 * mean(x, y, 2),
                };
                tensor.push((p - f64::from(*average)) * f64::from(*scale));
            }
        }
    }
    tensor
}

struct Resizer {
    store: Store<()>,
    instance: Instance,
    address: u32,
}

impl Resizer {
    fn new(preprocess: &Preprocess, shape: [usize; 4]) -> Self {
        let mut graph = Graph::new("picture");
        let x = graph.input("x", TensorType::f32(shape));
        graph.output("y", x);
        let plan = plan::plan(graph).unwrap();
        let module = codegen::emit(&plan, Profile::Relaxed, Some(preprocess)).unwrap();
        let engine = engine::wasmtime().unwrap();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, &module.wasm).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        Self { store, instance, address: plan.inputs[0].address }
    }

    fn image(&mut self, picture: &Picture) -> i32 {
        let memory = self.instance.get_memory(&mut self.store, export::MEMORY).unwrap();
        let window = memory.data_size(&self.store);
        let pages = picture.rgb.len().div_ceil(65_536) as u64;
        memory.grow(&mut self.store, pages).unwrap();
        // At the very end, where a read too far traps.
        let at = window + pages as usize * 65_536 - picture.rgb.len();
        memory.write(&mut self.store, at, &picture.rgb).unwrap();
        let (width, height) = (picture.width as i32, picture.height as i32);
        self.call_image([at as i32, picture.rgb.len() as i32, width, height])
    }

    fn call_image(&mut self, [pointer, length, width, height]: [i32; 4]) -> i32 {
        let image = self.instance.get_typed_func(&mut self.store, export::IMAGE).unwrap();
        image.call(&mut self.store, (pointer, length, width, height)).unwrap()
    }

    fn band(&mut self, band: i32) -> bool {
        let step = self.instance.get_typed_func::<i32, ()>(&mut self.store, export::IMAGE_STEP).unwrap();
        step.call(&mut self.store, band).is_ok()
    }

    fn tensor(&mut self, elements: usize) -> Vec<f32> {
        let memory = self.instance.get_memory(&mut self.store, export::MEMORY).unwrap();
        let bytes = &memory.data(&self.store)[self.address as usize..][..4 * elements];
        bytes.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    }
}

#[track_caller]
fn check(set: PreprocessName, channels: usize, (width, height): (usize, usize), picture: (usize, usize)) {
    let preprocess = set.preprocess(channels as u64).unwrap();
    let picture = Picture::random(picture.0, picture.1);
    let expected = expected(&preprocess, &picture, (width, height));
    let scale = f64::from(preprocess.scale[0]);
    for channels_last in [false, true] {
        let shape = if channels_last { [1, height, width, channels] } else { [1, channels, height, width] };
        let mut module = Resizer::new(&preprocess, shape);
        let bands = module.image(&picture);
        assert_eq!(bands, height as i32);
        (0..bands).for_each(|band| assert!(module.band(band)));
        let found = module.tensor(expected.len());
        for (index, expected) in expected.iter().enumerate() {
            let (channel, pixel) = (index / (width * height), index % (width * height));
            let found = f64::from(found[if channels_last { pixel * channels + channel } else { index }]);
            let error = (found - expected).abs() / scale;
            assert!(error <= BOUND, "{set} {channels_last} element {index}: {found} for {expected}");
        }
    }
}

#[test]
fn pictures_of_the_size_of_the_input_are_taken_as_they_are() {
    for set in PreprocessName::ALL {
        check(set, 3, (13, 9), (13, 9));
    }
}

#[test]
fn pictures_are_reduced() {
    check(PreprocessName::Raw, 3, (8, 6), (61, 47));
    check(PreprocessName::Unit, 1, (8, 8), (28, 28));
    check(PreprocessName::Imagenet, 3, (14, 14), (50, 33));
    check(PreprocessName::Caffe, 3, (14, 14), (33, 50));
    check(PreprocessName::Tf, 1, (10, 14), (100, 75));
}

#[test]
fn pictures_are_enlarged() {
    check(PreprocessName::Raw, 3, (17, 11), (4, 3));
    check(PreprocessName::Imagenet, 3, (14, 14), (5, 7));
    check(PreprocessName::Tf, 3, (14, 14), (1, 1));
    check(PreprocessName::Raw, 3, (3, 20), (20, 3));
}

#[test]
fn wrong_pictures_get_their_codes() {
    let preprocess = PreprocessName::Raw.preprocess(3).unwrap();
    let mut module = Resizer::new(&preprocess, [1, 3, 4, 4]);
    assert!(!module.band(0), "no picture was given");
    assert_eq!(module.call_image([0, 47, 4, 4]), -1);
    assert_eq!(module.call_image([0, 0, 0, 4]), -2);
    assert_eq!(module.call_image([0, 0, 4, -1]), -2);
    assert_eq!(module.call_image([0, 16_385 * 3, 16_385, 1]), -2);
    assert_eq!(module.call_image([-16, 48, 4, 4]), -3);
    assert_eq!(module.call_image([0, 805_306_368, 16_384, 16_384]), -3);
    assert_eq!(module.image(&Picture::random(5, 5)), 4);
    assert!(module.band(3) && !module.band(4) && !module.band(-1));
}
