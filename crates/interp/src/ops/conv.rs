use ir::{Conv, Tensor};

use super::clamp::activate;
use crate::elements::accumulate;

/// Each output starts as its bias; then come the products in the order of taps and input channels, then the residual.
pub(super) fn conv(op: &Conv, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let (x, weights, bias) = (inputs[0], inputs[1], inputs[2]);
    let (&[_, h, w, c], &[kh, kw, per_group, o]) = (x.shape(), weights.shape()) else {
        unreachable!("input and weights are of rank 4")
    };
    let mut y = bias.data().repeat(shape[..3].iter().product());
    if y.is_empty() {
        return Tensor::new(shape, y);
    }
    for (pixel, y) in y.chunks_exact_mut(o).enumerate() {
        let (b, i, j) = (pixel / shape[2] / shape[1], pixel / shape[2] % shape[1], pixel % shape[2]);
        for p in 0..kh {
            let Some(row) = inside(i * op.strides[0] + p * op.dilations[0], op.padding.top, h) else { continue };
            for q in 0..kw {
                let Some(column) = inside(j * op.strides[1] + q * op.dilations[1], op.padding.left, w) else {
                    continue;
                };
                let x = &x.data()[((b * h + row) * w + column) * c..][..c];
                let tap = &weights.data()[(p * kw + q) * per_group * o..][..per_group * o];
                add_tap(y, x, tap, op.groups);
            }
        }
    }
    if let Some(residual) = inputs.get(3) {
        for (y, residual) in y.iter_mut().zip(residual.data()) {
            *y += residual;
        }
    }
    activate(op.activation, &mut y);
    Tensor::new(shape, y)
}

fn inside(position: usize, padding: usize, size: usize) -> Option<usize> {
    position.checked_sub(padding).filter(|at| *at < size)
}

/// Adds the products of one pixel `x [c]` with one tap `[c / groups, o]` to `y [o]`.
fn add_tap(y: &mut [f32], x: &[f32], tap: &[f32], groups: usize) {
    let (per_group, out_per_group) = (x.len() / groups, y.len() / groups);
    for (g, weights) in tap.chunks_exact(y.len()).enumerate() {
        let parts = y.chunks_exact_mut(out_per_group).zip(weights.chunks_exact(out_per_group));
        for (group, (y, weights)) in parts.enumerate() {
            accumulate(y, x[group * per_group + g], weights);
        }
    }
}

#[cfg(test)]
mod tests;
