//! `image` and `image_step`: resizing is Pillow's, byte for byte, and what follows is the formula of the manifest.

mod pillow;
mod resizer;

use abi::{ChannelOrder, Filter, Layout, Place, Preprocess, Resize};
use wasmtube_conformance::inputs::Numbers;

use self::resizer::{Resizer, Rgb};

fn random(width: usize, height: usize) -> Rgb {
    let mut random = Numbers::seeded((width * 1000 + height) as u64);
    Rgb { width, height, bytes: (0..width * height * 3).map(|_| random.below(256) as u8).collect() }
}

/// Takes a picture of the tensor's size as it is.
fn plain(channels: ChannelOrder, resize: Resize) -> Preprocess {
    Preprocess {
        name: "test".into(),
        layout: Layout::Nchw,
        resize,
        filter: Filter::Bilinear,
        channels,
        mean: [7.5, -1.0, 300.0][..channels.count()].to_vec(),
        scale: [0.1, 2.0, -0.25][..channels.count()].to_vec(),
    }
}

/// Channel `channel` of the tensor for a pixel.
fn channel_of(order: ChannelOrder, channel: usize, rgb: &[u8]) -> f32 {
    match order {
        ChannelOrder::Rgb => rgb[channel].into(),
        ChannelOrder::Bgr => rgb[2 - channel].into(),
        ChannelOrder::Gray => {
            let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(f64::from);
            (0.299 * r + 0.587 * g + 0.114 * b).round() as f32
        }
    }
}

#[test]
fn channels_are_ordered_and_normalized_in_both_layouts() {
    let (width, height) = (13, 9);
    let picture = random(width, height);
    for order in [ChannelOrder::Rgb, ChannelOrder::Bgr, ChannelOrder::Gray] {
        let channels = order.count();
        for layout in [Layout::Nchw, Layout::Nhwc] {
            let preprocess = Preprocess { layout, ..plain(order, Resize::Stretch) };
            let found = Resizer::new(&preprocess, (width, height)).tensor_of(&picture);
            assert_eq!(found.len(), channels * width * height);
            for (pixel, rgb) in picture.bytes.chunks_exact(3).enumerate() {
                for channel in 0..channels {
                    let found = match layout {
                        Layout::Nchw => found[channel * width * height + pixel],
                        Layout::Nhwc => found[pixel * channels + channel],
                    };
                    let p = channel_of(order, channel, rgb);
                    let expected = (p - preprocess.mean[channel]) * preprocess.scale[channel];
                    assert_eq!(found, expected, "{order:?} {layout:?} pixel {pixel} channel {channel}");
                }
            }
        }
    }
}

#[test]
fn what_a_letterbox_leaves_is_normalized_too() {
    for order in [ChannelOrder::Rgb, ChannelOrder::Bgr, ChannelOrder::Gray] {
        let fill = [10, 100, 200];
        let preprocess = plain(order, Resize::Letterbox { fill, place: Place::Center });
        let found = Resizer::new(&preprocess, (4, 8)).tensor_of(&random(4, 4));
        for (index, found) in found.iter().enumerate() {
            let (channel, row) = (index / 32, index % 32 / 4);
            let p = channel_of(order, channel, &fill);
            let expected = (p - preprocess.mean[channel]) * preprocess.scale[channel];
            assert!((2..6).contains(&row) || *found == expected, "{order:?} element {index}: {found} for {expected}");
        }
    }
}

/// A module keeps rows between bands, which must be those of this picture.
#[test]
fn bands_come_in_any_order_and_pictures_one_after_another() {
    for resize in [Resize::Stretch, Resize::Letterbox { fill: [9; 3], place: Place::TopLeft }] {
        let preprocess = plain(ChannelOrder::Rgb, resize);
        let (first, second) = (random(40, 300), random(300, 40));
        let mut module = Resizer::new(&preprocess, (7, 6));
        module.tensor_of(&first);
        let after_another = module.tensor_of(&second);
        let mut other = Resizer::new(&preprocess, (7, 6));
        assert_eq!(other.image(&second), 6);
        for band in [3, 0, 5, 5, 1, 4, 2] {
            assert!(other.band(band));
        }
        assert_eq!(after_another, other.tensor());
    }
}

#[test]
fn wrong_pictures_get_their_codes() {
    let mut module = Resizer::new(&plain(ChannelOrder::Rgb, Resize::Stretch), (4, 4));
    assert!(!module.band(0), "no picture was given");
    let end = module.memory_bytes() as i32;
    assert_eq!(module.call_image([end, 47, 4, 4]), -1);
    assert_eq!(module.call_image([end, 0, 0, 4]), -2);
    assert_eq!(module.call_image([end, 0, 4, -1]), -2);
    assert_eq!(module.call_image([end, 16_385 * 3, 16_385, 1]), -2);
    assert_eq!(module.call_image([-16, 48, 4, 4]), -3);
    assert_eq!(module.call_image([end, 805_306_368, 16_384, 16_384]), -3);
    assert_eq!(module.call_image([end - 47, 48, 4, 4]), -3, "one byte beyond the memory");
    assert_eq!(module.call_image([0, 48, 4, 4]), -3, "the picture lies in the model");
    assert!(!module.band(0), "every picture was refused");
    assert_eq!(module.image(&random(5, 5)), 4);
    assert!(module.band(3) && !module.band(4) && !module.band(-1));
}

/// Every picture that `image` accepts becomes a tensor: no read or write leaves the memory.
#[test]
fn extreme_sides_do_not_trap() {
    let sides = [(1, 1), (1, 16_384), (16_384, 1), (3, 2), (4096, 5)];
    let ways = [
        Resize::Stretch,
        Resize::ShorterSide { pixels: 6 },
        Resize::Letterbox { fill: [1, 2, 3], place: Place::Center },
        Resize::Letterbox { fill: [1, 2, 3], place: Place::TopLeft },
    ];
    let filters = [Filter::Nearest, Filter::Bilinear, Filter::Bicubic];
    for (filter, resize) in filters.into_iter().flat_map(|filter| ways.map(|resize| (filter, resize))) {
        for size in [(1, 1), (5, 2), (1, 6), (700, 1)] {
            let mut module = Resizer::new(&Preprocess { filter, ..plain(ChannelOrder::Rgb, resize) }, size);
            for (width, height) in sides {
                let tensor = module.tensor_of(&random(width, height));
                assert!(tensor.iter().all(|value| value.is_finite()), "{filter:?} {resize:?} {size:?}");
            }
        }
    }
}
