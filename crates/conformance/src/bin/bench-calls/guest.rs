//! A guest of the core ABI v1, called through typed functions.

use std::hint::black_box;

use wasmtime::error::Context as _;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

use crate::Call;

/// A function of the core ABI v1 with what it needs for a call.
pub(crate) struct Guest {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<(u32, u32), u32>,
    free: TypedFunc<(u32, u32), ()>,
    function: TypedFunc<(u32, u32), u64>,
}

impl Guest {
    /// Compiles and instantiates.
    pub(crate) fn new(engine: &Engine, wasm: &[u8], function: &str) -> wasmtime::Result<Self> {
        let module = Module::new(engine, wasm)?;
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory = instance.get_memory(&mut store, abi::export::MEMORY).context("the module exports no memory")?;
        let alloc = instance.get_typed_func(&mut store, abi::export::ALLOC)?;
        let free = instance.get_typed_func(&mut store, abi::export::FREE)?;
        let function = instance.get_typed_func(&mut store, function)?;
        Ok(Self { store, memory, alloc, free, function })
    }

    /// A call with this argument, whose answer was compared once.
    pub(crate) fn call_with(mut self, argument: Vec<u8>, expected: Vec<u8>) -> wasmtime::Result<Call> {
        let answer = self.call(&argument)?;
        wasmtime::ensure!(answer == expected, "the function answers {answer:?}");
        Ok(Box::new(move || self.call(&argument).map(|answer| drop(black_box(answer)))))
    }

    fn call(&mut self, argument: &[u8]) -> wasmtime::Result<Vec<u8>> {
        let Self { store, memory, alloc, free, function } = self;
        let len = u32::try_from(argument.len())?;
        let at = alloc.call(&mut *store, (len, 8))?;
        memory.write(&mut *store, usize::try_from(at)?, argument)?;
        let packed = function.call(&mut *store, (at, len))?;
        let (answer_at, answer_len) = ((packed >> 32) as u32, packed as u32);
        let mut answer = vec![0; usize::try_from(answer_len)?];
        memory.read(&*store, usize::try_from(answer_at)?, &mut answer)?;
        free.call(&mut *store, (answer_at, answer_len))?;
        free.call(&mut *store, (at, len))?;
        Ok(answer)
    }
}
