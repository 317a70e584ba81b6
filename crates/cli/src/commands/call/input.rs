use std::io;

use anyhow::Context as _;
use runtime::{Function, Picture, Scalar, ScalarType, Tensor, npy};

use crate::args::CallArguments;
use crate::files;
use crate::usage::usage;

/// What a function is called with.
#[derive(Debug)]
pub(super) enum Input {
    Nothing,
    /// Numbers whose types the function decides.
    Scalars(Vec<String>),
    Json(String),
    Picture(Picture),
    Tensors(Vec<Tensor>),
}

impl Input {
    /// Reads the files that the arguments name. At most one kind is given.
    pub(super) fn read(arguments: &CallArguments) -> anyhow::Result<Self> {
        if let Some(text) = &arguments.json {
            return Ok(Self::Json(if text == "-" { read_standard_input()? } else { text.clone() }));
        }
        if let Some(path) = &arguments.image {
            let picture = Picture::decode(&files::read(path)?);
            return picture.map(Self::Picture).with_context(|| format!("cannot use {}", path.display()));
        }
        if !arguments.tensor.is_empty() {
            let tensors = arguments.tensor.iter().map(|file| {
                let tensor = npy::read(&files::read(&file.path)?);
                let tensor = tensor.with_context(|| format!("cannot use {}", file.path.display()))?;
                Ok(tensor.named(file.name.as_str()))
            });
            return tensors.collect::<anyhow::Result<_>>().map(Self::Tensors);
        }
        if arguments.scalars.is_empty() { Ok(Self::Nothing) } else { Ok(Self::Scalars(arguments.scalars.clone())) }
    }
}

/// Numbers of the types that the function takes.
pub(super) fn scalars(function: &Function, texts: &[String]) -> anyhow::Result<Vec<Scalar>> {
    let params = &function.signature.params;
    if params.len() != texts.len() {
        return Err(usage(format!(
            "`{}` takes {} ({}), not {}",
            function.name,
            crate::render::units::plural(params.len(), "number"),
            super::params(function),
            texts.len()
        )));
    }
    let parse = |(param, text): (&ScalarType, &String)| {
        let scalar = param.parse(text).map_err(|error| usage(format!("`{}`: {error}", function.name)))?;
        if is_infinite(scalar) && !says_infinity(text) {
            let name = &function.name;
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

fn read_standard_input() -> anyhow::Result<String> {
    io::read_to_string(io::stdin().lock()).context("cannot read JSON from standard input")
}
