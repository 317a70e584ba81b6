//! Every version of every supported operator is held to what the specification says of it: which attributes there are
//! and must be given, what those left out stand for, and how many inputs and outputs there are.
//!
//! `schemas.py` says how a line of the table is read.

use std::collections::{BTreeMap, BTreeSet};

use wasmtube_onnx::{OPSETS, operators};

use crate::builder::{Model, Node, Wire, float_tensor, model, node, tensor};
use crate::check::{imported, shown};

const TABLE: &str = include_str!("../../schemas.txt");

/// One version of an operator; an attribute is what follows its name.
struct Schema {
    since: i64,
    inputs: Vec<&'static str>,
    outputs: Vec<&'static str>,
    attributes: BTreeMap<&'static str, &'static str>,
    is_deprecated: bool,
}

/// Of one operator, ascending.
fn schemas(operator: &str) -> Vec<Schema> {
    let lines = TABLE.lines().filter_map(|line| line.strip_prefix(operator)?.strip_prefix(' '));
    let schema = |line: &'static str| {
        let (since, rest) = line.split_once(" :").unwrap();
        let (inputs, rest) = rest.split_once("->").unwrap_or_default();
        let (outputs, attributes) = rest.split_once(" :").unwrap_or_default();
        Schema {
            since: since.parse().unwrap(),
            inputs: inputs.split_whitespace().collect(),
            outputs: outputs.split_whitespace().collect(),
            attributes: attributes.split_whitespace().map(|text| text.split_once(':').unwrap()).collect(),
            is_deprecated: line.ends_with("deprecated"),
        }
    };
    lines.map(schema).collect()
}

/// Each version of each operator with the first and the last operator set in which it holds.
fn for_each(mut check: impl FnMut(&str, &Schema, i64)) {
    let mut checked = 0;
    for operator in operators() {
        let schemas = schemas(operator);
        let ends = schemas.iter().skip(1).map(|next| next.since - 1).chain([i64::MAX]);
        for (schema, end) in schemas.iter().zip(ends).filter(|(schema, _)| !schema.is_deprecated) {
            let (first, last) = (schema.since.max(*OPSETS.start()), end.min(*OPSETS.end()));
            for opset in BTreeSet::from([first, last]).into_iter().filter(|opset| (first..=last).contains(opset)) {
                checked += 1;
                check(operator, schema, opset);
            }
        }
    }
    assert!(checked > 250, "{checked}");
}

/// What a node may be given by name.
#[derive(Clone, PartialEq)]
enum Value {
    Int(i64),
    Float(f32),
    Text(&'static str),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Tensor(f32),
    /// A kind by its number, whose content is not read.
    Empty(i64),
}
use Value::{Empty, Float, Floats, Int, Ints, Tensor, Text};

/// A node in the making.
#[derive(Clone)]
struct Draft {
    opset: i64,
    operator: String,
    inputs: Vec<&'static str>,
    outputs: Vec<&'static str>,
    attributes: BTreeMap<&'static str, Value>,
}

impl Draft {
    fn with(&self, name: &'static str, value: Value) -> Self {
        let mut draft = self.clone();
        draft.attributes.insert(name, value);
        draft
    }

    fn without(&self, name: &str) -> Self {
        let mut draft = self.clone();
        draft.attributes.remove(name);
        draft
    }

    fn with_inputs(&self, inputs: Vec<&'static str>) -> Self {
        Self { inputs, ..self.clone() }
    }

    fn with_outputs(&self, outputs: Vec<&'static str>) -> Self {
        Self { outputs, ..self.clone() }
    }

    /// The graph or the refusal, as text.
    fn text(&self) -> String {
        shown(imported(&self.model().bytes(), &[]))
    }

