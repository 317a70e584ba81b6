//! Just enough of the Wasm binary format to find custom sections: names, sizes, LEB128.

use alloc::vec::Vec;

/// `\0asm`, then the version and layer of a core module or of a component.
pub(crate) const PREAMBLE_LEN: usize = 8;

/// One section of a file: its number and its payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    pub(crate) id: u8,
    pub(crate) payload: &'a [u8],
    /// Offset of the payload in the file.
    pub(crate) payload_start: usize,
}

impl<'a> Section<'a> {
    /// The name and content of a custom section.
    pub(crate) fn custom(&self) -> Option<(&'a [u8], &'a [u8])> {
        if self.id != 0 {
            return None;
        }
        let (len, used) = read_u32(self.payload)?;
        let rest = &self.payload[used..];
        let len = usize::try_from(len).ok()?;
        (len <= rest.len()).then(|| rest.split_at(len))
    }
}

pub(crate) fn is_wasm(bytes: &[u8]) -> bool {
    bytes.len() >= PREAMBLE_LEN && bytes.starts_with(b"\0asm")
}

/// A section could not be read: the file ends inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut;

/// The sections of a file, one after the other; the last may be an error. They are not collected: a section can be two
/// bytes long.
pub(crate) fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<Section<'_>, Cut>> + Clone {
    let mut at = PREAMBLE_LEN;
    core::iter::from_fn(move || {
        let id = *bytes.get(at)?;
        let section = section(bytes, id, at + 1).ok_or(Cut);
        at = section.map_or(bytes.len(), |section| section.payload_start + section.payload.len());
        Some(section)
    })
}

fn section(bytes: &[u8], id: u8, at: usize) -> Option<Section<'_>> {
    let (len, used) = read_u32(bytes.get(at..)?)?;
    let payload_start = at + used;
    let end = payload_start.checked_add(usize::try_from(len).ok()?)?;
    Some(Section { id, payload: bytes.get(payload_start..end)?, payload_start })
}

/// Writes a custom section.
pub(crate) fn write_custom(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut header = Vec::new();
    write_u32(&mut header, len_u32(name.len()));
    header.extend_from_slice(name.as_bytes());
    out.push(0);
    write_u32(out, len_u32(header.len() + content.len()));
    out.extend_from_slice(&header);
    out.extend_from_slice(content);
}

fn len_u32(len: usize) -> u32 {
    u32::try_from(len).expect("a section is shorter than 4 GiB: the manifest is bounded by the seal")
}

fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// An unsigned LEB128 number of at most 32 bits and how many bytes it takes.
fn read_u32(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((u32::try_from(value).ok()?, index + 1));
        }
    }
    None
}
