//! Whether the module of a model, however strange, computes what the interpreter does.

use compiler::ModelSource;
use ir::{Graph, Tensor};
use wasmtube_conformance::engine::{self, Running};
use wasmtube_conformance::inputs::{Numbers, relative_error};

/// Elements and multiply-accumulates of models that are run.
const WORK_MAX: u64 = 1 << 22;
const BOUND: f32 = 1e-3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Agrees,
    /// Too much work for a test, or numbers that mean nothing: where the last bits of the input decide over the output.
    Skipped,
}

/// Runs a model that compiles, without the manifest and the seal.
#[track_caller]
pub(crate) fn run(source: &ModelSource<'_>) -> Ran {
    let model = onnx::decode(source.onnx, &onnx::Limits::STANDARD).unwrap();
    let model = onnx::resolve(model, source.external, &onnx::Limits::STANDARD).unwrap();
    let graph = onnx::import(&model, &onnx::ImportOptions::default()).unwrap().graph;
    if work(&graph) > WORK_MAX {
        return Ran::Skipped;
    }
    let inputs = Numbers::seeded(7).inputs(&graph);
    let expected = interp::evaluate(&graph, &inputs).unwrap();
    let moved =
        |input: &Tensor| Tensor::new(input.shape(), input.data().iter().map(|x| x * (1.0 + 1e-6)).collect::<Vec<_>>());
    let moved = interp::evaluate(&graph, &inputs.iter().map(moved).collect::<Vec<_>>()).unwrap();
    let far = |(a, b): (&Tensor, &Tensor)| relative_error(a.data(), b.data()) > BOUND / 10.0;
    if expected.iter().zip(&moved).any(far) {
        return Ran::Skipped;
    }
    let plan = plan::plan(passes::optimize(graph).unwrap()).unwrap();
    let module = codegen::emit(&plan, codegen::Profile::Relaxed, None).unwrap();
    let mut running = Running::new(&engine::wasmtime().unwrap(), &module.wasm).unwrap();
    running.write_inputs(&plan, &inputs).unwrap();
    running.infer().unwrap();
    for (index, (found, expected)) in running.read_outputs(&plan).unwrap().iter().zip(&expected).enumerate() {
        let error = relative_error(found.data(), expected.data());
        assert!(
            error <= BOUND,
            "output {index}: error {error:e}\n{:?}\n{:?}\n{}",
            found.data(),
            expected.data(),
            ir::text::print(&plan.graph)
        );
    }
    Ran::Agrees
}

/// Elements that are computed, each as often as it is summed from others.
fn work(graph: &Graph) -> u64 {
    let work = |node: &ir::Node| {
        let window = match &node.op {
            ir::Op::MaxPool(pool) => pool.kernel[0].saturating_mul(pool.kernel[1]) as u64,
            ir::Op::AveragePool(pool) => pool.kernel[0].saturating_mul(pool.kernel[1]) as u64,
            _ => 1,
        };
        let elements = graph[node.output].ty.elements() as u64;
        graph.macs(node).saturating_add(elements.saturating_mul(window))
    };
    let inputs = graph.inputs().iter().map(|id| graph[*id].ty.elements() as u64);
    inputs.chain(graph.nodes().iter().map(work)).fold(0, u64::saturating_add)
}
