//! Resized pictures against those of Pillow, which `tests/pillow/references.py` recorded.

use std::collections::BTreeMap;
use std::path::Path;

use abi::{ChannelOrder, Filter, Layout, Place, Preprocess, Resize};
use wasmtube_conformance::models;

use super::resizer::{Resizer, Rgb};

const REFERENCES: &str = include_str!("../../pillow/references.txt");
/// Results with more pixels are sampled.
const SAMPLES: usize = 100;
/// Largest difference to Pillow's bytes.
const BOUND: u8 = 0;
/// The same for JPEG, whose decoders differ before anything is resized, and the mean of the differences.
const JPEG_BOUND: u8 = 2;
const JPEG_MEAN: f64 = 0.35;

struct Case<'t> {
    source: &'t str,
    picture: (usize, usize),
    preprocess: Preprocess,
    size: (usize, usize),
    expected: Vec<u8>,
}

fn size(text: &str) -> (usize, usize) {
    let (width, height) = text.split_once('x').unwrap();
    (width.parse().unwrap(), height.parse().unwrap())
}

fn resize(text: &str) -> Resize {
    match text.split(':').collect::<Vec<_>>()[..] {
        ["stretch"] => Resize::Stretch,
        ["shorter-side", pixels] => Resize::ShorterSide { pixels: pixels.parse().unwrap() },
        ["letterbox", place, fill] => {
            let fill: Vec<u8> = fill.split(',').map(|byte| byte.parse().unwrap()).collect();
            let place = if place == "center" { Place::Center } else { Place::TopLeft };
            Resize::Letterbox { fill: fill.try_into().unwrap(), place }
        }
        _ => panic!("no way of resizing: {text}"),
    }
}

fn case(line: &str) -> Case<'_> {
    let [source, picture, how, filter, channels, target, bytes] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("not a case: {line}");
    };
    let channels = if channels == "gray" { ChannelOrder::Gray } else { ChannelOrder::Rgb };
    let preprocess = Preprocess {
        name: "test".into(),
        layout: Layout::Nhwc,
        resize: resize(how),
        filter: match filter {
            "nearest" => Filter::Nearest,
            "bilinear" => Filter::Bilinear,
            "bicubic" => Filter::Bicubic,
            _ => panic!("no filter: {filter}"),
        },
        channels,
        mean: vec![0.0; channels.count()],
        scale: vec![1.0; channels.count()],
    };
    let expected = bytes.as_bytes().chunks_exact(2);
    let expected = expected.map(|hex| u8::from_str_radix(str::from_utf8(hex).unwrap(), 16).unwrap()).collect();
    Case { source, picture: size(picture), preprocess, size: size(target), expected }
}

impl Case<'_> {
    /// The differences to Pillow.
    fn differences(&self, picture: &Rgb) -> Vec<u8> {
        assert_eq!((picture.width, picture.height), self.picture, "{}", self.source);
        let channels = self.preprocess.channels.count();
        let tensor = Resizer::new(&self.preprocess, self.size).tensor_of(picture);
        let pixels = tensor.len() / channels;
        let chosen: Vec<usize> = match pixels {
            ..=SAMPLES => (0..pixels).collect(),
            _ => (0..SAMPLES).map(|k| k * 2_654_435_761 % pixels).collect(),
        };
        assert_eq!(self.expected.len(), chosen.len() * channels, "{}", self.source);
        let found = chosen.iter().flat_map(|pixel| &tensor[channels * pixel..][..channels]);
        let difference = |(found, expected): (&f32, &u8)| {
            assert_eq!(*found, found.trunc(), "a byte");
            (*found as u8).abs_diff(*expected)
        };
        found.zip(&self.expected).map(difference).collect()
    }

    #[track_caller]
    fn check(&self, picture: &Rgb, bound: u8) {
        let differences = self.differences(picture);
        let largest = differences.iter().copied().max().unwrap();
        let mean = differences.iter().map(|difference| f64::from(*difference)).sum::<f64>() / differences.len() as f64;
        let Self { source, picture, preprocess: Preprocess { resize, filter, .. }, size, .. } = self;
        let case = format!("{source} {picture:?} {resize:?} {filter:?} {size:?}: {largest}, on average {mean:.3}");
        println!("{case}");
        assert!(largest <= bound && mean <= JPEG_MEAN, "{case}");
    }
}

fn cases() -> impl Iterator<Item = Case<'static>> {
    REFERENCES.lines().map(case)
}

#[test]
fn random_pictures_are_resized_as_pillow_does() {
    let random: Vec<Case<'_>> = cases().filter(|case| case.source == "random").collect();
    assert!(random.len() > 200, "{} cases", random.len());
    for case in random {
        case.check(&super::random(case.picture.0, case.picture.1), BOUND);
    }
}

#[test]
fn photos_are_resized_as_pillow_does() {
    let Some(folder) = models::outside_or_say(1) else { return };
    let mut photos: BTreeMap<&str, Rgb> = BTreeMap::new();
    for case in cases().filter(|case| case.source != "random") {
        let photo = photos.entry(case.source).or_insert_with(|| decoded(&folder.join("../images"), case.source));
        case.check(photo, if case.source.ends_with(".jpg") { JPEG_BOUND } else { BOUND });
    }
    assert_eq!(photos.len(), 15);
}

fn decoded(folder: &Path, name: &str) -> Rgb {
    let picture = runtime::Picture::decode(&models::read(&folder.join(name)).unwrap()).unwrap();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Rgb { width, height, bytes: picture.rgb().to_vec() }
}
