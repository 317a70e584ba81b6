//! Runs an emitted module in wasmtime with nothing in between: addresses in, numbers out.

use ir::Tensor;
use plan::{Plan, Port};
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, Instance, Memory, Module, Result, Store, TypedFunc, ensure};

/// An engine as the runtime configures it for models, without interruption.
///
/// # Errors
/// If the host has no such engine.
pub fn wasmtime() -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_relaxed_simd(true).wasm_branch_hinting(true);
    Engine::new(&config)
}

/// An instance of an emitted module.
pub struct Running {
    store: Store<()>,
    memory: Memory,
    infer: TypedFunc<(), ()>,
    step: TypedFunc<i32, ()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl Running {
    /// Compiles and instantiates.
    ///
    /// # Errors
    /// What the engine says.
    pub fn new(engine: &Engine, wasm: &[u8]) -> Result<Self> {
        let module = Module::new(engine, wasm)?;
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory = instance.get_memory(&mut store, abi::export::MEMORY).context("the module exports no memory")?;
        let infer = instance.get_typed_func(&mut store, abi::export::INFER)?;
        let step = instance.get_typed_func(&mut store, abi::export::STEP)?;
        Ok(Self { store, memory, infer, step })
    }

    /// Writes elements at an address.
    ///
    /// # Errors
    /// If they do not fit the memory.
    pub fn write(&mut self, address: u32, elements: &[f32]) -> Result<()> {
        let bytes: Vec<u8> = elements.iter().flat_map(|element| element.to_le_bytes()).collect();
        Ok(self.memory.write(&mut self.store, address as usize, &bytes)?)
    }

    /// Reads elements from an address.
    ///
    /// # Errors
    /// If they lie outside the memory.
    pub fn read(&mut self, address: u32, elements: usize) -> Result<Vec<f32>> {
        let mut bytes = vec![0; 4 * elements];
        self.memory.read(&self.store, address as usize, &mut bytes)?;
        Ok(bytes.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect())
    }

    /// Runs all steps.
    ///
    /// # Errors
    /// If the module traps.
    pub fn infer(&mut self) -> Result<()> {
        self.infer.call(&mut self.store, ())
    }

    /// Runs one step.
    ///
    /// # Errors
    /// If the module traps, as it does for a step that it does not have.
    pub fn step(&mut self, k: i32) -> Result<()> {
        self.step.call(&mut self.store, k)
    }

    /// Writes the inputs of a plan.
    ///
    /// # Errors
    /// If their number or size is wrong.
    pub fn write_inputs(&mut self, plan: &Plan, inputs: &[Tensor]) -> Result<()> {
        ensure!(plan.inputs.len() == inputs.len(), "{} inputs for {}", inputs.len(), plan.inputs.len());
        plan.inputs.iter().zip(inputs).try_for_each(|(port, input)| self.write(port.address, input.data()))
    }

    /// Reads the outputs of a plan.
    ///
    /// # Errors
    /// If they lie outside the memory.
    pub fn read_outputs(&mut self, plan: &Plan) -> Result<Vec<Tensor>> {
        let read = |port: &Port| {
            let elements = self.read(port.address, port.shape.iter().product())?;
            Ok(Tensor::new(port.shape.clone(), elements))
        };
        plan.outputs.iter().map(read).collect()
    }
}