    fn model(&self) -> Model {
        let mut node = node(&self.operator, &self.inputs, &self.outputs);
        for (name, value) in &self.attributes {
            node = given(node, name, value);
        }
        let names: BTreeSet<&str> = self.inputs.iter().copied().filter(|name| !name.is_empty()).collect();
        let model = names.into_iter().fold(model(self.opset).input("unused", "1"), declared);
        let cast = crate::builder::node("Cast", &["y"], &["z"]).int("to", 1);
        model.node(node).node(cast).output("z")
    }
}

fn given(node: Node, name: &str, value: &Value) -> Node {
    match value {
        Int(value) => node.int(name, *value),
        Float(value) => node.float(name, *value),
        Text(value) => node.string(name, value),
        Ints(values) => node.ints(name, values),
        Floats(values) => node.floats(name, values),
        Tensor(value) => node.tensor(name, &float_tensor("", &[1], &[*value])),
        Empty(kind) => node.attribute(name, *kind, Wire::default()),
    }
}

/// The tensor of that name: an input by its shape, or a constant by what it is for.
fn declared(model: Model, name: &str) -> Model {
    let ints = |values: &[i64]| model.clone().ints(name, values);
    match name {
        "x" | "x2" => model.input(name, "2,2,4,4"),
        "narrow" => model.input(name, "1,2,1,4"),
        "a" | "b" => model.input(name, "3,3"),
        "weights" => model.count(name, &[2, 2, 2, 2]),
        "two" => model.count(name, &[2]),
        "row" => model.count(name, &[3]),
        "last" => model.count(name, &[4]),
        "number" => model.floats(name, &[], &[2.0]),
        "none" => model.floats(name, &[0], &[]),
        "scales" => model.floats(name, &[4], &[1.0, 1.0, 2.0, 2.0]),
        "false" => model.graph(5, &tensor(name, 9, &[], &[0])),
        "sizes" => ints(&[2, 2, 8, 8]),
        "whole" => ints(&[2, 2, 4, 4]),
        "open" => ints(&[0, -1]),
        "index" => model.int(name, 1),
        "start" => ints(&[1]),
        "end" => ints(&[3]),
        "pads" => ints(&[0, 0, 1, 1, 0, 0, 1, 1]),
        "axes" => ints(&[0]),
        "step" => ints(&[2]),
        "halves" => ints(&[1, 1]),
        "all" => ints(&[0, 1, 2, 3]),
        other => panic!("{other}"),
    }
}

/// A node with what it needs and nothing else.
fn least(operator: &str, opset: i64, schema: &Schema) -> Draft {
    let inputs: &[&str] = match operator {
        "BatchNormalization" => &["x", "two", "two", "two", "two"],
        "Concat" | "Max" | "Min" | "Sum" | "Add" | "Sub" | "Mul" | "Div" => &["x", "x2"],
        "Constant" => &[],
        "ConstantOfShape" => &["whole"],
        "Conv" => &["x", "weights"],
        "Expand" => &["x", "whole"],
        "Gather" => &["x", "index"],
        "Gemm" if opset < 11 => &["a", "b", "row"],
        "Gemm" | "MatMul" => &["a", "b"],
        "LayerNormalization" => &["x", "last"],
        "PRelu" | "Pow" => &["x", "number"],
        "Pad" if opset >= 11 => &["x", "pads"],
        "Range" => &["start", "end", "step"],
        "Reshape" => &["x", "open"],
        "Resize" | "Upsample" if opset == 9 || opset == 10 => &["x", "scales"],
        "Resize" if opset < 13 => &["x", "none", "scales"],
        "Resize" => &["x", "", "scales"],
        "Slice" if opset >= 10 => &["x", "start", "end"],
        "Squeeze" => &["narrow"],
        "Unsqueeze" if opset >= 13 => &["x", "axes"],
        _ => &["x"],
    };
    let outputs = if operator == "Split" { vec!["y", "y2"] } else { vec!["y"] };
    let required = schema.attributes.iter().filter(|(_, kind)| kind.ends_with('!'));
    let mut attributes: BTreeMap<&str, Value> = required.map(|(name, _)| (*name, other(operator, name))).collect();
    match operator {
        // One of several must be given.
        "Constant" => drop(attributes.insert("value", Tensor(1.0))),
        "Split" if opset >= 18 => drop(attributes.insert("num_outputs", Int(2))),
        _ => {}
    }
    Draft { opset, operator: operator.to_owned(), inputs: inputs.to_vec(), outputs, attributes }
}

/// A value that is allowed and not the default.
fn other(operator: &str, attribute: &str) -> Value {
    match (operator, attribute) {
        ("Cast", "to") => Int(1),
        ("Resize", "axes") => Ints(vec![0, 1, 2, 3]),
        ("Slice", "ends") => Ints(vec![3]),
        ("Slice", "starts" | "axes") => Ints(vec![1]),
        ("Pad", "mode") => Text("edge"),
        ("Pad", "pads") => Ints(vec![0, 0, 1, 1, 0, 0, 1, 1]),
        ("Pad", "value") => Float(7.0),
        (_, "axis") => Int(2),
        (
            _,
            "alpha"
            | "beta"
            | "epsilon"
            | "momentum"
            | "ratio"
            | "cubic_coeff_a"
            | "extrapolation_value"
            | "value_float",
        ) => Float(0.25),
        (_, "min" | "max") => Float(0.5),
        (_, "approximate") => Text("tanh"),
        (_, "auto_pad") => Text("SAME_UPPER"),
        (_, "coordinate_transformation_mode") => Text("align_corners"),
        (_, "keep_aspect_ratio_policy") => Text("not_larger"),
        (_, "mode") => Text("linear"),
        (_, "nearest_mode") => Text("ceil"),
        (_, "keepdims" | "saturate" | "spatial") => Int(0),
        (_, "stash_type") => Int(16),
        (_, "end" | "group" | "num_outputs") => Int(2),
        (_, "kernel_shape" | "strides" | "dilations") => Ints(vec![2, 2]),
        (_, "pads") => Ints(vec![1, 0, 0, 1]),
        (_, "perm") => Ints(vec![0, 1, 3, 2]),
        (_, "split") => Ints(vec![1, 1]),
        (_, "axes" | "value_ints") => Ints(vec![0]),
        (_, "scales") => Floats(vec![1.0, 1.0, 3.0, 3.0]),
        (_, "value_floats") => Floats(vec![1.0]),
        (_, "value") => Tensor(7.0),
        (_, "sparse_value") => Empty(11),
        (_, "value_string") => Text("s"),
        (_, "value_strings") => Empty(8),
        _ => Int(1),
    }
}

/// The value of an attribute that is left out: as the schema says it, or as the text of the specification does.
fn default(operator: &str, attribute: &str, kind: &'static str) -> Option<Value> {
    if let Some((kind, value)) = kind.split_once('=') {
        return Some(match kind {
            "int" => Int(value.parse().unwrap()),
            "float" => Float(value.parse().unwrap()),
            "string" => Text(value),
            other => panic!("{other}"),
        });
    }
    Some(match (operator, attribute) {
        ("ConstantOfShape", "value") => Tensor(0.0),
        ("Resize", "axes") => Ints(vec![0, 1, 2, 3]),
        ("Shape", "end") => Int(4),
        ("Slice" | "Squeeze", "axes") => Ints(if operator == "Slice" { vec![0] } else { vec![0, 2] }),
        ("Split", "split") => Ints(vec![1, 1]),
        ("Transpose", "perm") => Ints(vec![3, 2, 1, 0]),
        (_, "axes") => Ints(vec![0, 1, 2, 3]),
        ("Conv", "kernel_shape") => Ints(vec![2, 2]),
        (_, "strides" | "dilations") => Ints(vec![1, 1]),
        (_, "pads") => Ints(vec![0; 4]),
        _ => return None,
    })
}

/// Attributes that change nothing, and why.
fn is_without_effect(operator: &str, attribute: &str) -> bool {
    match (operator, attribute) {
        // About training.
        ("BatchNormalization", "momentum") | ("Dropout", "ratio" | "seed") => true,
        // About element types that are refused.
        ("Cast", "saturate") => true,
        // About an output that is refused.
        ("MaxPool", "storage_order") => true,
        // About modes that are refused, and sizes.
        ("Resize", "cubic_coeff_a" | "extrapolation_value" | "keep_aspect_ratio_policy") => true,
        // What is given is what would be without it.
        ("Resize", "axes") | ("Conv", "kernel_shape") | ("Split", "split") => true,
        _ => false,
    }
}

/// The node on which an attribute can be seen.
fn stage(draft: &Draft, attribute: &str) -> Draft {
    match attribute {
        "beta" if draft.operator == "Gemm" => draft.with_inputs(vec!["a", "b", "row"]),
        "ceil_mode" => draft.with("strides", Ints(vec![3, 3])),
        "count_include_pad" => draft.with("pads", Ints(vec![1; 4])),
        "coordinate_transformation_mode" => draft.with("mode", Text("linear")),
        _ => draft.clone(),
    }
}

#[track_caller]
fn assert_refused(draft: &Draft, reason: &str) {
    let text = draft.text();
    assert!(text.starts_with("E0") && text.contains(reason), "{} {}: {reason}\n{text}", draft.operator, draft.opset);
}

#[test]
fn what_must_be_given_is_enough() {
    for_each(|operator, schema, opset| {
        let text = least(operator, opset, schema).text();
        assert!(text.contains("output \"z\""), "{operator} {opset}\n{text}");
    });
}

#[test]
fn a_required_attribute_may_not_be_left_out() {
    for_each(|operator, schema, opset| {
        for (name, _) in schema.attributes.iter().filter(|(_, kind)| kind.ends_with('!')) {
            assert_refused(
                &least(operator, opset, schema).without(name),
                &format!("the attribute `{name}` is missing"),
            );
        }
    });
    for (operator, reason) in
        [("Constant", "`value` is missing"), ("Split", "neither `split` nor `num_outputs` is given")]
    {
        let schema = schemas(operator).into_iter().rfind(|schema| schema.since <= *OPSETS.end()).unwrap();
        let draft = Draft { attributes: BTreeMap::new(), ..least(operator, *OPSETS.end(), &schema) };
        assert_refused(&draft, reason);
    }
}

#[test]
fn an_attribute_that_is_left_out_has_the_default_of_the_specification() {
    let mut compared = 0;
    for_each(|operator, schema, opset| {
        for (name, kind) in &schema.attributes {
            let Some(value) = default(operator, name, kind) else { continue };
            let draft = stage(&least(operator, opset, schema), name);
            if draft.attributes.contains_key(name) || (draft.attributes.contains_key("num_outputs") && *name == "split")
            {
                continue;
            }
            compared += 1;
            assert_eq!(draft.with(name, value).text(), draft.text(), "{operator} {opset} {name}");
        }
    });
    assert!(compared > 250, "{compared}");
}

#[test]
fn no_attribute_is_passed_over() {
    for_each(|operator, schema, opset| {
        for name in schema.attributes.keys() {
            let draft = stage(&least(operator, opset, schema), name);
            let value = other(operator, name);
            if draft.attributes.get(name) != Some(&value) {
                let changes = draft.with(name, value).text() != draft.text();
                assert_eq!(changes, !is_without_effect(operator, name), "{operator} {opset} {name}");
            }
        }
    });
}

#[test]
fn an_attribute_of_no_or_another_version_is_refused() {
    for_each(|operator, schema, opset| {
        let draft = least(operator, opset, schema);
        let versions = schemas(operator);
        let elsewhere: BTreeSet<&str> = versions.iter().flat_map(|schema| schema.attributes.keys().copied()).collect();
        for name in elsewhere.into_iter().chain(["Axis", ""]).filter(|name| !schema.attributes.contains_key(name)) {
            assert_refused(&draft.with(name, other(operator, name)), &format!("`{name}` is not an attribute of"));
        }
    });
}

#[test]
fn an_attribute_of_another_kind_is_refused() {
    for_each(|operator, schema, opset| {
        let draft = least(operator, opset, schema);
        for name in schema.attributes.keys() {
            let right = other(operator, name);
            for wrong in [Int(1), Float(1.0), Text("1"), Ints(vec![]), Floats(vec![]), Tensor(1.0), Empty(5), Empty(15)]
            {
                if std::mem::discriminant(&right) != std::mem::discriminant(&wrong) || matches!(wrong, Empty(_)) {
                    assert_refused(&draft.with(name, wrong), &format!("the attribute `{name}` must be "));
                }
            }
        }
    });
}

/// A tensor that may be given for an input that may be left out.
fn optional(operator: &str, input: &str) -> &'static str {
    match (operator, input) {
        (_, "B" | "bias") if operator == "Conv" => "two",
        ("LayerNormalization", _) => "last",
        ("Gemm", _) => "row",
        ("Dropout", "training_mode") => "false",
        ("Resize", "roi") => "none",
        ("Resize", _) => "sizes",
        ("Split", _) => "halves",
        ("Pad", "axes") => "all",
        ("Slice", "steps") => "step",
        (_, "axes") => "axes",
        _ => "number",
    }
}

