use super::*;

fn raw() -> PreprocessSpec {
    PreprocessSpec { name: "f.toml".into(), ..PreprocessName::Raw.into() }
}

#[track_caller]
fn check(text: &str, expected: PreprocessSpec) {
    assert_eq!(parse(text, "f.toml"), Ok(expected));
}

/// The mistakes as `AT WHAT: HELP`, `AT` being the text that stands there.
#[track_caller]
fn refuse(text: &str, expected: &[&str]) {
    let mistakes = parse(text, "f.toml").unwrap_err();
    let found: Vec<String> = mistakes
        .iter()
        .map(|Mistake { at, what, help }| {
            let word = text[*at..].split_whitespace().next().unwrap_or_default();
            format!("{word} {what}: {help}")
        })
        .collect();
    let starts = found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(starts && found.len() == expected.len(), "{found:#?}");
}

#[test]
fn a_file_says_everything() {
    let text = r#"
        resize = "letterbox"
        fill = [1, 0x10, 255]
        place = "center"
        filter = "bicubic"
        channels = "bgr"
        layout = "nhwc"
        scale = 0.5
        mean = [1, -2.5, 3e1]
        std = 2
    "#;
    let letterbox = ResizeSpec::Letterbox { fill: [1, 16, 255], place: Place::Center };
    check(
        text,
        PreprocessSpec {
            name: "f.toml".into(),
            layout: Some(Layout::Nhwc),
            resize: letterbox,
            filter: Filter::Bicubic,
            channels: Some(ChannelOrder::Bgr),
            scale: 0.5,
            mean: vec![1.0, -2.5, 30.0],
            std: vec![2.0],
        },
    );
}

#[test]
fn what_a_file_leaves_open_is_that_of_its_base_or_of_raw() {
    check("filter = \"nearest\"", PreprocessSpec { filter: Filter::Nearest, ..raw() });
    for set in PreprocessName::ALL {
        let expected = PreprocessSpec { name: "f.toml".into(), ..set.into() };
        check(&format!("base = \"{set}\""), expected.clone());
        check(&format!("base = \"{set}\"\nstd = 7"), PreprocessSpec { std: vec![7.0], ..expected });
    }
    let fill = |fill| ResizeSpec::Letterbox { fill, place: Place::TopLeft };
    let yolox = PreprocessSpec { name: "f.toml".into(), ..PreprocessName::Yolox.into() };
    check("base = \"yolox\"\nfill = 0", PreprocessSpec { resize: fill([0; 3]), ..yolox.clone() });
    check("base = \"yolox\"\nresize = \"stretch\"", PreprocessSpec { resize: ResizeSpec::Stretch, ..yolox });
    let side = |pixels| PreprocessSpec { resize: ResizeSpec::ShorterSide(pixels), ..raw() };
    check("resize = \"shorter-side\"\nshorter_side = 232", side(Some(232)));
    check("resize = \"shorter-side\"", side(None));
}

#[test]
fn every_mistake_has_a_place_and_says_what_is_allowed() {
    let keys = "the keys are base, resize, shorter_side, fill, place, filter, channels, layout, scale, mean, std";
    refuse("Mean = 1\nstdev = 2", &[&format!("Mean there is no key `Mean`: {keys}"), "stdev there is no key `stdev`"]);
    refuse("", &[" the file says nothing: write for example `base = \"imagenet\"`"]);
    refuse("mean = [1, 2", &[" this is not TOML, "]);
    refuse(
        "base = \"yolo\"",
        &[
            "\"yolo\" `base` has no value \"yolo\": write one of \"imagenet\", \"tf\", \"caffe\", \"lite\", \"unit\", \"raw\", \"bgr\", \"yolox\"",
        ],
    );
    refuse("filter = 3", &["3 `filter` is no text: write one of \"nearest\", \"bilinear\", \"bicubic\""]);
    refuse(
        "channels = \"rgba\"",
        &["\"rgba\" `channels` has no value \"rgba\": write one of \"rgb\", \"bgr\", \"gray\""],
    );
    refuse(
        "layout = \"chw\"\nplace = 1",
        &["\"chw\" `layout` has no value \"chw\"", "1 `place` is no text", "1 `place` belongs to"],
    );
    refuse("mean = [1, 2]", &["[1, `mean` has 2 numbers: write one number, or three in the order of the channels"]);
    refuse("mean = []", &["[] `mean` has 0 numbers"]);
    refuse(
        "mean = [1, \"2\", true]",
        &["\"2\", `mean` is no number: write a number such as 0.5, without quotes", "true]"],
    );
    refuse("std = [1, 0, -0.0]", &["0, `std` is zero: write another number, 1 for none", "-0.0] `std` is zero"]);
    refuse("scale = 0", &["0 `scale` is zero"]);
    refuse(
        "scale = nan\nmean = inf\nstd = 1e999",
        &["nan `scale` is not finite", "inf `mean` is not finite", "1e999 `std` is not"],
    );
    refuse("scale = [1]", &["[1] `scale` is no number"]);
}

#[test]
fn ways_of_resizing_have_their_own_keys() {
    refuse(
        "shorter_side = 256",
        &[
            "256 `shorter_side` belongs to `resize = \"shorter-side\"`, this file resizes in another way: leave it out, or",
        ],
    );
    refuse("base = \"imagenet\"\nfill = 1", &["1 `fill` belongs to `resize = \"letterbox\"`"]);
    refuse(
        "resize = \"letterbox\"",
        &["\"letterbox\" `fill` is missing: add it, for example `fill = 114`", "\"letterbox\" `place` is missing"],
    );
    for side in ["0", "-1", "2.5", "4294967296", "\"256\""] {
        let text = format!("resize = \"shorter-side\"\nshorter_side = {side}");
        refuse(&text, &[&format!("{side} `shorter_side` is no number of pixels: write an integer such as 256")]);
    }
    for fill in ["256", "-1", "[1, 2]", "[1, 2, 256]", "\"black\"", "1.5"] {
        let text = format!("base = \"yolox\"\nfill = {fill}");
        let first = fill.split(' ').next().unwrap();
        refuse(&text, &[&format!("{first} `fill` is no color: write an integer from 0 to 255, or three in a list")]);
    }
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    let page = include_str!("../../../../../../docs/preprocessing.md");
    let examples: Vec<&str> = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [classifier, detector] = examples[..] else { panic!("{examples:?}") };
    let classifier = parse(classifier, "f.toml").unwrap();
    assert_eq!((classifier.resize, classifier.filter), (ResizeSpec::ShorterSide(Some(232)), Filter::Bicubic));
    let detector = parse(detector, "f.toml").unwrap();
    let letterbox = ResizeSpec::Letterbox { fill: [114; 3], place: Place::Center };
    assert_eq!((detector.resize, detector.channels), (letterbox, Some(ChannelOrder::Rgb)));
    for key in KEYS {
        assert!(page.contains(&format!("| `{key}` |")), "{key}");
    }
    for set in PreprocessName::ALL {
        assert!(page.contains(&format!("| `{set}` |")), "{set}");
    }
}
