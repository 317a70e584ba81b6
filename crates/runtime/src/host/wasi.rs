//! The few functions of WASI preview 1 that a slot may allow by name. They reach no file, no argument and no environment.

use abi::host::LOG_BYTES_MAX;
use wasmtime::Caller;

use super::log::LogLevel;
use super::memory::{abort, enter};
use super::{clock, random};
use crate::instance::Host;

const SUCCESS: i32 = 0;
const BAD_DESCRIPTOR: i32 = 8;
const INVALID: i32 = 28;
const INPUT_OUTPUT: i32 = 29;

/// Most pieces of one `fd_write`.
const PIECES_MAX: usize = 1024;
/// Most bytes that one `fd_write` takes; it answers how many it took.
const WRITE_BYTES_MAX: usize = 65_536;

/// What was written to standard output and standard error without the end of its line.
#[derive(Debug, Default)]
pub(super) struct Streams {
    rests: [Vec<u8>; 2],
}

impl Streams {
    const LEVELS: [LogLevel; 2] = [LogLevel::Info, LogLevel::Warn];

    /// Takes what was written and answers the lines that are whole. A line ends at the longest that a log takes, too.
    fn write(&mut self, stream: usize, mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let rest = &mut self.rests[stream];
        let mut lines = Vec::new();
        while !bytes.is_empty() {
            let room = LOG_BYTES_MAX - rest.len();
            let near = &bytes[..bytes.len().min(room)];
            let end = near.iter().position(|byte| *byte == b'\n');
            rest.extend_from_slice(&near[..end.unwrap_or(near.len())]);
            bytes = &bytes[end.map_or(near.len(), |end| end + 1)..];
            if end.is_some() || rest.len() == LOG_BYTES_MAX {
                lines.push(std::mem::take(rest));
            }
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    pub(super) fn take_rest(&mut self) -> impl Iterator<Item = (LogLevel, Vec<u8>)> + use<> {
        let rests = std::mem::take(&mut self.rests);
        Self::LEVELS.into_iter().zip(rests).filter(|(_, rest)| !rest.is_empty())
    }
}

pub(super) fn fd_write(
    mut caller: Caller<'_, Host>,
    descriptor: i32,
    pieces: i32,
    count: i32,
    written: i32,
) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    call.range("length that `fd_write` answers", written, 4)?;
    let stream = match descriptor {
        1 => 0,
        2 => 1,
        _ => return Ok(BAD_DESCRIPTOR),
    };
    let Some(bytes) = usize::try_from(count).ok().filter(|count| *count <= PIECES_MAX).map(|count| count * 8) else {
        return Ok(INVALID);
    };
    let list = call.bytes("list given to `fd_write`", pieces, i32::try_from(bytes)?)?;
    let mut taken = Vec::new();
    for piece in list.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *piece;
        let (ptr, len) = (i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]));
        let text = call.bytes("text given to `fd_write`", ptr, len)?;
        taken.extend_from_slice(&text[..text.len().min(WRITE_BYTES_MAX - taken.len())]);
    }
    for line in call.session.streams.write(stream, &taken) {
        call.session.log(Streams::LEVELS[stream], &line);
    }
    let count = u32::try_from(taken.len())?;
    call.room("length that `fd_write` answers", written, 4)?.copy_from_slice(&count.to_le_bytes());
    Ok(SUCCESS)
}

pub(super) fn clock_time_get(
    mut caller: Caller<'_, Host>,
    clock: i32,
    _precision: i64,
    answer: i32,
) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let room = call.room("time that `clock_time_get` answers", answer, 8)?;
    let time = match clock {
        0 => clock::wall(),
        1 => clock::monotonic(),
        _ => return Ok(INVALID),
    };
    room.copy_from_slice(&time.to_le_bytes());
    Ok(SUCCESS)
}

pub(super) fn random_get(mut caller: Caller<'_, Host>, room: i32, len: i32) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    let code = random::fill(call.room("room given to `random_get`", room, len)?);
    Ok(match code {
        0 => SUCCESS,
        abi::host::code::TOO_LARGE => INVALID,
        _ => INPUT_OUTPUT,
    })
}

/// Arguments or environment: there are none, of no length.
pub(super) fn sizes_get(mut caller: Caller<'_, Host>, count: i32, bytes: i32) -> wasmtime::Result<i32> {
    let mut call = enter(&mut caller)?;
    for place in [count, bytes] {
        call.room("size of arguments or environment", place, 4)?.fill(0);
    }
    Ok(SUCCESS)
}

/// The arguments or the environment themselves: nothing is written.
pub(super) fn nothing_get(mut caller: Caller<'_, Host>, _list: i32, _texts: i32) -> wasmtime::Result<i32> {
    enter(&mut caller)?;
    Ok(SUCCESS)
}

pub(super) fn proc_exit(_: Caller<'_, Host>, status: i32) -> wasmtime::Result<()> {
    Err(abort(format!("it ended itself by `proc_exit` with status {status}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(writes: &[&str], lines: &[&str], rest: &str) {
        let mut streams = Streams::default();
        let found: Vec<Vec<u8>> = writes.iter().flat_map(|text| streams.write(1, text.as_bytes())).collect();
        assert_eq!(found, lines.iter().map(|line| line.as_bytes()).collect::<Vec<_>>());
        let rests: Vec<_> = streams.take_rest().collect();
        let expected = (!rest.is_empty()).then(|| (LogLevel::Warn, rest.as_bytes().to_vec()));
        assert_eq!(rests, Vec::from_iter(expected));
    }

    #[test]
    fn lines_are_put_together_and_bounded() {
        check(&["a\n"], &["a"], "");
        check(&["a", "b\nc", "\n\nd"], &["ab", "c"], "d");
        check(&["", "\n"], &[], "");
        let long = "x".repeat(LOG_BYTES_MAX);
        check(&[&format!("{long}y\n")], &[&long, "y"], "");
        check(&["x", &long[1..]], &[&long], "");
    }
}
