use crate::proto::{GraphProto, ModelProto};

/// A decoded ONNX file: what it says, not yet what it means. See [`crate::text()`] and [`crate::import()`].
#[derive(Debug, Clone)]
pub struct Model<'m> {
    /// Everything but the graph.
    pub(crate) proto: ModelProto<'m>,
    pub(crate) ir_version: i64,
    pub(crate) graph: GraphProto<'m>,
}

/// Element types of the ONNX specification that the importer tells apart.
pub(crate) mod element {
    pub(crate) const UNDEFINED: i32 = 0;
    pub(crate) const FLOAT: i32 = 1;
    pub(crate) const INT32: i32 = 6;
    pub(crate) const INT64: i32 = 7;
    pub(crate) const BOOL: i32 = 9;
    pub(crate) const FLOAT16: i32 = 10;

    /// Bytes of one element, of the types that are read.
    pub(crate) fn size(element: i32) -> Option<usize> {
        match element {
            BOOL => Some(1),
            FLOAT16 => Some(2),
            FLOAT | INT32 => Some(4),
            INT64 => Some(8),
            _ => None,
        }
    }

    /// Whether tensors of this element type are held as floats.
    pub(crate) fn is_float(element: i32) -> bool {
        matches!(element, FLOAT | FLOAT16)
    }

    /// Whether tensors of this element type are held as integers that are known.
    pub(crate) fn is_integer(element: i32) -> bool {
        matches!(element, INT32 | INT64 | BOOL)
    }

    const NAMES: [&str; 29] = [
        "undefined",
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "uint4",
        "int4",
        "float4e2m1",
        "float8e8m0",
        "uint2",
        "int2",
        "float6e2m3",
        "float6e3m2",
    ];

    /// The name of an element type, for people.
    pub(crate) fn name(element: i32) -> String {
        let known = usize::try_from(element).ok().and_then(|index| NAMES.get(index));
        known.map_or_else(|| format!("element type {element}"), |name| (*name).to_owned())
    }
}

impl Model<'_> {
    /// The operator sets that the model imports: domain and version; the domain of ONNX itself is empty.
    pub(crate) fn operator_sets(&self) -> impl Iterator<Item = (&str, i64)> {
        self.proto.opset_import.iter().map(|set| (domain(set.domain), set.version))
    }

    /// Whether the model defines an operator itself, as a function.
    pub(crate) fn defines(&self, of: &str, operator: &str) -> bool {
        self.proto.functions.iter().any(|function| function.name == operator && domain(function.domain) == of)
    }
}

/// ONNX's own domain has two spellings.
pub(crate) fn domain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

/// A name from a file as it is put into a message: control characters escaped, and not longer than a line.
pub(crate) fn shown(name: &str) -> String {
    const LONGEST: usize = 96;
    let mut shown = String::new();
    for (index, c) in name.chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        match c {
            '\'' | '"' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

/// A name that only says where something came from, not longer than a line.
pub(crate) fn provenance(name: &str) -> &str {
    const LONGEST: usize = 256;
    &name[..name.floor_char_boundary(LONGEST)]
}
