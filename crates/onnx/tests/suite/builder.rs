//! Writes ONNX files by the field numbers of the specification, independently of the crate's own message types.

/// A message under construction.
#[derive(Clone, Default)]
pub(crate) struct Wire(pub(crate) Vec<u8>);

impl Wire {
    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn varint(mut self, field: u64, value: i64) -> Self {
        self.raw_varint(field << 3);
        self.raw_varint(value as u64);
        self
    }

    pub(crate) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.raw_varint(field << 3 | 2);
        self.raw_varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(crate) fn message(self, field: u64, message: &Wire) -> Self {
        self.bytes(field, &message.0)
    }

    pub(crate) fn float(mut self, field: u64, value: f32) -> Self {
        self.raw_varint(field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }
}

/// `TensorProto` with raw data.
pub(crate) fn tensor(name: &str, element: i64, shape: &[usize], raw: &[u8]) -> Wire {
    let dims = shape.iter().fold(Wire::default(), |wire, size| wire.varint(1, *size as i64));
    dims.varint(2, element).text(8, name).bytes(9, raw)
}

pub(crate) fn float_tensor(name: &str, shape: &[usize], data: &[f32]) -> Wire {
    tensor(name, 1, shape, &data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

pub(crate) fn int_tensor(name: &str, shape: &[usize], data: &[i64]) -> Wire {
    tensor(name, 7, shape, &data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

/// `ValueInfoProto`; the shape is written `1,3,height,?`, and `-` is none at all.
pub(crate) fn value_info(name: &str, element: i64, shape: &str) -> Wire {
    let mut dims = Wire::default();
    for size in shape.split(',').filter(|size| !size.is_empty() && *size != "-") {
        let dim = match (size, size.parse::<i64>()) {
            ("?", _) => Wire::default(),
            (_, Ok(value)) => Wire::default().varint(1, value),
            (name, Err(_)) => Wire::default().text(2, name),
        };
        dims = dims.message(1, &dim);
    }
    let mut ty = Wire::default().varint(1, element);
    if shape != "-" {
        ty = ty.message(2, &dims);
    }
    Wire::default().text(1, name).message(2, &Wire::default().message(1, &ty))
}

/// `NodeProto`.
#[derive(Clone)]
pub(crate) struct Node(pub(crate) Wire);

pub(crate) fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    let wire = inputs.iter().fold(Wire::default(), |wire, name| wire.text(1, name));
    let wire = outputs.iter().fold(wire, |wire, name| wire.text(2, name));
    Node(wire.text(4, op))
}

impl Node {
    pub(crate) fn named(self, name: &str) -> Self {
        Self(self.0.text(3, name))
    }

    pub(crate) fn domain(self, domain: &str) -> Self {
        Self(self.0.text(7, domain))
    }

    pub(crate) fn attribute(self, name: &str, ty: i64, value: Wire) -> Self {
        let attribute = Wire(value.text(1, name).varint(20, ty).0);
        Self(self.0.message(5, &attribute))
    }

    pub(crate) fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, 1, Wire::default().float(2, value))
    }

    pub(crate) fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, 2, Wire::default().varint(3, value))
    }

    pub(crate) fn string(self, name: &str, value: &str) -> Self {
        self.attribute(name, 3, Wire::default().text(4, value))
    }

    pub(crate) fn tensor(self, name: &str, value: &Wire) -> Self {
        self.attribute(name, 4, Wire::default().message(5, value))
    }

    pub(crate) fn floats(self, name: &str, values: &[f32]) -> Self {
        let value = values.iter().fold(Wire::default(), |wire, value| wire.float(7, *value));
        self.attribute(name, 6, value)
    }

    pub(crate) fn ints(self, name: &str, values: &[i64]) -> Self {
        let value = values.iter().fold(Wire::default(), |wire, value| wire.varint(8, *value));
        self.attribute(name, 7, value)
    }
}

/// `ModelProto`.
#[derive(Clone)]
pub(crate) struct Model {
    graph: Wire,
    ir_version: i64,
    opsets: Vec<(String, i64)>,
    functions: Vec<Wire>,
}

pub(crate) fn model(opset: i64) -> Model {
    Model {
        graph: Wire::default().text(2, "g"),
        ir_version: 8,
        opsets: vec![(String::new(), opset)],
        functions: vec![],
    }
}

impl Model {
    pub(crate) fn ir_version(self, ir_version: i64) -> Self {
        Self { ir_version, ..self }
    }

    pub(crate) fn opsets(self, opsets: &[(&str, i64)]) -> Self {
        Self { opsets: opsets.iter().map(|(domain, version)| ((*domain).to_owned(), *version)).collect(), ..self }
    }

    /// `FunctionProto`.
    pub(crate) fn function(mut self, function: &Wire) -> Self {
        self.functions.push(function.clone());
        self
    }

    pub(crate) fn graph(self, field: u64, message: &Wire) -> Self {
        Self { graph: self.graph.message(field, message), ..self }
    }

    pub(crate) fn input(self, name: &str, shape: &str) -> Self {
        self.graph(11, &value_info(name, 1, shape))
    }

    pub(crate) fn output(self, name: &str) -> Self {
        self.graph(12, &value_info(name, 1, "-"))
    }

    pub(crate) fn floats(self, name: &str, shape: &[usize], data: &[f32]) -> Self {
        self.graph(5, &float_tensor(name, shape, data))
    }

    /// Floats 0, 1, 2, and so on.
    pub(crate) fn count(self, name: &str, shape: &[usize]) -> Self {
        let data: Vec<f32> = (0..shape.iter().product()).map(|value: usize| value as f32).collect();
        self.floats(name, shape, &data)
    }

    pub(crate) fn ints(self, name: &str, data: &[i64]) -> Self {
        self.graph(5, &int_tensor(name, &[data.len()], data))
    }

    pub(crate) fn int(self, name: &str, value: i64) -> Self {
        self.graph(5, &int_tensor(name, &[], &[value]))
    }

    pub(crate) fn node(self, node: Node) -> Self {
        self.graph(1, &node.0)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let wire = Wire::default().varint(1, self.ir_version).text(2, "builder").message(7, &self.graph);
        let opset = |(domain, version): &(String, i64)| Wire::default().text(1, domain).varint(2, *version);
        let wire = self.opsets.iter().fold(wire, |wire, set| wire.message(8, &opset(set)));
        self.functions.iter().fold(wire, |wire, function| wire.message(25, function)).0
    }
}

/// A model of one operator with the input `x` and the output `y`.
pub(crate) fn single(opset: i64, shape: &str, node: Node) -> Model {
    model(opset).input("x", shape).node(node).output("y")
}
