use abi::{classic, export};
use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::{KEPT_ROWS, Target, geometry, store, weights};
use crate::Profile;
use crate::asm::{FuncBuilder, I32};

/// `image(ptr, len, width, height) -> bands`: checks the picture, stores its geometry and the weights, answers the number
/// of rows.
pub(super) fn emit(profile: Profile, target: &Target) -> FuncBuilder {
    let (mut builder, [pointer, length, width, height]) = FuncBuilder::new(profile, &[ValType::I32]);
    let f = &mut builder;
    for side in [width, height] {
        // side - 1 >= max, unsigned: zero and everything above the limit.
        f.get(side).const_i32(1).op(I::I32Sub).const_i32(export::IMAGE_SIDE_MAX).op(I::I32GeU);
        refuse(f, 1);
    }
    f.get(width).get(height).op(I::I32Mul).const_i32(3).op(I::I32Mul).get(length).op(I::I32Ne);
    refuse(f, 0);
    // It ends within the low memory if it begins there, else within the memory, and begins behind all that is ours.
    f.get(pointer).op(I::I64ExtendI32U).get(length).op(I::I64ExtendI32U).op(I::I64Add);
    window_end(f, target.low_end, pointer);
    f.op(I::I64GtU);
    refuse(f, 2);
    f.get(pointer).const_i32(classic::LOW_START).op(I::I32LtU);
    f.get(pointer).const_i32(target.low_end).op(I::I32GeU).get(pointer).const_i32(target.end).op(I::I32LtU);
    f.op(I::I32And).op(I::I32Or);
    refuse(f, 2);

    store(f, target.state.pointer, pointer);
    store(f, target.state.width, width);
    // No row is kept: no row has the number -1.
    f.const_i32(target.tags).const_i32(-1).const_i32(4 * KEPT_ROWS).op(I::MemoryFill(0));
    let resized = geometry::resized(f, target, [width, height]);
    geometry::order(f, target, [width, height], resized);
    for (axis, side, resized) in [(target.columns, width, resized[0]), (target.rows, height, resized[1])] {
        geometry::place(f, target.resize, axis, resized);
        weights::emit(f, target, axis, side, resized);
    }
    f.const_i32(target.rows.size);
    builder
}

/// Pushes the end of the memory that is the caller's around `pointer`, as 64 bits: of the low memory, or of all.
pub(crate) fn window_end(f: &mut FuncBuilder, low_end: u32, pointer: I32) {
    f.op(I::I64Const(low_end.into()));
    f.op(I::MemorySize(0)).op(I::I64ExtendI32U).op(I::I64Const(16)).op(I::I64Shl);
    f.get(pointer).const_i32(low_end).op(I::I32LtU).op(I::Select);
}

/// Returns the code of error `index` if the top of the stack is not zero.
fn refuse(f: &mut FuncBuilder, index: i32) {
    f.op(I::If(BlockType::Empty)).const_i32(-1 - index).op(I::Return).op(I::End);
}
