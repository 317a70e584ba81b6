use wasm_encoder::{BlockType, Function, Instruction, MemArg, ValType};

use crate::Profile;

/// Address of a word that is always zero, which no engine can know.
pub(crate) const OPAQUE_ZERO: u32 = 16;

/// A local variable of a function.
pub trait Local: Copy {
    /// Its number.
    fn index(self) -> u32;
}

macro_rules! locals {
    ($($name:ident: $about:literal;)+) => {$(
        #[doc = $about]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(u32);

        impl Local for $name {
            fn index(self) -> u32 {
                self.0
            }
        }
    )+};
}

locals! {
    I32: "A local of type `i32`: an address or a count.";
    F64: "A local of type `f64`.";
    V128: "A local of type `v128`.";
}

/// Builds one function as a list of instructions.
#[derive(Debug, Clone)]
pub struct FuncBuilder {
    params: Vec<ValType>,
    results: Vec<ValType>,
    locals: Vec<ValType>,
    code: Vec<Instruction<'static>>,
    /// Positions in `code` of branches that are never taken.
    unlikely: Vec<usize>,
    profile: Profile,
    zero: Option<I32>,
}

/// The parts that a module needs of a finished function.
#[derive(Debug, Clone)]
pub struct Finished {
    pub(crate) params: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
    pub(crate) body: Function,
    /// Offsets in the body of branches that are never taken.
    pub(crate) unlikely: Vec<u32>,
}

impl FuncBuilder {
    /// A function that takes `N` addresses or counts and answers `results`.
    #[must_use]
    pub fn new<const N: usize>(profile: Profile, results: &[ValType]) -> (Self, [I32; N]) {
        let builder = Self {
            params: vec![ValType::I32; N],
            results: results.to_vec(),
            locals: vec![],
            code: vec![],
            unlikely: vec![],
            profile,
            zero: None,
        };
        (builder, std::array::from_fn(|index| I32(u32::try_from(index).expect("few parameters"))))
    }

    /// A new `i32` local, zero at first.
    pub fn i32(&mut self) -> I32 {
        I32(self.local(ValType::I32))
    }

    /// A new `f64` local, zero at first.
    pub fn f64(&mut self) -> F64 {
        F64(self.local(ValType::F64))
    }

    /// A new `v128` local, zero at first.
    pub fn v128(&mut self) -> V128 {
        V128(self.local(ValType::V128))
    }

    /// `count` new `v128` locals.
    pub fn v128s(&mut self, count: usize) -> Vec<V128> {
        (0..count).map(|_| self.v128()).collect()
    }

    /// Appends an instruction.
    pub fn op(&mut self, instruction: Instruction<'static>) -> &mut Self {
        self.code.push(instruction);
        self
    }

    /// Pushes a local.
    pub fn get(&mut self, local: impl Local) -> &mut Self {
        self.op(Instruction::LocalGet(local.index()))
    }

    /// Pops into a local.
    pub fn set(&mut self, local: impl Local) -> &mut Self {
        self.op(Instruction::LocalSet(local.index()))
    }

    /// Stores the top of the stack in a local and keeps it.
    pub fn tee(&mut self, local: impl Local) -> &mut Self {
        self.op(Instruction::LocalTee(local.index()))
    }

    /// Pushes an address, a count or a difference of addresses, modulo 2^32 as addresses are.
    pub fn const_i32(&mut self, value: impl Into<i64>) -> &mut Self {
        let word = value.into().rem_euclid(1 << 32);
        self.op(Instruction::I32Const(u32::try_from(word).expect("reduced to 32 bits").cast_signed()))
    }

    /// Pushes a number.
    pub fn const_f64(&mut self, value: f64) -> &mut Self {
        self.op(Instruction::F64Const(value.into()))
    }

    /// Pushes a number in all lanes.
    pub fn splat(&mut self, value: f32) -> &mut Self {
        let lane = u128::from(value.to_bits());
        self.op(Instruction::V128Const((lane | lane << 32 | lane << 64 | lane << 96).cast_signed()))
    }

    /// Pushes an integer in all lanes.
    pub fn splat_i32(&mut self, value: i32) -> &mut Self {
        self.splat(f32::from_bits(value.cast_unsigned()))
    }

    /// `target = source + bytes`
    pub fn offset(&mut self, target: I32, source: I32, bytes: i64) {
        if bytes == 0 && target == source {
            return;
        }
        self.get(source);
        if bytes != 0 {
            self.const_i32(bytes).op(Instruction::I32Add);
        }
        self.set(target);
    }

    /// `pointer += bytes`
    pub fn advance(&mut self, pointer: I32, bytes: i64) {
        self.offset(pointer, pointer, bytes);
    }

    /// Pushes the vector at `pointer + bytes`.
    pub fn load(&mut self, pointer: I32, bytes: usize) -> &mut Self {
        self.get(pointer).op(Instruction::V128Load(word(bytes)))
    }

    /// Pushes the number at `pointer + bytes` in all lanes.
    ///
    /// A load and a splat, not `v128.load32_splat`: engines load the latter through an integer register.
    pub fn load_splat(&mut self, pointer: I32, bytes: usize) -> &mut Self {
        self.load_f32(pointer, bytes).op(Instruction::F32x4Splat)
    }

