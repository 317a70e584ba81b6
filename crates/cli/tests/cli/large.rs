//! What a large model takes.
#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::Duration;

use crate::folder::Folder;
use crate::onnx::{Dim, F32, Node, graph, tensor};

const CHANNELS: u64 = 1024;
const LAYERS: u64 = 12;

/// Convolutions of one pixel with 4 MiB of weights each, every one with a scale that is folded into them.
fn large() -> Vec<u8> {
    let random = |count: u64, seed: u64| -> Vec<u8> {
        let value = |index: u64| {
            let bits = (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed) >> 41;
            (bits as f32 / 4_194_304.0 - 1.0) / 32.0
        };
        (0..count).flat_map(|index| value(index).to_le_bytes()).collect()
    };
    let names: Vec<[String; 4]> =
        (0..LAYERS).map(|layer| ["x", "w", "s", "c"].map(|kind| format!("{kind}{layer}"))).collect();
    let output = format!("x{LAYERS}");
    let outputs = names.iter().skip(1).map(|[x, ..]| x.as_str()).chain([output.as_str()]);
    let edges: Vec<([&str; 2], [&str; 1], [&str; 2], [&str; 1])> = names
        .iter()
        .zip(outputs)
        .map(|([x, w, s, c], y)| ([x.as_str(), w.as_str()], [c.as_str()], [c.as_str(), s.as_str()], [y]))
        .collect();
    let nodes: Vec<Node<'_>> = edges
        .iter()
        .flat_map(|(conv, c, mul, y)| [("Conv", c[0], &conv[..], &c[..]), ("Mul", y[0], &mul[..], &y[..])])
        .collect();
    let tensors: Vec<Vec<u8>> = (0_u64..)
        .zip(&names)
        .flat_map(|(layer, [_, w, s, _])| {
            let weights = random(CHANNELS * CHANNELS, layer);
            let scale = [2.0_f32; CHANNELS as usize].map(f32::to_le_bytes).concat();
            [tensor(w, F32, &[CHANNELS, CHANNELS, 1, 1], &weights), tensor(s, F32, &[CHANNELS, 1, 1], &scale)]
        })
        .collect();
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(CHANNELS), Dim::Size(1), Dim::Size(1)];
    graph(&[("x0", F32, shape)], &tensors, &nodes, &[(&output, F32, shape)])
}

/// The most memory that a process has had, in bytes, while it runs.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| 1024 * kilobytes)
}

#[test]
fn a_build_takes_less_than_four_times_the_memory_of_its_model() {
    let folder = Folder::new();
    let model = large();
    folder.write("large.onnx", &model);
    let mut build = folder.command(&["build", "large.onnx"]);
    let mut process = build.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(process.id()).unwrap_or(0));
        match process.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert!(status.success());
    let multiple = most as f64 / model.len() as f64;
    println!("{most} bytes for a model of {}: {multiple:.2} times", model.len());
    assert!((1.0..4.0).contains(&multiple), "{multiple:.2} times the model");
}
