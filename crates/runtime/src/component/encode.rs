//! `serde` types to values of known types, by the rules of JSON and without its text.

mod parts;

use serde::de::{Error as _, Unexpected, Visitor as _};
use serde::ser::{Serialize, Serializer};
use wasmtime::component::Val;

use self::parts::{Elements, Fields, OfCase};
use super::Misfit;
use super::from_json::{Path, Seed};
use super::names::{case, names_of, no_case};
use crate::wit::{WitFunction, WitType};

/// The arguments of a function.
pub(crate) fn arguments<A: Serialize + ?Sized>(function: &WitFunction, value: &A) -> Result<Vec<Val>, Misfit> {
    match &function.params[..] {
        [(_, ty)] => value.serialize(Due::Value(ty)).map(|value| vec![value]),
        params => match value.serialize(Due::Arguments(params))? {
            Val::Tuple(values) => Ok(values),
            value => Ok(vec![value]),
        },
    }
}

/// What a value is to become.
#[derive(Clone, Copy)]
enum Due<'t> {
    Value(&'t WitType),
    /// A tuple of them.
    Arguments(&'t [(String, WitType)]),
}

/// What stands where a case has no value.
const NOTHING: Due<'static> = Due::Arguments(&[]);
const NAME: Due<'static> = Due::Value(&WitType::String);

impl<'t> Due<'t> {
    /// A value without parts, as JSON would be read.
    fn read(
        self,
        read: impl FnOnce(Seed<'_, 't>) -> Result<Val, Misfit>,
        given: Unexpected<'_>,
    ) -> Result<Val, Misfit> {
        match self {
            Self::Value(ty) => read(Seed { ty, path: &Path::default() }),
            Self::Arguments(_) => Err(self.refusal(given)),
        }
    }

    fn refusal(self, given: Unexpected<'_>) -> Misfit {
        match self {
            Self::Value(ty) => Misfit::invalid_type(given, &Seed { ty, path: &Path::default() }),
            Self::Arguments([]) => Misfit::invalid_type(given, &"nothing"),
            Self::Arguments(params) => {
                let due = format!("{} arguments: {}", params.len(), names_of(params));
                Misfit::invalid_type(given, &due.as_str())
            }
        }
    }

    /// What a value that is not said to be `Some` is to become, and whether it is `Some` then.
    fn inside(self) -> (Self, bool) {
        match self {
            Self::Value(WitType::Option(some)) if !some.takes_null() => (Self::Value(some), true),
            due => (due, false),
        }
    }

    /// What the value of this case is to become, and what is made of it.
    fn case(self, name: &str) -> Result<(Self, Case<'t>), Misfit> {
        let (due, in_some) = self.inside();
        let Self::Value(ty) = due else { return Err(self.refusal(Unexpected::Map)) };
        let (wrap, value) = match (ty, name) {
            (WitType::Variant(cases), _) => {
                let (name, value) = case::<Misfit>(cases, name)?;
                (Wrap::Case(name), value.as_ref())
            }
            (WitType::Result { ok, .. }, "ok") => (Wrap::Ok, ok.as_deref()),
            (WitType::Result { err, .. }, "err") => (Wrap::Err, err.as_deref()),
            (WitType::Option(some), "some") => (Wrap::Some, Some(&**some)),
            (WitType::Result { .. } | WitType::Option(_), _) => return Err(no_case(ty)),
            _ => return Err(due.refusal(Unexpected::Map)),
        };
        Ok((value.map_or(NOTHING, Self::Value), Case { wrap, in_some }))
    }

    /// A value with the name of its case.
    fn named<V: Serialize + ?Sized>(self, name: &str, value: &V) -> Result<Val, Misfit> {
        let (due, case) = self.case(name)?;
        let value = value.serialize(due).map_err(|misfit| misfit.at_field(name))?;
        Ok(case.around(value))
    }
}

/// What the value of a case becomes.
#[derive(Clone, Copy)]
struct Case<'t> {
    wrap: Wrap<'t>,
    /// Whether the whole is `Some` of an option.
    in_some: bool,
}

#[derive(Clone, Copy)]
enum Wrap<'t> {
    Some,
    Ok,
    Err,
    Case(&'t str),
}

impl Case<'_> {
    fn around(self, value: Val) -> Val {
        let payload = match value {
            // No tuple of WIT is empty: this is what `NOTHING` became.
            Val::Tuple(values) if values.is_empty() => None,
            value => Some(Box::new(value)),
        };
        let value = match self.wrap {
            Wrap::Some => Val::Option(payload),
            Wrap::Ok => Val::Result(Ok(payload)),
            Wrap::Err => Val::Result(Err(payload)),
            Wrap::Case(name) => Val::Variant(name.into(), payload),
        };
        some_if(self.in_some, value)
    }
}

