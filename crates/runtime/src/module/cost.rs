//! What a module asks of the compiler, read from the file before anything is compiled. Compiling cannot be stopped, and a
//! few bytes can be much work: a function of ten bytes has fifty thousand locals, and nested loops multiply.
//!
//! The cost is in bytes of ordinary code, which take the compiler some microseconds and some fifty bytes of memory each.
//! Where work grows faster than the code that asks for it, a bound far above what tool chains write refuses the file.

use wasmparser::{
    BlockType, CompositeInnerType, ConstExpr, DataKind, FunctionBody, Operator, Parser, Payload, TypeRef,
};

use crate::load_error::LoadError;

/// Beside its code, each of these costs as much as so many bytes of code.
const FUNCTION: u64 = 128;
const TYPE: u64 = 128;
const TYPE_VALUE: u64 = 32;
const EXPORT: u64 = 16;
const ELEMENT: u64 = 64;
const SEGMENT: u64 = 512;
/// Of each argument and result of a call or block beyond the first [`FREE_VALUES`].
const PASSED_VALUE: u64 = 16;
const FREE_VALUES: u64 = 8;
const LOCALS_A_BYTE: u64 = 8;
/// Of each local that each branch has to find.
const LOCALS_AT_BRANCHES_A_BYTE: u64 = 8;
/// Of each local that changes in a loop, once for every loop around it.
const LOOP_LOCALS_A_BYTE: u64 = 2;

/// Larger images are made at the start, segment by segment.
const IMAGE_MAX: u64 = 16 << 20;

const NESTED_BLOCKS_MAX: u64 = 1 << 14;
const NESTED_LOOPS_MAX: u64 = 1 << 7;
const LOCALS_AT_BRANCHES_MAX: u64 = 1 << 24;
const SEGMENTS_MAX: u64 = 10_000;
const EXPORTS_MAX: u64 = 100_000;

/// The cost of compiling a module that is valid.
pub(super) fn of(bytes: &[u8]) -> Result<u64, LoadError> {
    let mut counted = Counted::default();
    for payload in Parser::new(0).parse_all(bytes) {
        counted.payload(payload.map_err(invalid)?)?;
    }
    Ok(counted.cost)
}

pub(super) fn invalid(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid { reason: error.message().into(), offset: error.offset().try_into().unwrap_or(u64::MAX) }
}

#[derive(Default)]
struct Counted {
    cost: u64,
    /// Arguments and results by the number of the type.
    values: Vec<u64>,
    /// Arguments by the number of the type.
    params: Vec<u64>,
    /// Types by the number of the function, imports first.
    functions: Vec<u32>,
    /// Functions whose bodies came.
    imported: usize,
    bodies: usize,
    segments: u64,
    /// Of each memory that is defined here; imported ones come to no host.
    images: Vec<Image>,
    /// Of each local, the last body that used it, counted from 1.
    users: Vec<usize>,
}

