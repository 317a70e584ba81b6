//! What is read, and how much of each.

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;

use runtime::OpenError;
use runtime::files::{FILE_BYTES_MAX, read_at_most};

/// Most bytes of a message in the format of ONNX models.
#[cfg(feature = "compiler")]
const MODEL_BYTES_MAX: u64 = (1 << 31) - 1;
const TEXT_BYTES_MAX: u64 = 16 << 20;
/// What a pixel takes in a file that does not compress it: four channels of two bytes.
const PIXEL_BYTES_MAX: u64 = 8;

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// An ONNX model.
    #[cfg(feature = "compiler")]
    Model,
    /// A Wasm file, or its text form.
    Module,
    /// Labels, a configuration, a manifest.
    Text,
    /// A file of NumPy.
    Array,
    /// A PNG or JPEG.
    Picture,
    /// What a function is called with.
    Argument,
}

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] OpenError),
    /// There are more bytes than such content has.
    #[error("{what} has {size} bytes, the limit for {content} is {}: {}", content.limit(), content.help())]
    TooLarge { what: String, size: String, content: Content },
    /// Standard input broke.
    #[error("cannot read standard input")]
    Standard(#[source] io::Error),
}

impl Content {
    fn limit(self) -> u64 {
        match self {
            #[cfg(feature = "compiler")]
            Self::Model => MODEL_BYTES_MAX,
            Self::Module | Self::Array => FILE_BYTES_MAX,
            Self::Text => TEXT_BYTES_MAX,
            Self::Picture => PIXEL_BYTES_MAX * runtime::PIXELS_MAX,
            Self::Argument => runtime::Limits::default().argument_bytes as u64,
        }
    }

    fn help(self) -> &'static str {
        match self {
            #[cfg(feature = "compiler")]
            Self::Model => "export it with its weights in a file beside it",
            Self::Module => "look whether it is the file that you mean, and leave debug information out",
            Self::Text => "look whether it is the file that you mean",
            Self::Array => "save a smaller array",
            Self::Picture => "scale the picture down",
            Self::Argument => "give less in one call",
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(feature = "compiler")]
            Self::Model => "a model",
            Self::Module => "a Wasm file",
            Self::Text => "a text",
            Self::Array => "an array",
            Self::Picture => "a picture",
            Self::Argument => "an argument",
        })
    }
}

/// Reads a whole file. What is no regular file is not opened: reading it might never end.
///
/// # Errors
/// [`ReadError::File`], [`ReadError::TooLarge`].
pub(crate) fn read(path: &Path, content: Content) -> Result<Vec<u8>, ReadError> {
    read_at_most(path, content.limit()).map_err(|error| match error {
        OpenError::TooLarge { path, bytes, .. } => {
            ReadError::TooLarge { what: path.display().to_string(), size: bytes.to_string(), content }
        }
        error => error.into(),
    })
}

/// Reads standard input to its end.
///
/// # Errors
/// [`ReadError::Standard`], [`ReadError::TooLarge`].
pub(crate) fn read_standard_input(content: Content) -> Result<Vec<u8>, ReadError> {
    let limit = content.limit();
    let mut bytes = vec![];
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::Standard)?;
    if bytes.len() as u64 > limit {
        let size = format!("more than {limit}");
        return Err(ReadError::TooLarge { what: "standard input".into(), size, content });
    }
    Ok(bytes)
}
