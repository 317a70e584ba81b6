use crate::op::InferError;

/// Rows and columns added around the two spatial dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Columns before.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns after.
    pub right: usize,
}

impl Padding {
    /// Nothing is added.
    pub const ZERO: Self = Self { top: 0, left: 0, bottom: 0, right: 0 };
}

/// Number of window positions along one axis: `floor((size + before + after - dilation (kernel - 1) - 1) / stride) + 1`.
pub(super) fn positions(
    size: usize,
    (before, after): (usize, usize),
    kernel: usize,
    dilation: usize,
    stride: usize,
) -> Result<usize, InferError> {
    let invalid = |what: String| InferError::Invalid { what };
    if kernel == 0 || dilation == 0 || stride == 0 {
        return Err(invalid("kernel, stride and dilation must be at least 1".into()));
    }
    let overflow = || invalid("the padded window overflows".into());
    let reach = (kernel - 1).checked_mul(dilation).and_then(|reach| reach.checked_add(1)).ok_or_else(overflow)?;
    let padded = size.checked_add(before).and_then(|sum| sum.checked_add(after)).ok_or_else(overflow)?;
    if padded < reach {
        return Err(invalid(format!("a window of {reach} does not fit a padded size of {padded}")));
    }
    Ok((padded - reach) / stride + 1)
}
