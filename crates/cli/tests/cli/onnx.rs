//! Small ONNX files, written field by field.

/// A node: operator, name, inputs, outputs.
pub(crate) type Node<'n> = (&'n str, &'n str, &'n [&'n str], &'n [&'n str]);

/// A size that is fixed or free.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dim<'d> {
    Size(u64),
    Free(&'d str),
}

/// Numbers of element types.
pub(crate) const F32: u64 = 1;
pub(crate) const I64: u64 = 7;
pub(crate) const F16: u64 = 10;
pub(crate) const BF16: u64 = 16;

/// A declared input or output: name, element type, shape.
pub(crate) type Declared<'d> = (&'d str, u64, &'d [Dim<'d>]);

/// A model of operator set 13 of these [`tensor`]s.
pub(crate) fn graph(
    inputs: &[Declared<'_>],
    tensors: &[Vec<u8>],
    nodes: &[Node<'_>],
    outputs: &[Declared<'_>],
) -> Vec<u8> {
    const NODE: u64 = 1;
    const NAME: u64 = 2;
    const TENSOR: u64 = 5;
    const INPUT: u64 = 11;
    const OUTPUT: u64 = 12;
    let mut graph: Vec<u8> = nodes.iter().flat_map(|node| bytes(NODE, &self::node(node))).collect();
    graph.extend(bytes(NAME, b"test"));
    graph.extend(tensors.iter().flat_map(|tensor| bytes(TENSOR, tensor)));
    graph.extend(inputs.iter().flat_map(|input| bytes(INPUT, &value(input))));
    graph.extend(outputs.iter().flat_map(|output| bytes(OUTPUT, &value(output))));
    let opset = [bytes(1, b""), number(2, 13)].concat();
    [number(1, 8), bytes(7, &graph), bytes(8, &opset)].concat()
}

/// A model with one `f32` input `x`.
pub(crate) fn model(shape: &[Dim<'_>], nodes: &[Node<'_>], outputs: &[&str]) -> Vec<u8> {
    let outputs: Vec<Declared<'_>> = outputs.iter().map(|output| (*output, F32, shape)).collect();
    graph(&[("x", F32, shape)], &[], nodes, &outputs)
}

/// A model without inputs: `y`, a constant of two floats of 2.5.
pub(crate) fn constant_model() -> Vec<u8> {
    weights_model(&["y"], F32, &[2.5_f32, 2.5].map(f32::to_le_bytes).concat())
}

/// A model whose outputs are tensors of the file, of two elements of the type `element`.
pub(crate) fn weights_model(names: &[&str], element: u64, raw: &[u8]) -> Vec<u8> {
    let tensors: Vec<Vec<u8>> = names.iter().map(|name| tensor(name, element, &[2], raw)).collect();
    let outputs: Vec<Declared<'_>> = names.iter().map(|name| (*name, F32, &[Dim::Size(2)][..])).collect();
    graph(&[], &tensors, &[], &outputs)
}

/// A tensor of the file.
pub(crate) fn tensor(name: &str, element: u64, shape: &[u64], raw: &[u8]) -> Vec<u8> {
    [shape_of(shape), number(2, element), bytes(8, name.as_bytes()), bytes(9, raw)].concat()
}

/// A tensor of floats in another file, from its beginning.
pub(crate) fn tensor_elsewhere(name: &str, shape: &[u64], location: &str) -> Vec<u8> {
    const EXTERNAL: u64 = 1;
    let entry = [bytes(1, b"location"), bytes(2, location.as_bytes())].concat();
    [shape_of(shape), number(2, F32), bytes(8, name.as_bytes()), bytes(13, &entry), number(14, EXTERNAL)].concat()
}

fn shape_of(shape: &[u64]) -> Vec<u8> {
    shape.iter().flat_map(|size| number(1, *size)).collect()
}

fn node((operator, name, inputs, outputs): &Node<'_>) -> Vec<u8> {
    let texts = |field, texts: &[&str]| texts.iter().flat_map(|text| bytes(field, text.as_bytes())).collect::<Vec<_>>();
    [texts(1, inputs), texts(2, outputs), bytes(3, name.as_bytes()), bytes(4, operator.as_bytes())].concat()
}

fn value((name, element, shape): &Declared<'_>) -> Vec<u8> {
    let dim = |dim: &Dim<'_>| match dim {
        Dim::Size(size) => bytes(1, &number(1, *size)),
        Dim::Free(name) => bytes(1, &bytes(2, name.as_bytes())),
    };
    let dims: Vec<u8> = shape.iter().flat_map(dim).collect();
    let tensor = [number(1, *element), bytes(2, &dims)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

/// A field of a Protocol Buffers message that holds a number.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field that holds bytes, a text or a message.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = vec![];
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}
