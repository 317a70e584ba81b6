//! Keeps the message of a panic: a trap itself carries no text.

use std::panic::{self, PanicHookInfo};
use std::sync::{Once, OnceLock};

static HOOK: Once = Once::new();
static MESSAGE: OnceLock<String> = OnceLock::new();

/// Keeps the message of the first panic from now on.
pub(crate) fn keep_message() {
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|info| {
            MESSAGE.get_or_init(|| describe(info));
        }));
    });
}

/// The message of the first panic.
pub(crate) fn message() -> Option<&'static str> {
    MESSAGE.get().map(String::as_str)
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let text = info.payload_as_str().unwrap_or("a panic without a message");
    match info.location() {
        Some(place) => format!("{text} ({}:{})", place.file(), place.line()),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_panic_is_kept_with_its_place() {
        assert_eq!(message(), None);
        keep_message();
        let line = line!() + 1;
        let caught = panic::catch_unwind(|| panic!("no sensor {}", 7));
        let _later = panic::catch_unwind(|| panic!("another"));
        drop(panic::take_hook());
        assert!(caught.is_err());
        assert_eq!(message(), Some(format!("no sensor 7 ({}:{line})", file!()).as_str()));
    }
}
