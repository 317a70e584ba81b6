//! `Resize` and its forerunner `Upsample`: what becomes of each axis is calculated here, element by element.
//!
//! Positions are in single precision and follow the formulas of the specification literally: where a position lies
//! halfway between two elements, its last bit decides which of them is nearest.

use ir::{Blend, Op, Resize, Sampling, TensorType};

use super::spatial::Spatial;
use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, axis, missing};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;
use crate::model::shown;

/// Floats that take as much memory as the longest entry of a [`Sampling`].
const ENTRY: usize = 6;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    // Of modes that are refused.
    attributes.float("cubic_coeff_a")?;
    attributes.float("extrapolation_value")?;
    attributes.ints("axes")?;
    Policy::of(attributes)?;
    Rounding::of(attributes)?;
    Method::of(attributes, Rounding::Legacy)?;
    Coordinates::of(attributes)?;
    for (name, instead) in
        [("antialias", "resize without antialiasing"), ("exclude_outside", "leave `exclude_outside` at 0")]
    {
        if attributes.flag(name, false)? {
            return Err(Refusal::setting(format!("`{name}` is not supported"), instead));
        }
    }
    Ok(())
}

pub(super) fn upsample_settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.floats("scales")?;
    Method::of(attributes, Rounding::Legacy).map(|_| ())
}

/// Scales or sizes of all axes, from operator set 18 on of some.
pub(super) fn resize(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = Value::Graph(b.id(call.input(0)?)?);
    let shape = b.shape(&x).to_vec();
    if call.opset < 11 {
        return first_resize(call, b, &x);
    }
    let axes = axes(&call.attributes, shape.len())?;
    let extents: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
    let filled = |index: usize| call.optional(index).filter(|value| !b.shape(value).contains(&0));
    let chosen = match (filled(2), filled(3)) {
        (Some(given), None) => scaled(&extents, scales(b, given)?)?,
        (None, Some(_)) => sized(&extents, &call.known(3, "`sizes`")?.data, Policy::of(&call.attributes)?)?,
        (Some(_), Some(_)) => return Err(Refusal::input("`scales` and `sizes` are both given")),
        (None, None) => return Err(Refusal::input("neither `scales` nor `sizes` is given")),
    };
    let mut stretches: Vec<Stretch> = shape.iter().map(|size| Stretch { scale: 1.0, outputs: *size }).collect();
    for (axis, stretch) in axes.iter().zip(chosen) {
        stretches[*axis] = stretch;
    }
    let method = Method::of(&call.attributes, Rounding::of(&call.attributes)?)?;
    stretched(b, &x, &stretches, method, Coordinates::of(&call.attributes)?)
}

/// Operator set 10: scales of all axes, and no attribute but the mode.
fn first_resize(call: &Call<'_>, b: &mut Builder, x: &Value) -> Result<Vec<Value>> {
    let stretches = scaled(b.shape(x), scales(b, call.input(1)?)?)?;
    stretched(b, x, &stretches, Method::of(&call.attributes, Rounding::Legacy)?, Coordinates::Asymmetric)
}

/// Scales are an attribute before operator set 9, then an input; from 10 on there is `Resize`.
pub(super) fn upsample(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = Value::Graph(b.id(call.input(0)?)?);
    let given = match (call.attributes.floats("scales")?, call.optional(1)) {
        (Some(scales), _) => scales.to_vec(),
        (None, Some(value)) => scales(b, value)?,
        (None, None) => return Err(missing("scales")),
    };
    if let Some(scale) = given.iter().find(|scale| **scale < 1.0) {
        return Err(Refusal::input(format!("a scale of {scale:?} makes the tensor smaller, not larger")));
    }
    let stretches = scaled(b.shape(&x), given)?;
    stretched(b, &x, &stretches, Method::of(&call.attributes, Rounding::Legacy)?, Coordinates::Asymmetric)
}

/// What becomes of an axis.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Outputs for each element, not rounded.
    scale: f32,
    outputs: usize,
}

fn scales(b: &Builder, value: &Value) -> Result<Vec<f32>> {
    if value.as_known().is_some() {
        return Err(Refusal::input("`scales` are integers, not floats"));
    }
    let tensor = b.tensor(value).ok_or_else(|| Refusal::not_constant("`scales`"))?;
    Ok(tensor.data().to_vec())
}

fn scaled(extents: &[usize], scales: Vec<f32>) -> Result<Vec<Stretch>> {
    check_count("scales", scales.len(), extents.len())?;
    if let Some(scale) = scales.iter().find(|scale| !scale.is_finite() || **scale <= 0.0) {
        return Err(Refusal::input(format!("a scale of {scale:?} is not positive and finite")));
    }
    let stretch = |(size, scale): (&usize, f32)| Stretch { scale, outputs: (*size as f32 * scale).floor() as usize };
    Ok(extents.iter().zip(scales).map(stretch).collect())
}

