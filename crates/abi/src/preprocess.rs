use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// How packed RGB bytes become the input tensor: resize, then `(p - mean[c]) * scale[c]` for channel `c`, in the
/// channel order of the model. `p` is a byte from 0 to 255, possibly with a fraction after resizing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocess {
    /// Name of the set it came from.
    pub name: String,
    /// How the picture is brought to the size of the input. A picture of exactly that size is taken as it is.
    pub resize: Resize,
    /// Order of the channels in the tensor.
    pub channels: ChannelOrder,
    /// Subtracted, one value a channel of the tensor.
    pub mean: Vec<f32>,
    /// Multiplied afterwards, one value a channel of the tensor.
    pub scale: Vec<f32>,
}

/// How the size of a picture is changed. The filter is Pillow's bilinear with antialiasing: a triangle that is as wide
/// as the reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// Both sides to the input's, the aspect ratio is lost.
    Stretch,
    /// The shorter side to 8/7 of the input's, then the centre is cropped: 256 to 224.
    ShorterSideCrop,
}

/// Order of the channels in the tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// One channel, `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601).
    Gray,
}

/// The named sets of preprocessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreprocessName {
    /// `(p / 255 - mean) / std` with the mean and deviation of ImageNet; shorter side and crop.
    Imagenet,
    /// `p / 127.5 - 1`; shorter side and crop.
    Tf,
    /// Channels BGR, `p - [103.939, 116.779, 123.68]`; shorter side and crop.
    Caffe,
    /// `p / 255`; stretched.
    Unit,
    /// `p`; stretched.
    Raw,
}

impl PreprocessName {
    /// Every set, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Imagenet, Self::Tf, Self::Caffe, Self::Unit, Self::Raw];

    /// The name on the command line and in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imagenet => "imagenet",
            Self::Tf => "tf",
            Self::Caffe => "caffe",
            Self::Unit => "unit",
            Self::Raw => "raw",
        }
    }

    /// The set for a model whose input has `channels` channels, or `None` where the set has no such form: one channel
    /// (gray) exists for `tf`, `unit` and `raw`, three for all.
    #[must_use]
    pub fn preprocess(self, channels: u64) -> Option<Preprocess> {
        let (mean, deviation, resize): ([f32; 3], [f32; 3], Resize) = match self {
            Self::Imagenet => {
                let mean = [0.485, 0.456, 0.406].map(|mean: f32| mean * 255.0);
                (mean, [0.229, 0.224, 0.225].map(|deviation: f32| deviation * 255.0), Resize::ShorterSideCrop)
            }
            Self::Tf => ([127.5; 3], [127.5; 3], Resize::ShorterSideCrop),
            Self::Caffe => ([103.939, 116.779, 123.68], [1.0; 3], Resize::ShorterSideCrop),
            Self::Unit => ([0.0; 3], [255.0; 3], Resize::Stretch),
            Self::Raw => ([0.0; 3], [1.0; 3], Resize::Stretch),
        };
        let (order, kept) = match (channels, self) {
            (3, Self::Caffe) => (ChannelOrder::Bgr, 3),
            (3, _) => (ChannelOrder::Rgb, 3),
            (1, Self::Tf | Self::Unit | Self::Raw) => (ChannelOrder::Gray, 1),
            _ => return None,
        };
        Some(Preprocess {
            name: self.name().into(),
            resize,
            channels: order,
            mean: mean[..kept].to_vec(),
            scale: deviation[..kept].iter().map(|deviation| 1.0 / deviation).collect(),
        })
    }
}

impl fmt::Display for PreprocessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not a set of preprocessing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown preprocessing `{name}`: use imagenet, tf, caffe, unit or raw")]
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
