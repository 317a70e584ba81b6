use abi::ValueKind;
use anyhow::Context as _;
use runtime::{CallError, Function, Tensor};

use super::model;
use crate::args::{CallArguments, Format};
use crate::files;
use crate::render::style::Style;
use crate::render::{json, print, print_bytes, ranking, tensor};

const TOP: usize = 5;

/// What a function answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// Numbers as they are written.
    Scalars(Vec<String>),
    Json(String),
    /// Bytes that mean nothing to us.
    Bytes(Vec<u8>),
    /// A list or record: its bytes for a file, and what is shown without one.
    Numbers {
        bytes: Vec<u8>,
        json: Result<String, CallError>,
    },
    Tensors(Vec<Tensor>),
}

impl Answer {
    /// The bytes that a function answers, of the kind that it declares.
    pub(super) fn of_bytes(function: &Function, bytes: Vec<u8>) -> Self {
        let is_numbers = |kind: &ValueKind| matches!(kind, ValueKind::List(_) | ValueKind::Record(_));
        if function.declared.as_ref().is_some_and(|decl| decl.returns.iter().any(is_numbers)) {
            return Self::Numbers { json: function.answer_to_json(bytes.clone()), bytes };
        }
        let is_json = function.declared.as_ref().is_none_or(|decl| decl.returns.contains(&ValueKind::Json));
        match String::from_utf8(bytes) {
            Ok(text) if is_json => Self::Json(text),
            Ok(text) => Self::Bytes(text.into_bytes()),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }

    /// Writes the answer to standard output, and tensors to the files that are wanted. `labels` name the classes of the
    /// first output.
    pub(super) fn show(&self, arguments: &CallArguments, labels: &[String]) -> anyhow::Result<()> {
        match self {
            Self::Scalars(texts) => print(&format!("{}\n", scalars_text(texts, arguments.format)?))?,
            Self::Json(text) => show_json(text, arguments)?,
            Self::Numbers { bytes, json } => match (arguments.output.first(), json) {
                (Some(file), _) => files::write(&file.path, bytes)?,
                (None, Ok(text)) => show_json(text, arguments)?,
                (None, Err(error)) => {
                    return Err(
                        anyhow::Error::new(error.clone()).context("write the bytes of the answer with --output FILE")
                    );
                }
            },
            Self::Bytes(bytes) => match arguments.output.first() {
                Some(file) => files::write(&file.path, bytes)?,
                None => print_bytes(bytes)?,
            },
            Self::Tensors(outputs) => {
                model::write_outputs(outputs, &arguments.output)?;
                match arguments.format {
                    Format::Json => {
                        let advised = |error| anyhow::anyhow!("{error}: write the output with --output");
                        print(&format!("{}\n", tensor::outputs_json(outputs).map_err(advised)?))?;
                    }
                    Format::Table => {
                        let top = arguments.top.unwrap_or(TOP);
                        print(&ranking::outputs(outputs, top, labels, Style::stdout()))?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn show_json(text: &str, arguments: &CallArguments) -> anyhow::Result<()> {
    let indented = json::indented(text).with_context(|| format!("`{}` answered no JSON", arguments.function));
    match arguments.format {
        // A function that returns nothing answers nothing.
        _ if text.is_empty() => {}
        Format::Table => print(&format!("{}\n", indented?))?,
        Format::Json => print(&format!("{}\n", indented.map(|_| text.trim())?))?,
    }
    Ok(())
}

/// One number as it is, several with spaces or as a list, none as nothing or `null`.
fn scalars_text(texts: &[String], format: Format) -> anyhow::Result<String> {
    if format == Format::Table {
        return Ok(texts.join(" "));
    }
    if let Some(text) = texts.iter().find(|text| text.ends_with(|last: char| !last.is_ascii_digit())) {
        anyhow::bail!("the answer {text} has no form in JSON: use --format table");
    }
    Ok(match texts {
        [] => "null".into(),
        [text] => text.clone(),
        texts => format!("[{}]", texts.join(",")),
    })
}
