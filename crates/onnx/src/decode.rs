//! From bytes to a [`Model`], within [`Limits`].

use ir::{Code, Diagnostic, Diagnostics};

use crate::model::Model;
use crate::proto::ModelProto;
use scan::{Scan, ScanError};

mod fields;
mod scan;

/// How much of each kind of thing a file may hold. Each is counted before memory is taken for it, because an empty node
/// takes two bytes in the file and some two hundred in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Nodes of the graph.
    pub nodes: usize,
    /// Attributes of all nodes together.
    pub attributes: usize,
    /// Tensors: initializers and those in attributes.
    pub tensors: usize,
    /// Declared inputs and outputs of the graph.
    pub values: usize,
    /// Names in lists, dimensions of declared shapes, operator sets and entries of tables.
    pub entries: usize,
    /// Bytes in the name of one declared input, output or dimension.
    pub name: usize,
    /// Numbers of four bytes in lists, of which an integer of 64 bits is two. Raw data is not counted: it takes as much
    /// memory as it takes of the file.
    pub numbers: usize,
}

impl Limits {
    /// Far above every model that fits a 32-bit Wasm module; beyond the size of the file itself,
    /// what is within them takes less than a gigabyte.
    pub const STANDARD: Self = Self {
        bytes: i32::MAX as usize,
        nodes: 1 << 16,
        attributes: 1 << 18,
        tensors: 1 << 17,
        values: 1 << 13,
        entries: 1 << 20,
        name: 1 << 10,
        numbers: 1 << 26,
    };
}

/// Reads the bytes of an ONNX file. Names and raw data are not copied.
///
/// # Errors
/// `E0101` with the offset of the first byte that does not belong to an ONNX model, and `E0102` if the file exceeds a
/// limit.
pub fn decode<'m>(bytes: &'m [u8], limits: &Limits) -> Result<Model<'m>, Diagnostics> {
    let mut proto: ModelProto<'m> = Scan::new(bytes, limits).whole().map_err(|error| match error {
        ScanError::Malformed { offset, what } => not_onnx(format!("{what} at byte {offset} of {}", bytes.len()), bytes),
        ScanError::Limit { what, limit } => {
            diagnostic(Code::Limit, format!("more than {limit} {what}"), "make the model smaller, or split it")
        }
    })?;
    let Some(graph) = proto.graph.take() else {
        return Err(not_onnx(format!("no graph in the {} bytes", bytes.len()), bytes).into());
    };
    match proto.ir_version {
        Some(ir_version @ 1..) => Ok(Model { proto, ir_version, graph }),
        Some(other) => Err(no_version(format!("`ir_version`, the version of the format, is {other}")).into()),
        None => Err(no_version("`ir_version`, the version of the format, is missing".to_owned()).into()),
    }
}

fn not_onnx(message: String, bytes: &[u8]) -> Diagnostic {
    let other = |kind: &str| format!("this looks like {kind}; give the .onnx file that was exported from it");
    let help = match bytes {
        [] => "the file is empty; export it again".to_owned(),
        [b'P', b'K', 3, 4, ..] => other("a zip archive, such as a PyTorch checkpoint"),
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => other("a TensorFlow Lite model"),
        [0x89, b'H', b'D', b'F', ..] => other("an HDF5 file, such as a Keras model"),
        [0, b'a', b's', b'm', ..] => other("a Wasm module"),
        [b'v', b'e', b'r', b's', b'i', b'o', b'n', b' ', ..] => {
            "this looks like a Git LFS pointer; fetch the file itself with `git lfs pull`".to_owned()
        }
        _ => "check that the file is an ONNX model and was copied whole".to_owned(),
    };
    diagnostic(Code::NotOnnx, message, help)
}

fn no_version(message: String) -> Diagnostic {
    diagnostic(Code::NotOnnx, message, "export the model again, and run `onnx.checker.check_model` on it")
}

fn diagnostic(code: Code, message: String, help: impl Into<String>) -> Diagnostic {
    Diagnostic { code, message, node: None, operator: None, help: help.into() }
}
