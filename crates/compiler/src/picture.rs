//! Whether pictures fit the model.

use abi::{ChannelOrder, Layout, Preprocess, Resize, export::IMAGE_SIDE_MAX};
use ir::{Code, Diagnostic, Diagnostics, Graph};

use crate::{PreprocessName, PreprocessSpec, ResizeSpec};

/// What does not fit, and what to do.
type Refusal = (String, String);

/// The preprocessing for the input of the model.
pub(crate) fn preprocess(graph: &Graph, spec: &PreprocessSpec) -> Result<Preprocess, Diagnostics> {
    fitted(graph, spec).map_err(|(message, help)| {
        Diagnostics::from(Diagnostic { code: Code::BadPreprocess, message, node: None, operator: None, help })
    })
}

/// The input as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    layout: Layout,
    channels: usize,
    width: u32,
    height: u32,
}

fn fitted(graph: &Graph, spec: &PreprocessSpec) -> Result<Preprocess, Refusal> {
    let &[input] = graph.inputs() else {
        return Err((
            format!("a picture fills the only input of a model, this one has {}", graph.inputs().len()),
            "compile without --preprocess and call `infer` with tensors".into(),
        ));
    };
    let value = &graph[input];
    let frame = frame(&value.name, &value.ty.shape, spec)?;
    let channels = spec.channels.unwrap_or(if frame.channels == 1 { ChannelOrder::Gray } else { ChannelOrder::Rgb });
    let (mean, scale) = constants(spec, frame.channels)?;
    Ok(Preprocess {
        name: spec.name.clone(),
        layout: frame.layout,
        resize: resize(spec, frame)?,
        filter: spec.filter,
        channels,
        mean,
        scale,
    })
}

/// The one way in which the shape can be read.
fn frame(name: &str, shape: &[usize], spec: &PreprocessSpec) -> Result<Frame, Refusal> {
    let input = || format!("input {name:?} of shape {shape:?}");
    let &[1, a, b, c] = shape else {
        return Err((
            format!("{} is no picture, which is [1, channels, height, width] or [1, height, width, channels]", input()),
            "compile without --preprocess and call `infer` with tensors".into(),
        ));
    };
    let read = [(Layout::Nchw, a, b, c), (Layout::Nhwc, c, a, b)].into_iter();
    let possible = read.filter(|(_, channels, ..)| matches!(channels, 1 | 3));
    let possible: Vec<_> = possible.filter(|(layout, ..)| spec.layout.is_none_or(|wanted| wanted == *layout)).collect();
    if possible.is_empty() {
        let layout = spec.layout.map(|layout| format!(" as {}", layout_name(layout))).unwrap_or_default();
        return Err((
            format!("{}{layout} has neither 1 channel nor 3", input()),
            match spec.layout {
                Some(_) => "give the layout of the input, or leave the key `layout` out".into(),
                None => "compile without --preprocess and call `infer` with tensors".into(),
            },
        ));
    }
    let fits = |channels: usize| spec.channels.is_none_or(|order| order.count() == channels);
    let fitting: Vec<_> = possible.iter().filter(|(_, channels, ..)| fits(*channels)).collect();
    match (fitting.as_slice(), spec.channels) {
        (&[&(layout, channels, height, width)], _) => {
            let side = |side: usize| u32::try_from(side).ok().filter(|side| (1..=IMAGE_SIDE_MAX).contains(side));
            match (side(width), side(height)) {
                (Some(width), Some(height)) => Ok(Frame { layout, channels, width, height }),
                _ => Err((
                    format!("{} has sides that no picture has, allowed are 1 to {IMAGE_SIDE_MAX} pixels", input()),
                    "compile without --preprocess and call `infer` with tensors".into(),
                )),
            }
        }
        ([], Some(order)) => Err((
            format!(
                "preprocessing `{}` gives {} ({}), {} has {}",
                spec.name,
                counted(order.count()),
                order_name(order),
                input(),
                counted(possible[0].1)
            ),
            for_channels(possible[0].1),
        )),
        _ => Err((
            format!("{} can be read as nchw and as nhwc", input()),
            "say which with `layout` in a file for --preprocess (docs/preprocessing.md)".into(),
        )),
    }
}

