use std::path::PathBuf;

use anyhow::Context as _;
use runtime::{Picture, Scalar, ScalarType, Tensor, npy};
use serde::de::IgnoredAny;

use crate::args::CallArguments;
use crate::files::{self, Content};
use crate::render::units::plural;
use crate::usage::usage;

/// What a function is called with.
#[derive(Debug)]
pub(super) enum Input {
    Nothing,
    /// Numbers whose types the function decides.
    Scalars(Vec<String>),
    /// Whole and without mistakes.
    Json(String),
    Bytes(Vec<u8>),
    Picture(PictureFile),
    Tensors(Vec<Tensor>),
}

/// A file that should hold a picture.
#[derive(Debug)]
pub(super) struct PictureFile {
    path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

impl PictureFile {
    pub(super) fn decoded(&self) -> anyhow::Result<Picture> {
        Picture::decode(&self.bytes).with_context(|| format!("cannot use {}", self.path.display()))
    }
}

impl Input {
    /// Reads the files that the arguments name. At most one kind is given.
    pub(super) fn read(arguments: &CallArguments) -> anyhow::Result<Self> {
        if let Some(text) = &arguments.json {
            let text = if text == "-" { read_standard_text()? } else { text.clone() };
            serde_json::from_str::<IgnoredAny>(&text)
                .map_err(|error| usage(format!("--json holds no JSON: {error}")))?;
            return Ok(Self::Json(text));
        }
        if let Some(path) = &arguments.bytes {
            let bytes = if path.as_os_str() == "-" {
                files::read_standard_input(Content::Argument)?
            } else {
                files::read(path, Content::Argument)?
            };
            return Ok(Self::Bytes(bytes));
        }
        if let Some(path) = &arguments.image {
            return Ok(Self::Picture(PictureFile { path: path.clone(), bytes: files::read(path, Content::Picture)? }));
        }
        if !arguments.tensor.is_empty() {
            let tensors = arguments.tensor.iter().map(|file| {
                let tensor = npy::read(&files::read(&file.path, Content::Array)?);
                let tensor = tensor.with_context(|| format!("cannot use {}", file.path.display()))?;
                Ok(tensor.named(file.name.as_str()))
            });
            return tensors.collect::<anyhow::Result<_>>().map(Self::Tensors);
        }
        if arguments.scalars.is_empty() { Ok(Self::Nothing) } else { Ok(Self::Scalars(arguments.scalars.clone())) }
    }
}

/// Numbers of the types that the function of this name takes.
pub(super) fn scalars(name: &str, params: &[ScalarType], texts: &[String]) -> anyhow::Result<Vec<Scalar>> {
    if params.len() != texts.len() {
        return Err(usage(format!(
            "`{name}` takes {} ({}), not {}",
            plural(params.len(), "number"),
            super::params(params),
            texts.len()
        )));
    }
    let parse = |(param, text): (&ScalarType, &String)| {
        let scalar = param.parse(text).map_err(|error| usage(format!("`{name}`: {error}")))?;
        if is_infinite(scalar) && !says_infinity(text) {
            return Err(usage(format!("`{name}`: `{text}` is beyond the largest {param}: write inf for infinity")));
        }
        Ok(scalar)
    };
    params.iter().zip(texts).map(parse).collect()
}

fn is_infinite(scalar: Scalar) -> bool {
    match scalar {
        Scalar::F32(value) => value.is_infinite(),
        Scalar::F64(value) => value.is_infinite(),
        Scalar::I32(_) | Scalar::I64(_) => false,
    }
}

fn says_infinity(text: &str) -> bool {
    let text = text.trim_start_matches(['+', '-']);
    ["inf", "infinity"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn read_standard_text() -> anyhow::Result<String> {
    let bytes = files::read_standard_input(Content::Argument)?;
    String::from_utf8(bytes).context("cannot read JSON from standard input")
}
