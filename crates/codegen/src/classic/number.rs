//! Single-precision numbers as JSON: at most nine digits that are read as the same bits again.
//!
//! Of all numbers, those between the middles to the neighbors are read as `x`. In units of the ninth digit of `x` each
//! of the two halves is longer than 2.9, since `x` has 24 bits and `10^8 > 2^26`; so nine digits always do, and fewer do
//! where a rounder number lies between (not exactly in the middle, which half of all numbers would allow). Everything is computed in doubles, whose errors stay below 1e-5 of this unit;
//! the halves are shortened by more.

use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::text;
use crate::Profile;
use crate::asm::{F64, FuncBuilder, I32, at, repeat};

const EXPONENT: u32 = 0x7f80_0000;
const MANTISSA: u32 = 0x007f_ffff;
const SMALLEST_NORMAL: u32 = 0x0080_0000;
/// Digits that always do.
const DIGITS: u32 = 9;
/// By how much the halves are shortened.
const MARGIN: f64 = 1e-3;
/// `10^(2^i)`
const POWERS: [f64; 6] = [1e1, 1e2, 1e4, 1e8, 1e16, 1e32];
/// A number is written without exponent if its point is at most so many digits behind its first digit,
const POINT_MAX: i32 = 13;
/// or at least this, which is before it.
const POINT_MIN: i32 = -5;
/// Most digits at once.
const RUN_MAX: u32 = 16;

/// `digits(end, n, count) -> rest` writes the last `count` digits of `n` before `end` and answers those before.
pub(super) fn digits(profile: Profile) -> FuncBuilder {
    let (mut f, [end, n, count]) = FuncBuilder::new(profile, &[ValType::I32]);
    let index = f.i32();
    repeat(&mut f, index, count, RUN_MAX, |f| {
        f.advance(end, -1);
        f.get(end).get(n).const_i32(10).op(I::I32RemU).const_i32(b'0').op(I::I32Add).op(I::I32Store8(at(0)));
        f.get(n).const_i32(10).op(I::I32DivU).set(n);
    });
    f.get(n);
    f
}

/// `number(out, element) -> out` writes the number at `element`, `null` if it is none or infinite, and answers the address
/// behind it. `digits` is the number of the function [`digits`].
pub(super) fn number(profile: Profile, digits: u32) -> FuncBuilder {
    let (mut builder, [out, element]) = FuncBuilder::new(profile, &[ValType::I32]);
    let f = &mut builder;
    let bits = f.i32();
    f.load_i32(element, 0).tee(bits).const_i32(EXPONENT).op(I::I32And).const_i32(EXPONENT).op(I::I32Eq);
    f.op(I::If(BlockType::Empty));
    text(f, out, "null");
    f.get(out).op(I::Return).op(I::End);

    f.get(bits).const_i32(0).op(I::I32LtS).op(I::If(BlockType::Empty));
    text(f, out, "-");
    f.op(I::End);
    f.get(bits).const_i32(i32::MAX).op(I::I32And).tee(bits).op(I::I32Eqz).op(I::If(BlockType::Empty));
    text(f, out, "0.0");
    f.get(out).op(I::Return).op(I::End);

    let decimal = shortest(f, bits);
    write(f, digits, out, &decimal);
    builder
}

/// The number `n * 10^exponent`.
struct Decimal {
    n: I32,
    /// Digits of `n`.
    length: I32,
    exponent: I32,
    /// Digits before the point: `length + exponent`.
    point: I32,
}

/// The shortest decimal between the middles to the neighbors of the positive number with these bits.
fn shortest(f: &mut FuncBuilder, bits: I32) -> Decimal {
    let [x, below, above] = [(); 3].map(|()| f.f64());
    f.get(bits).op(I::F32ReinterpretI32).op(I::F64PromoteF32).set(x);
    // Half the distance to the number below; above a power of two the distance is twice that.
    f.get(x).get(bits).const_i32(1).op(I::I32Sub).op(I::F32ReinterpretI32).op(I::F64PromoteF32).op(I::F64Sub);
    f.const_f64(0.5).op(I::F64Mul).tee(below);
    f.const_f64(2.0).const_f64(1.0);
    f.get(bits).const_i32(MANTISSA).op(I::I32And).op(I::I32Eqz);
    f.get(bits).const_i32(SMALLEST_NORMAL).op(I::I32GtU).op(I::I32And).op(I::Select).op(I::F64Mul).set(above);

    let last = scale(f, x, [x, below, above]);
    let (low, high) = (below, above);
    f.get(x).get(below).op(I::F64Sub).const_f64(MARGIN).op(I::F64Add).set(low);
    f.get(x).get(above).op(I::F64Add).const_f64(-MARGIN).op(I::F64Add).set(high);

    // Rounded to ever smaller powers of ten, from the one above its first digit.
    let [power, rounded, candidate] = [(); 3].map(|()| f.f64());
    let [index, count] = [(); 2].map(|()| f.i32());
    f.const_f64(1e9).set(power);
    f.const_i32(DIGITS + 1).set(count);
    repeat(f, index, count, DIGITS + 1, |f| {
        f.get(x).get(power).op(I::F64Div).op(I::F64Nearest).tee(rounded).get(power).op(I::F64Mul).set(candidate);
        f.get(low).get(candidate).op(I::F64Lt).get(candidate).get(high).op(I::F64Lt).op(I::I32And).op(I::BrIf(1));
        f.get(power).const_f64(10.0).op(I::F64Div).set(power);
    });
    let decimal = Decimal { n: f.i32(), length: f.i32(), exponent: f.i32(), point: f.i32() };
    f.get(rounded).op(I::I32TruncSatF64U).set(decimal.n);
    // `index` digits, one if the number was rounded up to the power above.
    f.get(index).get(index).op(I::I32Eqz).op(I::I32Add).set(decimal.length);
    f.get(last).const_i32(DIGITS).op(I::I32Add).get(index).op(I::I32Sub).tee(decimal.exponent);
    f.get(decimal.length).op(I::I32Add).set(decimal.point);
    decimal
}

