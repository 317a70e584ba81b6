use abi::{ChannelOrder, Filter, Layout, Place, Preprocess, Resize};
use ir::TensorType;

use super::*;

fn graph(shape: &[usize]) -> Graph {
    let mut graph = Graph::new("picture");
    let x = graph.input("x", TensorType::f32(shape.to_vec()));
    graph.output("y", x);
    graph
}

fn set(name: &str) -> PreprocessSpec {
    name.parse::<PreprocessName>().unwrap().into()
}

fn fit(shape: &[usize], spec: &PreprocessSpec) -> Result<Preprocess, String> {
    super::fitted(&graph(shape), spec).map_err(|(message, help)| format!("{message}: {help}"))
}

#[track_caller]
fn check(shape: &[usize], spec: &PreprocessSpec, layout: Layout, channels: ChannelOrder, resize: Resize) {
    let found = fit(shape, spec).unwrap();
    assert_eq!((found.layout, found.channels, found.resize), (layout, channels, resize));
    assert_eq!((found.mean.len(), found.scale.len()), (channels.count(), channels.count()));
}

#[track_caller]
fn refuse(shape: &[usize], spec: &PreprocessSpec, expected: &str) {
    let found = fit(shape, spec).unwrap_err();
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn sets_take_layout_and_channels_from_the_input() {
    use ChannelOrder::{Bgr, Gray, Rgb};
    let crop = |pixels| Resize::ShorterSide { pixels };
    check(&[1, 3, 224, 224], &set("imagenet"), Layout::Nchw, Rgb, crop(256));
    check(&[1, 224, 320, 3], &set("tf"), Layout::Nhwc, Rgb, crop(256));
    check(&[1, 1, 28, 14], &set("tf"), Layout::Nchw, Gray, crop(16));
    check(&[1, 3, 227, 227], &set("caffe"), Layout::Nchw, Bgr, crop(259));
    for name in ["lite", "unit", "raw"] {
        check(&[1, 3, 5, 6], &set(name), Layout::Nchw, Rgb, Resize::Stretch);
        check(&[1, 5, 6, 1], &set(name), Layout::Nhwc, Gray, Resize::Stretch);
    }
    check(&[1, 3, 5, 6], &set("bgr"), Layout::Nchw, Bgr, Resize::Stretch);
    let letterbox = Resize::Letterbox { fill: [114; 3], place: Place::TopLeft };
    check(&[1, 3, 416, 416], &set("yolox"), Layout::Nchw, Bgr, letterbox);
}

/// The formulas of the documentation at both ends of a byte.
#[test]
fn sets_compute_what_they_say() {
    for (name, channel, at_0, at_255) in [
        ("imagenet", 0, -0.485 / 0.229, (1.0 - 0.485) / 0.229),
        ("imagenet", 2, -0.406 / 0.225, (1.0 - 0.406) / 0.225),
        ("tf", 1, -1.0, 1.0),
        ("caffe", 0, -103.939, 255.0 - 103.939),
        ("caffe", 2, -123.68, 255.0 - 123.68),
        ("lite", 1, -127.0 / 128.0, 1.0),
        ("unit", 1, 0.0, 1.0),
        ("raw", 1, 0.0, 255.0),
        ("bgr", 1, 0.0, 255.0),
        ("yolox", 1, 0.0, 255.0),
    ] {
        let found = fit(&[1, 3, 8, 8], &set(name)).unwrap();
        assert_eq!(found.filter, Filter::Bilinear);
        for (p, expected) in [(0.0, at_0), (255.0, at_255)] {
            let value = f64::from((p - found.mean[channel]) * found.scale[channel]);
            assert!(
                (value - expected).abs() <= 1e-6 * (expected.abs() + 1.0),
                "{name} {channel}: {value} for {expected}"
            );
        }
    }
}

#[test]
fn inputs_that_are_no_pictures_are_refused() {
    let unit = set("unit");
    refuse(&[1, 640], &unit, "input \"x\" of shape [1, 640] is no picture, which is [1, channels, height, width] or");
    refuse(&[2, 3, 8, 8], &unit, "input \"x\" of shape [2, 3, 8, 8] is no picture");
    refuse(&[1, 4, 8, 8], &unit, "input \"x\" of shape [1, 4, 8, 8] has neither 1 channel nor 3");
    let sides = "input \"x\" of shape [1, 3, 1, 16385] has sides that no picture has, allowed are 1 to 16384 pixels";
    refuse(&[1, 3, 1, 16_385], &unit, sides);
    let mut two = graph(&[1, 3, 8, 8]);
    two.input("z", TensorType::f32([1]));
    let (message, _) = fitted(&two, &unit).unwrap_err();
    assert_eq!(message, "a picture fills the only input of a model, this one has 2");
}

#[test]
fn a_shape_that_can_be_read_twice_needs_a_layout() {
    let unit = set("unit");
    refuse(&[1, 3, 8, 3], &unit, "input \"x\" of shape [1, 3, 8, 3] can be read as nchw and as nhwc: say which with");
    for layout in [Layout::Nchw, Layout::Nhwc] {
        let said = PreprocessSpec { layout: Some(layout), ..unit.clone() };
        check(&[1, 3, 8, 3], &said, layout, ChannelOrder::Rgb, Resize::Stretch);
    }
    // The number of channels decides.
    check(&[1, 1, 8, 3], &set("bgr"), Layout::Nhwc, ChannelOrder::Bgr, Resize::Stretch);
    let nhwc = PreprocessSpec { layout: Some(Layout::Nhwc), ..unit };
    refuse(
        &[1, 3, 8, 8],
        &nhwc,
        "input \"x\" of shape [1, 3, 8, 8] as nhwc has neither 1 channel nor 3: give the layout",
    );
}

#[test]
fn channels_and_constants_must_fit() {
    let gray = "for 1 channel use tf, lite, unit, raw, or a file of your own (docs/preprocessing.md)";
    let expected = format!(
        "preprocessing `imagenet` gives 3 channels (rgb), input \"x\" of shape [1, 1, 8, 8] has 1 channel: {gray}"
    );
    refuse(&[1, 1, 8, 8], &set("imagenet"), &expected);
    refuse(&[1, 1, 8, 8], &set("yolox"), "preprocessing `yolox` gives 3 channels (bgr)");
    let gray = PreprocessSpec { channels: Some(ChannelOrder::Gray), ..set("unit") };
    refuse(&[1, 3, 8, 8], &gray, "preprocessing `unit` gives 1 channel (gray), input");
    let two = PreprocessSpec { mean: vec![1.0, 2.0], ..set("unit") };
    refuse(
        &[1, 3, 8, 8],
        &two,
        "preprocessing `unit` has 2 values of `mean`, the input has 3 channels: for 3 channels use",
    );
    for (scale, mean, std) in [
        (0.0, 0.0, 1.0),
        (1.0, 0.0, 0.0),
        (1.0, f64::NAN, 1.0),
        (1.0, 1e39, 1.0),
        (1e-40, 0.0, 1.0),
        (1e-300, 0.0, 1.0),
        (1.0, 0.0, f64::INFINITY),
    ] {
        let spec = PreprocessSpec { scale, mean: vec![mean], std: vec![std], ..set("unit") };
        refuse(&[1, 3, 8, 8], &spec, &format!("preprocessing `unit` with `scale` {scale:?}, `mean` [{mean:?}, "));
    }
}

#[test]
fn the_shorter_side_reaches_from_the_input_to_the_largest_picture() {
    let spec = |pixels| PreprocessSpec { resize: ResizeSpec::ShorterSide(Some(pixels)), ..set("unit") };
    for pixels in [240, 256, 12_288] {
        let expected = Resize::ShorterSide { pixels };
        check(&[1, 3, 240, 320], &spec(pixels), Layout::Nchw, ChannelOrder::Rgb, expected);
    }
    for pixels in [0, 239, 12_289, u32::MAX] {
        let expected = format!(
            "preprocessing `unit` has `shorter_side` {pixels}, an input of 320 x 240 pixels needs 240 to 12288: the picture"
        );
        refuse(&[1, 3, 240, 320], &spec(pixels), &expected);
    }
}
