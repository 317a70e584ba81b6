use abi::{Digest, Manifest, Preprocess};
use ir::{Code, Diagnostic, Diagnostics, Graph};
use plan::Plan;

use crate::{ModelSource, Options, Stage, golden, labels, manifest, picture};

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

/// Compiles a model and reports each stage as it begins.
///
/// # Errors
/// Every reason why the model is refused.
pub fn compile_observed(
    source: &ModelSource<'_>,
    options: &Options,
    observe: &mut dyn FnMut(Stage),
) -> Result<Artifact, Diagnostics> {
    observe(Stage::Onnx);
    let model = onnx::decode(source.onnx, &onnx::Limits::STANDARD)?;
    observe(Stage::Graph);
    let onnx::Imported { graph: imported, mut notes } = import(&model, options)?;
    drop(model);
    let preprocess = picture(&imported, options)?;
    labels::check(&imported, &options.labels)?;
    observe(Stage::Optimized);
    let graph = passes::optimize(imported.clone()).map_err(internal)?;
    observe(Stage::Plan);
    let plan = planned(graph)?;
    let golden = match options.golden.then(|| golden::golden(&imported, plan.macs)).transpose()? {
        Some(Ok(golden)) => Some(golden),
        Some(Err(note)) => {
            notes.push(note);
            None
        }
        None => None,
    };
    drop(imported);
    observe(Stage::Wat);
    let module = codegen::emit(&plan, options.profile, preprocess.as_ref()).map_err(internal)?;
    let facts = manifest::Facts { source, options, plan: &plan, module: &module, preprocess, golden };
    let manifest = manifest::manifest(facts);
    drop(plan);
    let wasm = abi::pack(&module.wasm, &manifest).map_err(internal)?;
    let digest = Digest::of(&wasm);
    Ok(Artifact { wasm, manifest, digest, notes })
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
    let graph = import(&model, options)?.graph;
    if stage == Stage::Graph {
        return Ok(ir::text::print(&graph));
    }
    let preprocess = picture(&graph, options)?;
    let graph = passes::optimize(graph).map_err(internal)?;
    if stage == Stage::Optimized {
        return Ok(ir::text::print(&graph));
    }
    let plan = planned(graph)?;
    if stage == Stage::Plan {
        return Ok(plan::print(&plan));
    }
    let module = codegen::emit(&plan, options.profile, preprocess.as_ref()).map_err(internal)?;
    wasmprinter::print_bytes(&module.wasm).map_err(|error| Diagnostics::from(internal_text(error.to_string())))
}

fn import(model: &onnx::Model, options: &Options) -> Result<onnx::Imported, Diagnostics> {
    let imported = onnx::import(model, &onnx::ImportOptions { dims: options.dims.clone() })?;
    ir::verify(&imported.graph).map_err(internal)?;
    Ok(imported)
}

fn picture(graph: &Graph, options: &Options) -> Result<Option<Preprocess>, Diagnostics> {
    options.preprocess.as_ref().map(|spec| picture::preprocess(graph, spec)).transpose()
}

fn planned(graph: Graph) -> Result<Plan, Diagnostics> {
    let plan = plan::plan(graph)?;
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
