use abi::{Digest, Golden, Manifest, Preprocess};
use ir::{Code, Diagnostic, Diagnostics, Graph};
use passes::{PASSES, Pass};
use plan::Plan;

use crate::{ModelSource, Options, Progress, Stage, golden, labels, manifest, picture};

/// A compiled model.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The sealed file.
    pub wasm: Vec<u8>,
    /// What the file says of itself.
    pub manifest: Manifest,
    /// sha256 of the file: its identity.
    pub digest: Digest,
    /// Decisions that the model left open, one sentence each.
    pub notes: Vec<String>,
}

/// Compiles a model.
///
/// # Errors
/// Every reason why the model is refused.
pub fn compile(source: &ModelSource<'_>, options: &Options) -> Result<Artifact, Diagnostics> {
    compile_observed(source, options, &mut |_| {})
}

/// Compiles a model and reports what is done on the way.
///
/// # Errors
/// Every reason why the model is refused.
pub fn compile_observed(
    source: &ModelSource<'_>,
    options: &Options,
    observe: &mut dyn FnMut(Progress),
) -> Result<Artifact, Diagnostics> {
    compile_by(PASSES, source, options, observe)
}

/// Compiles with other passes than the usual ones.
pub(crate) fn compile_by(
    passes: &[Pass],
    source: &ModelSource<'_>,
    options: &Options,
    observe: &mut dyn FnMut(Progress),
) -> Result<Artifact, Diagnostics> {
    observe(Progress::Stage(Stage::Onnx));
    let model = decoded(source)?;
    let onnx = identity(source, &model);
    observe(Progress::Stage(Stage::Graph));
    let onnx::Imported { graph: imported, mut notes } = import(&model, options)?;
    drop(model);
    let preprocess = picture(&imported, options)?;
    labels::check(&imported, &options.labels)?;
    let mut share = |share| observe(Progress::KnownAnswers(share));
    let golden = match options.golden.then(|| golden::golden(&imported, &mut share)).transpose()? {
        Some(Ok(golden)) => Some(golden),
        Some(Err(note)) => {
            notes.push(note);
            None
        }
        None => None,
    };
    observe(Progress::Stage(Stage::Optimized));
    // The graph is not kept: its weights would be in memory next to those that the passes make of them.
    let graph = passes.iter().try_fold(imported, passes::apply).map_err(internal)?;
    observe(Progress::Stage(Stage::Plan));
    let plan = planned(graph, preprocess.as_ref())?;
    observe(Progress::Stage(Stage::Wat));
    let unsealed = emitted(onnx, options, &plan, Extras { preprocess, golden, notes })?;
    // Weights are large, and the module has its own.
    drop(plan);
    unsealed.seal()
}

/// What a file holds apart from its plan.
pub(crate) struct Extras {
    pub(crate) preprocess: Option<Preprocess>,
    pub(crate) golden: Option<Golden>,
    pub(crate) notes: Vec<String>,
}

/// The module of a plan.
pub(crate) fn emitted(onnx: Digest, options: &Options, plan: &Plan, extras: Extras) -> Result<Unsealed, Diagnostics> {
    let Extras { preprocess, golden, notes } = extras;
    let module = codegen::emit(plan, options.profile, preprocess.as_ref()).map_err(internal)?;
    let manifest = manifest::manifest(manifest::Facts { onnx, options, plan, module: &module, preprocess, golden });
    Ok(Unsealed { module, manifest, notes })
}

/// A module and what its file will say of itself.
pub(crate) struct Unsealed {
    module: codegen::Module,
    manifest: Manifest,
    notes: Vec<String>,
}

impl Unsealed {
    pub(crate) fn seal(self) -> Result<Artifact, Diagnostics> {
        let Self { module, manifest, notes } = self;
        let wasm = abi::pack(&module.wasm, &manifest).map_err(internal)?;
        drop(module);
        let digest = Digest::of(&wasm);
        Ok(Artifact { wasm, manifest, digest, notes })
    }
}

/// The graph of a model as it is imported, and the identity of the model.
pub(crate) fn imported(source: &ModelSource<'_>, options: &Options) -> Result<(Graph, Digest), Diagnostics> {
    let model = decoded(source)?;
    Ok((import(&model, options)?.graph, identity(source, &model)))
}

/// The model with all its data.
fn decoded<'m>(source: &ModelSource<'m>) -> Result<onnx::Model<'m>, Diagnostics> {
    let model = onnx::decode(source.onnx, &onnx::Limits::STANDARD)?;
    onnx::resolve(model, source.external, &onnx::Limits::STANDARD)
}

/// The digest of a model: its file, then its data in other files.
fn identity(source: &ModelSource<'_>, model: &onnx::Model<'_>) -> Digest {
    Digest::of_parts(std::iter::once(source.onnx).chain(model.external_data()))
}

/// The text form of a stage. Nothing after it is run.
///
/// # Errors
/// Every reason why the model is refused before it gets there.
pub fn dump(source: &ModelSource<'_>, options: &Options, stage: Stage) -> Result<String, Diagnostics> {
    let model = onnx::decode(source.onnx, &onnx::Limits::STANDARD)?;
    if stage == Stage::Onnx {
        return Ok(onnx::text(&model));
    }
    let model = onnx::resolve(model, source.external, &onnx::Limits::STANDARD)?;
    let graph = import(&model, options)?.graph;
    if stage == Stage::Graph {
        return Ok(ir::text::print(&graph));
    }
    let preprocess = picture(&graph, options)?;
    let graph = passes::optimize(graph).map_err(internal)?;
    if stage == Stage::Optimized {
        return Ok(ir::text::print(&graph));
    }
    let plan = planned(graph, preprocess.as_ref())?;
    if stage == Stage::Plan {
        return Ok(plan::print(&plan));
    }
    let module = codegen::emit(&plan, options.profile, preprocess.as_ref()).map_err(internal)?;
    wasmprinter::print_bytes(&module.wasm).map_err(|error| Diagnostics::from(internal_text(error.to_string())))
}

fn import(model: &onnx::Model<'_>, options: &Options) -> Result<onnx::Imported, Diagnostics> {
    let Options { dims, shapes, constants, .. } = options;
    let chosen = onnx::ImportOptions { dims: dims.clone(), shapes: shapes.clone(), constants: constants.clone() };
    let imported = onnx::import(model, &chosen)?;
    ir::verify(&imported.graph).map_err(internal)?;
    Ok(imported)
}

pub(crate) fn picture(graph: &Graph, options: &Options) -> Result<Option<Preprocess>, Diagnostics> {
    options.preprocess.as_ref().map(|spec| picture::preprocess(graph, spec)).transpose()
}

pub(crate) fn planned(graph: Graph, preprocess: Option<&Preprocess>) -> Result<Plan, Diagnostics> {
    let low_bytes = preprocess.map_or(0, |preprocess| codegen::low_bytes(&graph, preprocess));
    let plan = plan::plan_behind(low_bytes, graph)?;
    plan::check(&plan).map_err(internal)?;
    Ok(plan)
}

/// A defect of ours, with its causes.
pub(crate) fn internal(error: impl std::error::Error) -> Diagnostics {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    internal_text(message).into()
}

fn internal_text(message: String) -> Diagnostic {
    Diagnostic {
        code: Code::Internal,
        message,
        node: None,
        operator: None,
        help: "this is a defect of the compiler, not of the model: please report it with the model".into(),
    }
}

#[cfg(test)]
mod tests;
