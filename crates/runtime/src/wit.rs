//! The types of the component model (WIT) whose values can cross as JSON.

use std::fmt;

/// Type of a value that crosses into a component or out of it. There are no recursive types, and none with a meaning
/// beyond one call: resources, futures and streams are refused when a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of WIT")]
pub enum WitType {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List(Box<Self>),
    Record(Vec<(String, Self)>),
    Tuple(Vec<Self>),
    Variant(Vec<(String, Option<Self>)>),
    Enum(Vec<String>),
    Option(Box<Self>),
    Result { ok: Option<Box<Self>>, err: Option<Box<Self>> },
    Flags(Vec<String>),
}

/// What a function of a component takes and answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitFunction {
    /// Names and types of the parameters.
    pub params: Vec<(String, WitType)>,
    /// Type of the result, if there is one.
    pub result: Option<WitType>,
}

impl WitType {
    /// Whether JSON `null` stands for a value of the type.
    pub(crate) fn takes_null(&self) -> bool {
        matches!(self, Self::Option(_))
    }
}

impl fmt::Display for WitType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::S8 => f.write_str("s8"),
            Self::U8 => f.write_str("u8"),
            Self::S16 => f.write_str("s16"),
            Self::U16 => f.write_str("u16"),
            Self::S32 => f.write_str("s32"),
            Self::U32 => f.write_str("u32"),
            Self::S64 => f.write_str("s64"),
            Self::U64 => f.write_str("u64"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::Char => f.write_str("char"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Record(fields) => write!(f, "record {{{}}}", Named(fields)),
            Self::Tuple(types) => write!(f, "tuple<{}>", Commas(types)),
            Self::Variant(cases) => {
                f.write_str("variant {")?;
                for (index, (name, payload)) in cases.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{name}")?;
                    if let Some(payload) = payload {
                        write!(f, "({payload})")?;
                    }
                }
                f.write_str("}")
            }
            Self::Enum(names) => write!(f, "enum {{{}}}", names.join(", ")),
            Self::Option(some) => write!(f, "option<{some}>"),
            Self::Result { ok: None, err: None } => f.write_str("result"),
            Self::Result { ok: Some(ok), err: None } => write!(f, "result<{ok}>"),
            Self::Result { ok: None, err: Some(err) } => write!(f, "result<_, {err}>"),
            Self::Result { ok: Some(ok), err: Some(err) } => write!(f, "result<{ok}, {err}>"),
            Self::Flags(names) => write!(f, "flags {{{}}}", names.join(", ")),
        }
    }
}

impl fmt::Display for WitFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "func({})", Named(&self.params))?;
        match &self.result {
            Some(result) => write!(f, " -> {result}"),
            None => Ok(()),
        }
    }
}

struct Named<'t>(&'t [(String, WitType)]);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, ty)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}: {ty}")?;
        }
        Ok(())
    }
}

pub(crate) struct Commas<'t>(pub(crate) &'t [WitType]);

impl fmt::Display for Commas<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ty) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{ty}")?;
        }
        Ok(())
    }
}
