//! Weights beside the model.

use abi::Digest;

use crate::folder::Folder;
use crate::onnx::{Dim, F32, graph, tensor_elsewhere};

/// `y = x + w` with `w` at `location`.
fn with_weights_at(location: &str) -> Vec<u8> {
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(2)];
    let weights = tensor_elsewhere("w", &[2], location);
    graph(&[("x", F32, shape)], &[weights], &[("Add", "a", &["x", "w"], &["y"])], &[("y", F32, shape)])
}

fn folder_with_model(location: &str) -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("models")).unwrap();
    folder.write("models/m.onnx", with_weights_at(location));
    folder
}

#[test]
fn weights_are_read_from_the_folder_of_the_model_and_belong_to_its_digest() {
    let folder = folder_with_model("w.bin");
    let weights = [1.5_f32, -2.0].map(f32::to_le_bytes).concat();
    folder.write("models/w.bin", &weights);
    let built = folder.run(&["build", "models/m.onnx", "-o", "m.wasm", "--json"]).json();
    let both = Digest::of(&[with_weights_at("w.bin"), weights].concat()).to_string();
    assert_eq!(built["manifest"]["model"]["onnx"], both);
    let wat = folder.run(&["build", "models/m.onnx", "--emit", "optimized"]).done();
    assert!(wat.contains("\"w\" : f32[2] = [1.5, -2.0]"), "{wat}");
    // The text of the file needs no weights.
    std::fs::remove_file(folder.path("models/w.bin")).unwrap();
    let text = folder.run(&["build", "models/m.onnx", "--emit", "onnx"]).done();
    assert!(text.contains("float32[2] in another file"), "{text}");
}

#[test]
fn a_missing_file_is_refused_with_the_tensor_and_where_it_belongs() {
    let folder = folder_with_model("w.bin");
    folder.write("w.bin", [0; 8]);
    let parts = ["error[E0207]: tensor `w`: its data is in \"w.bin\", which is missing", "to models/w.bin"];
    folder.run(&["build", "models/m.onnx"]).failed(1, &parts);
}

#[test]
fn a_short_file_is_refused() {
    let folder = folder_with_model("w.bin");
    folder.write("models/w.bin", [0; 7]);
    folder.run(&["build", "models/m.onnx"]).failed(1, &["error[E0207]", "has 7 bytes and not 8 from byte 0"]);
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    for location in ["../w.bin", "models/../../w.bin", "/etc/hostname", "..\\w.bin"] {
        let folder = folder_with_model(location);
        folder.write("w.bin", [0; 8]);
        folder.run(&["build", "models/m.onnx"]).failed(1, &["error[E0207]: tensor `w`: its data is in"]);
    }
    let folder = folder_with_model(".");
    folder.run(&["build", "models/m.onnx"]).failed(1, &["error[E0207]", "which is no regular file"]);
}

#[cfg(unix)]
#[test]
fn symbolic_links_may_lead_within_the_folder_only() {
    use std::os::unix::fs::symlink;
    let folder = folder_with_model("w.bin");
    folder.write("w.bin", [0; 8]);
    folder.write("models/real.bin", [0; 8]);
    symlink("../w.bin", folder.path("models/w.bin")).unwrap();
    folder
        .run(&["build", "models/m.onnx"])
        .failed(1, &["error[E0207]", "leaves the folder of the model by a symbolic"]);
    std::fs::remove_file(folder.path("models/w.bin")).unwrap();
    symlink("real.bin", folder.path("models/w.bin")).unwrap();
    folder.run(&["build", "models/m.onnx", "-o", "m.wasm"]).done();
}
