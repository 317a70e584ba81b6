use abi::export;
use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::{KEPT_ROWS, Target, geometry, state, store, weights};
use crate::Profile;
use crate::asm::FuncBuilder;

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
    f.get(pointer).const_i32(target.end).op(I::I32LtU);
    refuse(f, 2);
    f.get(pointer).op(I::I64ExtendI32U).get(length).op(I::I64ExtendI32U).op(I::I64Add);
    f.op(I::MemorySize(0)).op(I::I64ExtendI32U).op(I::I64Const(16)).op(I::I64Shl).op(I::I64GtU);
    refuse(f, 2);

    store(f, state::POINTER, pointer);
    store(f, state::WIDTH, width);
    // No row is kept: no row has the number -1.
    f.const_i32(target.tags).const_i32(-1).const_i32(4 * KEPT_ROWS).op(I::MemoryFill(0));
    let resized = geometry::resized(f, target, [width, height]);
    geometry::order(f, [width, height], resized);
    for (axis, side, resized) in [(target.columns, width, resized[0]), (target.rows, height, resized[1])] {
        geometry::place(f, target.resize, axis, resized);
        weights::emit(f, target, axis, side, resized);
    }
    f.const_i32(target.rows.size);
    builder
}

/// Returns the code of error `index` if the top of the stack is not zero.
fn refuse(f: &mut FuncBuilder, index: i32) {
    f.op(I::If(BlockType::Empty)).const_i32(-1 - index).op(I::Return).op(I::End);
}
