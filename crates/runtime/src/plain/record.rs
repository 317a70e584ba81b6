//! The bytes of a record, filled in any order of the fields.

use abi::DataType;
use abi::kind::RECORD_FIELD_BYTES;

use super::Misfit;
use super::number::Number;

/// A record of which some fields are still missing.
pub(super) struct Filling<'f> {
    fields: &'f [(String, DataType)],
    bytes: Vec<u8>,
    /// One bit for each field that is there.
    filled: u64,
    /// Where the next field stands, if they come in their order.
    next: usize,
}

impl<'f> Filling<'f> {
    pub(super) fn new(fields: &'f [(String, DataType)]) -> Self {
        Self { fields, bytes: vec![0; fields.len() * RECORD_FIELD_BYTES], filled: 0, next: 0 }
    }

    /// The position of the field of this name, which must not be there yet.
    pub(super) fn position(&mut self, name: &str) -> Result<usize, Misfit> {
        let is_it = |index: &usize| self.fields.get(*index).is_some_and(|(field, _)| field == name);
        let found = Some(self.next).filter(is_it).or_else(|| self.fields.iter().position(|(field, _)| field == name));
        let Some(index) = found else {
            let names: Vec<&str> = self.fields.iter().map(|(field, _)| field.as_str()).collect();
            return Err(Misfit(format!("there is no field `{name}`, only {}", names.join(", "))));
        };
        let bit = bit(index)?;
        if self.filled & bit != 0 {
            return Err(Misfit(format!("the field `{name}` stands twice")));
        }
        self.filled |= bit;
        self.next = index + 1;
        Ok(index)
    }

    pub(super) fn name(&self, index: usize) -> &'f str {
        &self.fields[index].0
    }

    /// Puts the number into the field at a position.
    pub(super) fn put(&mut self, index: usize, number: Number) -> Result<(), Misfit> {
        let bytes = number.field(self.fields[index].1)?;
        self.bytes[index * RECORD_FIELD_BYTES..][..RECORD_FIELD_BYTES].copy_from_slice(&bytes);
        Ok(())
    }

    /// The bytes, if no field is missing.
    pub(super) fn end(self) -> Result<Vec<u8>, Misfit> {
        for (index, (name, dtype)) in self.fields.iter().enumerate() {
            if self.filled & bit(index)? == 0 {
                return Err(Misfit(format!("the field `{name}` is missing, of type {dtype}")));
            }
        }
        Ok(self.bytes)
    }
}

fn bit(index: usize) -> Result<u64, Misfit> {
    let too_many = || Misfit(format!("a record has at most {} fields", abi::kind::RECORD_FIELDS_MAX));
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).ok_or_else(too_many)
}