#[test]
fn inputs_are_as_many_as_the_specification_says() {
    for_each(|operator, schema, opset| {
        let draft = least(operator, opset, schema);
        let is_open = schema.inputs.iter().any(|input| input.ends_with(['*', '+']));
        let required = schema.inputs.iter().rposition(|input| !input.ends_with(['?', '*'])).map_or(0, |last| last + 1);
        if required > 0 {
            let fewer: Vec<&str> = draft.inputs[..required - 1].to_vec();
            assert_refused(&draft.with_inputs(fewer.clone()), "takes ");
            assert_refused(&draft.with_inputs([&fewer[..], &[""]].concat()), "takes ");
        }
        for left_out in (0..required.saturating_sub(1)).filter(|index| !draft.inputs[*index].is_empty()) {
            let mut inputs = draft.inputs.clone();
            inputs[left_out] = "";
            assert_refused(&draft.with_inputs(inputs), " is left out");
        }
        if is_open {
            return;
        }
        let mut inputs = draft.inputs.clone();
        inputs.resize(schema.inputs.len(), "");
        assert_eq!(draft.with_inputs(inputs.clone()).text(), draft.text(), "{operator} {opset}");
        inputs.push("");
        assert_refused(&draft.with_inputs(inputs), "takes ");
    });
}