fn sized(extents: &[usize], sizes: &[i64], policy: Policy) -> Result<Vec<Stretch>> {
    check_count("sizes", sizes.len(), extents.len())?;
    let output = |size: &i64| usize::try_from(*size).map_err(|_| Refusal::input(format!("a size of {size}")));
    let outputs = sizes.iter().map(output).collect::<Result<Vec<_>>>()?;
    let stretch = |(size, outputs): (&usize, usize)| Stretch { scale: outputs as f32 / *size as f32, outputs };
    let stretches: Vec<Stretch> = extents.iter().zip(outputs).map(stretch).collect();
    let scales = stretches.iter().map(|stretch| stretch.scale);
    let common = match policy {
        Policy::Stretch => return Ok(stretches),
        Policy::NotLarger => scales.fold(f32::INFINITY, f32::min),
        Policy::NotSmaller => scales.fold(0.0, f32::max),
    };
    let rounded = |size: &usize| Stretch { scale: common, outputs: (*size as f32 * common).round() as usize };
    Ok(extents.iter().map(rounded).collect())
}

fn check_count(what: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Refusal::input(format!("{found} {what} for {expected} axes"))) }
}

/// The axes that scales and sizes are about, in their order.
fn axes(attributes: &Attributes<'_>, rank: usize) -> Result<Vec<usize>> {
    let Some(given) = attributes.ints("axes")? else { return Ok((0..rank).collect()) };
    let axes = given.iter().take(rank + 1).map(|given| axis(*given, rank)).collect::<Result<Vec<_>>>()?;
    match axes.iter().enumerate().find(|(index, axis)| axes[..*index].contains(axis)) {
        Some((_, axis)) => Err(Refusal::attribute(format!("axis {axis} is given twice"))),
        None => Ok(axes),
    }
}

fn stretched(
    b: &mut Builder,
    x: &Value,
    stretches: &[Stretch],
    method: Method,
    coordinates: Coordinates,
) -> Result<Vec<Value>> {
    let shape = b.shape(x);
    let is_changed = |axis: &usize| stretches[*axis].outputs != shape[*axis] || stretches[*axis].scale != 1.0;
    let changed: Vec<usize> = (0..shape.len()).filter(is_changed).collect();
    let Some(first) = changed.first() else { return Ok(vec![x.clone()]) };
    if *first < 2 {
        return Err(Refusal::setting(
            format!("resizing axis {first} of {shape:?} is not supported"),
            "only the axes after batch and channels can be resized; where channels are last, transpose before and after",
        ));
    }
    let wanted: Vec<usize> = stretches.iter().map(|stretch| stretch.outputs).collect();
    TensorType::f32(wanted).checked_elements()?;
    let spatial = Spatial::enter(b, x)?;
    // The last axes, of which there are as many as are spatial; an added height is one row.
    let mut samplings = spatial.size.map(|_| Sampling::identity(1));
    for (sampling, axis) in samplings.iter_mut().rev().zip((0..stretches.len()).rev()).take(spatial.axes) {
        b.charge(stretches[axis].outputs.saturating_mul(ENTRY))?;
        let size = b.shape(x)[axis];
        *sampling = match changed.contains(&axis) {
            true => sample(size, stretches[axis], method, coordinates),
            false => Sampling::identity(size),
        };
    }
    let [rows, columns] = samplings;
    let y = b.apply(Op::Resize(Resize { rows, columns }), &[&spatial.value])?;
    Ok(vec![spatial.leave(b, &y)?])
}

/// Where the outputs of an axis come from. Positions beyond the ends count as the ends.
fn sample(size: usize, stretch: Stretch, method: Method, coordinates: Coordinates) -> Sampling {
    let position = |output: usize| coordinates.position(output as f32, size as f32, stretch);
    let inside = |index: f32| (index.max(0.0) as usize).min(size - 1);
    let outputs = 0..stretch.outputs;
    match method {
        Method::Nearest(rounding) => {
            Sampling::Nearest(outputs.map(|output| inside(rounding.round(position(output), stretch))).collect())
        }
        Method::Linear => Sampling::Linear(
            outputs
                .map(|output| {
                    let position = position(output).clamp(0.0, (size - 1) as f32);
                    let near = inside(position);
                    Blend { near, far: (near + 1).min(size - 1), weight: position.fract() }
                })
                .collect(),
        ),
    }
}

/// The attribute `keep_aspect_ratio_policy`.
#[derive(Debug, Clone, Copy)]
enum Policy {
    Stretch,
    NotLarger,
    NotSmaller,
}

