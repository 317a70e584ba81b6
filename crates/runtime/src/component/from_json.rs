//! JSON text to values of known types, without a form between.

use std::cell::RefCell;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use wasmtime::component::Val;

use super::names::{case, complete, field, names_of, no_case, one_of, put_field, set_flag};
use crate::wit::{WitFunction, WitType};

/// Reads the arguments of a function.
///
/// # Errors
/// Where the text is not JSON or does not fit, with the place in the value and in the text.
pub(crate) fn arguments(function: &WitFunction, text: &str) -> Result<Vec<Val>, String> {
    let path = Path::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let result = match &function.params[..] {
        [] if text.trim().is_empty() => return Ok(Vec::new()),
        [] => reader.deserialize_any(Nothing).map(|()| Vec::new()),
        [(_, ty)] => Seed { ty, path: &path }.deserialize(&mut reader).map(|value| vec![value]),
        params => reader.deserialize_any(Arguments { params, path: &path }),
    };
    result.and_then(|values| reader.end().map(|()| values)).map_err(|error| match path.text() {
        None => error.to_string(),
        Some(place) => format!("{place}: {error}"),
    })
}

/// Where in the value the reader is; after an error, where it was.
#[derive(Default)]
pub(super) struct Path<'t>(RefCell<Vec<Segment<'t>>>);

#[derive(Clone, Copy)]
enum Segment<'t> {
    Name(&'t str),
    Index(usize),
}

impl<'t> Path<'t> {
    fn at<R, E>(&self, segment: Segment<'t>, read: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
        self.0.borrow_mut().push(segment);
        let value = read()?;
        self.0.borrow_mut().pop();
        Ok(value)
    }

    fn text(&self) -> Option<String> {
        let segments = self.0.borrow();
        let mut text = String::new();
        for segment in segments.iter() {
            match segment {
                Segment::Name(name) if text.is_empty() => text.push_str(name),
                Segment::Name(name) => text.extend([".", name]),
                Segment::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        (!text.is_empty()).then(|| format!("at `{text}`"))
    }
}

/// A value of one type.
#[derive(Clone, Copy)]
pub(super) struct Seed<'s, 't> {
    pub(super) ty: &'t WitType,
    pub(super) path: &'s Path<'t>,
}

impl<'t> Seed<'_, 't> {
    fn of(self, ty: &'t WitType) -> Self {
        Self { ty, ..self }
    }

    /// The elements of an array, each of the type that `type_of` gives.
    fn elements<'de, A: SeqAccess<'de>>(
        self,
        mut seq: A,
        type_of: impl Fn(usize) -> Option<&'t WitType>,
    ) -> Result<Vec<Val>, A::Error> {
        let mut values = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1024));
        while let Some(ty) = type_of(values.len()) {
            match self.path.at(Segment::Index(values.len()), || seq.next_element_seed(self.of(ty)))? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        Ok(values)
    }

    /// A value with a name before it: a case of a variant, a side of a result.
    fn payload<'de, A: MapAccess<'de>>(self, map: &mut A, name: &'t str, ty: Option<&'t WitType>) -> Payload<A::Error> {
        let value = self.path.at(Segment::Name(name), || match ty {
            Some(ty) => map.next_value_seed(self.of(ty)).map(|value| Some(Box::new(value))),
            None => map.next_value::<()>().map(|()| None),
        })?;
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(second) => Err(A::Error::custom(format!("`{second}` beside `{name}`: only one can hold"))),
        }
    }
}

