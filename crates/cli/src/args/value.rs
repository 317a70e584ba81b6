//! Values that several commands take.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

/// Most characters of the name of a module.
const NAME_MAX: usize = 256;

/// What to say of a file named `-`, by which other programs mean a standard stream.
pub(super) const NO_STANDARD_STREAM: &str = "standard streams are not supported here: give the name of a file";

/// Reads the name of a file.
pub(super) fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| if path.as_os_str() == "-" { Err(NO_STANDARD_STREAM) } else { Ok(path) })
}

/// Reads the name of a module.
pub(super) fn name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err("a name has at least one character".into()),
        1..=NAME_MAX => Ok(text.into()),
        count => Err(format!("a name has at most {NAME_MAX} characters, not {count}")),
    }
}

/// Reads the largest error that is allowed.
#[cfg(feature = "compiler")]
pub(super) fn bound(text: &str) -> Result<f64, &'static str> {
    match text.parse() {
        Ok(bound) if f64::is_finite(bound) && bound >= 0.0 => Ok(bound),
        _ => Err("give a number that is not negative, such as 1e-4"),
    }
}
