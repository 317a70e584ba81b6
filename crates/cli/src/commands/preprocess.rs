//! What `--preprocess` says, and the file that it may name.

mod file;

use anyhow::Context as _;
use compiler::{Code, Diagnostic, Diagnostics, PreprocessSpec};

use super::configuration::position;
use crate::args::Preprocess;
use crate::files::{self, Content};

/// A larger file is no specification.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// How pictures become the input of the model, if they are taken.
///
/// # Errors
/// The file cannot be read; [`Diagnostics`] with everything that is wrong with it.
pub(crate) fn read(argument: &Preprocess) -> anyhow::Result<Option<PreprocessSpec>> {
    let path = match argument {
        Preprocess::None => return Ok(None),
        Preprocess::Set(set) => return Ok(Some((*set).into())),
        Preprocess::File(path) => path,
    };
    let bytes = files::read(path, Content::Text)?;
    let name = path.file_name().context("a file has a name")?.to_string_lossy();
    let text = str::from_utf8(&bytes).ok().filter(|text| text.len() <= TEXT_BYTES_MAX);
    let text = text.with_context(|| format!("{} is no TOML file: it is not text, or above 1 MiB", path.display()))?;
    let spec = file::parse(text, &name).map_err(|mistakes| {
        let place = |at| {
            let (line, column) = position(text, at);
            format!("{}:{line}:{column}", path.display())
        };
        let reasons = mistakes.into_iter().map(|file::Mistake { at, what, help }| Diagnostic {
            code: Code::BadPreprocess,
            message: format!("{}: {what}", place(at)),
            node: None,
            operator: None,
            help,
        });
        Diagnostics::check(reasons.collect()).expect_err("a file that is not read has mistakes")
    })?;
    Ok(Some(spec))
}
