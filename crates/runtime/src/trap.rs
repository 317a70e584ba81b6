//! What is known of a failure inside a function, and how the engine's errors become ours.

use std::fmt;

use abi::value::Packed;

use crate::call_error::CallError;
use crate::instance::{Host, Instance};
use crate::limits::{Denied, Limits};
use crate::shown;

/// Longest message that is taken over, in bytes.
const MESSAGE_MAX: u32 = 4096;

/// A failure inside a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// What happened, or what the function said before it gave up.
    pub message: String,
    /// The calls that led there, innermost first.
    pub backtrace: Vec<Frame>,
}

/// One call of a backtrace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Name of the function where the file holds names, else that of its export, else `function[N]`.
    pub function: String,
    /// Position in the file.
    pub offset: Option<usize>,
    /// Source file and line where the module holds debug information.
    pub source: Option<(String, u32)>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut lead = " in";
        let mut runs = self.backtrace.chunk_by(|a, b| a.function == b.function).peekable();
        while let Some(run) = runs.next() {
            let frame = &run[0];
            write!(f, "{lead} `{}`", frame.function)?;
            if let Some((file, line)) = &frame.source {
                write!(f, " ({file}:{line})")?;
            }
            // The engine keeps the innermost frames only, so the last run may be longer than what is seen of it.
            let bound = if runs.peek().is_none() { "at least " } else { "" };
            match run.len() - 1 {
                0 => {}
                1 => write!(f, " (called by itself {bound}once)")?,
                times => write!(f, " (called by itself {bound}{times} times)")?,
            }
            lead = ", called by";
        }
        Ok(())
    }
}

/// `env.abort` of AssemblyScript: the message it gave.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Abort(pub(crate) String);

impl Instance {
    /// What a failed run means for the caller. The instance is spoiled afterwards.
    pub(crate) fn fault(&mut self, error: &wasmtime::Error) -> CallError {
        self.spoiled = true;
        let mut fault = fault(error, self.store.data(), &self.limits);
        if let CallError::Trap(trap) = &mut fault
            && let Some(message) = self.panic_message()
        {
            trap.message = message;
        }
        fault
    }

    /// What the function said before it gave up, within what is left of the deadline.
    fn panic_message(&mut self) -> Option<String> {
        let panic = self.core.as_ref()?.panic.clone()?;
        let place = Packed::decode(panic.call(&mut self.store, ()).ok()?);
        let bytes = self.read("panic message", place.ptr, place.len.min(MESSAGE_MAX)).ok()?;
        Some(String::from_utf8_lossy(bytes).into_owned()).filter(|message| !message.is_empty())
    }
}

/// Whether Wasm code failed, not the host around it.
pub(crate) fn is_of_guest(error: &wasmtime::Error) -> bool {
    error.is::<wasmtime::Trap>() || error.is::<Abort>() || error.is::<wasmtime::WasmBacktrace>()
}

/// What a failed start means for the caller: without any trace of Wasm code it is the host that failed.
pub(crate) fn start_fault(error: &wasmtime::Error, host: &Host, limits: &Limits) -> CallError {
    if is_of_guest(error) || host.limiter.denied.is_some() {
        return fault(error, host, limits);
    }
    CallError::Instantiate { reason: format!("{error:#}") }
}

/// What a failed run means for the caller.
fn fault(error: &wasmtime::Error, host: &Host, limits: &Limits) -> CallError {
    if error.downcast_ref::<wasmtime::Trap>() == Some(&wasmtime::Trap::Interrupt) {
        return CallError::DeadlineExceeded { deadline: limits.deadline };
    }
    match host.limiter.denied {
        Some(Denied::Memory { wanted }) => CallError::MemoryLimit { wanted, limit: limits.memory_bytes },
        Some(Denied::Table { wanted }) => CallError::TableLimit { wanted, limit: limits.table_elements },
        None => CallError::Trap(Box::new(describe(error, host))),
    }
}

fn describe(error: &wasmtime::Error, host: &Host) -> Trap {
    let message = match (error.downcast_ref::<Abort>(), error.downcast_ref::<wasmtime::Trap>()) {
        (Some(abort), _) => abort.to_string(),
        (None, Some(trap)) => {
            let text = trap.to_string();
            text.strip_prefix("wasm trap: ").unwrap_or(&text).to_string()
        }
        (None, None) => error.root_cause().to_string(),
    };
    let frames = error.downcast_ref::<wasmtime::WasmBacktrace>().map_or(&[][..], wasmtime::WasmBacktrace::frames);
    Trap { message, backtrace: frames.iter().map(|info| frame(info, host)).collect() }
}

fn frame(frame: &wasmtime::FrameInfo, host: &Host) -> Frame {
    let symbol = frame.symbols().first();
    let name = symbol.and_then(wasmtime::FrameSymbol::name).or_else(|| frame.func_name());
    let name = name.or_else(|| host.export_names.get(&frame.func_index()).map(String::as_str));
    let function = match name {
        // What a short mangled name stands for can be very long, and is never put together whole.
        Some(name) => shown::written(&format_args!("{:#}", rustc_demangle::demangle(&shown::shown(name)))),
        None => format!("function[{}]", frame.func_index()),
    };
    let source = symbol.and_then(|symbol| Some((shown::shown(symbol.file()?).into_owned(), symbol.line()?)));
    Frame { function, offset: frame.module_offset(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(functions: &[&str], expected: &str) {
        let frame = |&function: &&str| Frame { function: function.into(), offset: None, source: None };
        let trap = Trap { message: "oops".into(), backtrace: functions.iter().map(frame).collect() };
        assert_eq!(trap.to_string(), expected);
    }

    #[test]
    fn a_function_that_calls_itself_is_named_once() {
        check(&[], "oops");
        check(&["r"], "oops in `r`");
        check(&["r", "r", "f"], "oops in `r` (called by itself once), called by `f`");
        check(&["d", "r", "r", "r", "f"], "oops in `d`, called by `r` (called by itself 2 times), called by `f`");
        check(&["r", "f", "r"], "oops in `r`, called by `f`, called by `r`");
        check(&["r"; 20], "oops in `r` (called by itself at least 19 times)");
    }
}
