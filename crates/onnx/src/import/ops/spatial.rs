//! What convolution and pooling share: the way into channels-last form and back, and the windows.

use ir::Padding;

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, missing};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Larger numbers in attributes are refused, so that arithmetic on them is exact.
const LARGEST: i64 = i32::MAX as i64;

/// A tensor with two spatial axes, channels last. One spatial axis becomes a width, with a height of 1.
pub(super) struct Spatial {
    pub(super) value: Value,
    /// Height and width.
    pub(super) size: [usize; 2],
    pub(super) channels: usize,
    /// Spatial axes in the ONNX tensor.
    pub(super) axes: usize,
}

impl Spatial {
    /// From channels first.
    pub(super) fn enter(b: &mut Builder, x: &Value) -> Result<Self> {
        let (x, [n, channels, h, w], axes) = match *b.shape(x) {
            [n, c, h, w] => (x.clone(), [n, c, h, w], 2),
            [n, c, w] => (b.reshape(x, vec![n, c, 1, w])?, [n, c, 1, w], 1),
            _ => {
                return Err(Refusal::shape(
                    format!("an input of rank {} is not supported", b.shape(x).len()),
                    "only one or two spatial dimensions are supported",
                ));
            }
        };
        debug_assert_eq!(b.shape(&x), [n, channels, h, w]);
        // A constant is not transposed here but by folding, which also sees what becomes of it.
        let value = Value::Graph(b.id(&x)?);
        Ok(Self { value: b.transpose(&value, &[0, 2, 3, 1])?, size: [h, w], channels, axes })
    }

    /// Back to channels first.
    pub(super) fn leave(&self, b: &mut Builder, y: &Value) -> Result<Value> {
        let y = b.transpose(y, &[0, 3, 1, 2])?;
        match (self.axes, b.shape(&y)) {
            (1, &[n, c, _, w]) => b.reshape(&y, vec![n, c, w]),
            _ => Ok(y),
        }
    }

    /// An attribute with one number, at least `least`, for each spatial axis; `fill` is that of an added height.
    fn numbers(&self, call: &Call<'_>, name: &str, least: i64, fill: usize) -> Result<Option<[usize; 2]>> {
        let Some(given) = call.attributes.ints(name)? else { return Ok(None) };
        let numbers = sizes(name, given, least)?;
        match (self.axes, &numbers[..]) {
            (1, [w]) => Ok(Some([fill, *w])),
            (2, [h, w]) => Ok(Some([*h, *w])),
            (axes, _) => {
                Err(Refusal::attribute(format!("`{name}` has {} numbers for {axes} spatial axes", given.len())))
            }
        }
    }

    /// The attribute `kernel_shape`.
    pub(super) fn kernel(&self, call: &Call<'_>) -> Result<Option<[usize; 2]>> {
        self.numbers(call, "kernel_shape", 1, 1)
    }

    /// The windows of that size, by the attributes `strides`, `dilations`, `pads` and `auto_pad`.
    pub(super) fn windows(&self, call: &Call<'_>, kernel: [usize; 2]) -> Result<Windows> {
        let strides = self.numbers(call, "strides", 1, 1)?.unwrap_or([1, 1]);
        let dilations = self.numbers(call, "dilations", 1, 1)?.unwrap_or([1, 1]);
        let explicit = match call.attributes.ints("pads")? {
            None => None,
            Some(given) => match (self.axes, &sizes("pads", given, 0)?[..]) {
                (1, [left, right]) => Some(Padding { top: 0, left: *left, bottom: 0, right: *right }),
                (2, [top, left, bottom, right]) => {
                    Some(Padding { top: *top, left: *left, bottom: *bottom, right: *right })
                }
                (axes, _) => {
                    return Err(Refusal::attribute(format!(
                        "`pads` has {} numbers for {axes} spatial axes",
                        given.len()
                    )));
                }
            },
        };
        let mut windows = Windows { kernel, strides, dilations, padding: explicit.unwrap_or_default(), fixed: true };
        let auto = call.attributes.string("auto_pad")?.unwrap_or_else(|| "NOTSET".into());
        if auto != "NOTSET" && explicit.is_some_and(|padding| padding != Padding::ZERO) {
            return Err(Refusal::attribute(format!("`pads` and an `auto_pad` of {auto:?} exclude each other")));
        }
        match auto.as_str() {
            "NOTSET" => windows.fixed = false,
            "VALID" => {}
            "SAME_UPPER" => {
                let [rows, columns] = windows.same(self.size);
                let (top, left) = (rows / 2, columns / 2);
                windows.padding = Padding { top, left, bottom: rows - top, right: columns - left };
            }
            "SAME_LOWER" => {
                let [rows, columns] = windows.same(self.size);
                let (bottom, right) = (rows / 2, columns / 2);
                windows.padding = Padding { top: rows - bottom, left: columns - right, bottom, right };
            }
            other => return Err(undefined(other)),
        }
        Ok(windows)
    }
}

