//! Assembles the functions of all steps into a module with the exports of a compiled model.

use abi::{Layout, Preprocess, export};
use ir::Graph;
use plan::{Plan, RESERVED_BYTES, SLACK_BYTES};
use wasm_encoder::{
    BlockType, BranchHint, BranchHints, CodeSection, ConstExpr, Encode, ExportKind, ExportSection, FunctionSection,
    Instruction, MemorySection, MemoryType, NameMap, NameSection, ProducersField, ProducersSection, Section, SectionId,
    TypeSection, ValType,
};

use crate::asm::FuncBuilder;
use crate::classic::{self, Callees};
use crate::functions::{Call, Functions, NamedFunction};
use crate::image::{self, Picture};
use crate::{Profile, kernels};

const PAGE: u64 = 65_536;
/// Room for what follows the weights, so that they are not moved.
const MORE_SECTIONS: usize = 1 << 16;

/// Steps of a model.
const STEPS_MAX: usize = 65_000;
/// Steps in one table of branches.
const TABLE_STEPS: usize = 1 << 10;
/// Bytes of one function: the limit of engines.
const FUNCTION_MAX: usize = 7_654_321;
/// Bytes of all kernels. Engines take more, but no network in use needs it.
const CODE_MAX: usize = 64 << 20;

/// An emitted module, before it is sealed.
#[derive(Debug, Clone)]
pub struct Module {
    /// The Wasm binary.
    pub wasm: Vec<u8>,
    /// What each value of `step(k)` does.
    pub step_names: Vec<String>,
    /// Bytes of linear memory at start.
    pub memory_bytes: u64,
}

/// A module that no engine would take.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The code is too large.
    #[error("the module would have {found} {what}, more than {most}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there would be, or how much there was when it became too much.
        found: usize,
        /// How much there may be.
        most: usize,
    },
    /// A defect of the emitter.
    #[error("the emitted module is not valid: {reason}")]
    Invalid {
        /// What the validator says.
        reason: String,
    },
}

/// How much low memory [`plan::plan_behind`] should leave, so that the classic `predict` of the module can be called at
/// [`abi::classic::INDEX`].
#[must_use]
pub fn low_bytes(graph: &Graph, preprocess: &Preprocess) -> u32 {
    let sizes = |shape: &[usize]| shape.iter().map(|size| *size as u64).collect::<Vec<_>>();
    let input = graph.inputs().first().map_or(vec![], |input| sizes(&graph[*input].ty.shape));
    let output = graph.outputs().first().map_or(vec![], |output| sizes(&graph[output.value].ty.shape));
    let (width, height) = match (preprocess.layout, &input[..]) {
        (Layout::Nchw, &[_, _, height, width]) | (Layout::Nhwc, &[_, height, width, _]) => (width, height),
        _ => return RESERVED_BYTES,
    };
    // Too much for an address is too much for the planner.
    u32::try_from(abi::classic::low_bytes(width, height, &output)).unwrap_or(u32::MAX)
}

/// Writes the module of a checked plan. With `preprocess`, the first input can be filled from a picture.
///
/// # Errors
/// [`EmitError::TooLarge`] for a plan that takes more code than engines accept, [`EmitError::Invalid`] if the result does
/// not validate.
///
/// # Panics
/// If `preprocess` does not fit the first input; `compiler` checks that before.
pub fn emit(plan: &Plan, profile: Profile, preprocess: Option<&Preprocess>) -> Result<Module, EmitError> {
    let mut functions = Functions::new(profile);
    at_most("steps", plan.steps.len(), STEPS_MAX)?;
    let mut steps: Vec<Vec<Call>> = vec![];
    for step in &plan.steps {
        steps.push(kernels::calls(&mut functions, step));
        at_most("bytes of code", functions.bytes, CODE_MAX)?;
    }
    let scratch = plan.arena_end + SLACK_BYTES;
    let picture = preprocess.map(|preprocess| image::functions(profile, preprocess, plan, scratch));
    let end = picture.as_ref().map_or(scratch, |picture| picture.end);
    let pages = u64::from(end).div_ceil(PAGE);
    let wasm = Assembly { profile, plan, steps: &steps, pages }.assemble(functions.list, picture)?;
    validate(&wasm, profile)?;
    let step_names = plan.steps.iter().map(|step| format!("{} {}", step.kernel.name(), step.origin)).collect();
    Ok(Module { wasm, step_names, memory_bytes: pages * PAGE })
}

fn validate(wasm: &[u8], profile: Profile) -> Result<(), EmitError> {
    let mut features = wasmparser::WasmFeatures::WASM2;
    features.set(wasmparser::WasmFeatures::RELAXED_SIMD, profile == Profile::Relaxed);
    match wasmparser::Validator::new_with_features(features).validate_all(wasm) {
        Ok(_) => Ok(()),
        Err(error) => Err(EmitError::Invalid { reason: error.to_string() }),
    }
}

fn at_most(what: &'static str, found: usize, most: usize) -> Result<(), EmitError> {
    if found <= most { Ok(()) } else { Err(EmitError::TooLarge { what, found, most }) }
}

struct Assembly<'p> {
    profile: Profile,
    plan: &'p Plan,
    steps: &'p [Vec<Call>],
    pages: u64,
}

