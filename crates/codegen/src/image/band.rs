use abi::{Resize, export};
use wasm_encoder::{BlockType, Instruction as I};

use super::{GROUP, KEPT_ROWS, Target, at, load, pixel, repeat, sums};
use crate::Profile;
use crate::asm::{FuncBuilder, I32};

/// `image_step(band)`: computes row `band` of the tensor.
pub(super) fn emit(profile: Profile, target: &Target) -> FuncBuilder {
    let (mut builder, [band]) = FuncBuilder::new(profile, &[]);
    let f = &mut builder;
    let width = f.i32();
    load(f, width, target.state.width);
    f.get(band).const_i32(target.rows.size).op(I::I32GeU).get(width).op(I::I32Eqz).op(I::I32Or);
    f.op(I::If(BlockType::Empty)).op(I::Unreachable).op(I::End);

    let [out, row] = [f.i32(), f.i32()];
    f.get(band).const_i32(target.row).op(I::I32Mul).const_i32(target.address).op(I::I32Add).set(out);
    f.get(band).set(row);
    if let Resize::Letterbox { fill, .. } = target.resize {
        let rest = f.i32();
        f.get(out).set(rest);
        f.walk(rest, target.pixel.into(), target.columns.size as usize, |f| pixel::fill(f, target, rest, fill));
        f.get(band).const_i32(0).op(I::I32Load(at(target.rows.place()))).op(I::I32Sub).tee(row);
        f.const_i32(0).op(I::I32Load(at(target.rows.count()))).op(I::I32GeU);
        f.op(I::If(BlockType::Empty)).op(I::Return).op(I::End);
    }

    let picture = Rows::new(f, target, width, row);
    let result = f.i32();
    f.const_i32(target.kept + KEPT_ROWS * target.kept_row).set(result);
    f.const_i32(0).op(I::I32Load(at(target.state.columns_first))).op(I::If(BlockType::Empty));
    picture.columns_first(f, target, result);
    f.op(I::Else);
    picture.rows_first(f, target, result);
    f.op(I::End);

    let [x, count] = [f.i32(), f.i32()];
    load(f, count, target.columns.count());
    f.const_i32(0).op(I::I32Load(at(target.columns.place()))).const_i32(target.pixel).op(I::I32Mul);
    f.get(out).op(I::I32Add).set(out);
    repeat(f, x, count, target.columns.size, |f| {
        pixel::write(f, target, out, result);
        f.advance(result, 4);
        f.advance(out, target.pixel.into());
    });
    builder
}

/// The rows of the picture under the filter of a row of the tensor.
struct Rows {
    /// Bytes of a row of the picture.
    bytes: I32,
    /// Number of the row that is looked at, of the first at first.
    row: I32,
    count: I32,
    index: I32,
    /// Where its weight is.
    weight: I32,
}

impl Rows {
    fn new(f: &mut FuncBuilder, target: &Target, width: I32, row_of_tensor: I32) -> Self {
        let [bytes, row, count, index, weight] = [(); 5].map(|()| f.i32());
        f.get(width).const_i32(3).op(I::I32Mul).set(bytes);
        f.get(row_of_tensor).const_i32(3).op(I::I32Shl).const_i32(target.rows.bounds).op(I::I32Add).tee(index);
        f.op(I::I32Load(at(0))).set(row);
        f.get(index).op(I::I32Load(at(4))).set(count);
        f.get(row_of_tensor).const_i32(0).op(I::I32Load(at(target.rows.stride()))).op(I::I32Mul);
        f.const_i32(target.rows.weights).op(I::I32Add).set(weight);
        Self { bytes, row, count, index, weight }
    }

    /// Runs `body` for each row.
    fn each(&self, f: &mut FuncBuilder, body: impl FnOnce(&mut FuncBuilder)) {
        repeat(f, self.index, self.count, export::IMAGE_SIDE_MAX, |f| {
            body(f);
            f.advance(self.weight, 4);
            f.advance(self.row, 1);
        });
    }

    /// Sums along each row, unless they are kept, and then along columns.
    fn rows_first(&self, f: &mut FuncBuilder, target: &Target, result: I32) {
        let [tag, kept, from, length] = [(); 4].map(|()| f.i32());
        f.const_i32(target.kept_row).set(length);
        sums::clear(f, target, length, target.kept_row);
        self.each(f, |f| {
            f.get(self.row).const_i32(KEPT_ROWS - 1).op(I::I32And).tee(tag);
            f.const_i32(target.kept_row).op(I::I32Mul).const_i32(target.kept).op(I::I32Add).set(kept);
            f.get(tag).const_i32(2).op(I::I32Shl).set(tag);
            f.get(tag).op(I::I32Load(at(target.tags))).get(self.row).op(I::I32Ne).op(I::If(BlockType::Empty));
            f.get(tag).get(self.row).op(I::I32Store(at(target.tags)));
            self.address(f, target).set(from);
            sums::along_row(f, target, from, kept);
            f.op(I::End);
            sums::add(f, target, kept, length, target.kept_row, self.weight);
        });
        sums::round(f, target, length, target.kept_row, result);
    }

    /// Sums along columns, and then along the row that they make.
    fn columns_first(&self, f: &mut FuncBuilder, target: &Target, result: I32) {
        let [length, excess, from, line] = [(); 4].map(|()| f.i32());
        let most = (3 * export::IMAGE_SIDE_MAX).next_multiple_of(GROUP);
        f.get(self.bytes).const_i32(GROUP - 1).op(I::I32Add).const_i32(-i64::from(GROUP)).op(I::I32And).set(length);
        // Whole groups that end with the row, so that nothing after the picture is read.
        f.get(length).get(self.bytes).op(I::I32Sub).set(excess);
        sums::clear(f, target, length, most);
        self.each(f, |f| {
            self.address(f, target).get(excess).op(I::I32Sub).set(from);
            sums::add(f, target, from, length, most, self.weight);
        });
        f.const_i32(target.line).set(line);
        sums::round(f, target, length, most, line);
        f.get(line).get(excess).op(I::I32Add).set(line);
        sums::along_row(f, target, line, result);
    }

    /// Pushes the address of the row that is looked at.
    fn address<'f>(&self, f: &'f mut FuncBuilder, target: &Target) -> &'f mut FuncBuilder {
        f.const_i32(0)
            .op(I::I32Load(at(target.state.pointer)))
            .get(self.row)
            .get(self.bytes)
            .op(I::I32Mul)
            .op(I::I32Add)
    }
}
