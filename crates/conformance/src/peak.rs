//! The 128-bit multiply-add peak of the processor: what a kernel can reach at best.
//!
//! Twelve independent accumulators `x = x * a + b` in registers, as Wasm: the engine turns each into one fused
//! multiply-add on the accumulator's own register, so no other instruction competes with it.

use std::time::Duration;

use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction as I, TypeSection,
    ValType,
};
use wasmtime::{Engine, Instance, Module, Result, Store, TypedFunc};

use crate::clock;

const ACCUMULATORS: u32 = 12;
/// Multiply-adds of a turn of the loop, unrolled so that the loop itself costs nothing.
const UNROLL: u32 = 8;

/// A loop of multiply-adds, ready to be timed.
pub struct Peak {
    store: Store<()>,
    run: TypedFunc<i32, f32>,
}

impl std::fmt::Debug for Peak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peak").finish_non_exhaustive()
    }
}

impl Peak {
    /// Compiles the loop.
    ///
    /// # Errors
    /// What the engine says.
    pub fn new(engine: &Engine) -> Result<Self> {
        let module = Module::new(engine, module())?;
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let run = instance.get_typed_func(&mut store, "run")?;
        Ok(Self { store, run })
    }

    /// Runs `turns` turns and answers the processor time.
    ///
    /// # Errors
    /// What the engine says.
    pub fn run(&mut self, turns: i32) -> Result<Duration> {
        let (result, time) = clock::time(|| self.run.call(&mut self.store, turns));
        std::hint::black_box(result?);
        Ok(time)
    }

    /// Multiply-accumulates of one turn.
    #[must_use]
    pub fn macs(turns: i32) -> f64 {
        f64::from(turns) * f64::from(4 * ACCUMULATORS * UNROLL)
    }
}

/// `run(turns) -> f32`
fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::F32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let splat = |value: f32| {
        let lane = u128::from(value.to_bits());
        I::V128Const((lane | lane << 32 | lane << 64 | lane << 96).cast_signed())
    };
    // Locals: turns, the accumulators, the factor, the addend.
    let (first, factor, addend) = (1, 1 + ACCUMULATORS, 2 + ACCUMULATORS);
    let mut f = Function::new([(ACCUMULATORS + 2, ValType::V128)]);
    f.instruction(&splat(0.999)).instruction(&I::LocalSet(factor));
    f.instruction(&splat(0.001)).instruction(&I::LocalSet(addend));
    f.instruction(&I::Loop(BlockType::Empty));
    for _ in 0..UNROLL {
        for accumulator in first..first + ACCUMULATORS {
            f.instruction(&I::LocalGet(accumulator)).instruction(&I::LocalGet(factor));
            f.instruction(&I::LocalGet(addend))
                .instruction(&I::F32x4RelaxedMadd)
                .instruction(&I::LocalSet(accumulator));
        }
    }
    f.instruction(&I::LocalGet(0)).instruction(&I::I32Const(1)).instruction(&I::I32Sub).instruction(&I::LocalTee(0));
    f.instruction(&I::BrIf(0)).instruction(&I::End);
    f.instruction(&I::LocalGet(first));
    for accumulator in first + 1..first + ACCUMULATORS {
        f.instruction(&I::LocalGet(accumulator)).instruction(&I::F32x4Add);
    }
    f.instruction(&I::F32x4ExtractLane(0)).instruction(&I::End);
    let mut code = CodeSection::new();
    code.function(&f);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.finish()
}
