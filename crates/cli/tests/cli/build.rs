use abi::{Digest, Seal};
use serde_json::Value;

use crate::folder::{Folder, digits};
use crate::onnx::{BF16, Dim, Node, model, weights_model};

#[test]
fn digits_are_compiled_to_one_sealed_file_beside_the_model() {
    let folder = Folder::new();
    folder.write("net.onnx", std::fs::read(digits("digits.onnx")).unwrap());
    let out =
        folder.run(&["build", "net.onnx", "--preprocess", "unit", "--name", "net", "--module-version", "7"]).done();
    assert_eq!(folder.files(), ["net.onnx", "net.wasm"]);
    let file = folder.read("net.wasm");
    let Ok(Seal::Sealed(head)) = abi::read_seal(&file) else { panic!("not sealed") };
    assert_eq!((head.manifest.name.as_str(), head.manifest.version.as_str()), ("net", "7"));
    let digest = Digest::of(&file).to_string();
    for part in ["wrote net.wasm", "image f32[1, 1, 8, 8]", "probabilities f32[1, 10]", "`unit`", digest.as_str()] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
}

#[test]
fn same_model_and_options_give_the_same_bytes() {
    let folder = Folder::new();
    let model = digits("digits.onnx");
    folder.run(&["build", &model, "-o", "a.wasm"]).done();
    folder.run(&["build", &model, "-o", "b.wasm"]).done();
    folder.run(&["build", &model, "-o", "c.wasm", "--profile", "simd128"]).done();
    assert_eq!(folder.read("a.wasm"), folder.read("b.wasm"));
    // Neither the folder nor the name of the model's file matters where the module is given a name.
    let other = Folder::new();
    other.write("copy.onnx", std::fs::read(&model).unwrap());
    other.run(&["build", "copy.onnx", "--name", "digits"]).done();
    assert_eq!(folder.read("a.wasm"), other.read("copy.wasm"));
    assert_ne!(folder.read("a.wasm"), folder.read("c.wasm"));
}

#[test]
fn json_names_the_file_its_digest_and_its_manifest() {
    let folder = Folder::new();
    let built = folder.run(&["build", &digits("digits.onnx"), "-o", "d.wasm", "--no-golden", "--json"]).json();
    let file = folder.read("d.wasm");
    assert_eq!(built["file"], "d.wasm");
    assert_eq!(built["bytes"], file.len());
    assert_eq!(built["digest"], Digest::of(&file).to_string());
    assert_eq!(built["notes"], Value::Array(vec![]));
    assert_eq!(built["manifest"]["model"]["outputs"][0]["shape"], serde_json::json!([1, 10]));
    assert_eq!(built["manifest"]["model"]["golden"], Value::Null);
}

#[test]
fn a_file_can_be_checked_before_it_is_written() {
    let folder = Folder::new();
    let model = digits("digits.onnx");
    let out = folder.run(&["build", &model, "-o", "d.wasm", "--check"]).done();
    assert!(out.contains("checked  probabilities: largest error ") && out.contains(" in 4 seeded runs\n"), "{out}");
    let built = folder.run(&["build", &model, "-o", "e.wasm", "--check", "--json"]).json();
    let check = &built["check"];
    assert_eq!((&check["bound"], &check["runs"]), (&Value::from(1e-4), &Value::from(4)));
    assert_eq!(check["outputs"][0]["name"], "probabilities");
    assert!(check["outputs"][0]["share"].as_f64().unwrap() < 1e-5, "{check}");
    assert_eq!(folder.read("d.wasm"), folder.read("e.wasm"));
    assert_eq!(folder.run(&["build", &model, "-o", "d.wasm", "--json"]).json()["check"], Value::Null);
    folder.run(&["build", &model, "--check", "--emit", "plan"]).failed(2, &["--emit"]);
}

