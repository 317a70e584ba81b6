//! Elementary functions on four lanes, after the Cephes library's single-precision ones (Moshier 1992).

use wasm_encoder::Instruction;

use super::{FuncBuilder, V128};

/// Above this, `e^x` is infinite.
const EXP_MAX: f32 = 88.722_84;
/// Below this, `e^x` is taken as at this point: a normal number that is next to nothing.
const EXP_MIN: f32 = -87.336_54;
/// A number plus this is rounded to an integer, which its bits are more than the bits of this.
const ROUNDING: f32 = 12_582_912.0;
const EXP: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
const LOG: [f32; 9] = [
    7.037_683_6e-2,
    -1.151_461e-1,
    1.167_699_9e-1,
    -1.242_014_1e-1,
    1.424_932_3e-1,
    -1.666_805_8e-1,
    2.000_071_5e-1,
    -2.499_999_4e-1,
    3.333_333e-1,
];

impl FuncBuilder {
    /// `x = e^x`, to 2 units in the last place where the result is a normal number.
    pub fn exp(&mut self, x: V128) {
        let [n, rounded, r, sum, input] = [(); 5].map(|()| self.v128());
        self.get(x).tee(input);
        // NaN stays NaN: `pmin(x, bound)` is `x` unless `bound < x`.
        self.splat(EXP_MAX).op(Instruction::F32x4PMin).splat(EXP_MIN).op(Instruction::F32x4PMax).set(x);
        self.get(x).splat(std::f32::consts::LOG2_E).op(Instruction::F32x4Mul);
        self.splat(ROUNDING).op(Instruction::F32x4Add).tee(rounded).splat(ROUNDING).op(Instruction::F32x4Sub).set(n);
        // r = x - n ln 2, in two parts so that the first product is exact.
        self.get(x).get(n).splat(LN2_HIGH).op(Instruction::F32x4Mul).op(Instruction::F32x4Sub);
        self.get(n).splat(LN2_LOW).op(Instruction::F32x4Mul).op(Instruction::F32x4Sub).set(r);
        self.polynomial(sum, r, &EXP);
        // 1 + r + r^2 sum
        self.get(sum).get(r).get(r).op(Instruction::F32x4Mul).op(Instruction::F32x4Mul);
        self.get(r).op(Instruction::F32x4Add).splat(1.0).op(Instruction::F32x4Add);
        // Times 2^n in two factors: n reaches 128, one more than an exponent holds.
        self.power_of_two_halves(rounded);
        self.op(Instruction::F32x4Mul).op(Instruction::F32x4Mul).set(x);
        self.splat(f32::INFINITY).get(x).get(input).splat(EXP_MAX).op(Instruction::F32x4Gt);
        self.op(Instruction::V128Bitselect).set(x);
    }

    /// Pushes two vectors whose product is `2^n`, from `n + ROUNDING`.
    fn power_of_two_halves(&mut self, rounded: V128) {
        let [whole, half] = [(); 2].map(|()| self.v128());
        self.get(rounded).splat(ROUNDING).op(Instruction::I32x4Sub).tee(whole);
        self.const_i32(1).op(Instruction::I32x4ShrS).set(half);
        let exponent = |f: &mut Self| {
            f.splat_i32(127).op(Instruction::I32x4Add).const_i32(23).op(Instruction::I32x4Shl);
        };
        self.get(half);
        exponent(self);
        self.get(whole).get(half).op(Instruction::I32x4Sub);
        exponent(self);
    }

    /// `x = 1 / (1 + e^-x)`
    pub fn sigmoid(&mut self, x: V128) {
        self.get(x).op(Instruction::F32x4Neg).set(x);
        self.exp(x);
        self.splat(1.0).splat(1.0).get(x).op(Instruction::F32x4Add).op(Instruction::F32x4Div).set(x);
    }

