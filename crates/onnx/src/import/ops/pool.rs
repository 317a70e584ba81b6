//! `MaxPool` and `AveragePool`. `ceil_mode` becomes padding.

use ir::{AveragePool, MaxPool, Op, Pad, Padding};

use super::spatial::{self, Spatial, required_kernel};
use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, missing};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn max_pool_settings(attributes: &Attributes<'_>) -> Result<()> {
    // The order in which the second output would count.
    attributes.ignore("storage_order");
    settings(attributes)
}

pub(super) fn average_pool_settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.flag("count_include_pad", false)?;
    settings(attributes)
}

pub(super) fn max_pool(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = Spatial::enter(b, call.input(0)?)?;
    let kernel = required_kernel(call, &x)?;
    let mut windows = x.windows(call, kernel)?;
    if call.attributes.flag("ceil_mode", false)? {
        windows.padding = extended(windows.padding, windows.cut(x.size));
    }
    let op = MaxPool { kernel, strides: windows.strides, padding: windows.padding };
    let y = b.apply(Op::MaxPool(op), &[&x.value])?;
    Ok(vec![x.leave(b, &y)?])
}

pub(super) fn average_pool(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let mut x = Spatial::enter(b, call.input(0)?)?;
    let kernel = required_kernel(call, &x)?;
    let mut windows = x.windows(call, kernel)?;
    let mut count_padding = call.attributes.flag("count_include_pad", false)?;
    let cut = if call.attributes.flag("ceil_mode", false)? { windows.cut(x.size) } else { [0, 0] };
    if cut != [0, 0] {
        if count_padding {
            // The padding that is given counts, what a cut window reaches beyond it does not: so it becomes zeros.
            let Padding { top, left, bottom, right } = windows.padding;
            let op = Pad { before: vec![0, top, left, 0], after: vec![0, bottom, right, 0], value: 0.0 };
            x.value = b.apply(Op::Pad(op), &[&x.value])?;
            windows.padding = Padding::ZERO;
            count_padding = false;
        }
        windows.padding = extended(windows.padding, cut);
    }
    let op = AveragePool { kernel, strides: windows.strides, padding: windows.padding, count_padding };
    let y = b.apply(Op::AveragePool(op), &[&x.value])?;
    Ok(vec![x.leave(b, &y)?])
}

fn extended(padding: Padding, [rows, columns]: [usize; 2]) -> Padding {
    Padding { bottom: padding.bottom.saturating_add(rows), right: padding.right.saturating_add(columns), ..padding }
}

fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.flag("ceil_mode", false)?;
    attributes.ints("kernel_shape")?.ok_or_else(|| missing("kernel_shape"))?;
    spatial::settings(attributes)?;
    match attributes.ints("dilations")? {
        Some(dilations) if dilations.iter().any(|dilation| *dilation != 1) => {
            Err(Refusal::setting(format!("`dilations` of {dilations:?} are not supported"), "pool without dilation"))
        }
        Some(_) | None => Ok(()),
    }
}
