//! What a large model takes.
#![cfg(target_os = "linux")]

use std::process::{Command, ExitStatus, Stdio};
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
    let names = |layer: u64| {
        let own = |kind: &str| format!("{kind}{layer}");
        [own("x"), own("w"), own("c"), own("s"), format!("x{}", layer + 1)]
    };
    let names: Vec<[String; 5]> = (0..LAYERS).map(names).collect();
    // Input, weights, product; then scale and output.
    let names: Vec<[&str; 5]> = names.iter().map(|names| names.each_ref().map(String::as_str)).collect();
    let nodes: Vec<Node<'_>> = names
        .iter()
        .flat_map(|names| [("Conv", names[2], &names[..2], &names[2..3]), ("Mul", names[4], &names[2..4], &names[4..])])
        .collect();
    let tensors: Vec<Vec<u8>> = (0_u64..)
        .zip(&names)
        .flat_map(|(layer, [_, w, _, s, _])| {
            let weights = random(CHANNELS * CHANNELS, layer);
            let scale = [2.0_f32; CHANNELS as usize].map(f32::to_le_bytes).concat();
            [tensor(w, F32, &[CHANNELS, CHANNELS, 1, 1], &weights), tensor(s, F32, &[CHANNELS, 1, 1], &scale)]
        })
        .collect();
    let shape: &[Dim<'_>] = &[Dim::Size(1), Dim::Size(CHANNELS), Dim::Size(1), Dim::Size(1)];
    graph(&[("x0", F32, shape)], &tensors, &nodes, &[(&format!("x{LAYERS}"), F32, shape)])
}

/// How a process ended.
pub(crate) struct Watched {
    pub(crate) status: ExitStatus,
    /// The most memory that it had, in bytes.
    pub(crate) most: u64,
    /// Time that processors spent on it, however long it waited for one.
    pub(crate) taken: Duration,
}

pub(crate) fn watched(mut command: Command) -> Watched {
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (mut most, mut taken) = (0, Duration::ZERO);
    loop {
        most = most.max(peak(process.id()).unwrap_or(0));
        taken = taken.max(spent(process.id()).unwrap_or(Duration::ZERO));
        match process.try_wait().unwrap() {
            Some(status) => return Watched { status, most, taken },
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Time that processors have spent on a process, of which the kernel tells hundredths of a second.
fn spent(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may have spaces: the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11..13)?.iter().map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Duration::from_millis(10 * ticks))
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
    let Watched { status, most, .. } = watched(folder.command(&["build", "large.onnx"]));
    assert!(status.success());
    let multiple = most as f64 / model.len() as f64;
    println!("{most} bytes for a model of {}: {multiple:.2} times", model.len());
    assert!((1.0..4.0).contains(&multiple), "{multiple:.2} times the model");
}