/// Multiplies the values by the power of ten that makes `x`, the first of them, one of nine digits, and answers the exponent
/// of the last of these digits.
fn scale(f: &mut FuncBuilder, x: F64, values: [F64; 3]) -> I32 {
    let [last, magnitude] = [(); 2].map(|()| f.i32());
    let factor = f.f64();
    // log10(x) = log10(2) * log2(x), where 78913 / 2^18 is log10(2) and the binary exponent is log2(x), rounded down:
    // the same or one less.
    f.get(x).op(I::I64ReinterpretF64).op(I::I64Const(52)).op(I::I64ShrU).op(I::I32WrapI64);
    f.const_i32(1023).op(I::I32Sub).const_i32(78_913).op(I::I32Mul).const_i32(18).op(I::I32ShrS);
    f.const_i32(DIGITS - 1).op(I::I32Sub).set(last);
    f.const_i32(0).get(last).op(I::I32Sub).get(last).get(last).const_i32(0).op(I::I32LtS).op(I::Select).set(magnitude);
    f.const_f64(1.0);
    for (bit, power) in POWERS.into_iter().enumerate() {
        f.const_f64(power).const_f64(1.0).get(magnitude).const_i32(1_i32 << bit).op(I::I32And).op(I::Select);
        f.op(I::F64Mul);
    }
    f.set(factor);
    f.get(last).const_i32(0).op(I::I32LtS).op(I::If(BlockType::Empty));
    for value in values {
        f.get(value).get(factor).op(I::F64Mul).set(value);
    }
    f.op(I::Else);
    for value in values {
        f.get(value).get(factor).op(I::F64Div).set(value);
    }
    f.op(I::End);
    f.get(x).const_f64(1e9).op(I::F64Ge).op(I::If(BlockType::Empty));
    for value in values {
        f.get(value).const_f64(10.0).op(I::F64Div).set(value);
    }
    f.advance(last, 1);
    f.op(I::End);
    last
}

/// Writes a number at `out` and pushes the address behind it.
fn write(f: &mut FuncBuilder, digits: u32, out: I32, decimal: &Decimal) {
    let &Decimal { n, length, exponent, point } = decimal;
    let rest = f.i32();
    f.get(point).const_i32(POINT_MIN).op(I::I32GeS).get(point).const_i32(POINT_MAX).op(I::I32LeS).op(I::I32And);
    f.op(I::If(BlockType::Empty));
    {
        // 1200.0
        f.get(exponent).const_i32(0).op(I::I32GeS).op(I::If(BlockType::Empty));
        f.get(out).get(length).op(I::I32Add).get(n).get(length).op(I::Call(digits)).op(I::Drop);
        f.get(out).get(point).op(I::I32Add).tee(out).const_i32(0).get(exponent).op(I::Call(digits)).op(I::Drop);
        text(f, out, ".0");
        f.get(out).op(I::Return).op(I::End);
        // 12.34
        f.get(point).const_i32(0).op(I::I32GtS).op(I::If(BlockType::Empty));
        f.get(out).get(length).op(I::I32Add).const_i32(1).op(I::I32Add).get(n);
        f.get(length).get(point).op(I::I32Sub).op(I::Call(digits)).set(rest);
        f.get(out).get(point).op(I::I32Add).const_i32(b'.').op(I::I32Store8(at(0)));
        f.get(out).get(point).op(I::I32Add).get(rest).get(point).op(I::Call(digits)).op(I::Drop);
        f.get(out).get(length).op(I::I32Add).const_i32(1).op(I::I32Add).op(I::Return).op(I::End);
        // 0.001234
        text(f, out, "0.");
        f.get(out).get(length).op(I::I32Add).get(point).op(I::I32Sub).tee(out).get(n);
        f.get(length).get(point).op(I::I32Sub).op(I::Call(digits)).op(I::Drop);
        f.get(out).op(I::Return);
    }
    f.op(I::End);

    // 1.234e-7, or 1e-7
    let more = f.i32();
    f.get(out).get(length).op(I::I32Add).const_i32(1).op(I::I32Add).get(n);
    f.get(length).const_i32(1).op(I::I32Sub).tee(more).op(I::Call(digits)).set(rest);
    f.get(out).const_i32(b'.').op(I::I32Store8(at(1)));
    f.get(out).const_i32(1).op(I::I32Add).get(rest).const_i32(1).op(I::Call(digits)).op(I::Drop);
    f.get(out).get(length).op(I::I32Add).get(more).const_i32(0).op(I::I32Ne).op(I::I32Add).set(out);
    text(f, out, "e");
    f.advance(point, -1);
    f.get(point).const_i32(0).op(I::I32LtS).op(I::If(BlockType::Empty));
    text(f, out, "-");
    f.const_i32(0).get(point).op(I::I32Sub).set(point);
    f.op(I::End);
    let count = more;
    f.const_i32(1).get(point).const_i32(9).op(I::I32GtS).op(I::I32Add).set(count);
    f.get(out).get(count).op(I::I32Add).tee(out).get(point).get(count).op(I::Call(digits)).op(I::Drop);
    f.get(out);
}
