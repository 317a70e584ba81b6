//! The fields of `crate::proto` and their numbers in the specification.

use super::wire::{Counted, Field, Message, Result, Wire, narrow};
use crate::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, SparseTensorProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

impl<'m> Message<'m> for ModelProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.ir_version = field.int64()?,
            2 => self.producer_name = wire.text(field)?,
            3 => self.producer_version = wire.text(field)?,
            7 => wire.merge(&mut self.graph, field)?,
            8 => wire.push(&mut self.opset_import, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for OperatorSetIdProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.domain = wire.text(field)?,
            2 => self.version = field.int64()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for GraphProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.push(&mut self.node, field)?,
            2 => self.name = wire.text(field)?,
            5 => wire.push(&mut self.initializer, field)?,
            11 => wire.push(&mut self.input, field)?,
            12 => wire.push(&mut self.output, field)?,
            15 => wire.push(&mut self.sparse_initializer, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for NodeProto<'m> {
    const COUNTED: Counted = Counted::Node;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.push_text(&mut self.input, field)?,
            2 => wire.push_text(&mut self.output, field)?,
            3 => self.name = wire.text(field)?,
            4 => self.op_type = wire.text(field)?,
            5 => wire.push(&mut self.attribute, field)?,
            7 => self.domain = wire.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for AttributeProto<'m> {
    const COUNTED: Counted = Counted::Attribute;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.name = wire.text(field)?,
            2 => self.f = Some(field.float()?),
            3 => self.i = Some(field.int64()?),
            4 => self.s = Some(wire.bytes(field)?),
            5 => wire.merge(&mut self.t, field)?,
            7 => wire.push_floats(&mut self.floats, field)?,
            8 => wire.push_varints(&mut self.ints, field, u64::cast_signed)?,
            20 => self.r#type = field.int32()?,
            21 => self.ref_attr_name = wire.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for Box<TensorProto<'m>> {
    const COUNTED: Counted = TensorProto::COUNTED;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        (**self).field(wire, field)
    }
}

impl<'m> Message<'m> for TensorProto<'m> {
    const COUNTED: Counted = Counted::Tensor;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.push_varints(&mut self.dims, field, u64::cast_signed)?,
            2 => self.data_type = field.int32()?,
            4 => wire.push_floats(&mut self.float_data, field)?,
            5 => wire.push_varints(&mut self.int32_data, field, narrow)?,
            7 => wire.push_varints(&mut self.int64_data, field, u64::cast_signed)?,
            8 => self.name = wire.text(field)?,
            9 => self.raw_data = wire.bytes(field)?.into(),
            13 => wire.push(&mut self.external_data, field)?,
            14 => self.data_location = field.int32()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for SparseTensorProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.merge(&mut self.values, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for StringStringEntryProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.key = wire.text(field)?,
            2 => self.value = wire.text(field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for ValueInfoProto<'m> {
    const COUNTED: Counted = Counted::Value;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.name = wire.text(field)?,
            2 => wire.merge(&mut self.r#type, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for TypeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.merge(&mut self.tensor_type, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for TensorTypeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.elem_type = field.int32()?,
            2 => wire.merge(&mut self.shape, field)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Message<'m> for TensorShapeProto<'m> {
    const COUNTED: Counted = Counted::Nothing;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => wire.push(&mut self.dim, field),
            _ => Ok(()),
        }
    }
}

impl<'m> Message<'m> for DimensionProto<'m> {
    const COUNTED: Counted = Counted::Entry;

    fn field(&mut self, wire: &mut Wire<'m, '_>, field: &Field) -> Result<()> {
        match field.number {
            1 => self.dim_value = Some(field.int64()?),
            2 => self.dim_param = Some(wire.text(field)?),
            _ => {}
        }
        Ok(())
    }
}
