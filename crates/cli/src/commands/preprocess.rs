//! What `--preprocess` says, and the file that it may name.

mod file;

use anyhow::Context as _;
use compiler::{Code, Diagnostic, Diagnostics, PreprocessSpec};

use super::configuration::position;
use crate::args::Preprocess;
use crate::files::{self, Content};
use file::Mistake;

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
    let spec = text(&bytes).and_then(|text| file::parse(text, &name)).map_err(|mistakes| {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_BYTES_MAX)]);
        let place = |at| {
            let (line, column) = position(&text, at);
            format!("{}:{line}:{column}", path.display())
        };
        let reasons = mistakes.into_iter().map(|Mistake { at, what, help }| Diagnostic {
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

fn text(bytes: &[u8]) -> Result<&str, Vec<Mistake>> {
    let refuse = |at, what: &str, help: &str| vec![Mistake { at, what: what.into(), help: help.into() }];
    if bytes.len() > TEXT_BYTES_MAX {
        return Err(refuse(0, "this is no TOML file: it is larger than 1 MiB", "give a file of a few lines"));
    }
    str::from_utf8(bytes).map_err(|error| refuse(error.valid_up_to(), "this is not text", "save the file as UTF-8"))
}
