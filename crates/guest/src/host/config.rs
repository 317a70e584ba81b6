//! The configuration of the slot: texts by key. A call sees it as it was when the call began.

use super::{ask, calls};

/// The text of a key; nothing where the slot says none.
#[must_use]
pub fn get(key: &str) -> Option<String> {
    // A key that cannot be there is not there.
    let bytes = ask(|room| calls::config_get(key.as_bytes(), room)).ok()??;
    String::from_utf8(bytes).ok()
}

/// What [`get`] finds on this thread.
#[cfg(not(target_arch = "wasm32"))]
pub fn set_for_tests<K: Into<String>, V: Into<String>>(entries: impl IntoIterator<Item = (K, V)>) {
    let bytes = |text: String| text.into_bytes();
    calls::configure(entries.into_iter().map(|(key, value)| (bytes(key.into()), bytes(value.into()))).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_key() {
        assert_eq!(get("unit"), None);
        set_for_tests([("unit", "celsius"), ("empty", "")]);
        assert_eq!(get("unit").as_deref(), Some("celsius"));
        assert_eq!(get("empty").as_deref(), Some(""));
        assert_eq!(get(""), None);
    }
}
