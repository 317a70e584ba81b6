//! Finding a defect in a real file that a real engine runs.

use std::sync::Arc;

use compiler::{Cause, Fault, ModelSource, Options, RunError, Tensor, Trial};
use plan::Plan;
use runtime::{Engine, EngineOptions, LoadOptions, Version};
use wasmtube_conformance::models;

fn digits() -> Vec<u8> {
    models::read(&models::repository().join("models/digits/digits.onnx")).unwrap()
}

fn load(wasm: &[u8]) -> Result<Arc<Version>, RunError> {
    let engine = Engine::new(EngineOptions::default())?;
    Ok(Arc::new(Version::load(&engine, wasm.to_vec(), LoadOptions::default())?))
}

fn to_runtime(tensors: &[Tensor]) -> Vec<runtime::Tensor> {
    let shape = |tensor: &Tensor| tensor.shape().iter().map(|size| *size as u64).collect();
    tensors.iter().map(|tensor| runtime::Tensor::from_f32s(shape(tensor), tensor.data()).unwrap()).collect()
}

fn from_runtime(tensors: &[runtime::Tensor]) -> Vec<Tensor> {
    let sizes = |tensor: &runtime::Tensor| tensor.shape().iter().map(|size| *size as usize).collect::<Vec<_>>();
    tensors.iter().map(|tensor| Tensor::new(sizes(tensor), tensor.f32s().unwrap())).collect()
}

/// Where `diff` sees the fault of a file that `spoil` gets its hands on before it is run.
fn fault(spoil: impl Fn(&mut [u8])) -> Option<(usize, String)> {
    let run = &mut |wasm: &[u8], inputs: &[Tensor], after_step: &mut dyn FnMut(usize, &[u8])| {
        let mut wasm = wasm.to_vec();
        spoil(&mut wasm);
        let lease = load(&wasm)?.lease();
        let outputs = lease.infer_observed(&to_runtime(inputs), |step, memory| after_step(step as usize, memory))?;
        Ok(from_runtime(&outputs))
    };
    let trial = Trial { inputs: vec![], seed: 1, references: vec![], bound: 1e-4 };
    let diff = compiler::diff(&ModelSource::whole(&digits()), &Options::named("digits"), &trial, run).unwrap();
    match diff.fault() {
        Some(Fault::Step(step)) => {
            assert_eq!(step.cause(trial.bound), Cause::Kernel, "{step:?}");
            Some((step.step, step.origin.clone()))
        }
        Some(fault) => panic!("{fault:?}"),
        None => None,
    }
}

/// Adds one to the word of the weights at `index`, and seals the file again.
fn change_weight(wasm: &mut [u8], plan: &Plan, index: usize) {
    let bytes: Vec<u8> = plan.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let [start, end] = [index, (index + 16).min(plan.weights.len())].map(|word| 4 * word);
    let at =
        wasm.windows(end - start).position(|window| *window == bytes[start..end]).expect("weights are in the file");
    wasm[at..at + 4].copy_from_slice(&(plan.weights[index] + 1.0).to_le_bytes());
    // Name of the section, schema, length of the file, digest.
    let digest = wasm.windows(8).position(|window| window == b"wasmtube").expect("the head comes first") + 8 + 4 + 8;
    wasm[digest..digest + 32].fill(0);
    let sealed = abi::Digest::of(wasm).0;
    wasm[digest..digest + 32].copy_from_slice(&sealed);
}

fn planned() -> Plan {
    let onnx = digits();
    let decoded = onnx::decode(&onnx, &onnx::Limits::STANDARD).unwrap();
    let graph = onnx::import(&decoded, &onnx::ImportOptions::default()).unwrap().graph;
    plan::plan(passes::optimize(graph).unwrap()).unwrap()
}

#[test]
fn a_right_file_has_no_fault() {
    assert_eq!(fault(|_| ()), None);
}

#[test]
fn a_wrong_weight_is_found_in_its_step() {
    let plan = planned();
    let weighted = plan.steps.iter().enumerate().filter_map(|(number, step)| Some((number, step, step.weights?)));
    let mut found = 0;
    for (number, step, address) in weighted {
        // The first word is the bias of the first channel.
        let index = (address - plan.weights_start) as usize / 4;
        assert_eq!(fault(|wasm| change_weight(wasm, &plan, index)), Some((number, step.origin.clone())));
        found += 1;
    }
    assert_eq!(found, 3, "two convolutions and a matrix product");
}

/// `build --check` sees it too.
#[test]
fn a_wrong_weight_is_beyond_the_bound() {
    let (onnx, plan, options) = (digits(), planned(), Options::named("digits"));
    let source = ModelSource::whole(&onnx);
    let artifact = compiler::compile(&source, &options).unwrap();
    let run = &mut |wasm: &[u8], runs: &[Vec<Tensor>]| {
        let lease = load(wasm)?.lease();
        runs.iter().map(|inputs| Ok(from_runtime(&lease.infer(&to_runtime(inputs))?))).collect()
    };
    let right = compiler::check(&source, &options, &artifact.wasm, run).unwrap();
    assert_eq!(right.beyond(compiler::BOUND).count(), 0, "{right:?}");
    let mut wasm = artifact.wasm;
    change_weight(&mut wasm, &plan, 0);
    let wrong = compiler::check(&source, &options, &wasm, run).unwrap();
    assert_eq!(wrong.beyond(compiler::BOUND).map(|output| output.name.as_str()).collect::<Vec<_>>(), ["probabilities"]);
}
