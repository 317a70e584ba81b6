//! The one [`Serializer`] of this module: it sorts what `serde` types give into numbers, elements, fields and the rest,
//! and a [`Target`] takes what it can.

use std::fmt::Display;

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct,
    Serializer,
};

use super::Misfit;
use super::number::Number;

/// What a value is to become. Whatever is not overridden is refused.
pub(super) trait Target: Sized {
    type Ok;
    type Elements: SerializeSeq<Ok = Self::Ok, Error = Misfit>
        + SerializeTuple<Ok = Self::Ok, Error = Misfit>
        + SerializeTupleStruct<Ok = Self::Ok, Error = Misfit>;
    type Fields: SerializeMap<Ok = Self::Ok, Error = Misfit> + SerializeStruct<Ok = Self::Ok, Error = Misfit>;

    /// What is due, for whoever gave something else.
    fn due(&self) -> String;

    fn number(self, number: Number) -> Result<Self::Ok, Misfit> {
        Err(self.refusal(number))
    }

    fn elements(self, _count: usize) -> Result<Self::Elements, Misfit> {
        Err(self.refusal("a list"))
    }

    fn bytes(self, bytes: &[u8]) -> Result<Self::Ok, Misfit> {
        Err(self.refusal(format_args!("{} bytes", bytes.len())))
    }

    fn text(self, text: &str) -> Result<Self::Ok, Misfit> {
        Err(self.refusal(format_args!("a text of {} bytes", text.len())))
    }

    fn fields(self) -> Result<Self::Fields, Misfit> {
        Err(self.refusal("a struct or map"))
    }

    fn nothing(self) -> Result<Self::Ok, Misfit> {
        Err(self.refusal("nothing"))
    }

    fn refusal(&self, given: impl Display) -> Misfit {
        Misfit(format!("{} is due, not {given}", self.due()))
    }
}

/// A value on its way to a target.
pub(super) struct Via<T>(pub(super) T);

impl<T: Target> Serializer for Via<T> {
    type Ok = T::Ok;
    type Error = Misfit;
    type SerializeSeq = T::Elements;
    type SerializeTuple = T::Elements;
    type SerializeTupleStruct = T::Elements;
    type SerializeTupleVariant = Impossible<T::Ok, Misfit>;
    type SerializeMap = T::Fields;
    type SerializeStruct = T::Fields;
    type SerializeStructVariant = Impossible<T::Ok, Misfit>;

    fn serialize_bool(self, value: bool) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Signed(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Signed(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Signed(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Signed(value))
    }

    fn serialize_u8(self, value: u8) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Unsigned(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Unsigned(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Unsigned(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Unsigned(value))
    }

    fn serialize_f32(self, value: f32) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Single(value))
    }

    fn serialize_f64(self, value: f64) -> Result<T::Ok, Misfit> {
        self.0.number(Number::Double(value))
    }

    fn serialize_char(self, value: char) -> Result<T::Ok, Misfit> {
        Err(self.0.refusal(format_args!("{value:?}")))
    }

    fn serialize_str(self, value: &str) -> Result<T::Ok, Misfit> {
        self.0.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<T::Ok, Misfit> {
        self.0.bytes(value)
    }

    fn serialize_none(self) -> Result<T::Ok, Misfit> {
        self.0.nothing()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<T::Ok, Misfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<T::Ok, Misfit> {
        self.0.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<T::Ok, Misfit> {
        self.0.nothing()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<T::Ok, Misfit> {
        self.0.text(variant)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(self, _: &'static str, value: &V) -> Result<T::Ok, Misfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &V,
    ) -> Result<T::Ok, Misfit> {
        Err(self.0.refusal(format_args!("the variant `{variant}`")))
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<T::Elements, Misfit> {
        self.0.elements(count.unwrap_or(0))
    }

    fn serialize_tuple(self, count: usize) -> Result<T::Elements, Misfit> {
        self.0.elements(count)
    }

    fn serialize_tuple_struct(self, _: &'static str, count: usize) -> Result<T::Elements, Misfit> {
        self.0.elements(count)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Misfit> {
        Err(self.0.refusal(format_args!("the variant `{variant}`")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<T::Fields, Misfit> {
        self.0.fields()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<T::Fields, Misfit> {
        self.0.fields()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Misfit> {
        Err(self.0.refusal(format_args!("the variant `{variant}`")))
    }
}

/// The target of a value that is one number.
pub(super) struct OneNumber;

impl Target for OneNumber {
    type Ok = Number;
    type Elements = Impossible<Number, Misfit>;
    type Fields = Impossible<Number, Misfit>;

    fn due(&self) -> String {
        "a number".into()
    }

    fn number(self, number: Number) -> Result<Number, Misfit> {
        Ok(number)
    }
}

/// Takes numbers one by one.
pub(super) trait Collect {
    type Ok;

    fn push(&mut self, number: Number) -> Result<(), Misfit>;

    /// How many were taken.
    fn count(&self) -> usize;

    fn end(self) -> Result<Self::Ok, Misfit>;
}

/// The elements of a list or tuple on their way to a collection.
pub(super) struct Each<C>(pub(super) C);

impl<C: Collect> Each<C> {
    fn element<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        let pushed = Number::of(value).and_then(|number| self.0.push(number));
        pushed.map_err(|misfit| misfit.at_element(self.0.count()))
    }
}

impl<C: Collect> SerializeSeq for Each<C> {
    type Ok = C::Ok;
    type Error = Misfit;

    fn serialize_element<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        self.element(value)
    }

    fn end(self) -> Result<C::Ok, Misfit> {
        self.0.end()
    }
}

impl<C: Collect> SerializeTuple for Each<C> {
    type Ok = C::Ok;
    type Error = Misfit;

    fn serialize_element<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        self.element(value)
    }

    fn end(self) -> Result<C::Ok, Misfit> {
        self.0.end()
    }
}

impl<C: Collect> SerializeTupleStruct for Each<C> {
    type Ok = C::Ok;
    type Error = Misfit;

    fn serialize_field<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        self.element(value)
    }

    fn end(self) -> Result<C::Ok, Misfit> {
        self.0.end()
    }
}