/// What the attributes of windows say by themselves.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    for (name, least) in [("kernel_shape", 1), ("strides", 1), ("dilations", 1), ("pads", 0)] {
        sizes(name, attributes.ints(name)?.unwrap_or_default(), least)?;
    }
    match attributes.string("auto_pad")?.as_deref() {
        None | Some("NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER") => Ok(()),
        Some(other) => Err(undefined(other)),
    }
}

fn undefined(auto_pad: &str) -> Refusal {
    Refusal::attribute(format!("`auto_pad` is `{}`, which is not defined", crate::model::shown(auto_pad)))
}

fn sizes(name: &str, given: &[i64], least: i64) -> Result<Vec<usize>> {
    let size = |number: &i64| match usize::try_from(*number) {
        Ok(size) if (least..=LARGEST).contains(number) => Ok(size),
        _ if *number < 0 && name == "pads" => {
            Err(Refusal::setting("negative padding is not supported", "cut the input with a Slice before this node"))
        }
        _ => Err(Refusal::attribute(format!("`{name}` holds {number}, not {least} to {LARGEST}"))),
    };
    given.iter().map(size).collect()
}

/// Where the windows of a convolution or pooling lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) kernel: [usize; 2],
    pub(super) strides: [usize; 2],
    pub(super) dilations: [usize; 2],
    pub(super) padding: Padding,
    /// Whether `auto_pad` decided about the padding, which leaves nothing to `ceil_mode`.
    fixed: bool,
}

impl Windows {
    /// Distance from the first tap of a window to after its last.
    fn reach(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1).saturating_mul(self.dilations[axis]).saturating_add(1)
    }

    /// Padding, before and after together, that gives `ceil(size / stride)` windows.
    fn same(&self, size: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let windows = size[axis].div_ceil(self.strides[axis]);
            let last = windows.saturating_sub(1).saturating_mul(self.strides[axis]);
            last.saturating_add(self.reach(axis)).saturating_sub(size[axis])
        })
    }

    /// Rows and columns after the padding that a last, cut window reaches into where `ceil_mode` counts it.
    pub(super) fn cut(&self, size: [usize; 2]) -> [usize; 2] {
        let Padding { top, left, bottom, right } = self.padding;
        let padding = [(top, bottom), (left, right)];
        [0, 1].map(|axis| {
            let (before, after) = padding[axis];
            let (reach, stride) = (self.reach(axis), self.strides[axis]);
            let padded = size[axis].saturating_add(before).saturating_add(after);
            if self.fixed || padded < reach {
                return 0;
            }
            let last = (padded - reach).div_ceil(stride).saturating_mul(stride);
            // A window that would begin after the input is not counted.
            if last >= size[axis].saturating_add(before) {
                0
            } else {
                last.saturating_add(reach).saturating_sub(padded)
            }
        })
    }
}

/// The size of the window, which pooling must give.
pub(super) fn required_kernel(call: &Call<'_>, x: &Spatial) -> Result<[usize; 2]> {
    x.kernel(call)?.ok_or_else(|| missing("kernel_shape"))
}
