//! What consists of parts: lists, tuples, flags, records, variants and several arguments.

use serde::de::Unexpected;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use wasmtime::component::Val;

use super::{Case, Due, some_if, text};
use crate::component::Misfit;
use crate::component::names::{complete, field, names_of, put_field, set_flag};
use crate::component::numbers::Numbers;
use crate::plain::Number;
use crate::wit::{Commas, WitType};

/// Room that is made at once on the word of whoever gives a sequence, in values.
const ROOM_MAX: usize = 1 << 14;

/// The elements of a list, tuple or set of flags, or the arguments in their order.
pub(super) struct Elements<'t> {
    kind: Kind<'t>,
    in_some: bool,
    values: Vec<Val>,
}

enum Kind<'t> {
    List(&'t WitType),
    Numbers(Numbers<'t>),
    Tuple(&'t [WitType]),
    Flags { names: &'t [String], set: Vec<String> },
    Arguments(&'t [(String, WitType)]),
}

impl<'t> Elements<'t> {
    pub(super) fn new(given: Due<'t>, count: usize) -> Result<Self, Misfit> {
        let (due, in_some) = given.inside();
        let room = count.min(ROOM_MAX);
        let kind = match due {
            Due::Arguments(params) => Kind::Arguments(params),
            Due::Value(WitType::List(element)) => match Numbers::new(element, room) {
                Some(numbers) => Kind::Numbers(numbers),
                None => Kind::List(element),
            },
            Due::Value(WitType::Tuple(types)) => Kind::Tuple(types),
            Due::Value(WitType::Flags(names)) => Kind::Flags { names, set: Vec::new() },
            Due::Value(_) => return Err(given.refusal(Unexpected::Seq)),
        };
        let values = Vec::with_capacity(if matches!(kind, Kind::Numbers(_)) { 0 } else { room });
        Ok(Self { kind, in_some, values })
    }

    #[inline]
    fn push<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        let index = self.values.len();
        let value = match &mut self.kind {
            Kind::Numbers(numbers) => return push_number(numbers, value),
            Kind::List(element) => value.serialize(Due::Value(element)).map_err(|misfit| misfit.at_element(index))?,
            Kind::Tuple(types) => {
                let ty = types.get(index).ok_or_else(|| self.wrong_count())?;
                value.serialize(Due::Value(ty)).map_err(|misfit| misfit.at_element(index))?
            }
            Kind::Arguments(params) => {
                let (name, ty) = params.get(index).ok_or_else(|| self.wrong_count())?;
                value.serialize(Due::Value(ty)).map_err(|misfit| misfit.at_field(name))?
            }
            Kind::Flags { names, set } => return set_flag(names, set, text(value)?),
        };
        self.values.push(value);
        Ok(())
    }

    fn wrong_count(&self) -> Misfit {
        match &self.kind {
            Kind::Arguments([]) => Misfit::new("nothing is due"),
            Kind::Arguments(params) => {
                Misfit::new(format_args!("{} arguments are due: {}", params.len(), names_of(params)))
            }
            Kind::Tuple(types) => {
                Misfit::new(format_args!("{} elements are due for tuple<{}>", types.len(), Commas(types)))
            }
            Kind::List(_) | Kind::Numbers(_) | Kind::Flags { .. } => Misfit::new("too many elements"),
        }
    }

    fn end(self) -> Result<Val, Misfit> {
        let due = match &self.kind {
            Kind::Tuple(types) => types.len(),
            Kind::Arguments(params) => params.len(),
            Kind::List(_) | Kind::Numbers(_) | Kind::Flags { .. } => self.values.len(),
        };
        if due != self.values.len() {
            return Err(self.wrong_count());
        }
        let value = match self.kind {
            Kind::List(_) => Val::List(self.values),
            Kind::Numbers(numbers) => numbers.into_list(),
            Kind::Tuple(_) | Kind::Arguments(_) => Val::Tuple(self.values),
            Kind::Flags { set, .. } => Val::Flags(set),
        };
        Ok(some_if(self.in_some, value))
    }
}

/// Appends an element to a list of numbers.
#[inline]
fn push_number<V: Serialize + ?Sized>(numbers: &mut Numbers<'_>, value: &V) -> Result<(), Misfit> {
    if Number::of(value).is_ok_and(|number| numbers.push(number)) {
        return Ok(());
    }
    // What is not the number itself, such as its digits as text.
    let value = value.serialize(Due::Value(numbers.element)).map_err(|misfit| misfit.at_element(numbers.len()))?;
    numbers.append(value);
    Ok(())
}

/// The fields of a record, the arguments by name, or the one case of a variant.
pub(super) struct Fields<'t> {
    due: Due<'t>,
    in_some: bool,
    content: Content<'t>,
    /// Of the value that comes next.
    key: String,
}

enum Content<'t> {
    Named {
        fields: &'t [(String, WitType)],
        values: Vec<Option<Val>>,
    },
    /// With the name that came with it.
    One {
        value: Option<(String, Val)>,
    },
}

impl<'t> Fields<'t> {
    pub(super) fn new(given: Due<'t>) -> Result<Self, Misfit> {
        let (due, in_some) = given.inside();
        let named = |fields: &'t [(String, WitType)]| Content::Named { fields, values: vec![None; fields.len()] };
        let content = match due {
            Due::Arguments(fields) => named(fields),
            Due::Value(WitType::Record(fields)) => named(fields),
            Due::Value(WitType::Variant(_) | WitType::Result { .. } | WitType::Option(_)) => {
                Content::One { value: None }
            }
            Due::Value(_) => return Err(given.refusal(Unexpected::Map)),
        };
        Ok(Self { due, in_some, content, key: String::new() })
    }

    fn put<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Misfit> {
        match &mut self.content {
            Content::Named { fields: [], .. } => Err(Misfit::new("nothing is due")),
            Content::Named { fields, values } => {
                let (position, name, ty) = field::<Misfit>(fields, name)?;
                let value = value.serialize(Due::Value(ty)).map_err(|misfit| misfit.at_field(name))?;
                put_field(&mut values[position], name, value)
            }
            Content::One { value: Some((first, _)) } => {
                Err(Misfit::new(format_args!("`{name}` beside `{first}`: only one can hold")))
            }
            Content::One { value: one } => {
                *one = Some((name.into(), self.due.named(name, value)?));
                Ok(())
            }
        }
    }

    fn end(self) -> Result<Val, Misfit> {
        let value = match self.content {
            Content::Named { fields, values } => {
                let fields = complete::<Misfit>(fields, values)?;
                match self.due {
                    Due::Value(_) => Val::Record(fields),
                    Due::Arguments(_) => Val::Tuple(fields.into_iter().map(|(_, value)| value).collect()),
                }
            }
            Content::One { value: Some((_, value)) } => value,
            Content::One { value: None } => return self.due.named("", &()),
        };
        Ok(some_if(self.in_some, value))
    }
}

/// What a case of an `enum` of Rust consists of.
pub(super) struct OfCase<'t, P> {
    pub(super) variant: &'static str,
    pub(super) case: Case<'t>,
    pub(super) parts: P,
}

