//! An ONNX file as a tree of fields that can be changed and written again.

/// Which kind of message stands in a field of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Model,
    Opset,
    Graph,
    Node,
    Attribute,
    Tensor,
    Entry,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
}

impl Kind {
    fn of_field(self, number: u64) -> Option<Self> {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Some(Self::Graph),
            (Self::Model, 8) => Some(Self::Opset),
            (Self::Graph, 1) => Some(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5) => Some(Self::Tensor),
            (Self::Graph, 11 | 12) => Some(Self::ValueInfo),
            (Self::Node, 5) => Some(Self::Attribute),
            (Self::Tensor, 13) => Some(Self::Entry),
            (Self::ValueInfo, 2) => Some(Self::Type),
            (Self::Type, 1) => Some(Self::TensorType),
            (Self::TensorType, 2) => Some(Self::Shape),
            (Self::Shape, 1) => Some(Self::Dimension),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) number: u64,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(Vec<u8>),
    Fixed32([u8; 4]),
    Message(Message),
}

impl Message {
    /// Reads a message that is well-formed.
    pub(crate) fn read(kind: Kind, mut bytes: &[u8]) -> Self {
        let mut fields = vec![];
        while !bytes.is_empty() {
            let key = read_varint(&mut bytes);
            let number = key >> 3;
            let content = match key & 7 {
                0 => Content::Varint(read_varint(&mut bytes)),
                1 => Content::Fixed64(take(&mut bytes, 8).try_into().unwrap()),
                2 => {
                    let length = read_varint(&mut bytes) as usize;
                    let inner = take(&mut bytes, length);
                    match kind.of_field(number) {
                        Some(kind) => Content::Message(Self::read(kind, inner)),
                        None => Content::Bytes(inner.to_vec()),
                    }
                }
                5 => Content::Fixed32(take(&mut bytes, 4).try_into().unwrap()),
                other => panic!("wire type {other}"),
            };
            fields.push(Field { number, content });
        }
        Self { kind, fields }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![];
        for Field { number, content } in &self.fields {
            let mut key = |wire_type: u64| write_varint(&mut out, number << 3 | wire_type);
            match content {
                Content::Varint(value) => {
                    key(0);
                    write_varint(&mut out, *value);
                }
                Content::Fixed64(bytes) => {
                    key(1);
                    out.extend(bytes);
                }
                Content::Bytes(bytes) => {
                    key(2);
                    write_varint(&mut out, bytes.len() as u64);
                    out.extend(bytes);
                }
                Content::Fixed32(bytes) => {
                    key(5);
                    out.extend(bytes);
                }
                Content::Message(message) => {
                    key(2);
                    let bytes = message.bytes();
                    write_varint(&mut out, bytes.len() as u64);
                    out.extend(bytes);
                }
            }
        }
        out
    }

    /// Every message in this one, itself first.
    pub(crate) fn messages(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for field in &self.fields {
            if let Content::Message(message) = &field.content {
                all.extend(message.messages());
            }
        }
        all
    }

    /// The message at that place of [`Self::messages`].
    pub(crate) fn message_mut(&mut self, mut index: usize) -> Option<&mut Self> {
        if index == 0 {
            return Some(self);
        }
        index -= 1;
        for field in &mut self.fields {
            if let Content::Message(message) = &mut field.content {
                let count = message.messages().len();
                if index < count {
                    return message.message_mut(index);
                }
                index -= count;
            }
        }
        None
    }
}

pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number of more than 64 bits")
}

fn take<'b>(bytes: &mut &'b [u8], count: usize) -> &'b [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}
