use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where functions of the classic convention get their arguments. Written `end`, `42` or `alloc:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Window {
    /// Behind the module's own memory, which is grown for it. Safe where the module's allocator keeps to what its own
    /// `memory.grow` returned, as those of Rust and C do.
    #[default]
    End,
    /// At a fixed address up to the end of the memory. The first host of these modules used 42, which overwrites the
    /// module's own data as soon as values are large.
    At(u32),
    /// Where an exported allocator `(bytes: i32) -> i32` or `(bytes: i32, class: i32) -> i32` says; the class is 0.
    Alloc(String),
}

/// A text that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window is `end`, an address such as `42`, or `alloc:NAME`")]
pub struct ParseWindowError;

impl FromStr for Window {
    type Err = ParseWindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "end" {
            return Ok(Self::End);
        }
        match text.strip_prefix("alloc:") {
            Some("") => Err(ParseWindowError),
            Some(name) => Ok(Self::Alloc(name.into())),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map(Self::At).map_err(|_| ParseWindowError)
            }
            None => Err(ParseWindowError),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("end"),
            Self::At(address) => address.fmt(f),
            Self::Alloc(name) => write!(f, "alloc:{name}"),
        }
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("`{text}`: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_they_are_read() {
        for (text, window) in [
            ("end", Window::End),
            ("0", Window::At(0)),
            ("42", Window::At(42)),
            ("4294967295", Window::At(u32::MAX)),
            ("alloc:__new", Window::Alloc("__new".into())),
        ] {
            assert_eq!(text.parse(), Ok(window.clone()));
            let json = format!("\"{text}\"");
            assert_eq!(serde_json::to_string(&window).ok().as_deref(), Some(json.as_str()));
            assert_eq!(serde_json::from_str::<Window>(&json).ok(), Some(window));
        }
    }

    #[test]
    fn what_names_no_place_is_refused() {
        for text in ["", "End", "+1", "-1", "4294967296", "alloc:", "alloc", "0x2a", " 42"] {
            assert_eq!(text.parse::<Window>(), Err(ParseWindowError), "{text}");
        }
    }
}