impl Counted {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    for ty in group.map_err(invalid)?.into_types() {
                        let (params, results) = match &ty.composite_type.inner {
                            CompositeInnerType::Func(function) => (function.params().len(), function.results().len()),
                            _ => (0, 0),
                        };
                        let (params, values) = (params as u64, (params + results) as u64);
                        self.params.push(params);
                        self.values.push(values);
                        self.cost += TYPE + TYPE_VALUE * values;
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import.map_err(invalid)?.ty {
                        self.functions.push(ty);
                        self.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty.map_err(invalid)?);
                    self.cost += FUNCTION;
                }
            }
            Payload::ExportSection(exports) => {
                at_most("exports", exports.count().into(), EXPORTS_MAX)?;
                self.cost += EXPORT * u64::from(exports.count());
            }
            Payload::ElementSection(segments) => {
                self.add_segments(segments.count())?;
                for segment in segments {
                    let count = match segment.map_err(invalid)?.items {
                        wasmparser::ElementItems::Functions(items) => items.count(),
                        wasmparser::ElementItems::Expressions(_, items) => items.count(),
                    };
                    self.cost += ELEMENT * u64::from(count);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let bytes = memory.map_err(invalid)?.initial.saturating_mul(super::shape::PAGE_BYTES);
                    self.images.push(Image { bytes, start: u64::MAX, end: 0 });
                }
            }
            Payload::DataSection(segments) => {
                let mut active = 0;
                let mut is_dense = true;
                for segment in segments {
                    let segment = segment.map_err(invalid)?;
                    let DataKind::Active { memory_index, offset_expr } = segment.kind else { continue };
                    active += 1;
                    let image = self.images.get_mut(memory_index as usize);
                    let (Some(image), Some(start)) = (image, constant(&offset_expr)) else {
                        is_dense = false;
                        continue;
                    };
                    image.start = image.start.min(start);
                    image.end = image.end.max(start + segment.data.len() as u64);
                }
                if !is_dense || !self.images.iter().all(Image::is_dense) {
                    self.add_segments(active)?;
                }
            }
            Payload::CodeSectionStart { range, .. } => self.cost += range.len() as u64,
            Payload::CodeSectionEntry(body) => {
                let index = self.imported + self.bodies;
                self.bodies += 1;
                let params = self.functions.get(index).and_then(|ty| self.params.get(*ty as usize));
                let params = params.copied().unwrap_or(0);
                self.cost += self.body(index, params, &body)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn add_segments(&mut self, count: u32) -> Result<(), LoadError> {
        self.segments += u64::from(count);
        self.cost += SEGMENT * u64::from(count);
        at_most("segments of elements, or of data that lies far apart", self.segments, SEGMENTS_MAX)
    }

    /// What a body costs beyond its bytes.
    fn body(&mut self, index: usize, params: u64, body: &FunctionBody<'_>) -> Result<u64, LoadError> {
        let mut declared = params;
        for local in body.get_locals_reader().map_err(invalid)? {
            declared += u64::from(local.map_err(invalid)?.0);
        }
        let mut used = 0_u64;
        let mut branches = 0_u64;
        let mut cost = declared / LOCALS_A_BYTE;
        // Of each open block: whether it is a loop, and how often locals were set before it.
        let mut open = vec![];
        let (mut loops, mut sets) = (0_u64, 0_u64);
        for operator in body.get_operators_reader().map_err(invalid)? {
            let operator = operator.map_err(invalid)?;
            match operator {
                Operator::LocalGet { local_index } => used += self.first_use(local_index),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    used += self.first_use(local_index);
                    sets += 1;
                }
                Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                    branches += 1;
                    let is_loop = matches!(operator, Operator::Loop { .. });
                    loops += u64::from(is_loop);
                    cost += passed(self.values_of_block(blockty));
                    open.push((is_loop, sets));
                    at_most_in(index, "nested blocks", open.len() as u64, NESTED_BLOCKS_MAX)?;
                    at_most_in(index, "nested loops", loops, NESTED_LOOPS_MAX)?;
                }
                Operator::End => {
                    if let Some((true, before)) = open.pop() {
                        let changed = (sets - before).min(used);
                        cost += loops * changed / LOOP_LOCALS_A_BYTE;
                        loops -= 1;
                    }
                }
                Operator::Else | Operator::Br { .. } | Operator::BrIf { .. } | Operator::BrTable { .. } => {
                    branches += 1
                }
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    let ty = self.functions.get(function_index as usize).copied();
                    cost += passed(ty.map_or(0, |ty| self.values_of(ty)));
                }
                Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                    cost += passed(self.values_of(type_index));
                }
                _ => {}
            }
        }
        let product = branches.saturating_mul(used);
        at_most_in(index, "locals times branches", product, LOCALS_AT_BRANCHES_MAX)?;
        Ok(cost + product / LOCALS_AT_BRANCHES_A_BYTE)
    }

    /// 1 where the running body uses the local for the first time, else 0.
    fn first_use(&mut self, local: u32) -> u64 {
        let local = local as usize;
        if self.users.len() <= local {
            self.users.resize(local + 1, 0);
        }
        let before = std::mem::replace(&mut self.users[local], self.bodies);
        u64::from(before != self.bodies)
    }

    fn values_of(&self, ty: u32) -> u64 {
        self.values.get(ty as usize).copied().unwrap_or(0)
    }

    fn values_of_block(&self, ty: BlockType) -> u64 {
        match ty {
            BlockType::Empty => 0,
            BlockType::Type(_) => 1,
            BlockType::FuncType(ty) => self.values_of(ty),
        }
    }
}

/// What the active data segments make of a memory.
struct Image {
    /// Size of the memory at start.
    bytes: u64,
    start: u64,
    end: u64,
}

impl Image {
    /// Whether the compiler can lay it out beforehand; else it writes code that copies one segment after the other.
    fn is_dense(&self) -> bool {
        self.end <= self.bytes && self.end.saturating_sub(self.start) <= IMAGE_MAX
    }
}

/// The address that an expression is, if it is nothing but that.
fn constant(expression: &ConstExpr<'_>) -> Option<u64> {
    let mut operators = expression.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) => Some(value.cast_unsigned().into()),
        _ => None,
    }
}

fn passed(values: u64) -> u64 {
    PASSED_VALUE * values.saturating_sub(FREE_VALUES)
}

fn at_most(what: &'static str, found: u64, limit: u64) -> Result<(), LoadError> {
    if found > limit { Err(LoadError::TooMany { what, found, limit }) } else { Ok(()) }
}

fn at_most_in(function: usize, what: &'static str, found: u64, limit: u64) -> Result<(), LoadError> {
    if found > limit { Err(LoadError::TooComplex { function, what, found, limit }) } else { Ok(()) }
}