    /// `x = tanh x = 1 - 2 / (e^2x + 1)`, to 2e-7 absolute.
    pub fn tanh(&mut self, x: V128) {
        self.get(x).get(x).op(Instruction::F32x4Add).set(x);
        self.exp(x);
        self.splat(1.0).splat(2.0).get(x).splat(1.0).op(Instruction::F32x4Add).op(Instruction::F32x4Div);
        self.op(Instruction::F32x4Sub).set(x);
    }

    /// `x = ln x` of normal numbers, to 2 units in the last place; minus infinity at zero, NaN below.
    pub fn log(&mut self, x: V128) {
        let [input, exponent, mantissa, small, sum, square] = [(); 6].map(|()| self.v128());
        self.get(x).set(input);
        // x = mantissa 2^exponent with the mantissa in [1/2, 1).
        self.get(x).const_i32(23).op(Instruction::I32x4ShrU).splat_i32(126).op(Instruction::I32x4Sub);
        self.op(Instruction::F32x4ConvertI32x4S).set(exponent);
        self.get(x).splat_i32(0x007f_ffff).op(Instruction::V128And);
        self.splat(0.5).op(Instruction::V128Or).set(mantissa);
        // Below sqrt(1/2): double the mantissa and take one from the exponent, then subtract 1.
        self.get(mantissa).splat(std::f32::consts::FRAC_1_SQRT_2).op(Instruction::F32x4Lt).set(small);
        self.get(exponent).get(small).splat(1.0).op(Instruction::V128And).op(Instruction::F32x4Sub).set(exponent);
        self.get(mantissa).get(small).get(mantissa).op(Instruction::V128And).op(Instruction::F32x4Add);
        self.splat(1.0).op(Instruction::F32x4Sub).set(mantissa);

        self.polynomial(sum, mantissa, &LOG);
        self.get(mantissa).get(mantissa).op(Instruction::F32x4Mul).set(square);
        self.get(sum).get(mantissa).op(Instruction::F32x4Mul).get(square).op(Instruction::F32x4Mul);
        self.get(exponent).splat(LN2_LOW).op(Instruction::F32x4Mul).op(Instruction::F32x4Add);
        self.get(square).splat(0.5).op(Instruction::F32x4Mul).op(Instruction::F32x4Sub);
        self.get(mantissa).op(Instruction::F32x4Add);
        self.get(exponent).splat(LN2_HIGH).op(Instruction::F32x4Mul).op(Instruction::F32x4Add).set(x);

        self.patch(x, f32::NEG_INFINITY, |f| {
            f.get(input).splat(0.0).op(Instruction::F32x4Eq);
        });
        self.patch(x, f32::NAN, |f| {
            f.get(input).splat(0.0).op(Instruction::F32x4Ge).op(Instruction::V128Not);
        });
        self.patch(x, f32::INFINITY, |f| {
            f.get(input).splat(f32::INFINITY).op(Instruction::F32x4Eq);
        });
    }

    /// Replaces the lanes of `x` where the mask that `condition` pushes is set.
    fn patch(&mut self, x: V128, value: f32, condition: impl FnOnce(&mut Self)) {
        self.splat(value).get(x);
        condition(self);
        self.op(Instruction::V128Bitselect).set(x);
    }

    /// Folds the four lanes of `x` into each of them with an instruction that may take them in any order.
    pub fn fold_lanes(&mut self, x: V128, instruction: &Instruction<'static>) {
        for distance in [8_u8, 4] {
            let lanes = std::array::from_fn(|byte| (u8::try_from(byte).expect("16 bytes") + distance) % 16);
            self.get(x).get(x).get(x).op(Instruction::I8x16Shuffle(lanes)).op(instruction.clone()).set(x);
        }
    }

    /// `sum = c[0] x^n + .. + c[n]` by Horner's rule.
    fn polynomial(&mut self, sum: V128, x: V128, coefficients: &[f32]) {
        let next = self.v128();
        self.splat(coefficients[0]).set(sum);
        for coefficient in &coefficients[1..] {
            self.splat(*coefficient).set(next);
            self.multiply_add(next, sum, x);
            self.get(next).set(sum);
        }
    }
}
