//! Photos with a large model. Both come from outside the repository.

use std::path::PathBuf;

use serde_json::Value;

use crate::folder::Folder;

/// The folder of models, beside which lies the folder of photos.
fn models() -> Option<PathBuf> {
    let models = std::env::var_os("WASMTUBE_MODELS").map(PathBuf::from);
    if models.is_none() {
        println!("mobilenetv2-tv-f32.onnx was not read: WASMTUBE_MODELS is not set");
    }
    models
}

#[test]
fn mobilenet_recognizes_a_flamingo() {
    let Some(models) = models() else { return };
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let model = text(models.join("mobilenetv2-tv-f32.onnx"));
    let photo = text(models.join("../images/224/flamingo_224.png"));
    let labels = text(models.join("../images/synset.txt"));
    let folder = Folder::new();
    let build = ["build", &model, "-o", "m.wasm", "--preprocess", "imagenet", "--labels", &labels];
    let ran = folder.run(&build);
    // Compiling takes long, which is said.
    assert!(ran.err.is_empty() || ran.err.starts_with("still busy: "), "{}", ran.err);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let out = ran.out;
    assert!(out.contains("301 million multiply-accumulates"), "{out}");

    let predict = ["call", "m.wasm", "predict", "--image", &photo, "--deadline", "60000"];
    let out = folder.run(&[&predict[..], &["--top", "1"]].concat()).done();
    let best: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(best[0], "130", "{out}");
    assert!(out.contains("flamingo"), "{out}");

    let value: Value = folder.run(&[&predict[..], &["--format", "json"]].concat()).json();
    assert_eq!(value["shape"], serde_json::json!([1, 1000]));
    assert_eq!(value["data"].as_array().unwrap().len(), 1000);
    let score = value["data"][130].as_f64().unwrap();
    assert!((score - 22.13).abs() < 0.01, "{score}");
}

#[test]
fn the_demo_classifies_a_flamingo() {
    let Some(models) = models() else { return };
    let [model, labels, photo] = ["mobilenetv2-tv-f32.onnx", "../images/synset.txt", "../images/src/flamingo.jpg"]
        .map(|path| models.join(path).to_str().unwrap().to_owned());
    let demo = ["demo", "--once", "--model", &model, "--labels", &labels, "--image", &photo];
    let ran = Folder::new().run(&demo);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.is_empty() || ran.err.starts_with("still busy: "), "{}", ran.err);
    let mut lines = ran.out.lines().skip_while(|line| !line.contains("flamingo.jpg, "));
    let best = lines.nth(2).unwrap_or_default();
    assert!(best.starts_with("    130  ") && best.contains("flamingo"), "{}", ran.out);
    assert!(ran.out.contains("every output is a number") && ran.out.ends_with(", all ok\n"), "{}", ran.out);
}
