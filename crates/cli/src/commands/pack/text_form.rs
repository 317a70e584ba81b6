//! The text form of WebAssembly becomes a module.

use std::borrow::Cow;
use std::path::Path;

use anyhow::Context as _;

const MAGIC: &[u8] = b"\0asm";

/// The binary module that a file holds, assembled if the file holds the text form.
pub(super) fn binary<'f>(path: &Path, file: &'f [u8]) -> anyhow::Result<Cow<'f, [u8]>> {
    if !is_text_form(path, file) {
        return Ok(Cow::Borrowed(file));
    }
    let text = str::from_utf8(file).context("the text form of WebAssembly is text in UTF-8")?;
    let assembled = wat::parse_str(text).map_err(|mut error| {
        error.set_path(path);
        anyhow::anyhow!("the text form of WebAssembly is not well-formed: {}", error.to_string().trim_end())
    })?;
    Ok(Cow::Owned(assembled))
}

/// By the name of the file, or because it begins with a parenthesis or a comment, as no binary does.
fn is_text_form(path: &Path, file: &[u8]) -> bool {
    if file.starts_with(MAGIC) {
        return false;
    }
    let is_named_so = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wat"));
    let start = file.trim_ascii_start();
    is_named_so || start.starts_with(b"(") || start.starts_with(b";;")
}
