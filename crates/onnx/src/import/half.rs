//! IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction.

/// What is said once of a model that holds half precision.
pub(crate) const NOTE: &str =
    "float16 is widened to float32, without loss, and everything is computed in float32, without rounding in between";

/// The same number in single precision; a NaN keeps its sign and payload.
pub(crate) fn widened(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    match exponent {
        // Multiples of 2^-24, each of which single precision holds.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

/// The nearest number of half precision, to even between two, as single precision; what is too large is infinite.
pub(crate) fn rounded(value: f32) -> f32 {
    /// Halfway from the largest finite number to the next.
    const TOO_LARGE: f32 = 65_520.0;
    /// Numbers below have the step of the smallest exponent.
    const NORMAL: f32 = 6.103_515_6e-5;
    if value.is_nan() || value == 0.0 {
        return value;
    }
    if value.abs() >= TOO_LARGE {
        return f32::INFINITY.copysign(value);
    }
    if value.abs() < NORMAL {
        // A sum that begins at 0.5 has steps of 2^-24.
        return ((value.abs() + 0.5) - 0.5).copysign(value);
    }
    let bits = value.to_bits();
    let to_even = 0x0fff + (bits >> 13 & 1);
    f32::from_bits((bits + to_even) & !0x1fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_widened_exactly() {
        let cases = [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x83ff, -6.097_555e-5),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(widened(bits), value, "{bits:04x}");
        }
        assert!(widened(0x8000).is_sign_negative());
        assert_eq!(widened(0xfe01).to_bits(), 0xffc0_2000);
    }

    #[test]
    fn every_half_is_its_own_nearest_and_the_middle_goes_to_even() {
        for bits in 0..0x7c00_u16 {
            let (low, high) = (widened(bits), if bits == 0x7bff { 65_536.0 } else { widened(bits + 1) });
            assert_eq!(rounded(low).to_bits(), low.to_bits());
            assert_eq!(rounded(-low).to_bits(), (-low).to_bits());
            let middle = (low + high) / 2.0;
            let even = if bits % 2 == 0 { low } else { high };
            let even = if even == 65_536.0 { f32::INFINITY } else { even };
            assert_eq!(rounded(middle), even, "{bits:04x}");
            assert_eq!(rounded(middle.next_down()), low, "{bits:04x}");
            let above = if high == 65_536.0 { f32::INFINITY } else { high };
            assert_eq!(rounded(middle.next_up()), above, "{bits:04x}");
        }
        assert_eq!(rounded(f32::NEG_INFINITY), f32::NEG_INFINITY);
        assert_eq!(rounded(1e-30), 0.0);
        assert!(rounded(f32::NAN).is_nan());
    }
}
