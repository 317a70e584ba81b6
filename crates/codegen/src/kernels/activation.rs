use ir::Clamp;
use wasm_encoder::Instruction;

use crate::asm::{FuncBuilder, V128};

/// Applies the bounds of an activation. NaN stays NaN: `pmax(x, low)` is `x` unless `x < low`.
pub(crate) fn clamp(f: &mut FuncBuilder, x: V128, clamp: Option<Clamp>) {
    let Some(Clamp { low, high }) = clamp else { return };
    if low != f32::NEG_INFINITY {
        f.get(x).splat(low).op(Instruction::F32x4PMax).set(x);
    }
    if high != f32::INFINITY {
        f.get(x).splat(high).op(Instruction::F32x4PMin).set(x);
    }
}
