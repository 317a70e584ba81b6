use std::path::{Path, PathBuf};

use compiler::PreprocessName;

/// What stands for no preprocessing.
pub(super) const NONE: &str = "none";

/// How a picture becomes the input of a model, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Preprocess {
    /// No pictures are taken.
    None,
    /// A named set.
    Set(PreprocessName),
    /// A file that says how.
    File(PathBuf),
}

/// Reads `none`, the name of a set, or the name of a file that ends in `.toml`.
pub(super) fn parse(text: &str) -> Result<Preprocess, String> {
    let is_file = Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    match text {
        NONE => Ok(Preprocess::None),
        _ if is_file => Ok(Preprocess::File(text.into())),
        _ => match text.parse() {
            Ok(set) => Ok(Preprocess::Set(set)),
            Err(_) => Err(format!(
                "give {}, {NONE}, or a file that ends in .toml (docs/preprocessing.md)",
                PreprocessName::ALL.map(PreprocessName::name).join(", ")
            )),
        },
    }
}
