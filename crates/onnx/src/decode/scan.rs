//! The wire format of Protocol Buffers, read in one walk that counts against [`Limits`] before it allocates.

use std::ops::Range;

use super::Limits;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScanError {
    /// The bytes are no message of the expected kind.
    Malformed { offset: usize, what: &'static str },
    /// More of something than the limit.
    Limit { what: &'static str, limit: usize },
}

pub(super) type Result<T> = std::result::Result<T, ScanError>;

/// A message that is filled field by field. One that comes twice is merged, as the format demands.
pub(super) trait Message<'m>: Default {
    /// What of the limits one such message takes.
    const COUNTED: Counted;

    /// Takes a field, or leaves one alone that it does not know.
    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()>;
}

/// What is limited in number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Nothing,
    Node,
    Attribute,
    Tensor,
    Value,
    Entry,
}

/// A field as it stands in the file.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u64,
    /// Offset of its key.
    start: usize,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Varint(u64),
    Fixed32([u8; 4]),
    Fixed64,
    Bytes(Range<usize>),
}

impl Field {
    fn mismatch(&self) -> ScanError {
        ScanError::Malformed { offset: self.start, what: "a field of the wrong type" }
    }

    fn range(&self) -> Result<Range<usize>> {
        match &self.content {
            Content::Bytes(range) => Ok(range.clone()),
            Content::Varint(_) | Content::Fixed32(_) | Content::Fixed64 => Err(self.mismatch()),
        }
    }

    /// Of signed numbers too, which are written in 64 bits.
    pub(super) fn varint(&self) -> Result<u64> {
        match self.content {
            Content::Varint(value) => Ok(value),
            Content::Fixed32(_) | Content::Fixed64 | Content::Bytes(_) => Err(self.mismatch()),
        }
    }

    pub(super) fn int64(&self) -> Result<i64> {
        self.varint().map(u64::cast_signed)
    }

    pub(super) fn int32(&self) -> Result<i32> {
        self.varint().map(narrow)
    }

    pub(super) fn float(&self) -> Result<f32> {
        match self.content {
            Content::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            Content::Varint(_) | Content::Fixed64 | Content::Bytes(_) => Err(self.mismatch()),
        }
    }
}

/// An `int32` is its lower half.
pub(super) fn narrow(value: u64) -> i32 {
    value as i32
}

/// The file and what may still be taken from it.
pub(super) struct Scan<'m, 'l> {
    bytes: &'m [u8],
    left: Limits,
    limits: &'l Limits,
}

impl<'m, 'l> Scan<'m, 'l> {
    pub(super) fn new(bytes: &'m [u8], limits: &'l Limits) -> Self {
        Self { bytes, left: *limits, limits }
    }

