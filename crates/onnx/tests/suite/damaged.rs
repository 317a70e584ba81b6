//! Damaged files are refused or imported, never worse.

use crate::builder::{Model, float_tensor, model, node};
use crate::check::imported;

/// A small model with every kind of message.
fn sample() -> Model {
    let graph = model(10).input("x", "n,2,5,5").count("w", &[2, 2, 3, 3]).floats("b", &[2], &[0.5, -0.5]);
    let graph = graph.int("zero", 0).ints("rest", &[-1]);
    let conv = node("Conv", &["x", "w", "b"], &["c"]).named("conv").ints("pads", &[1, 1, 1, 1]).int("group", 1);
    let pool = node("MaxPool", &["r"], &["p"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]);
    let graph = graph.node(conv).node(node("Clip", &["c"], &["r"]).float("min", 0.0)).node(pool.int("ceil_mode", 1));
    let graph = graph.node(node("Shape", &["p"], &["shape"])).node(node("Gather", &["shape", "zero"], &["n"]));
    let graph = graph.node(node("Unsqueeze", &["n"], &["n1"]).ints("axes", &[0]));
    let graph = graph.node(node("Concat", &["n1", "rest"], &["to"]).int("axis", 0));
    let graph = graph.node(node("Reshape", &["p", "to"], &["f"]));
    let constant = float_tensor("", &[2, 18], &[0.25; 36]);
    let graph = graph.node(node("Constant", &[], &["m"]).tensor("value", &constant));
    graph.node(node("Gemm", &["f", "m", "b"], &["y"]).int("transB", 1)).output("y")
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

/// What is imported must also be a graph.
fn check(bytes: &[u8]) -> bool {
    match imported(bytes, &[]) {
        Ok(imported) => {
            ir::verify(&imported.graph).unwrap();
            true
        }
        Err(error) => {
            assert!(!error.reasons().is_empty());
            false
        }
    }
}

#[test]
fn sample_imports() {
    assert!(check(&sample().bytes()));
}

#[test]
fn every_cut_is_survived() {
    let bytes = sample().bytes();
    let whole = (0..bytes.len()).filter(|length| check(&bytes[..*length])).count();
    assert_eq!(whole, 0, "a cut file lacks its operator set");
}

#[test]
fn changed_bytes_are_survived() {
    let bytes = sample().bytes();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut survivors = 0;
    for _ in 0..6000 {
        let mut changed = bytes.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(changed.len());
            match random.below(4) {
                0 => changed[at] ^= 1 << random.below(8),
                1 => changed[at] = random.below(256) as u8,
                2 => changed.insert(at, random.below(256) as u8),
                _ => {
                    changed.remove(at);
                }
            }
        }
        survivors += usize::from(check(&changed));
    }
    assert!(survivors > 100, "only {survivors} changed models import: the changes no longer reach the importer");
}