#[test]
fn an_input_that_may_be_left_out_may_be_given() {
    for_each(|operator, schema, opset| {
        let draft = least(operator, opset, schema);
        for (index, input) in schema.inputs.iter().enumerate() {
            let Some(name) =
                input.strip_suffix('?').filter(|_| draft.inputs.get(index).is_none_or(|name| name.is_empty()))
            else {
                continue;
            };
            let mut inputs = draft.inputs.clone();
            inputs.resize(inputs.len().max(index + 1), "");
            inputs[index] = optional(operator, name);
            let mut given = draft.clone();
            match (operator, name) {
                ("Resize", "sizes") => inputs[2] = if opset < 13 { "none" } else { "" },
                ("Split", _) => given = given.without("num_outputs"),
                ("Squeeze", _) => {}
                ("Slice", "steps") => inputs[3] = "axes",
                _ => {}
            }
            let text = given.with_inputs(inputs).text();
            assert!(text.contains("output \"z\""), "{operator} {opset} {name}\n{text}");
        }
    });
}

#[test]
fn outputs_are_as_many_as_the_specification_says() {
    for_each(|operator, schema, opset| {
        if schema.outputs.iter().any(|output| output.ends_with(['*', '+'])) {
            return;
        }
        let draft = least(operator, opset, schema);
        let outputs: Vec<&str> = std::iter::once("y").chain(std::iter::repeat_n("", schema.outputs.len())).collect();
        assert_refused(&draft.with_outputs(outputs), "has 1 ");
    });
}

#[test]
fn an_operator_exists_from_its_first_version_until_it_was_withdrawn() {
    for operator in operators() {
        let versions = schemas(operator);
        for opset in OPSETS {
            let version = versions.iter().rfind(|schema| schema.since <= opset);
            if version.is_none_or(|schema| schema.is_deprecated) {
                let draft = least(operator, opset, &versions[0]);
                assert_refused(&draft, &format!("the operator does not exist in operator set {opset}"));
            }
        }
    }
}
