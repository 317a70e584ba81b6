use std::fmt::Write as _;

use super::attribute::attributes;
use crate::graph::{Graph, ValueId};
use crate::tensor::Tensor;

/// More elements than this are written as a hash.
const INLINE_MAX: usize = 16;

/// The text form of a graph.
#[must_use]
pub fn print(graph: &Graph) -> String {
    let mut out = String::new();
    write_graph(&mut out, graph).expect("writing to a string cannot fail");
    out
}

fn write_graph(out: &mut String, graph: &Graph) -> std::fmt::Result {
    writeln!(out, "graph {:?} {{", graph.name)?;
    for id in graph.inputs() {
        writeln!(out, "  input %{} {:?} : {}", id.index(), graph[*id].name, graph[*id].ty)?;
    }
    for (index, value) in graph.values().iter().enumerate() {
        if let Some(tensor) = &value.constant {
            writeln!(out, "  const %{index} {:?} : {} = {}", value.name, value.ty, elements(tensor))?;
        }
    }
    for node in graph.nodes() {
        let inputs: Vec<String> = node.inputs.iter().map(|id: &ValueId| format!("%{}", id.index())).collect();
        write!(out, "  %{} = {}({})", node.output.index(), node.op.name(), inputs.join(", "))?;
        let settings: Vec<String> =
            attributes(&node.op).iter().map(|(name, numbers)| format!("{name} = {numbers:?}")).collect();
        if !settings.is_empty() {
            write!(out, " {{{}}}", settings.join(", "))?;
        }
        writeln!(out, " : {} {:?}", graph[node.output].ty, node.origin)?;
    }
    for output in graph.outputs() {
        writeln!(out, "  output {:?} = %{}", output.name, output.value.index())?;
    }
    out.push_str("}\n");
    Ok(())
}

fn elements(tensor: &Tensor) -> String {
    let data = tensor.data();
    match data {
        [first, rest @ ..] if rest.iter().all(|next| next.to_bits() == first.to_bits()) => format!("splat {first:?}"),
        _ if data.len() <= INLINE_MAX => format!("{data:?}"),
        _ => format!("hash {:016x}", fnv(data)),
    }
}

/// FNV-1a over the bits of the elements.
fn fnv(data: &[f32]) -> u64 {
    let bytes = data.iter().flat_map(|value| value.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
