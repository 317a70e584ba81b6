//! The fields of `crate::proto` and their numbers in the specification.

use super::scan::{Counted, Field, Message, Result, Scan, narrow};
use crate::proto::{
    AttributeProto, DimensionProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto, StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
    ValueInfoProto,
};

impl<'m> Message<'m> for ModelProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.ir_version = Some(field.int64()?),
            2 => self.producer_name = scan.text(field)?,
            3 => self.producer_version = scan.text(field)?,
            7 => scan.merge(&mut self.graph, field)?,
            8 => scan.push(&mut self.opset_import, field)?,
            25 => scan.push(&mut self.functions, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for OperatorSetIdProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.domain = scan.text(field)?,
            2 => self.version = field.int64()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for FunctionProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.name = scan.text(field)?,
            10 => self.domain = scan.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for GraphProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.push(&mut self.node, field)?,
            2 => self.name = scan.text(field)?,
            5 => scan.push(&mut self.initializer, field)?,
            11 => scan.push(&mut self.input, field)?,
            12 => scan.push(&mut self.output, field)?,
            15 => scan.push(&mut self.sparse_initializer, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for NodeProto<'m> {
    const COUNTED: Counted = Counted::Node;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.push_text(&mut self.input, field)?,
            2 => scan.push_text(&mut self.output, field)?,
            3 => self.name = scan.text(field)?,
            4 => self.op_type = scan.text(field)?,
            5 => scan.push(&mut self.attribute, field)?,
            7 => self.domain = scan.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for AttributeProto<'m> {
    const COUNTED: Counted = Counted::Attribute;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.name = scan.text(field)?,
            2 => self.f = Some(field.float()?),
            3 => self.i = Some(field.int64()?),
            4 => self.s = Some(scan.bytes(field)?),
            5 => scan.merge(&mut self.t, field)?,
            7 => scan.push_floats(&mut self.floats, field)?,
            8 => scan.push_varints(&mut self.ints, field, u64::cast_signed)?,
            20 => self.r#type = field.int32()?,
            21 => self.ref_attr_name = scan.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for Box<TensorProto<'m>> {
    const COUNTED: Counted = TensorProto::COUNTED;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        (**self).field(scan, field)
    }
}

impl<'m> Message<'m> for TensorProto<'m> {
    const COUNTED: Counted = Counted::Tensor;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.push_varints(&mut self.dims, field, u64::cast_signed)?,
            2 => self.data_type = field.int32()?,
            4 => scan.push_floats(&mut self.float_data, field)?,
            5 => scan.push_varints(&mut self.int32_data, field, narrow)?,
            7 => scan.push_varints(&mut self.int64_data, field, u64::cast_signed)?,
            8 => self.name = scan.text(field)?,
            9 => self.raw_data = scan.bytes(field)?.into(),
            13 => scan.push(&mut self.external_data, field)?,
            14 => self.data_location = field.int32()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for SparseTensorProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.merge(&mut self.values, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for StringStringEntryProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.key = scan.text(field)?,
            2 => self.value = scan.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for ValueInfoProto<'m> {
    const COUNTED: Counted = Counted::Value;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.name = scan.name(field)?,
            2 => scan.merge(&mut self.r#type, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for TypeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.merge(&mut self.tensor_type, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for TensorTypeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.elem_type = field.int32()?,
            2 => scan.merge(&mut self.shape, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for TensorShapeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => scan.push(&mut self.dim, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for DimensionProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, scan: &mut Scan<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.dim_value = Some(field.int64()?),
            2 => self.dim_param = Some(scan.name(field)?),
            _ => {}
        }
        Ok(())
    }
}
