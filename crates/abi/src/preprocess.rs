use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// How packed RGB bytes become the input tensor: resize, order the channels, then `(p - mean[c]) * scale[c]` for channel
/// `c` of the tensor. `p` is a byte from 0 to 255.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocess {
    /// Name of the set, or of the file it was read from.
    pub name: String,
    /// Order of the dimensions of the tensor.
    pub layout: Layout,
    /// How the picture is brought to the size of the input.
    pub resize: Resize,
    /// How pixels are computed where the size changes.
    pub filter: Filter,
    /// Order of the channels in the tensor.
    pub channels: ChannelOrder,
    /// Subtracted, one value a channel of the tensor.
    pub mean: Vec<f32>,
    /// Multiplied afterwards, one value a channel of the tensor.
    pub scale: Vec<f32>,
}

/// Order of the dimensions of a tensor that holds a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `[1, channels, height, width]`.
    Nchw,
    /// `[1, height, width, channels]`.
    Nhwc,
}

/// How a picture is brought to the size of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Resize {
    /// Both sides to the input's, the aspect ratio is lost.
    Stretch,
    /// Both sides by one factor until the picture covers a box with the aspect ratio of the input, whose shorter side has
    /// so many pixels; then the middle is taken. A picture of exactly the input's size is taken as it is.
    ShorterSide {
        /// Not less than the shorter side of the input.
        pixels: u32,
    },
    /// Both sides by one factor until the picture just fits into the input; the rest has one color.
    Letterbox {
        /// Red, green and blue of the rest.
        fill: [u8; 3],
        /// Where the picture lies.
        place: Place,
    },
}

/// Where a picture lies in a larger frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the corner; the rest lies on the right or below.
    TopLeft,
    /// In the middle; of an odd rest the larger half lies on the right or below.
    Center,
}

/// How pixels are computed where the size of a picture changes: as Pillow does, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The pixel whose area holds the center of the new one.
    Nearest,
    /// Weights of a triangle that is as wide as the reduction.
    Bilinear,
    /// Weights of Keys' cubic with `a = -1/2`, as wide as the reduction.
    Bicubic,
}

/// Order of the channels in the tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// One channel, `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601) of the resized picture, rounded.
    Gray,
}

impl ChannelOrder {
    /// How many channels the tensor has.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Rgb | Self::Bgr => 3,
            Self::Gray => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = concat!(
        r#"{"name":"yolox","layout":"nchw","resize":{"letterbox":{"fill":[114,114,114],"place":"top-left"}},"#,
        r#""filter":"bilinear","channels":"bgr","mean":[0.0,0.0,0.0],"scale":[1.0,1.0,1.0]}"#
    );

    #[test]
    fn what_is_written_is_read() {
        let read: Preprocess = serde_json::from_str(TEXT).expect("a form of JSON");
        assert_eq!(read.resize, Resize::Letterbox { fill: [114; 3], place: Place::TopLeft });
        assert_eq!(serde_json::to_string(&read).expect("a form of JSON"), TEXT);
        for (resize, text) in [
            (Resize::Stretch, r#""stretch""#),
            (Resize::ShorterSide { pixels: 256 }, r#"{"shorter-side":{"pixels":256}}"#),
        ] {
            assert_eq!(serde_json::to_string(&resize).expect("a form of JSON"), text);
            assert_eq!(serde_json::from_str::<Resize>(text).expect("a form of JSON"), resize);
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (known, changed) in [
            (r#""layout":"nchw""#, r#""layout":"chw""#),
            (r#""filter":"bilinear""#, r#""filter":"lanczos""#),
            (r#""filter":"bilinear","#, ""),
            (r#""channels":"bgr""#, r#""channels":"bgr","gamma":2"#),
            (r#""place":"top-left""#, r#""place":"top-left","gap":1"#),
            ("[114,114,114]", "[114,114]"),
            ("114,114,114", "114,114,256"),
        ] {
            let text = TEXT.replacen(known, changed, 1);
            assert_ne!(text, TEXT);
            assert!(serde_json::from_str::<Preprocess>(&text).is_err(), "{text}");
        }
    }
}
