//! `Erf` and `Gelu`, from arithmetic and an exponential.

use ir::{BinaryOp, Clamp, Op, Unary};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Coefficients of Abramowitz and Stegun, *Handbook of Mathematical Functions*, 7.1.26, from the highest power of `t`.
const COEFFICIENTS: [f32; 5] = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
const P: f32 = 0.327_591_1;
/// From here on the function is 1 in single precision.
const END: f32 = 4.0;
/// Divides zero into zero.
const TINY: f32 = 1e-30;

pub(super) fn erf(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    Ok(vec![apply(b, call.input(0)?)?])
}

/// Of `Gelu`.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    match attributes.string("approximate")?.as_deref() {
        None | Some("none" | "tanh") => Ok(()),
        Some(other) => Err(Refusal::attribute(format!("`approximate` is {other:?}, neither `none` nor `tanh`"))),
    }
}

/// `x (1 + erf(x / sqrt(2))) / 2`, or with the approximation `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`.
pub(super) fn gelu(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let (one, half) = (b.scalar(1.0), b.scalar(0.5));
    let gate = if call.attributes.string("approximate")?.as_deref() == Some("tanh") {
        let (slope, cubic) = (b.scalar((2.0 / std::f32::consts::PI).sqrt()), b.scalar(0.044_715));
        let square = b.binary(BinaryOp::Mul, x, x)?;
        let bend = b.binary(BinaryOp::Mul, &square, &cubic)?;
        let bend = b.binary(BinaryOp::Add, &bend, &one)?;
        let line = b.binary(BinaryOp::Mul, x, &slope)?;
        let inner = b.binary(BinaryOp::Mul, &line, &bend)?;
        b.apply(Op::Unary(Unary::Tanh), &[&inner])?
    } else {
        let scale = b.scalar(std::f32::consts::FRAC_1_SQRT_2);
        let inner = b.binary(BinaryOp::Mul, x, &scale)?;
        apply(b, &inner)?
    };
    let gate = b.binary(BinaryOp::Add, &gate, &one)?;
    let gated = b.binary(BinaryOp::Mul, x, &gate)?;
    Ok(vec![b.binary(BinaryOp::Mul, &gated, &half)?])
}

/// `sign(x) (1 - poly(t) exp(-x^2))` with `t = 1 / (1 + p |x|)`; the error is below 2e-7.
fn apply(b: &mut Builder, x: &Value) -> Result<Value> {
    let x = b.apply(Op::Clamp(Clamp { low: -END, high: END }), &[x])?;
    let size = b.apply(Op::Unary(Unary::Abs), &[&x])?;
    let (one, p, tiny) = (b.scalar(1.0), b.scalar(P), b.scalar(TINY));
    let t = b.binary(BinaryOp::Mul, &size, &p)?;
    let t = b.binary(BinaryOp::Add, &t, &one)?;
    let t = b.binary(BinaryOp::Div, &one, &t)?;
    let mut poly = b.scalar(COEFFICIENTS[0]);
    for coefficient in &COEFFICIENTS[1..] {
        let coefficient = b.scalar(*coefficient);
        poly = b.binary(BinaryOp::Mul, &poly, &t)?;
        poly = b.binary(BinaryOp::Add, &poly, &coefficient)?;
    }
    let poly = b.binary(BinaryOp::Mul, &poly, &t)?;
    let square = b.binary(BinaryOp::Mul, &x, &x)?;
    let square = b.apply(Op::Unary(Unary::Neg), &[&square])?;
    let bell = b.apply(Op::Unary(Unary::Exp), &[&square])?;
    let rest = b.binary(BinaryOp::Mul, &poly, &bell)?;
    let height = b.binary(BinaryOp::Sub, &one, &rest)?;
    let divisor = b.binary(BinaryOp::Max, &size, &tiny)?;
    let sign = b.binary(BinaryOp::Div, &x, &divisor)?;
    b.binary(BinaryOp::Mul, &sign, &height)
}