macro_rules! collect {
    ($($trait:ident for $type:ty { $method:ident($($name:ident)?) $put:ident })*) => {$(
        impl $trait for $type {
            type Ok = Val;
            type Error = Misfit;

            #[inline]
            fn $method<V: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &V,
            ) -> Result<(), Misfit> {
                self.$put($($name,)? value)
            }

            fn end(self) -> Result<Val, Misfit> {
                self.end()
            }
        }
    )*};
}

collect! {
    SerializeSeq for Elements<'_> { serialize_element() push }
    SerializeTuple for Elements<'_> { serialize_element() push }
    SerializeTupleStruct for Elements<'_> { serialize_field() push }
    SerializeTupleVariant for OfCase<'_, Elements<'_>> { serialize_field() push }
    SerializeStruct for Fields<'_> { serialize_field(name) put }
    SerializeStructVariant for OfCase<'_, Fields<'_>> { serialize_field(name) put }
}

impl OfCase<'_, Elements<'_>> {
    fn push<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        self.parts.push(value).map_err(|misfit| misfit.at_field(self.variant))
    }

    fn end(self) -> Result<Val, Misfit> {
        let value = self.parts.end().map_err(|misfit| misfit.at_field(self.variant))?;
        Ok(self.case.around(value))
    }
}

impl OfCase<'_, Fields<'_>> {
    fn put<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Misfit> {
        self.parts.put(name, value).map_err(|misfit| misfit.at_field(self.variant))
    }

    fn end(self) -> Result<Val, Misfit> {
        let value = self.parts.end().map_err(|misfit| misfit.at_field(self.variant))?;
        Ok(self.case.around(value))
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = Val;
    type Error = Misfit;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Misfit> {
        self.key = text(key)?;
        Ok(())
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        let key = std::mem::take(&mut self.key);
        self.put(&key, value)
    }

    fn end(self) -> Result<Val, Misfit> {
        self.end()
    }
}