impl Policy {
    fn of(attributes: &Attributes<'_>) -> Result<Self> {
        match attributes.string("keep_aspect_ratio_policy")?.as_deref() {
            None | Some("stretch") => Ok(Self::Stretch),
            Some("not_larger") => Ok(Self::NotLarger),
            Some("not_smaller") => Ok(Self::NotSmaller),
            Some(other) => Err(undefined("keep_aspect_ratio_policy", other)),
        }
    }
}

/// The attribute `mode`.
#[derive(Debug, Clone, Copy)]
enum Method {
    Nearest(Rounding),
    Linear,
}

impl Method {
    fn of(attributes: &Attributes<'_>, rounding: Rounding) -> Result<Self> {
        match attributes.string("mode")?.as_deref() {
            None | Some("nearest") => Ok(Self::Nearest(rounding)),
            Some("linear") => Ok(Self::Linear),
            Some("cubic") => {
                Err(Refusal::setting("the mode `cubic` is not supported", "resize with the mode `nearest` or `linear`"))
            }
            Some(other) => Err(undefined("mode", other)),
        }
    }
}

/// How a position becomes an index, by the attribute `nearest_mode`.
#[derive(Debug, Clone, Copy)]
enum Rounding {
    /// To the nearest, halves down.
    HalfDown,
    /// To the nearest, halves up.
    HalfUp,
    Floor,
    Ceil,
    /// What operator sets before 11 mean: down where the axis grows, up where it shrinks.
    Legacy,
}

impl Rounding {
    fn of(attributes: &Attributes<'_>) -> Result<Self> {
        match attributes.string("nearest_mode")?.as_deref() {
            None | Some("round_prefer_floor") => Ok(Self::HalfDown),
            Some("round_prefer_ceil") => Ok(Self::HalfUp),
            Some("floor") => Ok(Self::Floor),
            Some("ceil") => Ok(Self::Ceil),
            Some(other) => Err(undefined("nearest_mode", other)),
        }
    }

    /// Negative positions may become any negative index.
    fn round(self, position: f32, stretch: Stretch) -> f32 {
        match self {
            Self::HalfDown => (position - 0.5).ceil(),
            Self::HalfUp => position.round(),
            Self::Legacy if stretch.scale < 1.0 => position.ceil(),
            Self::Floor | Self::Legacy => position.floor(),
            Self::Ceil => position.ceil(),
        }
    }
}

/// The attribute `coordinate_transformation_mode`.
#[derive(Debug, Clone, Copy)]
enum Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    TfHalfPixelForNn,
}

impl Coordinates {
    fn of(attributes: &Attributes<'_>) -> Result<Self> {
        const NAME: &str = "coordinate_transformation_mode";
        match attributes.string(NAME)?.as_deref() {
            None | Some("half_pixel") => Ok(Self::HalfPixel),
            Some("half_pixel_symmetric") => Ok(Self::HalfPixelSymmetric),
            Some("pytorch_half_pixel") => Ok(Self::PytorchHalfPixel),
            Some("align_corners") => Ok(Self::AlignCorners),
            Some("asymmetric") => Ok(Self::Asymmetric),
            Some("tf_half_pixel_for_nn") => Ok(Self::TfHalfPixelForNn),
            Some("tf_crop_and_resize") => Err(Refusal::setting(
                format!("a `{NAME}` of `tf_crop_and_resize` is not supported"),
                "cut with a Slice, and resize the part with `align_corners`",
            )),
            Some(other) => Err(undefined(NAME, other)),
        }
    }

    /// The position on an axis of `size` elements that an output stands for.
    fn position(self, output: f32, size: f32, Stretch { scale, outputs }: Stretch) -> f32 {
        match self {
            Self::HalfPixel => (output + 0.5) / scale - 0.5,
            Self::HalfPixelSymmetric => {
                let adjustment = outputs as f32 / (scale * size);
                let offset = size / 2.0 * (1.0 - adjustment);
                offset + (output + 0.5) / scale - 0.5
            }
            Self::PytorchHalfPixel if outputs > 1 => (output + 0.5) / scale - 0.5,
            Self::AlignCorners if outputs > 1 => output * (size - 1.0) / (outputs as f32 - 1.0),
            Self::PytorchHalfPixel | Self::AlignCorners => 0.0,
            Self::Asymmetric => output / scale,
            Self::TfHalfPixelForNn => (output + 0.5) / scale,
        }
    }
}

fn undefined(attribute: &str, value: &str) -> Refusal {
    Refusal::attribute(format!("`{attribute}` is `{}`, which is not defined", shown(value)))
}