type Payload<E> = Result<Option<Box<Val>>, E>;

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 't> Visitor<'de> for Seed<'_, 't> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            WitType::List(element) if **element == WitType::U8 => f.write_str("base64 or an array of bytes"),
            WitType::List(_) | WitType::Tuple(_) => write!(f, "an array for {}", self.ty),
            WitType::Record(_) => write!(f, "an object for {}", self.ty),
            ty => write!(f, "{ty}"),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Val, E> {
        match self.ty {
            WitType::Bool => Ok(Val::Bool(value)),
            WitType::Option(some) => some_of(self.of(some).visit_bool(value)?, some),
            _ => Err(E::invalid_type(Unexpected::Bool(value), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Val, E> {
        if let WitType::Option(some) = self.ty {
            return some_of(self.of(some).visit_u64(value)?, some);
        }
        self.integer(i128::from(value), Unexpected::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Val, E> {
        if let WitType::Option(some) = self.ty {
            return some_of(self.of(some).visit_i64(value)?, some);
        }
        self.integer(i128::from(value), Unexpected::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Val, E> {
        match self.ty {
            WitType::F64 => Ok(Val::Float64(value)),
            WitType::F32 => narrow(value).ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self)),
            WitType::Option(some) => some_of(self.of(some).visit_f64(value)?, some),
            _ => Err(E::invalid_type(Unexpected::Float(value), &self)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Val, E> {
        let invalid = || E::invalid_value(Unexpected::Str(text), &self);
        match self.ty {
            WitType::String => Ok(Val::String(text.into())),
            WitType::Char => {
                let mut chars = text.chars();
                chars.next().filter(|_| chars.next().is_none()).map(Val::Char).ok_or_else(invalid)
            }
            WitType::S64 => text.parse().map(Val::S64).map_err(|_| invalid()),
            WitType::U64 => text.parse().map(Val::U64).map_err(|_| invalid()),
            WitType::Enum(names) => one_of(names, text).map(|()| Val::Enum(text.into())),
            WitType::Variant(cases) => match case(cases, text)? {
                (name, None) => Ok(Val::Variant(name.clone(), None)),
                (name, Some(ty)) => Err(E::custom(format!("`{name}` needs a value: {{\"{name}\": {ty}}}"))),
            },
            WitType::List(element) if **element == WitType::U8 => match BASE64.decode(text) {
                Ok(bytes) => Ok(Val::List(bytes.into_iter().map(Val::U8).collect())),
                Err(error) => Err(E::custom(format!("not base64: {error}"))),
            },
            WitType::Option(some) => some_of(self.of(some).visit_str(text)?, some),
            _ => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        match self.ty {
            WitType::Option(_) => Ok(Val::Option(None)),
            _ => Err(E::invalid_type(Unexpected::Unit, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Val, A::Error> {
        match self.ty {
            WitType::List(element) => self.elements(seq, |_| Some(element)).map(Val::List),
            WitType::Tuple(types) => {
                let values = self.elements(&mut seq, |index| types.get(index))?;
                if values.len() == types.len() && seq.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(Val::Tuple(values));
                }
                Err(A::Error::custom(format!("{} elements are due for {}", types.len(), self.ty)))
            }
            WitType::Flags(names) => {
                let mut set: Vec<String> = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    set_flag(names, &mut set, name)?;
                }
                Ok(Val::Flags(set))
            }
            WitType::Option(some) => some_of(self.of(some).visit_seq(seq)?, some),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Val, A::Error> {
        match self.ty {
            WitType::Record(fields) => named(fields, self.path, map).map(Val::Record),
            WitType::Option(some) if some.takes_null() => match map.next_key::<String>()?.as_deref() {
                Some("some") => self.payload(&mut map, "some", Some(some)).map(Val::Option),
                _ => Err(no_case(self.ty)),
            },
            WitType::Option(some) => some_of(self.of(some).visit_map(map)?, some),
            WitType::Variant(cases) => {
                let key = map.next_key::<String>()?.unwrap_or_default();
                let (name, ty) = case(cases, &key)?;
                Ok(Val::Variant(key, self.payload(&mut map, name, ty.as_ref())?))
            }
            WitType::Result { ok, err } => match map.next_key::<String>()?.as_deref() {
                Some("ok") => Ok(Val::Result(Ok(self.payload(&mut map, "ok", ok.as_deref())?))),
                Some("err") => Ok(Val::Result(Err(self.payload(&mut map, "err", err.as_deref())?))),
                _ => Err(no_case(self.ty)),
            },
            _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }
}

impl Seed<'_, '_> {
    fn integer<E: Error>(self, value: i128, found: Unexpected<'_>) -> Result<Val, E> {
        let invalid = || E::invalid_value(found, &self);
        match self.ty {
            WitType::S8 => value.try_into().map(Val::S8).map_err(|_| invalid()),
            WitType::U8 => value.try_into().map(Val::U8).map_err(|_| invalid()),
            WitType::S16 => value.try_into().map(Val::S16).map_err(|_| invalid()),
            WitType::U16 => value.try_into().map(Val::U16).map_err(|_| invalid()),
            WitType::S32 => value.try_into().map(Val::S32).map_err(|_| invalid()),
            WitType::U32 => value.try_into().map(Val::U32).map_err(|_| invalid()),
            WitType::S64 => value.try_into().map(Val::S64).map_err(|_| invalid()),
            WitType::U64 => value.try_into().map(Val::U64).map_err(|_| invalid()),
            WitType::F64 => Ok(Val::Float64(value as f64)),
            WitType::F32 => Ok(Val::Float32(value as f32)),
            _ => Err(E::invalid_type(found, &self)),
        }
    }
}

/// A number as `f32`, unless it becomes infinite.
fn narrow(value: f64) -> Option<Val> {
    let narrow = value as f32;
    (narrow.is_finite() || !value.is_finite()).then_some(Val::Float32(narrow))
}

/// A value of an option that was written without its wrapping, which is due where the value could be `null` itself.
fn some_of<E: Error>(value: Val, some: &WitType) -> Result<Val, E> {
    if some.takes_null() {
        return Err(E::custom(format!("null or {{\"some\": value}} is due for option<{some}>")));
    }
    Ok(Val::Option(Some(Box::new(value))))
}

/// The fields of an object in the order of their types.
fn named<'de, 't, A: MapAccess<'de>>(
    fields: &'t [(String, WitType)],
    path: &Path<'t>,
    mut map: A,
) -> Result<Vec<(String, Val)>, A::Error> {
    let mut values: Vec<Option<Val>> = vec![None; fields.len()];
    while let Some(key) = map.next_key::<String>()? {
        let (position, name, ty) = field(fields, &key)?;
        let value = path.at(Segment::Name(name), || map.next_value_seed(Seed { ty, path }))?;
        put_field(&mut values[position], name, value)?;
    }
    complete(fields, values)
}

/// The arguments of a function with several parameters.
struct Arguments<'s, 't> {
    params: &'t [(String, WitType)],
    path: &'s Path<'t>,
}

impl<'de> Visitor<'de> for Arguments<'_, '_> {
    type Value = Vec<Val>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {} arguments or an object of {}", self.params.len(), names_of(self.params))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Val>, A::Error> {
        let mut values = Vec::with_capacity(self.params.len());
        for (name, ty) in self.params {
            let path = self.path;
            match path.at(Segment::Name(name), || seq.next_element_seed(Seed { ty, path }))? {
                Some(value) => values.push(value),
                None => return Err(A::Error::invalid_length(values.len(), &self)),
            }
        }
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(values),
            Some(_) => Err(A::Error::invalid_length(self.params.len() + 1, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Val>, A::Error> {
        let fields = named(self.params, self.path, map)?;
        Ok(fields.into_iter().map(|(_, value)| value).collect())
    }
}

/// The argument of a function without parameters.
struct Nothing;

impl<'de> Visitor<'de> for Nothing {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing, null or [], since the function has no parameters")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::invalid_length(1, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }
}
