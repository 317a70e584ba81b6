use ir::{Clamp, Conv, Op, Padding, Tensor};

use crate::check::{check, counting, tensor};

const CONV: Conv = Conv { strides: [1, 1], dilations: [1, 1], padding: Padding::ZERO, groups: 1, activation: None };

fn zeros(channels: usize) -> Tensor {
    Tensor::splat([channels], 0.0)
}

#[test]
fn pointwise_is_a_matrix_product() {
    let (x, w) = (tensor(&[1, 1, 2, 2], &[1.0, 2.0, 3.0, 4.0]), counting(&[1, 1, 2, 3], 1));
    let bias = tensor(&[3], &[0.5, 0.0, -1.0]);
    check(Op::Conv(CONV), &[&x, &w, &bias], &[1, 1, 2, 3], &[9.5, 12.0, 14.0, 19.5, 26.0, 32.0]);
}

#[test]
fn window_slides() {
    // Rows 1 2 3, 4 5 6, 7 8 9; taps 1 10, 100 1000.
    let (x, w) = (counting(&[1, 3, 3, 1], 1), tensor(&[2, 2, 1, 1], &[1.0, 10.0, 100.0, 1000.0]));
    check(Op::Conv(CONV), &[&x, &w, &zeros(1)], &[1, 2, 2, 1], &[5421.0, 6532.0, 8754.0, 9865.0]);
}

#[test]
fn padding_adds_zeros_on_each_side() {
    let (x, w) = (tensor(&[1, 1, 2, 1], &[1.0, 2.0]), tensor(&[1, 2, 1, 1], &[1.0, 10.0]));
    let padding = Padding { top: 1, left: 2, bottom: 0, right: 1 };
    let expect = [0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 21.0, 2.0];
    check(Op::Conv(Conv { padding, ..CONV }), &[&x, &w, &zeros(1)], &[1, 2, 4, 1], &expect);
}

#[test]
fn strides_skip_windows() {
    let (x, w) = (counting(&[1, 3, 5, 1], 0), tensor(&[1, 1, 1, 1], &[1.0]));
    let op = Op::Conv(Conv { strides: [2, 3], ..CONV });
    check(op, &[&x, &w, &zeros(1)], &[1, 2, 2, 1], &[0.0, 3.0, 10.0, 13.0]);
}

#[test]
fn dilations_spread_the_taps() {
    let (x, w) = (counting(&[1, 3, 4, 1], 0), tensor(&[2, 2, 1, 1], &[1.0, 10.0, 100.0, 1000.0]));
    // Taps at rows 0 and 2, columns j and j + 3.
    let op = Op::Conv(Conv { dilations: [2, 3], ..CONV });
    check(op, &[&x, &w, &zeros(1)], &[1, 1, 1, 1], &[0.0 + 30.0 + 800.0 + 11000.0]);
}

#[test]
fn groups_see_their_own_channels() {
    // Two groups of two channels to two channels each.
    let x = tensor(&[1, 1, 1, 4], &[1.0, 2.0, 3.0, 4.0]);
    let w = tensor(&[1, 1, 2, 4], &[1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0]);
    let expect = [1.0 + 20.0, 2.0 + 40.0, 9.0 + 120.0, 12.0 + 160.0];
    check(Op::Conv(Conv { groups: 2, ..CONV }), &[&x, &w, &zeros(4)], &[1, 1, 1, 4], &expect);
}

#[test]
fn depthwise_with_a_multiplier() {
    let (x, w) = (tensor(&[1, 1, 1, 2], &[2.0, 3.0]), tensor(&[1, 1, 1, 4], &[1.0, 10.0, 100.0, 1000.0]));
    check(Op::Conv(Conv { groups: 2, ..CONV }), &[&x, &w, &zeros(4)], &[1, 1, 1, 4], &[2.0, 20.0, 300.0, 3000.0]);
}

#[test]
fn batches_stay_apart() {
    let (x, w) = (counting(&[2, 1, 2, 1], 1), tensor(&[1, 2, 1, 1], &[1.0, 10.0]));
    check(Op::Conv(CONV), &[&x, &w, &zeros(1)], &[2, 1, 1, 1], &[21.0, 43.0]);
}

#[test]
fn residual_is_added_before_the_activation() {
    let (x, w) = (tensor(&[1, 1, 2, 1], &[1.0, 2.0]), tensor(&[1, 1, 1, 1], &[2.0]));
    let residual = tensor(&[1, 1, 2, 1], &[-5.0, 10.0]);
    let op = Op::Conv(Conv { activation: Some(Clamp { low: 0.0, high: 6.0 }), ..CONV });
    check(op, &[&x, &w, &tensor(&[1], &[1.0]), &residual], &[1, 1, 2, 1], &[0.0, 6.0]);
}

#[test]
fn nan_reaches_every_window_that_sees_it() {
    let (x, w) = (tensor(&[1, 1, 3, 1], &[f32::NAN, 1.0, 2.0]), tensor(&[1, 2, 1, 1], &[1.0, 1.0]));
    let op = Op::Conv(Conv { activation: Some(Clamp::RELU), ..CONV });
    check(op, &[&x, &w, &zeros(1)], &[1, 1, 2, 1], &[f32::NAN, 3.0]);
}

#[test]
fn no_input_channels_leave_the_bias() {
    let (x, w) = (tensor(&[1, 1, 1, 0], &[]), tensor(&[1, 1, 0, 2], &[]));
    check(Op::Conv(CONV), &[&x, &w, &tensor(&[2], &[3.0, 4.0])], &[1, 1, 1, 2], &[3.0, 4.0]);
}
