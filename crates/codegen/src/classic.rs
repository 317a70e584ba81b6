//! The export `predict` of the paper's convention: a picture in, the first output as JSON in its place.
//!
//! It needs no host of ours: it runs `image`, every `image_step` and `infer` itself, and traps where it is misused.

mod number;

use abi::{classic, export};
use plan::Plan;
use wasm_encoder::{BlockType, Instruction as I, ValType};

use crate::Profile;
use crate::asm::{FuncBuilder, I32, at};
use crate::functions::NamedFunction;
use crate::image::window_end;

/// The functions that `predict` calls, by their number, and how often.
pub(crate) struct Callees {
    pub(crate) image: u32,
    pub(crate) image_step: u32,
    /// How many values `image_step` accepts.
    pub(crate) bands: u32,
    pub(crate) infer: u32,
    /// The second of [`helpers`].
    pub(crate) number: u32,
}

/// Two functions that write numbers. The first gets the number `first`, and the second the next.
pub(crate) fn helpers(profile: Profile, first: u32) -> [NamedFunction; 2] {
    [
        NamedFunction { name: "digits".into(), function: number::digits(profile) },
        NamedFunction { name: "number".into(), function: number::number(profile, first) },
    ]
}

/// `predict(index, length, width, height) -> length`
pub(crate) fn predict(profile: Profile, plan: &Plan, callees: &Callees) -> NamedFunction {
    let (mut builder, [index, length, width, height]) = FuncBuilder::new(profile, &[ValType::I32]);
    let f = &mut builder;
    let output = &plan.outputs[0];
    let shape: Vec<u64> = output.shape.iter().map(|size| *size as u64).collect();
    let room = classic::answer_bytes_max(&shape).and_then(|bytes| i64::try_from(bytes).ok());
    let room = room.expect("an output lies within the memory");

    window_end(f, plan.weights_start, index);
    f.get(index).op(I::I64ExtendI32U).op(I::I64Sub).op(I::I64Const(room)).op(I::I64LtS);
    trap_if(f);
    f.get(index).get(length).get(width).get(height).op(I::Call(callees.image));
    f.const_i32(0).op(I::I32LtS);
    trap_if(f);
    let band = f.i32();
    f.walk(band, 1, callees.bands as usize, |f| {
        f.get(band).op(I::Call(callees.image_step));
    });
    f.op(I::Call(callees.infer));

    let (out, element) = (f.i32(), f.i32());
    f.get(index).set(out);
    text(f, out, &classic::answer_start(&shape));
    f.const_i32(output.address).set(element);
    let elements = output.shape.iter().product();
    f.walk(element, 4, elements, |f| {
        f.get(out).get(element).op(I::Call(callees.number)).set(out);
        text(f, out, ",");
    });
    if elements > 0 {
        f.advance(out, -1);
    }
    text(f, out, classic::ANSWER_END);
    f.get(out).get(index).op(I::I32Sub);
    NamedFunction { name: export::PREDICT.into(), function: builder }
}

/// Traps if the top of the stack is not zero.
fn trap_if(f: &mut FuncBuilder) {
    f.op(I::If(BlockType::Empty)).op(I::Unreachable).op(I::End);
}

/// Writes `text` at `out`, which moves behind it.
fn text(f: &mut FuncBuilder, out: I32, text: &str) {
    let (words, rest) = text.as_bytes().as_chunks();
    let mut offset = 0;
    for word in words {
        f.get(out).op(I::I64Const(i64::from_le_bytes(*word))).op(I::I64Store(at(offset)));
        offset += 8;
    }
    for byte in rest {
        f.get(out).const_i32(*byte).op(I::I32Store8(at(offset)));
        offset += 1;
    }
    f.advance(out, offset.into());
}
