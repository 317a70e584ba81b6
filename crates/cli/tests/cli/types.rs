//! Models that need more said of them: half precision, shapes, frozen inputs.

use abi::DataType;
use runtime::{Tensor, npy};
use serde_json::json;

use crate::folder::Folder;
use crate::onnx::{Dim, F16, F32, I64, Node, graph, tensor};

#[test]
fn a_model_in_half_precision_takes_and_gives_single_precision() {
    let folder = Folder::new();
    let halves: Vec<u8> = [0x3800_u16, 0xc000].iter().flat_map(|bits| bits.to_le_bytes()).collect();
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(2)];
    let model = graph(
        &[("x", F16, shape)],
        &[tensor("w", F16, &[2], &halves)],
        &[("Mul", "scale", &["x", "w"], &["y"])],
        &[("y", F16, shape)],
    );
    folder.write("m.onnx", model);
    let built = folder.run(&["build", "m.onnx", "--json"]).json();
    let notes: Vec<&str> = built["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert_eq!(notes[0], "the input `x` is float16 in the model and float32 in the module");
    assert_eq!(notes[1], "the output `y` is float16 in the model and float32 in the module");
    assert!(notes[2].starts_with("float16 is widened to float32, without loss"), "{notes:?}");

    folder.write("single.npy", npy::write(&Tensor::from_f32s(vec![1, 2], &[6.0, 1.5]).unwrap()));
    let halves = [0x4600_u16, 0x3e00].iter().flat_map(|bits| bits.to_le_bytes()).collect();
    folder.write("half.npy", npy::write(&Tensor::new(DataType::F16, vec![1, 2], halves).unwrap()));
    for file in ["single.npy", "half.npy"] {
        folder.run(&["call", "m.wasm", "infer", "--tensor", file, "--output", "y.npy"]).done();
        assert_eq!(npy::read(&folder.read("y.npy")).unwrap().f32s().unwrap(), [3.0, -3.0], "{file}");
    }
}

#[test]
fn an_input_gets_a_shape_and_the_file_tells_it() {
    let folder = Folder::new();
    let shape: &[Dim<'_>] = &[Dim::Free(""), Dim::Size(3), Dim::Free("")];
    folder.write("m.onnx", graph(&[("x", F32, shape)], &[], &[("Relu", "r", &["x"], &["y"])], &[("y", F32, shape)]));
    folder.run(&["build", "m.onnx"]).failed(1, &["error[E0204]", "bind it with `--shape x=1,3,N`"]);
    folder.run(&["build", "m.onnx", "--shape", "x=2,4,5"]).failed(1, &["error[E0304]: input `x`: "]);
    folder
        .run(&["build", "m.onnx", "--shape", "z=2,3,5"])
        .failed(1, &["error[E0304]", "the input of the model is `x`"]);
    let built = folder.run(&["build", "m.onnx", "--shape", "x=2,3,5", "--json"]).json();
    assert_eq!(built["manifest"]["model"]["inputs"][0]["shape"], json!([2, 3, 5]));
    assert_eq!(built["manifest"]["producer"]["options"]["shape.x"], "2,3,5");
}

/// `y` is `x` in the shape that the input `s` says, plus the input `z`.
fn reshaped() -> Vec<u8> {
    let nodes: &[Node<'_>] = &[("Reshape", "r", &["x", "s"], &["t"]), ("Add", "a", &["t", "z"], &["y"])];
    let size = Dim::Size;
    let inputs: &[(&str, u64, &[Dim<'_>])] =
        &[("x", F32, &[size(2), size(3)]), ("s", I64, &[size(2)]), ("z", F32, &[size(1)])];
    graph(inputs, &[], nodes, &[("y", F32, &[size(3), size(2)])])
}

#[test]
fn frozen_inputs_are_no_inputs_of_the_module() {
    let folder = Folder::new();
    folder.write("m.onnx", reshaped());
    let sizes = [3_i64, 2].iter().flat_map(|size| size.to_le_bytes()).collect();
    folder.write("s.npy", npy::write(&Tensor::new(DataType::I64, vec![2], sizes).unwrap()));
    folder.write("z.npy", npy::write(&Tensor::from_f32s(vec![1], &[10.0]).unwrap()));
    folder.write("d.npy", npy::write(&Tensor::new(DataType::F64, vec![1], vec![0; 8]).unwrap()));
    folder.run(&["build", "m.onnx"]).failed(1, &["error[E0203]: input `s`: int64", "--const s=FILE.npy"]);
    let refused = |arguments: &[&str], parts: &[&str]| {
        folder.run(&[&["build", "m.onnx", "--const", "s=s.npy"], arguments].concat()).failed(1, parts);
    };
    refused(&["--const", "z=d.npy"], &["error[E0305]: input `z`: the model declares float32", "holds float64"]);
    refused(&["--const", "z=s.npy"], &["error[E0305]: input `z`: "]);
    refused(&["--const", "Z=z.npy"], &["error[E0305]: no input is called `Z`", "did you mean `z`?"]);
    refused(&["--const", "t=z.npy"], &["error[E0305]: `t` is no input: the model computes it"]);

    let frozen = ["build", "m.onnx", "--const", "s=s.npy", "--const", "z=z.npy", "--json"];
    let built = folder.run(&frozen).json();
    let inputs = built["manifest"]["model"]["inputs"].as_array().unwrap();
    assert_eq!(inputs.iter().map(|input| input["name"].as_str().unwrap()).collect::<Vec<_>>(), ["x"]);
    let recorded = built["manifest"]["producer"]["options"]["const.s"].as_str().unwrap();
    assert!(recorded.starts_with("int64[2] sha256:"), "{recorded}");

    folder.write("x.npy", npy::write(&Tensor::from_f32s(vec![2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]).unwrap()));
    folder.run(&["call", "m.wasm", "infer", "--tensor", "x.npy", "--output", "y.npy"]).done();
    let y = npy::read(&folder.read("y.npy")).unwrap();
    assert_eq!((y.shape(), y.f32s().unwrap()), (&[3, 2][..], vec![10.0, 11.0, 12.0, 13.0, 14.0, 15.0]));
}