/// What is subtracted and then multiplied, for each channel.
fn constants(spec: &PreprocessSpec, channels: usize) -> Result<(Vec<f32>, Vec<f32>), Refusal> {
    let each = |name: &str, values: &[f64]| match values {
        [value] => Ok(vec![*value; channels]),
        values if values.len() == channels => Ok(values.to_vec()),
        values => Err((
            format!(
                "preprocessing `{}` has {} values of `{name}`, the input has {}",
                spec.name,
                values.len(),
                counted(channels)
            ),
            for_channels(channels),
        )),
    };
    let (mean, std) = (each("mean", &spec.mean)?, each("std", &spec.std)?);
    // (p scale - mean) / std = (p - mean / scale) (scale / std)
    let subtracted: Vec<f32> = mean.iter().map(|mean| (mean / spec.scale) as f32).collect();
    let multiplied: Vec<f32> = std.iter().map(|std| (spec.scale / std) as f32).collect();
    let usable = subtracted.iter().all(|value| value.is_finite()) && multiplied.iter().all(|value| value.is_normal());
    if usable {
        return Ok((subtracted, multiplied));
    }
    Err((
        format!(
            "preprocessing `{}` with `scale` {:?}, `mean` {mean:?} and `std` {std:?} leaves the range of numbers of 32 bits",
            spec.name, spec.scale
        ),
        "give numbers that are not zero, not infinite and nearer to 1".into(),
    ))
}

fn resize(spec: &PreprocessSpec, frame: Frame) -> Result<Resize, Refusal> {
    let (shorter, longer) = (frame.width.min(frame.height), frame.width.max(frame.height));
    match spec.resize {
        ResizeSpec::Stretch => Ok(Resize::Stretch),
        ResizeSpec::Letterbox { fill, place } => Ok(Resize::Letterbox { fill, place }),
        // 8/7, rounded.
        ResizeSpec::ShorterSide(None) => Ok(Resize::ShorterSide { pixels: (shorter * 8 + 3) / 7 }),
        ResizeSpec::ShorterSide(Some(pixels)) => {
            let most = u32::try_from(u64::from(IMAGE_SIDE_MAX) * u64::from(shorter) / u64::from(longer))
                .expect("not more than the largest side");
            if (shorter..=most).contains(&pixels) {
                return Ok(Resize::ShorterSide { pixels });
            }
            Err((
                format!(
                    "preprocessing `{}` has `shorter_side` {pixels}, an input of {} x {} pixels needs {shorter} to {most}",
                    spec.name, frame.width, frame.height
                ),
                "the picture is cut to the input afterwards, so it must not be smaller: give for example 8/7 of the input's \
                 shorter side"
                    .into(),
            ))
        }
    }
}

fn counted(channels: usize) -> String {
    if channels == 1 { "1 channel".into() } else { format!("{channels} channels") }
}

/// The sets that have a form for so many channels.
fn for_channels(channels: usize) -> String {
    let fits = |set: &PreprocessName| {
        let spec = PreprocessSpec::from(*set);
        spec.channels.is_none_or(|order| order.count() == channels)
    };
    let names: Vec<&str> = PreprocessName::ALL.into_iter().filter(fits).map(PreprocessName::name).collect();
    format!("for {} use {}, or a file of your own (docs/preprocessing.md)", counted(channels), names.join(", "))
}

fn order_name(order: ChannelOrder) -> &'static str {
    match order {
        ChannelOrder::Rgb => "rgb",
        ChannelOrder::Bgr => "bgr",
        ChannelOrder::Gray => "gray",
    }
}

fn layout_name(layout: Layout) -> &'static str {
    match layout {
        Layout::Nchw => "nchw",
        Layout::Nhwc => "nhwc",
    }
}

#[cfg(test)]
mod tests;
