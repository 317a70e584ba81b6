//! The messages of the ONNX specification, as far as the importer reads them. Names and raw data are slices of the file.
//!
//! Fields that are not named here are skipped, not kept. Among them are the graphs inside attributes, so the messages
//! do not nest in themselves and the depth of a decoded model is fixed. `decode::fields` gives each field its number.

use std::borrow::Cow;

#[derive(Debug, Clone, Default)]
pub(crate) struct ModelProto<'m> {
    pub(crate) ir_version: Option<i64>,
    pub(crate) producer_name: &'m str,
    pub(crate) producer_version: &'m str,
    pub(crate) graph: Option<GraphProto<'m>>,
    pub(crate) opset_import: Vec<OperatorSetIdProto<'m>>,
    pub(crate) functions: Vec<FunctionProto<'m>>,
}

/// An operator that the model defines itself; only what it is called.
#[derive(Debug, Clone, Default)]
pub(crate) struct FunctionProto<'m> {
    pub(crate) name: &'m str,
    pub(crate) domain: &'m str,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct OperatorSetIdProto<'m> {
    pub(crate) domain: &'m str,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct GraphProto<'m> {
    pub(crate) node: Vec<NodeProto<'m>>,
    pub(crate) name: &'m str,
    pub(crate) initializer: Vec<TensorProto<'m>>,
    pub(crate) input: Vec<ValueInfoProto<'m>>,
    pub(crate) output: Vec<ValueInfoProto<'m>>,
    pub(crate) sparse_initializer: Vec<SparseTensorProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct NodeProto<'m> {
    pub(crate) input: Vec<&'m str>,
    pub(crate) output: Vec<&'m str>,
    pub(crate) name: &'m str,
    pub(crate) op_type: &'m str,
    pub(crate) attribute: Vec<AttributeProto<'m>>,
    pub(crate) domain: &'m str,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct AttributeProto<'m> {
    pub(crate) name: &'m str,
    pub(crate) f: Option<f32>,
    pub(crate) i: Option<i64>,
    pub(crate) s: Option<&'m [u8]>,
    pub(crate) t: Option<Box<TensorProto<'m>>>,
    pub(crate) floats: Vec<f32>,
    pub(crate) ints: Vec<i64>,
    pub(crate) r#type: i32,
    pub(crate) ref_attr_name: &'m str,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TensorProto<'m> {
    pub(crate) dims: Vec<i64>,
    pub(crate) data_type: i32,
    pub(crate) float_data: Vec<f32>,
    pub(crate) int32_data: Vec<i32>,
    pub(crate) int64_data: Vec<i64>,
    pub(crate) name: &'m str,
    pub(crate) raw_data: Cow<'m, [u8]>,
    pub(crate) external_data: Vec<StringStringEntryProto<'m>>,
    pub(crate) data_location: i32,
}

impl TensorProto<'_> {
    /// `data_location` of a tensor whose data is in this file.
    pub(crate) const DEFAULT: i32 = 0;
    /// `data_location` of a tensor whose data is in another file.
    pub(crate) const EXTERNAL: i32 = 1;
}

#[derive(Debug, Clone, Default)]
pub(crate) struct SparseTensorProto<'m> {
    pub(crate) values: Option<TensorProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct StringStringEntryProto<'m> {
    pub(crate) key: &'m str,
    pub(crate) value: &'m str,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ValueInfoProto<'m> {
    pub(crate) name: &'m str,
    pub(crate) r#type: Option<TypeProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TypeProto<'m> {
    pub(crate) tensor_type: Option<TensorTypeProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TensorTypeProto<'m> {
    pub(crate) elem_type: i32,
    pub(crate) shape: Option<TensorShapeProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TensorShapeProto<'m> {
    pub(crate) dim: Vec<DimensionProto<'m>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct DimensionProto<'m> {
    pub(crate) dim_value: Option<i64>,
    pub(crate) dim_param: Option<&'m str>,
}