    /// The message that fills the file.
    pub(super) fn whole<M: Message<'m>>(&mut self) -> Result<M> {
        if self.bytes.len() > self.limits.bytes {
            return Err(ScanError::Limit { what: "bytes", limit: self.limits.bytes });
        }
        let mut message = M::default();
        self.fill(&mut message, 0..self.bytes.len())?;
        Ok(message)
    }

    fn fill<M: Message<'m>>(&mut self, message: &mut M, range: Range<usize>) -> Result<()> {
        let Range { start: mut at, end } = range;
        while at < end {
            let start = at;
            let key = self.read_varint(&mut at, end)?;
            let (number, wire_type) = (key >> 3, key & 7);
            if number == 0 || number >= 1 << 29 {
                return Err(ScanError::Malformed { offset: start, what: "no field number" });
            }
            let content = match wire_type {
                0 => Content::Varint(self.read_varint(&mut at, end)?),
                1 => {
                    advance(&mut at, 8, end)?;
                    Content::Fixed64
                }
                2 => {
                    let length = self.read_varint(&mut at, end)?;
                    let from = at;
                    advance(&mut at, usize::try_from(length).unwrap_or(usize::MAX), end)?;
                    Content::Bytes(from..at)
                }
                5 => {
                    let from = at;
                    advance(&mut at, 4, end)?;
                    Content::Fixed32(self.bytes[from..at].try_into().expect("advanced by 4"))
                }
                _ => return Err(ScanError::Malformed { offset: start, what: "an unknown wire type" }),
            };
            message.field(self, &Field { number, start, content })?;
        }
        Ok(())
    }

    pub(super) fn bytes(&self, field: &Field) -> Result<&'m [u8]> {
        Ok(&self.bytes[field.range()?])
    }

    pub(super) fn text(&self, field: &Field) -> Result<&'m str> {
        let range = field.range()?;
        std::str::from_utf8(&self.bytes[range.clone()]).map_err(|error| {
            let offset = range.start + error.valid_up_to();
            ScanError::Malformed { offset, what: "a name that is not UTF-8" }
        })
    }

    /// A name that is kept as it is in what is compiled.
    pub(super) fn name(&self, field: &Field) -> Result<&'m str> {
        let name = self.text(field)?;
        if name.len() > self.limits.name {
            let what = "bytes in the name of an input, an output or a dimension";
            return Err(ScanError::Limit { what, limit: self.limits.name });
        }
        Ok(name)
    }

    pub(super) fn push_text(&mut self, list: &mut Vec<&'m str>, field: &Field) -> Result<()> {
        let text = self.text(field)?;
        take(&mut self.left.entries, 1, "names", self.limits.entries)?;
        list.push(text);
        Ok(())
    }

    pub(super) fn push<M: Message<'m>>(&mut self, list: &mut Vec<M>, field: &Field) -> Result<()> {
        let range = field.range()?;
        self.count(M::COUNTED)?;
        let mut message = M::default();
        self.fill(&mut message, range)?;
        list.push(message);
        Ok(())
    }

    pub(super) fn merge<M: Message<'m>>(&mut self, place: &mut Option<M>, field: &Field) -> Result<()> {
        let range = field.range()?;
        self.count(M::COUNTED)?;
        self.fill(place.get_or_insert_with(M::default), range)
    }

    /// Numbers one by one or packed.
    pub(super) fn push_varints<T>(&mut self, list: &mut Vec<T>, field: &Field, convert: fn(u64) -> T) -> Result<()> {
        if let Content::Varint(value) = field.content {
            self.numbers::<T>(1)?;
            list.push(convert(value));
            return Ok(());
        }
        let Range { start: mut at, end } = field.range()?;
        let count = self.bytes[at..end].iter().filter(|byte| **byte < 0x80).count();
        self.numbers::<T>(count)?;
        list.reserve_exact(count);
        while at < end {
            let value = self.read_varint(&mut at, end)?;
            list.push(convert(value));
        }
        Ok(())
    }

    /// Numbers one by one or packed.
    pub(super) fn push_floats(&mut self, list: &mut Vec<f32>, field: &Field) -> Result<()> {
        if let Content::Fixed32(bytes) = field.content {
            self.numbers::<f32>(1)?;
            list.push(f32::from_le_bytes(bytes));
            return Ok(());
        }
        let range = field.range()?;
        let (floats, rest) = self.bytes[range.clone()].as_chunks();
        if !rest.is_empty() {
            return Err(ScanError::Malformed { offset: range.start, what: "a cut list of floats" });
        }
        self.numbers::<f32>(floats.len())?;
        list.extend(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        Ok(())
    }

    fn count(&mut self, counted: Counted) -> Result<()> {
        let (left, limits) = (&mut self.left, self.limits);
        match counted {
            Counted::Nothing => Ok(()),
            Counted::Node => take(&mut left.nodes, 1, "nodes", limits.nodes),
            Counted::Attribute => take(&mut left.attributes, 1, "attributes", limits.attributes),
            Counted::Tensor => take(&mut left.tensors, 1, "tensors", limits.tensors),
            Counted::Value => take(&mut left.values, 1, "inputs and outputs", limits.values),
            Counted::Entry => take(&mut left.entries, 1, "names, dimensions and table entries", limits.entries),
        }
    }

    /// A number counts as often as it takes four bytes.
    fn numbers<T>(&mut self, count: usize) -> Result<()> {
        let count = count.saturating_mul(size_of::<T>() / 4);
        take(&mut self.left.numbers, count, "numbers of four bytes in lists", self.limits.numbers)
    }

    fn read_varint(&self, at: &mut usize, end: usize) -> Result<u64> {
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

fn advance(at: &mut usize, length: usize, end: usize) -> Result<()> {
    if length > end - *at {
        return Err(ScanError::Malformed { offset: *at, what: "a field longer than what holds it" });
    }
    *at += length;
    Ok(())
}

fn take(left: &mut usize, count: usize, what: &'static str, limit: usize) -> Result<()> {
    *left = left.checked_sub(count).ok_or(ScanError::Limit { what, limit })?;
    Ok(())
}