    /// Pushes the number at `pointer + bytes`.
    pub fn load_f32(&mut self, pointer: I32, bytes: usize) -> &mut Self {
        self.get(pointer).op(Instruction::F32Load(word(bytes)))
    }

    /// Pushes the address or count at `pointer + bytes`.
    pub fn load_i32(&mut self, pointer: I32, bytes: usize) -> &mut Self {
        self.get(pointer).op(Instruction::I32Load(word(bytes)))
    }

    /// Pops a number and an address below it, and stores the number at that address + `bytes`.
    pub fn store_f32(&mut self, bytes: usize) -> &mut Self {
        self.op(Instruction::F32Store(word(bytes)))
    }

    /// Stores the first `lanes` lanes at `pointer + bytes`; no lane and more than four are nothing and four.
    pub fn store(&mut self, pointer: I32, bytes: usize, value: V128, lanes: usize) {
        match lanes {
            0 => {}
            1 => self.store_lane(pointer, bytes, value, 0),
            2 | 3 => {
                self.get(pointer).get(value).op(Instruction::V128Store64Lane { memarg: word(bytes), lane: 0 });
                if lanes == 3 {
                    self.store_lane(pointer, bytes + 8, value, 2);
                }
            }
            _ => {
                self.get(pointer).get(value).op(Instruction::V128Store(word(bytes)));
            }
        }
    }

    fn store_lane(&mut self, pointer: I32, bytes: usize, value: V128, lane: u8) {
        self.get(pointer).get(value).op(Instruction::V128Store32Lane { memarg: word(bytes), lane });
    }

    /// `sum += a * b`, fused where the profile allows it. `a` should be the operand that is needed no more.
    pub fn multiply_add(&mut self, sum: V128, a: V128, b: V128) {
        match self.profile {
            Profile::Relaxed => {
                self.get(a).get(b).get(sum).op(Instruction::F32x4RelaxedMadd);
            }
            Profile::Simd128 => {
                self.get(sum).get(a).get(b).op(Instruction::F32x4Mul).op(Instruction::F32x4Add);
            }
        }
        self.set(sum);
    }

    /// Runs `body` `count` times while `pointer` walks by `step` bytes, which must not be zero. Afterwards it has moved
    /// by `count * step`. `body` must leave `pointer` as it is.
    pub fn walk(&mut self, pointer: I32, step: i64, count: usize, body: impl FnOnce(&mut Self)) {
        assert_ne!(step, 0, "a pointer that does not move ends no loop");
        match count {
            0 => {}
            1 => {
                body(self);
                self.advance(pointer, step);
            }
            _ => {
                let end = self.i32();
                self.offset(end, pointer, step * i64::try_from(count).expect("a size"));
                self.op(Instruction::Loop(BlockType::Empty));
                body(self);
                self.advance(pointer, step);
                self.get(pointer).get(end).op(Instruction::I32Ne).op(Instruction::BrIf(0)).op(Instruction::End);
            }
        }
    }

    /// Makes the engine compute the accumulators here rather than at their next ordered use: a branch that is never
    /// taken and that redefines them. Without it an unrolled loop loads everything first and spills.
    pub fn pin(&mut self, accumulators: &[V128]) {
        let zero = self.opaque_zero();
        self.get(zero);
        self.unlikely.push(self.code.len());
        self.op(Instruction::If(BlockType::Empty));
        for accumulator in accumulators {
            self.splat(0.0).set(*accumulator);
        }
        self.op(Instruction::End);
    }

    fn opaque_zero(&mut self) -> I32 {
        *self.zero.get_or_insert_with(|| {
            let local = u32::try_from(self.params.len() + self.locals.len()).expect("few locals");
            self.locals.push(ValType::I32);
            I32(local)
        })
    }

    fn local(&mut self, ty: ValType) -> u32 {
        let index = self.params.len() + self.locals.len();
        self.locals.push(ty);
        u32::try_from(index).expect("few locals")
    }

    /// The function as a module takes it.
    #[must_use]
    pub fn finish(self) -> Finished {
        let mut body = Function::new_with_locals_types(self.locals.iter().copied());
        if let Some(zero) = self.zero {
            body.instruction(&Instruction::I32Const(0));
            body.instruction(&Instruction::I32Load(word(OPAQUE_ZERO as usize)));
            body.instruction(&Instruction::LocalSet(zero.index()));
        }
        let mut unlikely = vec![];
        for (index, instruction) in self.code.iter().enumerate() {
            if self.unlikely.binary_search(&index).is_ok() {
                unlikely.push(u32::try_from(body.byte_len()).expect("a function is shorter than 4 GiB"));
            }
            body.instruction(instruction);
        }
        body.instruction(&Instruction::End);
        Finished { params: self.params, results: self.results, body, unlikely }
    }
}

/// Access to any boundary, at an address plus `offset`.
#[must_use]
pub fn at(offset: u32) -> MemArg {
    MemArg { offset: offset.into(), align: 0, memory_index: 0 }
}

/// Access to a 4-byte boundary.
fn word(bytes: usize) -> MemArg {
    MemArg { offset: bytes as u64, align: 2, memory_index: 0 }
}
