use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Preprocess, Window};

/// What a file says of itself: the JSON of its head section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the module, for people and for slots.
    pub name: String,
    /// Version of the module, free text.
    pub version: String,
    /// Functions that may be called, by export name.
    pub functions: BTreeMap<String, FunctionDecl>,
    /// Whether instances keep anything between calls.
    pub state: State,
    /// Where functions of the classic convention get their arguments, if the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Present in a compiled model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelDecl>,
    /// Wasm features beyond the 2.0 standard that the file needs, such as `relaxed-simd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Bytes of linear memory at start.
    pub memory_bytes: u64,
    /// What wrote the file.
    pub producer: Producer,
}

/// One callable function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionDecl {
    /// What the function takes.
    pub takes: Vec<ValueKind>,
    /// What the function answers.
    pub returns: Vec<ValueKind>,
    /// One sentence for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// The closed set of value kinds of version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// UTF-8 JSON text.
    Json,
    /// Uninterpreted bytes.
    Bytes,
    /// Packed RGB bytes with a width and a height.
    Image,
    /// A tensor of the model.
    Tensor,
    /// One number passed as a Wasm value.
    Scalar(DataType),
    /// Numbers side by side, little-endian. See [`crate::kind`].
    List(DataType),
    /// Named numbers of 8 bytes each, little-endian, in this order. See [`crate::kind`].
    Record(Vec<(String, DataType)>),
}

/// Element type of a tensor, list or scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the standard ones")]
pub enum DataType {
    F32,
    F64,
    F16,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    Bool,
}

impl DataType {
    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> u32 {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// The name in lower case, as in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::Bool => "bool",
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether and how instances keep anything between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing is kept: any warm instance may serve any call.
    Stateless,
    /// One instance serves all calls and keeps its memory.
    Slot,
    /// One instance for each key.
    Keyed,
}

/// What a compiled model takes, answers and needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelDecl {
    /// sha256 of what was compiled: the ONNX file, then the parts of other files that its tensors keep their data in, in
    /// the order of the tensors. Of a model that is one file, it is the digest of the file.
    pub onnx: Digest,
    /// Input tensors, in the order of the ONNX graph.
    pub inputs: Vec<TensorDecl>,
    /// Output tensors, in the order of the ONNX graph.
    pub outputs: Vec<TensorDecl>,
    /// How many values [`crate::export::STEP`] accepts.
    pub steps: u32,
    /// What each step does, for profiles: one entry a step.
    pub step_names: Vec<String>,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// Bytes of packed weights.
    pub weights_bytes: u64,
    /// How a picture becomes the input tensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preprocess: Option<Preprocess>,
    /// Name of class `n`, by `n`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Known answers, made by the reference interpreter from the model as it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden: Option<Golden>,
}

/// One tensor of a compiled model, row-major at a fixed address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorDecl {
    /// Name in the ONNX graph.
    pub name: String,
    /// Element type.
    pub dtype: DataType,
    /// Size of each dimension.
    pub shape: Vec<u64>,
    /// Address of the first element.
    pub address: u32,
}

impl TensorDecl {
    /// Number of elements, or `None` where it overflows.
    #[must_use]
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))
    }

    /// Number of bytes, or `None` where it overflows.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.elements()?.checked_mul(u64::from(self.dtype.size()))
    }
}

/// A known answer: what the reference interpreter computes from a seeded input.
///
/// Input `i` holds the elements `x[k] = (h >> 40) / 2^23 - 1` with `h` the `k`-th value of SplitMix64 (Steele, Lea and
/// Flood 2014) seeded with `seed + i`, so every value lies in `[-1, 1)` and is exact in `f32`; it is scaled by `scale`
/// and then moved by `offset`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// Seed of the first input.
    pub seed: u64,
    /// Factor of every value.
    pub scale: f32,
    /// Added to every value after the factor.
    pub offset: f32,
    /// Largest absolute error allowed, as a share of the largest absolute value of the output.
    pub tolerance: f32,
    /// One entry for each output.
    pub outputs: Vec<GoldenOutput>,
}

/// Probes of one output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenOutput {
    /// Largest absolute value of the output.
    pub largest: f32,
    /// Positions of the probed elements in row-major order.
    pub positions: Vec<u64>,
    /// The values there.
    pub values: Vec<f32>,
}

impl Golden {
    /// Element `k = 0, 1, ...` of input `index`.
    pub fn input(&self, index: u64) -> impl Iterator<Item = f32> + use<> {
        let (scale, offset) = (self.scale, self.offset);
        let mut state = self.seed.wrapping_add(index);
        core::iter::repeat_with(move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut h = state;
            h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            h ^= h >> 31;
            let unit = u32::try_from(h >> 40).expect("24 bits are left") as f32 / 8_388_608.0 - 1.0;
            unit * scale + offset
        })
    }
}

/// What wrote the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The options that shaped the file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}
