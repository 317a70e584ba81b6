use std::fmt::{self, Write as _};

use crate::model::{Model, domain, element};
use crate::proto::{AttributeProto, NodeProto, TensorProto, ValueInfoProto};

/// Longer lists are cut.
const LIST_MAX: usize = 16;

/// What a model says, for people: operator sets, inputs and outputs, initializers by their shapes, and the nodes in the
/// order of the file. It has no stability.
///
/// ```text
/// model ir 6, opset 12, producer "pytorch" "1.13"
/// graph "digits"
///   input "image" : float32[batch, 1, 8, 8]
///   output "scores" : float32[batch, 10]
///   initializer "w" : float32[64, 10]
///   node "fc": "scores" = Gemm("flat", "w") {transB = 1}
/// ```
#[must_use]
pub fn text(model: &Model<'_>) -> String {
    let mut out = String::new();
    write_model(&mut out, model).expect("writing to a string cannot fail");
    out
}

fn write_model(out: &mut String, model: &Model<'_>) -> fmt::Result {
    write!(out, "model ir {}", model.ir_version)?;
    for (domain, version) in model.operator_sets() {
        match domain {
            "" => write!(out, ", opset {version}")?,
            other => write!(out, ", opset {other:?} {version}")?,
        }
    }
    if !model.proto.producer_name.is_empty() {
        write!(out, ", producer {:?} {:?}", model.proto.producer_name, model.proto.producer_version)?;
    }
    let graph = &model.graph;
    writeln!(out, "\ngraph {:?}", graph.name)?;
    for input in &graph.input {
        writeln!(out, "  input {}", declared(input))?;
    }
    for output in &graph.output {
        writeln!(out, "  output {}", declared(output))?;
    }
    for tensor in &graph.initializer {
        writeln!(out, "  initializer {:?} : {}", tensor.name, tensor_type(tensor))?;
    }
    for sparse in &graph.sparse_initializer {
        let name = sparse.values.as_ref().map_or("", |values| values.name);
        writeln!(out, "  sparse initializer {name:?}")?;
    }
    for node in &graph.node {
        write_node(out, node)?;
    }
    Ok(())
}

fn write_node(out: &mut String, node: &NodeProto<'_>) -> fmt::Result {
    write!(out, "  node {:?}: {} = ", node.name, quoted(&node.output))?;
    if !domain(node.domain).is_empty() {
        write!(out, "{}.", node.domain.escape_debug())?;
    }
    write!(out, "{}({})", node.op_type.escape_debug(), quoted(&node.input))?;
    let attributes: Vec<String> = node
        .attribute
        .iter()
        .map(|attribute| format!("{} = {}", attribute.name.escape_debug(), attribute_value(attribute)))
        .collect();
    if !attributes.is_empty() {
        write!(out, " {{{}}}", attributes.join(", "))?;
    }
    writeln!(out)
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}

fn attribute_value(attribute: &AttributeProto<'_>) -> String {
    const GRAPH: i32 = 5;
    const GRAPHS: i32 = 10;
    if let Some(value) = attribute.f {
        return format!("{value:?}");
    }
    if let Some(value) = attribute.i {
        return value.to_string();
    }
    if let Some(value) = &attribute.s {
        return format!("{:?}", String::from_utf8_lossy(value));
    }
    if let Some(tensor) = &attribute.t {
        return format!("{}{}", tensor_type(tensor), small_data(tensor));
    }
    match attribute.r#type {
        GRAPH | GRAPHS => "graph".to_owned(),
        _ if !attribute.floats.is_empty() => list(&attribute.floats),
        _ => list(&attribute.ints),
    }
}

fn small_data(tensor: &TensorProto<'_>) -> String {
    if !tensor.float_data.is_empty() {
        format!(" {}", list(&tensor.float_data))
    } else if !tensor.int64_data.is_empty() {
        format!(" {}", list(&tensor.int64_data))
    } else if tensor.data_type == element::INT64 && !tensor.raw_data.is_empty() {
        let (values, _) = tensor.raw_data.as_chunks();
        format!(" {}", list(&values.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect::<Vec<_>>()))
    } else if tensor.data_type == element::FLOAT && !tensor.raw_data.is_empty() {
        let (values, _) = tensor.raw_data.as_chunks();
        format!(" {}", list(&values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect::<Vec<_>>()))
    } else {
        String::new()
    }
}

fn list<T: fmt::Debug>(values: &[T]) -> String {
    match values.get(..LIST_MAX) {
        Some(first) if values.len() > LIST_MAX => {
            let first = format!("{first:?}");
            format!("{}, .. {} in all]", first.trim_end_matches(']'), values.len())
        }
        _ => format!("{values:?}"),
    }
}

fn tensor_type(tensor: &TensorProto<'_>) -> String {
    let external = if tensor.data_location == TensorProto::EXTERNAL { " in another file" } else { "" };
    format!("{}{}{external}", element::name(tensor.data_type), list(&tensor.dims))
}

fn declared(value: &ValueInfoProto<'_>) -> String {
    let Some(ty) = value.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref()) else {
        return format!("{:?} : not a tensor", value.name);
    };
    let shape = match &ty.shape {
        None => "[..]".to_owned(),
        Some(shape) => {
            let sizes: Vec<String> = shape
                .dim
                .iter()
                .map(|dim| match (dim.dim_value, &dim.dim_param) {
                    (Some(size), _) => size.to_string(),
                    (None, Some(name)) if !name.is_empty() => name.escape_debug().to_string(),
                    _ => "?".to_owned(),
                })
                .collect();
            format!("[{}]", sizes.join(", "))
        }
    };
    format!("{:?} : {}{shape}", value.name, element::name(ty.elem_type))
}