/// `log(exp(x)) - x`: nothing but rounding is left of it, which differs between a kernel and the interpreter.
pub(crate) fn noise() -> Vec<u8> {
    let nodes: &[Node<'_>] =
        &[("Exp", "e", &["x"], &["a"]), ("Log", "l", &["a"], &["b"]), ("Sub", "s", &["b", "x"], &["y"])];
    model(&[Dim::Size(1), Dim::Size(100)], nodes, &["y"])
}

#[test]
fn a_file_that_is_wrong_is_not_written() {
    let folder = Folder::new();
    folder.write("m.onnx", noise());
    let parts = [
        "the compiled file is wrong, so it was not written: the largest error of output `y` is ",
        " of its largest value, 1e-4 is allowed (seed ",
        "`wasmtube diff m.onnx --seed ",
    ];
    folder.run(&["build", "m.onnx", "--check"]).failed(1, &parts);
    assert_eq!(folder.files(), ["m.onnx"]);
    let ran = folder.run(&["build", "m.onnx", "--check", "--json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.code, Some(1));
    assert!(json["error"].as_str().unwrap().starts_with("the compiled file is wrong"), "{json}");
    assert!(json["check"]["outputs"][0]["share"].as_f64().unwrap() > 1e-4, "{json}");
    assert_eq!(folder.files(), ["m.onnx"]);
    folder.run(&["build", "m.onnx"]).done();
}

#[test]
fn an_output_file_is_replaced_whole() {
    let folder = Folder::new();
    folder.write("d.wasm", "something else");
    folder.run(&["build", &digits("digits.onnx"), "-o", "d.wasm"]).done();
    assert!(matches!(abi::read_seal(&folder.read("d.wasm")), Ok(Seal::Sealed(_))));
    assert_eq!(folder.files(), ["d.wasm"]);
}

#[cfg(unix)]
#[test]
fn the_file_has_the_permissions_of_an_ordinary_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.write("ordinary", "");
    folder.run(&["build", &digits("digits.onnx"), "-o", "d.wasm"]).done();
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("d.wasm"), mode("ordinary"));
}

#[test]
fn every_stage_can_be_shown_and_writes_nothing() {
    let folder = Folder::new();
    for (stage, part) in
        [("onnx", "Conv"), ("graph", "conv"), ("optimized", "conv"), ("plan", "conv"), ("wat", "(module")]
    {
        let out = folder.run(&["build", &digits("digits.onnx"), "--emit", stage]).done();
        assert!(out.contains(part), "{stage}: {out}");
    }
    assert!(folder.files().is_empty());
}

/// Two operators that nobody has, and one that is fine.
fn refused() -> Vec<u8> {
    let nodes: &[Node<'_>] = &[
        ("Frobnicate", "first", &["x"], &["a"]),
        ("Relu", "second", &["a"], &["b"]),
        ("Defenestrate", "third", &["b"], &["y"]),
    ];
    model(&[Dim::Size(1), Dim::Size(4)], nodes, &["y"])
}

#[test]
fn a_refused_model_gives_every_reason_at_once() {
    let folder = Folder::new();
    folder.write("m.onnx", refused());
    folder.run(&["build", "m.onnx"]).failed(
        1,
        &[
            "error[E0201]: Frobnicate at node `first`: ",
            "error[E0201]: Defenestrate at node `third`: ",
            "  help: ",
            "refused: 2 reasons; more with `wasmtube explain E0201`",
        ],
    );
    assert_eq!(folder.files(), ["m.onnx"]);
}

#[test]
fn a_refused_model_gives_every_reason_as_json() {
    let folder = Folder::new();
    folder.write("m.onnx", refused());
    let ran = folder.run(&["build", "m.onnx", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let reasons = json["refused"].as_array().unwrap();
    let field = |name: &str| reasons.iter().map(|reason| reason[name].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(field("code"), ["E0201", "E0201"]);
    assert_eq!(field("class"), ["unsupported", "unsupported"]);
    assert_eq!(field("node"), ["first", "third"]);
    assert_eq!(field("operator"), ["Frobnicate", "Defenestrate"]);
    assert!(field("message").iter().chain(&field("help")).all(|text| !text.is_empty()), "{json}");
}

#[test]
fn equal_reasons_about_several_tensors_are_told_together() {
    let folder = Folder::new();
    let names: Vec<String> = (0..57).map(|number| format!("w{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    folder.write("m.onnx", weights_model(&names, BF16, &[0; 4]));
    let ran = folder.run(&["build", "m.onnx"]);
    assert_eq!(
        ran.err,
        "error[E0203]: 57 outputs: bfloat16 is not supported\n  \
         outputs: `w0`, `w1`, `w2`, `w3`, `w4` and 52 more\n  \
         help: convert the model to float32 or float16 before exporting\n\
         refused: 57 reasons; more with `wasmtube explain E0203`\n"
    );
    folder.write("m.onnx", weights_model(&["w"], BF16, &[0; 4]));
    folder.run(&["build", "m.onnx"]).failed(1, &["error[E0203]: output `w`: bfloat16 is not supported"]);
}

#[test]
fn more_memory_than_a_host_allows_is_noted() {
    let folder = Folder::new();
    let large = [Dim::Size(1 << 13), Dim::Size(1 << 14)];
    folder.write("m.onnx", model(&large, &[("Exp", "e", &["x"], &["y"])], &["y"]));
    let ran = folder.run(&["build", "m.onnx", "--no-golden", "--json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let built: Value = serde_json::from_str(&ran.out).unwrap();
    let notes = built["notes"].as_array().unwrap();
    let [note] = &notes[..] else { panic!("{notes:?}") };
    let note = note.as_str().unwrap();
    assert!(note.contains("of memory, the usual limit is ") && note.contains("raise `memory` of its slot"), "{note}");
    let ran = folder.run(&["inspect", "m.wasm"]);
    assert!(ran.out.contains("cannot be used: ") && ran.out.contains(note), "{ran:?}");
}

#[test]
fn a_free_dimension_is_refused_until_it_has_a_size() {
    let folder = Folder::new();
    let shape = [Dim::Size(1), Dim::Free("length")];
    folder.write("m.onnx", model(&shape, &[("Relu", "r", &["x"], &["y"])], &["y"]));
    folder.run(&["build", "m.onnx"]).failed(1, &["error[E0204]", "--dim length=", "refused: 1 reason;"]);
    let built = folder.run(&["build", "m.onnx", "--dim", "length=5", "--json"]).json();
    assert_eq!(built["manifest"]["model"]["inputs"][0]["shape"], serde_json::json!([1, 5]));
    folder.run(&["build", "m.onnx", "--dim", "width=5"]).failed(1, &["error[E0303]"]);
}

/// What is said of a free dimension of this name is what binds it.
#[track_caller]
fn check_dimension(name: &str, said: &str) {
    let folder = Folder::new();
    folder.write("m.onnx", model(&[Dim::Size(1), Dim::Free(name)], &[("Relu", "r", &["x"], &["y"])], &["y"]));
    folder.run(&["build", "m.onnx"]).failed(1, &[&format!("bind it with `--dim {said}`")]);
    let built = folder.run(&["build", "m.onnx", "--dim", &format!("{name}=5"), "--json"]).json();
    assert_eq!(built["manifest"]["model"]["inputs"][0]["shape"], serde_json::json!([1, 5]));
}

#[test]
fn dimensions_may_have_any_name() {
    check_dimension("Q=1", "Q=1=N");
    check_dimension("R S", "\"R S=N\"");
    check_dimension("$n", "'$n=N'");
}

#[test]
fn broken_files_are_refused_and_never_panic() {
    let folder = Folder::new();
    let whole = std::fs::read(digits("digits.onnx")).unwrap();
    for length in (0..whole.len()).step_by(1171) {
        folder.write("m.onnx", &whole[..length]);
        folder.run(&["build", "m.onnx"]).failed(1, &["error[E01", "refused: "]);
    }
    folder.write("m.onnx", "this is not a model");
    folder.run(&["build", "m.onnx"]).failed(1, &["error[E0101]"]);
}

#[test]
fn labels_and_preprocessing_must_fit() {
    let folder = Folder::new();
    folder.write("two.txt", "cat\ndog\n");
    folder.write("none.txt", "\n");
    let model = digits("digits.onnx");
    folder.run(&["build", &model, "-o", "d.wasm", "--labels", "two.txt"]).failed(1, &["error[E0302]", "2 labels"]);
    folder.run(&["build", &model, "-o", "d.wasm", "--labels", "none.txt"]).failed(1, &["none.txt are empty"]);
    let imagenet = ["build", &model, "-o", "d.wasm", "--preprocess", "imagenet"];
    folder.run(&imagenet).failed(1, &["error[E0301]", "has 1 channel", "help: for 1 channel use tf, lite, unit, raw"]);
    assert_eq!(folder.files(), ["none.txt", "two.txt"]);
}

#[test]
fn a_file_says_how_pictures_are_prepared() {
    let folder = Folder::new();
    let model = digits("digits.onnx");
    let text =
        "base = \"unit\"\nresize = \"letterbox\"\nfill = [0, 128, 255]\nplace = \"center\"\nfilter = \"nearest\"\n";
    folder.write("boxed.toml", text);
    let built = folder.run(&["build", &model, "-o", "d.wasm", "--preprocess", "boxed.toml", "--json"]).json();
    let expected = serde_json::json!({
        "name": "boxed.toml", "layout": "nchw", "filter": "nearest", "channels": "gray",
        "resize": {"letterbox": {"fill": [0, 128, 255], "place": "center"}},
        "mean": [0.0], "scale": [0.003_921_569]
    });
    let found = &built["manifest"]["model"]["preprocess"];
    assert_eq!(found, &expected);
    assert_eq!(built["manifest"]["producer"]["options"]["preprocess"], "boxed.toml");
    let out = folder.run(&["inspect", "d.wasm"]).done();
    let shown =
        "`boxed.toml`: letterboxed in the center on [0, 128, 255], nearest, gray nchw, (p - [0.0]) * [0.003921569]";
    assert!(out.contains(shown), "{out}");
    // The rest of a picture that is twice as wide as high is filled.
    folder.run(&["call", "d.wasm", "predict", "--image", &digits("samples/000_2.png")]).done();
}

#[test]
fn a_file_with_mistakes_is_refused_with_all_of_them() {
    let folder = Folder::new();
    let model = digits("digits.onnx");
    let build =
        |arguments: &[&str]| folder.run(&[&["build", &model, "-o", "d.wasm", "--preprocess"], arguments].concat());
    folder.write("bad.toml", "resize = \"crop\"\n\nstd = [1, 0, 2]\nmeans = 3\n");
    build(&["bad.toml"]).failed(
        1,
        &[
            "error[E0301]: bad.toml:1:10: `resize` has no value \"crop\"",
            "help: write one of \"stretch\", \"shorter-side\", \"letterbox\"",
            "error[E0301]: bad.toml:3:11: `std` is zero",
            "error[E0301]: bad.toml:4:1: there is no key `means`",
            "refused: 3 reasons; more with `wasmtube explain E0301`",
        ],
    );
    let refused: Value = serde_json::from_str(&build(&["bad.toml", "--json"]).out).unwrap();
    assert_eq!(refused["refused"].as_array().unwrap().len(), 3);
    folder.write("wide.toml", "layout = \"nhwc\"");
    build(&["wide.toml"]).failed(1, &["error[E0301]", "of shape [1, 1, 8, 8] as nhwc has neither 1 channel nor 3"]);
    build(&["missing.toml"]).failed(1, &["cannot read missing.toml"]);
    folder.write("binary.toml", b"# \xc3\xbc\nmean\xff\xfe");
    build(&["binary.toml"])
        .failed(1, &["error[E0301]: binary.toml:2:5: this is not text", "help: save the file as UTF-8"]);
    folder.write("large.toml", "#".repeat((1 << 20) + 1));
    build(&["large.toml"]).failed(1, &["error[E0301]: large.toml:1:1: this is no TOML file: it is larger than 1 MiB"]);
    folder.write("small.toml", "scale = 1e-300");
    build(&["small.toml"]).failed(1, &["error[E0301]: preprocessing `small.toml` with `scale` 1e-300, `mean` [0.0"]);
    build(&["imagenot"]).failed(2, &["give imagenet, tf, caffe, lite, unit, raw, bgr, yolox, none, or a file"]);
    assert_eq!(folder.files(), ["bad.toml", "binary.toml", "large.toml", "small.toml", "wide.toml"]);
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    let folder = Folder::new();
    folder.write("m.onnx", refused());
    folder.run(&["build", "m.onnx", "-o", "m.onnx"]).failed(2, &["m.onnx is the model"]);
    folder.run(&["build", "m.onnx", "-o", "."]).failed(2, &["is a folder"]);
    folder.run(&["build", "m.onnx", "--dim", "a=1", "--dim", "a=2"]).failed(2, &["two sizes"]);
    folder.run(&["build", "m.onnx", "--dim", "a=0"]).failed(2, &["NAME=SIZE with a size from 1"]);
    folder.run(&["build", "m.onnx", "--dim", "a"]).failed(2, &["NAME=SIZE"]);
    folder.run(&["build", "m.onnx", "--shape", "a=1,2", "--shape", "a=2"]).failed(2, &["two shapes"]);
    folder.run(&["build", "m.onnx", "--shape", "a=1,0"]).failed(2, &["INPUT=SIZES with sizes from 1"]);
    folder.run(&["build", "m.onnx", "--const", "a"]).failed(2, &["INPUT=FILE"]);
    folder.run(&["build", "m.onnx", "--const", "a=-"]).failed(2, &["standard streams"]);
    folder.run(&["build", "m.onnx", "--const", "a=missing.npy"]).failed(1, &["cannot read missing.npy"]);
    folder.run(&["build", "m.onnx", "--const", "a=m.onnx"]).failed(1, &["cannot use m.onnx", "not a .npy file"]);
    folder.run(&["build", "m.onnx", "--profile", "avx"]).failed(2, &["relaxed", "simd128"]);
    folder.run(&["build", "m.onnx", "--emit", "plan", "--json"]).failed(2, &["--json"]);
    folder.run(&["build", "missing.onnx"]).failed(1, &["cannot read missing.onnx"]);
}
