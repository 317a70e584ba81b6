//! The one import that is provided: `env.abort(message, file, line, column)` of AssemblyScript.

use wasmtime::{Caller, Linker};

use super::Host;
use crate::trap::Abort;

/// Longest text that is taken over, in bytes.
const TEXT_MAX: usize = 4096;

/// Defines the import as a trap that carries the message.
pub(crate) fn define(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let abort =
        |mut caller: Caller<'_, Host>, message: i32, file: i32, line: i32, column: i32| -> wasmtime::Result<()> {
            let message = text(&mut caller, message).unwrap_or_else(|| "abort without a message".into());
            let place = text(&mut caller, file).map(|file| format!(" at {file}:{line}:{column}")).unwrap_or_default();
            Err(wasmtime::Error::new(Abort(format!("{message}{place}"))))
        };
    linker.func_wrap("env", "abort", abort)?;
    Ok(())
}

/// A string object that is not empty: UTF-16 at `address`, its length in bytes just before it.
fn text(caller: &mut Caller<'_, Host>, address: i32) -> Option<String> {
    let start = usize::try_from(address.cast_unsigned()).ok().filter(|&start| start >= 4)?;
    let memory = caller.get_export(abi::export::MEMORY)?.into_memory()?;
    let data = memory.data(&*caller);
    let len = u32::from_le_bytes(*data.get(start - 4..start)?.first_chunk()?);
    let len = usize::try_from(len).ok()?.min(TEXT_MAX);
    let units = data.get(start..start.checked_add(len)?)?.as_chunks::<2>().0;
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some(String::from_utf16_lossy(&units)).filter(|text| !text.is_empty())
}
