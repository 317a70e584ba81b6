use std::path::PathBuf;

use clap::Args;
use compiler::Profile;

use super::build::profile_parser;
use super::value;

/// What every command says in the same way that compiles a model.
#[derive(Debug, Args)]
pub(crate) struct Shaping {
    /// Instructions that may be used: `simd128` gives the same bits everywhere, `relaxed` is faster
    #[arg(long, value_parser = profile_parser(), default_value = Profile::Relaxed.name())]
    pub(crate) profile: Profile,
    /// Size of a free dimension; may be repeated
    #[arg(long, value_name = "NAME=SIZE", value_parser = dimension)]
    pub(crate) dim: Vec<(String, usize)>,
    /// Shape of an input, for dimensions without a name; may be repeated
    #[arg(long, value_name = "INPUT=SIZES", value_parser = shape)]
    pub(crate) shape: Vec<(String, Vec<usize>)>,
    /// Makes an input a constant: the array of a .npy file; may be repeated
    #[arg(long = "const", value_name = "INPUT=FILE", value_parser = frozen)]
    pub(crate) constants: Vec<(String, PathBuf)>,
}

fn dimension(text: &str) -> Result<(String, usize), String> {
    match text.rsplit_once('=').map(|(name, size)| (name, size.parse())) {
        Some((name, Ok(size @ 1..))) if !name.is_empty() => Ok((name.into(), size)),
        _ => Err("write it as NAME=SIZE with a size from 1".into()),
    }
}

fn shape(text: &str) -> Result<(String, Vec<usize>), String> {
    let parsed = text.rsplit_once('=').and_then(|(name, sizes)| {
        let sizes = sizes.split(',').map(|size| size.trim().parse().ok().filter(|size| *size > 0));
        let sizes: Vec<usize> = sizes.collect::<Option<_>>()?;
        (!name.is_empty()).then(|| (name.to_owned(), sizes))
    });
    parsed.ok_or_else(|| "write it as INPUT=SIZES with sizes from 1, such as image=1,3,224,224".into())
}

fn frozen(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((_, "-")) => Err(value::NO_STANDARD_STREAM.into()),
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.into(), path.into())),
        _ => Err("write it as INPUT=FILE with a file of NumPy, such as mask=mask.npy".into()),
    }
}
