//! How pictures become the input of a model, before the model is known.

use std::fmt;
use std::str::FromStr;

use abi::{ChannelOrder, Filter, Layout, Place};

/// How a picture becomes an input tensor: resize, order the channels, then `(p * scale - mean) / std` for each channel,
/// `p` being a byte.
///
/// Whatever it leaves open is taken from the input of the model. Whether it fits that input is checked by
/// [`crate::compile`].
#[derive(Debug, Clone, PartialEq)]
pub struct PreprocessSpec {
    /// Name of the set, or of the file it comes from.
    pub name: String,
    /// Order of the dimensions of the input; needed where its shape can be read in two ways.
    pub layout: Option<Layout>,
    /// How the picture is brought to the size of the input.
    pub resize: ResizeSpec,
    /// How pixels are computed where the size changes.
    pub filter: Filter,
    /// Order of the channels; if open, gray for one channel and RGB for three.
    pub channels: Option<ChannelOrder>,
    /// Factor of every byte, not zero.
    pub scale: f64,
    /// Subtracted: one number for all channels, or one for each in the order of the tensor.
    pub mean: Vec<f64>,
    /// Divided by, not zero: one number for all channels, or one for each in the order of the tensor.
    pub std: Vec<f64>,
}

/// How a picture is brought to the size of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResizeSpec {
    /// [`abi::Resize::Stretch`].
    Stretch,
    /// [`abi::Resize::ShorterSide`] to so many pixels, or to 8/7 of the shorter side of the input: 256 for 224.
    ShorterSide(Option<u32>),
    /// [`abi::Resize::Letterbox`].
    Letterbox {
        /// Red, green and blue of the rest.
        fill: [u8; 3],
        /// Where the picture lies.
        place: Place,
    },
}

/// The named sets of preprocessing, each as it is defined in `docs/preprocessing.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreprocessName {
    /// `(p / 255 - mean) / std` with the mean and deviation of ImageNet; shorter side and crop.
    Imagenet,
    /// `p / 127.5 - 1`; shorter side and crop.
    Tf,
    /// Channels BGR, `p - [103.939, 116.779, 123.68]`; shorter side and crop.
    Caffe,
    /// `(p - 127) / 128`; stretched.
    Lite,
    /// `p / 255`; stretched.
    Unit,
    /// `p`; stretched.
    Raw,
    /// Channels BGR, `p`; stretched.
    Bgr,
    /// Channels BGR, `p`; letterboxed at the top left on 114.
    Yolox,
}

impl PreprocessName {
    /// Every set, in the order of the documentation.
    pub const ALL: [Self; 8] =
        [Self::Imagenet, Self::Tf, Self::Caffe, Self::Lite, Self::Unit, Self::Raw, Self::Bgr, Self::Yolox];

    /// The name on the command line and in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imagenet => "imagenet",
            Self::Tf => "tf",
            Self::Caffe => "caffe",
            Self::Lite => "lite",
            Self::Unit => "unit",
            Self::Raw => "raw",
            Self::Bgr => "bgr",
            Self::Yolox => "yolox",
        }
    }
}

impl From<PreprocessName> for PreprocessSpec {
    fn from(set: PreprocessName) -> Self {
        use PreprocessName as Set;
        let (scale, mean, std): (f64, &[f64], &[f64]) = match set {
            Set::Imagenet => (1.0 / 255.0, &[0.485, 0.456, 0.406], &[0.229, 0.224, 0.225]),
            Set::Tf => (1.0 / 127.5, &[1.0], &[1.0]),
            Set::Caffe => (1.0, &[103.939, 116.779, 123.68], &[1.0]),
            Set::Lite => (1.0, &[127.0], &[128.0]),
            Set::Unit => (1.0 / 255.0, &[0.0], &[1.0]),
            Set::Raw | Set::Bgr | Set::Yolox => (1.0, &[0.0], &[1.0]),
        };
        Self {
            name: set.name().into(),
            layout: None,
            resize: match set {
                Set::Imagenet | Set::Tf | Set::Caffe => ResizeSpec::ShorterSide(None),
                Set::Lite | Set::Unit | Set::Raw | Set::Bgr => ResizeSpec::Stretch,
                Set::Yolox => ResizeSpec::Letterbox { fill: [114; 3], place: Place::TopLeft },
            },
            filter: Filter::Bilinear,
            channels: match set {
                Set::Caffe | Set::Bgr | Set::Yolox => Some(ChannelOrder::Bgr),
                Set::Imagenet => Some(ChannelOrder::Rgb),
                Set::Tf | Set::Lite | Set::Unit | Set::Raw => None,
            },
            scale,
            mean: mean.to_vec(),
            std: std.to_vec(),
        }
    }
}

impl fmt::Display for PreprocessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not a set of preprocessing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no set of preprocessing `{name}`: the sets are {}", PreprocessName::ALL.map(PreprocessName::name).join(", "))]
pub struct UnknownPreprocess {
    /// What was given.
    pub name: String,
}

impl FromStr for PreprocessName {
    type Err = UnknownPreprocess;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| UnknownPreprocess { name: name.into() })
    }
}