impl Assembly<'_> {
    fn assemble(&self, kernels: Vec<NamedFunction>, picture: Option<Picture>) -> Result<Vec<u8>, EmitError> {
        let mut all = kernels;
        if picture.is_some() {
            all.extend(classic::helpers(self.profile, narrow(all.len())));
        }
        let infer = all.len();
        all.push(NamedFunction { name: export::INFER.into(), function: self.infer().finish() });
        all.push(NamedFunction { name: export::STEP.into(), function: self.step().finish() });
        let (marker, []) = FuncBuilder::new(self.profile, &[]);
        all.push(NamedFunction { name: export::MARKER.into(), function: marker.finish() });
        if let Some(Picture { functions, bands, .. }) = picture {
            let (image, infer) = (narrow(all.len()), narrow(infer));
            all.extend(functions);
            let callees = Callees { image, image_step: image + 1, bands, infer, number: infer - 1 };
            all.push(classic::predict(self.profile, self.plan, &callees));
        }

        let mut types = TypeSection::new();
        let mut known: Vec<(Vec<ValType>, Vec<ValType>)> = vec![];
        let mut declarations = FunctionSection::new();
        let mut code = CodeSection::new();
        let mut hints = BranchHints::new();
        let mut hinted = false;
        let mut names = NameMap::new();
        let mut exports = ExportSection::new();
        exports.export(export::MEMORY, ExportKind::Memory, 0);
        for (index, NamedFunction { name, function: finished }) in all.into_iter().enumerate() {
            at_most("bytes in one function", finished.body.byte_len(), FUNCTION_MAX)?;
            let position = narrow(index);
            names.append(position, &name);
            if index >= infer {
                exports.export(&name, ExportKind::Func, position);
            }
            let ty = (finished.params, finished.results);
            let known_at = known.iter().position(|known| *known == ty).unwrap_or_else(|| {
                types.ty().function(ty.0.iter().copied(), ty.1.iter().copied());
                known.push(ty);
                known.len() - 1
            });
            declarations.function(narrow(known_at));
            if !finished.unlikely.is_empty() {
                hinted = true;
                let offsets: Vec<BranchHint> = finished
                    .unlikely
                    .iter()
                    .map(|offset| BranchHint { branch_func_offset: *offset, branch_hint_value: 0 })
                    .collect();
                hints.function_hints(position, offsets);
            }
            code.function(&finished.body);
        }

        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&declarations).section(&self.memory()).section(&exports);
        if hinted {
            module.section(&hints);
        }
        module.section(&code).section(&Weights { words: &self.plan.weights, start: self.plan.weights_start });
        let mut name_section = NameSection::new();
        name_section.module(&self.plan.graph.name);
        name_section.functions(&names);
        module.section(&name_section);
        module.section(&producers());
        Ok(module.finish())
    }

    fn memory(&self) -> MemorySection {
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: self.pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        memories
    }

    /// Every step in order.
    fn infer(&self) -> FuncBuilder {
        let (mut f, []) = FuncBuilder::new(self.profile, &[]);
        self.steps.iter().flatten().for_each(|step| call(&mut f, step));
        f
    }

    /// Step `k`, or a trap where there is none. One table after the other, as each of its branches is a block around those
    /// before.
    fn step(&self) -> FuncBuilder {
        let (mut f, [k]) = FuncBuilder::new(self.profile, &[]);
        for (number, steps) in self.steps.chunks(TABLE_STEPS).enumerate() {
            for _ in 0..=steps.len() {
                f.op(Instruction::Block(BlockType::Empty));
            }
            f.get(k);
            if number > 0 {
                f.const_i32(narrow(number * TABLE_STEPS)).op(Instruction::I32Sub);
            }
            let (targets, behind) = ((0..narrow(steps.len())).collect::<Vec<u32>>(), narrow(steps.len()));
            f.op(Instruction::BrTable(targets.into(), behind)).op(Instruction::End);
            for calls in steps {
                calls.iter().for_each(|step| call(&mut f, step));
                f.op(Instruction::Return).op(Instruction::End);
            }
        }
        f.op(Instruction::Unreachable);
        f
    }
}

/// The data section with one segment, the weights, or none. It is written without a copy in between: weights are most of
/// a file.
struct Weights<'p> {
    words: &'p [f32],
    /// Address of the first.
    start: u32,
}

impl Section for Weights<'_> {
    fn id(&self) -> u8 {
        SectionId::Data.into()
    }
}

impl Encode for Weights<'_> {
    fn encode(&self, sink: &mut Vec<u8>) {
        let mut head = vec![];
        let bytes = 4 * self.words.len();
        if bytes == 0 {
            0_u32.encode(&mut head);
        } else {
            let (segments, active_in_memory_0) = (1_u32, 0_u32);
            segments.encode(&mut head);
            active_in_memory_0.encode(&mut head);
            ConstExpr::i32_const(self.start.cast_signed()).encode(&mut head);
            bytes.encode(&mut head);
        }
        (head.len() + bytes).encode(sink);
        sink.reserve_exact(head.len() + bytes + MORE_SECTIONS);
        sink.extend_from_slice(&head);
        let start = sink.len();
        sink.resize(start + bytes, 0);
        for (place, word) in sink[start..].as_chunks_mut().0.iter_mut().zip(self.words) {
            *place = word.to_le_bytes();
        }
    }
}

fn call(f: &mut FuncBuilder, call: &Call) {
    for address in &call.addresses {
        f.const_i32(*address);
    }
    f.op(Instruction::Call(narrow(call.function)));
}

fn producers() -> ProducersSection {
    let mut field = ProducersField::new();
    field.value("wasmtube", env!("CARGO_PKG_VERSION"));
    let mut section = ProducersSection::new();
    section.field("processed-by", &field);
    section
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("a module has fewer than 2^32 functions")
}
