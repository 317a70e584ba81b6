//! A walk over the wire format of a model that allocates nothing.
//!
//! It knows for each message which fields will be decoded, counts what they cost against [`Limits`], and checks what
//! the decoder checks, so that a malformed file is reported with the offset of the fault.

use super::Limits;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScanError {
    /// The bytes are no message of the expected kind.
    Malformed { offset: usize, what: &'static str },
    /// More of something than the limit.
    Limit { what: &'static str, limit: usize },
}

type Result<T> = std::result::Result<T, ScanError>;

/// Checks the bytes of a `ModelProto`.
pub(super) fn scan(bytes: &[u8], limits: &Limits) -> Result<()> {
    if bytes.len() > limits.bytes {
        return Err(ScanError::Limit { what: "bytes", limit: limits.bytes });
    }
    let mut scan = Scan { bytes, left: *limits, limits };
    scan.message(Message::Model, 0, bytes.len())
}

/// The messages of `crate::proto`.
#[derive(Debug, Clone, Copy)]
enum Message {
    Model,
    OperatorSet,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    Entry,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Field {
    Varint,
    Fixed32,
    Bytes,
    Text,
    Texts,
    Varints,
    Floats,
    Message(Message),
    Skipped,
}

/// The fields of `crate::proto`.
fn field(message: Message, number: u64) -> Field {
    use Field::{Bytes, Fixed32, Floats, Skipped, Text, Texts, Varint, Varints};
    match (message, number) {
        (Message::Model, 1) => Varint,
        (Message::Model, 2 | 3) => Text,
        (Message::Model, 7) => Field::Message(Message::Graph),
        (Message::Model, 8) => Field::Message(Message::OperatorSet),
        (Message::OperatorSet, 1) => Text,
        (Message::OperatorSet, 2) => Varint,
        (Message::Graph, 1) => Field::Message(Message::Node),
        (Message::Graph, 2) => Text,
        (Message::Graph, 5) => Field::Message(Message::Tensor),
        (Message::Graph, 11 | 12) => Field::Message(Message::ValueInfo),
        (Message::Graph, 15) => Field::Message(Message::SparseTensor),
        (Message::Node, 1 | 2) => Texts,
        (Message::Node, 3 | 4 | 7) => Text,
        (Message::Node, 5) => Field::Message(Message::Attribute),
        (Message::Attribute, 1 | 21) => Text,
        (Message::Attribute, 2) => Fixed32,
        (Message::Attribute, 3 | 20) => Varint,
        (Message::Attribute, 4) => Bytes,
        (Message::Attribute, 5) => Field::Message(Message::Tensor),
        (Message::Attribute, 7) => Floats,
        (Message::Attribute, 8) => Varints,
        (Message::Tensor, 1 | 5 | 7) => Varints,
        (Message::Tensor, 2 | 14) => Varint,
        (Message::Tensor, 4) => Floats,
        (Message::Tensor, 8) => Text,
        (Message::Tensor, 9) => Bytes,
        (Message::Tensor, 13) => Field::Message(Message::Entry),
        (Message::SparseTensor, 1) => Field::Message(Message::Tensor),
        (Message::Entry, 1 | 2) => Text,
        (Message::ValueInfo, 1) => Text,
        (Message::ValueInfo, 2) => Field::Message(Message::Type),
        (Message::Type, 1) => Field::Message(Message::TensorType),
        (Message::TensorType, 1) => Varint,
        (Message::TensorType, 2) => Field::Message(Message::Shape),
        (Message::Shape, 1) => Field::Message(Message::Dimension),
        (Message::Dimension, 1) => Varint,
        (Message::Dimension, 2) => Text,
        _ => Skipped,
    }
}

struct Scan<'b> {
    bytes: &'b [u8],
    left: Limits,
    limits: &'b Limits,
}

impl Scan<'_> {
    fn message(&mut self, message: Message, mut at: usize, end: usize) -> Result<()> {
        while at < end {
            let start = at;
            let key = self.varint(&mut at, end)?;
            let (number, wire) = (key >> 3, key & 7);
            if number == 0 || number >= 1 << 29 {
                return Err(ScanError::Malformed { offset: start, what: "no field number" });
            }
            let field = field(message, number);
            let mismatch = ScanError::Malformed { offset: start, what: "a field of the wrong type" };
            match wire {
                0 => {
                    self.varint(&mut at, end)?;
                    match field {
                        Field::Varint | Field::Skipped => {}
                        Field::Varints => self.numbers(1)?,
                        _ => return Err(mismatch),
                    }
                }
                1 => {
                    self.advance(&mut at, 8, end)?;
                    if !matches!(field, Field::Skipped) {
                        return Err(mismatch);
                    }
                }
                2 => {
                    let length = self.varint(&mut at, end)?;
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    let from = at;
                    self.advance(&mut at, length, end)?;
                    match field {
                        Field::Varint | Field::Fixed32 => return Err(mismatch),
                        Field::Bytes | Field::Skipped => {}
                        Field::Text => self.utf8(from, at)?,
                        Field::Texts => {
                            take(&mut self.left.entries, 1, "names", self.limits.entries)?;
                            self.utf8(from, at)?;
                        }
                        Field::Varints => self.packed_varints(from, at)?,
                        Field::Floats if length.is_multiple_of(4) => self.numbers(length / 4)?,
                        Field::Floats => {
                            return Err(ScanError::Malformed { offset: from, what: "a cut list of floats" });
                        }
                        Field::Message(inner) => {
                            self.count(inner)?;
                            self.message(inner, from, at)?;
                        }
                    }
                }
                5 => {
                    self.advance(&mut at, 4, end)?;
                    match field {
                        Field::Fixed32 | Field::Skipped => {}
                        Field::Floats => self.numbers(1)?,
                        _ => return Err(mismatch),
                    }
                }
                _ => return Err(ScanError::Malformed { offset: start, what: "an unknown wire type" }),
            }
        }
        Ok(())
    }

    fn count(&mut self, message: Message) -> Result<()> {
        let (left, limits) = (&mut self.left, self.limits);
        match message {
            Message::Node => take(&mut left.nodes, 1, "nodes", limits.nodes),
            Message::Attribute => take(&mut left.attributes, 1, "attributes", limits.attributes),
            Message::Tensor => take(&mut left.tensors, 1, "tensors", limits.tensors),
            Message::ValueInfo => take(&mut left.values, 1, "inputs and outputs", limits.values),
            Message::OperatorSet | Message::Entry | Message::Dimension | Message::SparseTensor => {
                take(&mut left.entries, 1, "names, dimensions and table entries", limits.entries)
            }
            Message::Model | Message::Graph | Message::Type | Message::TensorType | Message::Shape => Ok(()),
        }
    }

    fn numbers(&mut self, count: usize) -> Result<()> {
        take(&mut self.left.numbers, count, "numbers in lists", self.limits.numbers)
    }

    fn packed_varints(&mut self, mut at: usize, end: usize) -> Result<()> {
        while at < end {
            self.varint(&mut at, end)?;
            self.numbers(1)?;
        }
        Ok(())
    }

    fn utf8(&self, from: usize, to: usize) -> Result<()> {
        match std::str::from_utf8(&self.bytes[from..to]) {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(ScanError::Malformed { offset: from + error.valid_up_to(), what: "a name that is not UTF-8" })
            }
        }
    }

    fn advance(&self, at: &mut usize, length: usize, end: usize) -> Result<()> {
        if length > end - *at {
            return Err(ScanError::Malformed { offset: *at, what: "a field longer than what holds it" });
        }
        *at += length;
        Ok(())
    }

    fn varint(&self, at: &mut usize, end: usize) -> Result<u64> {
        let start = *at;
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let Some(byte) = self.bytes[..end].get(*at) else {
                return Err(ScanError::Malformed { offset: *at, what: "the end of the data inside a number" });
            };
            *at += 1;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(ScanError::Malformed { offset: start, what: "a number of more than 64 bits" })
    }
}

fn take(left: &mut usize, count: usize, what: &'static str, limit: usize) -> Result<()> {
    *left = left.checked_sub(count).ok_or(ScanError::Limit { what, limit })?;
    Ok(())
}