fn some_if(some: bool, value: Val) -> Val {
    if some { Val::Option(Some(Box::new(value))) } else { value }
}

/// The text that a value is: a name.
fn text<V: Serialize + ?Sized>(value: &V) -> Result<String, Misfit> {
    match value.serialize(NAME)? {
        Val::String(text) => Ok(text),
        _ => Err(Misfit::new("a name is due")),
    }
}

macro_rules! numbers {
    ($($method:ident, $rust:ty, $wit:ident => $val:ident, $visit:ident, $unexpected:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $rust) -> Result<Val, Misfit> {
            match self {
                Self::Value(WitType::$wit) => Ok(Val::$val(value)),
                _ => self.read(|seed| seed.$visit(value.into()), Unexpected::$unexpected(value.into())),
            }
        }
    )*};
}

impl<'t> Serializer for Due<'t> {
    type Ok = Val;
    type Error = Misfit;
    type SerializeSeq = Elements<'t>;
    type SerializeTuple = Elements<'t>;
    type SerializeTupleStruct = Elements<'t>;
    type SerializeTupleVariant = OfCase<'t, Elements<'t>>;
    type SerializeMap = Fields<'t>;
    type SerializeStruct = Fields<'t>;
    type SerializeStructVariant = OfCase<'t, Fields<'t>>;

    numbers! {
        serialize_bool, bool, Bool => Bool, visit_bool, Bool;
        serialize_i8, i8, S8 => S8, visit_i64, Signed;
        serialize_i16, i16, S16 => S16, visit_i64, Signed;
        serialize_i32, i32, S32 => S32, visit_i64, Signed;
        serialize_i64, i64, S64 => S64, visit_i64, Signed;
        serialize_u8, u8, U8 => U8, visit_u64, Unsigned;
        serialize_u16, u16, U16 => U16, visit_u64, Unsigned;
        serialize_u32, u32, U32 => U32, visit_u64, Unsigned;
        serialize_u64, u64, U64 => U64, visit_u64, Unsigned;
        serialize_f32, f32, F32 => Float32, visit_f64, Float;
        serialize_f64, f64, F64 => Float64, visit_f64, Float;
    }

    fn serialize_i128(self, value: i128) -> Result<Val, Misfit> {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.serialize_i64(value),
            (_, Ok(value)) => self.serialize_u64(value),
            _ => Err(Misfit::new(format_args!("{value} is beyond 64 bits"))),
        }
    }

    fn serialize_u128(self, value: u128) -> Result<Val, Misfit> {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => Err(Misfit::new(format_args!("{value} is beyond 64 bits"))),
        }
    }

    fn serialize_char(self, value: char) -> Result<Val, Misfit> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Val, Misfit> {
        self.read(|seed| seed.visit_str(value), Unexpected::Str(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Val, Misfit> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<Val, Misfit> {
        self.serialize_unit()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<Val, Misfit> {
        match self {
            Self::Value(WitType::Option(some)) if some.takes_null() => {
                value.serialize(Self::Value(some)).map(|value| some_if(true, value))
            }
            due => value.serialize(due),
        }
    }

    fn serialize_unit(self) -> Result<Val, Misfit> {
        match self {
            Self::Arguments([]) => Ok(Val::Tuple(Vec::new())),
            due => due.read(|seed| seed.visit_unit(), Unexpected::Unit),
        }
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Val, Misfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Val, Misfit> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(self, _: &'static str, value: &V) -> Result<Val, Misfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<Val, Misfit> {
        // The one of Rust itself.
        let variant = match (name, variant) {
            ("Result", "Ok") => "ok",
            ("Result", "Err") => "err",
            (_, variant) => variant,
        };
        self.named(variant, value)
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Elements<'t>, Misfit> {
        Elements::new(self, count.unwrap_or(0))
    }

    fn serialize_tuple(self, count: usize) -> Result<Elements<'t>, Misfit> {
        Elements::new(self, count)
    }

    fn serialize_tuple_struct(self, _: &'static str, count: usize) -> Result<Elements<'t>, Misfit> {
        Elements::new(self, count)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        count: usize,
    ) -> Result<OfCase<'t, Elements<'t>>, Misfit> {
        let (due, case) = self.case(variant)?;
        let parts = Elements::new(due, count).map_err(|misfit| misfit.at_field(variant))?;
        Ok(OfCase { variant, case, parts })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'t>, Misfit> {
        Fields::new(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'t>, Misfit> {
        Fields::new(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<OfCase<'t, Fields<'t>>, Misfit> {
        let (due, case) = self.case(variant)?;
        let parts = Fields::new(due).map_err(|misfit| misfit.at_field(variant))?;
        Ok(OfCase { variant, case, parts })
    }
}

#[cfg(test)]
mod tests;
