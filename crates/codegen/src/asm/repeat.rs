use wasm_encoder::{BlockType, Instruction};

use super::{FuncBuilder, I32};

/// `value = min(value, limit)`, unsigned: what a loop may rely on.
fn limit(f: &mut FuncBuilder, value: I32, limit: u32) {
    f.get(value)
        .const_i32(limit)
        .get(value)
        .const_i32(limit)
        .op(Instruction::I32LtU)
        .op(Instruction::Select)
        .set(value);
}

/// Runs `body` for `index` from 0 up to `count`, of which it makes at most `most`. `body` may leave with a branch to label 1.
pub fn repeat(f: &mut FuncBuilder, index: I32, count: I32, most: u32, body: impl FnOnce(&mut FuncBuilder)) {
    limit(f, count, most);
    f.op(Instruction::Block(BlockType::Empty));
    f.get(count).op(Instruction::I32Eqz).op(Instruction::BrIf(0));
    f.const_i32(0).set(index);
    f.op(Instruction::Loop(BlockType::Empty));
    body(f);
    f.advance(index, 1);
    f.get(index).get(count).op(Instruction::I32LtU).op(Instruction::BrIf(0)).op(Instruction::End).op(Instruction::End);
}
