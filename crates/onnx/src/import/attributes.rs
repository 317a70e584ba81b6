use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use super::refusal::{Refusal, Result};
use crate::model::shown;
use crate::proto::{AttributeProto, TensorProto};

/// The attributes of a node. It remembers which were read, so that one that nobody knows is not ignored silently.
#[derive(Debug)]
pub(crate) struct Attributes<'m>(Vec<Given<'m>>);

#[derive(Debug)]
struct Given<'m> {
    proto: &'m AttributeProto<'m>,
    kind: Kind,
    is_read: Cell<bool>,
}

/// `AttributeProto.AttributeType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Float,
    Int,
    String,
    Tensor,
    Floats,
    Ints,
    /// One of those whose values are not read.
    Other(i32),
}

/// The kinds by their numbers: as the specification calls them, and for people.
const KINDS: [(&str, &str); 14] = [
    ("float", "a float"),
    ("int", "an integer"),
    ("string", "a string"),
    ("tensor", "a tensor"),
    ("graph", "a graph"),
    ("floats", "a list of floats"),
    ("ints", "a list of integers"),
    ("strings", "a list of strings"),
    ("tensors", "a list of tensors"),
    ("graphs", "a list of graphs"),
    ("sparse_tensor", "a sparse tensor"),
    ("sparse_tensors", "a list of sparse tensors"),
    ("type_proto", "a type"),
    ("type_protos", "a list of types"),
];

impl Kind {
    /// The kind that the specification calls so.
    pub(super) fn named(name: &str) -> Option<Self> {
        (1..).zip(KINDS).find(|(_, (known, _))| *known == name).map(|(number, _)| Self::numbered(number))
    }

    fn numbered(number: i32) -> Self {
        match number {
            1 => Self::Float,
            2 => Self::Int,
            3 => Self::String,
            4 => Self::Tensor,
            6 => Self::Floats,
            7 => Self::Ints,
            other => Self::Other(other),
        }
    }

    fn number(self) -> i32 {
        match self {
            Self::Float => 1,
            Self::Int => 2,
            Self::String => 3,
            Self::Tensor => 4,
            Self::Floats => 6,
            Self::Ints => 7,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = usize::try_from(self.number()).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| KINDS.get(index)) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "of kind {}", self.number()),
        }
    }
}

impl<'m> Attributes<'m> {
    pub(crate) fn new(attributes: &'m [AttributeProto<'m>]) -> Result<Self> {
        let mut names = HashSet::new();
        for attribute in attributes {
            if !names.insert(attribute.name) {
                return Err(Refusal::attribute(format!("the attribute `{}` is given twice", shown(attribute.name))));
            }
            if !attribute.ref_attr_name.is_empty() {
                let name = shown(attribute.name);
                return Err(Refusal::attribute(format!("the attribute `{name}` refers to one of a function")));
            }
        }
        let given = |proto| Ok(Given { proto, kind: kind(proto)?, is_read: Cell::new(false) });
        attributes.iter().map(given).collect::<Result<_>>().map(Self)
    }

    /// Names and kinds of all.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'m str, Kind)> {
        self.0.iter().map(|given| (given.proto.name, given.kind))
    }

    /// Whether the attribute is given; this does not read it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given.proto.name == name)
    }

    /// Marks an attribute as read that has no meaning when a model runs.
    pub(crate) fn ignore(&self, name: &str) {
        for given in self.0.iter().filter(|given| given.proto.name == name) {
            given.is_read.set(true);
        }
    }

    // A writer of the third version of protocol buffers leaves out what is zero or empty.

    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>> {
        Ok(self.find(name, Kind::Int)?.map(|proto| proto.i.unwrap_or(0)))
    }

    pub(crate) fn float(&self, name: &str) -> Result<Option<f32>> {
        Ok(self.find(name, Kind::Float)?.map(|proto| proto.f.unwrap_or(0.0)))
    }

    pub(crate) fn ints(&self, name: &str) -> Result<Option<&'m [i64]>> {
        Ok(self.find(name, Kind::Ints)?.map(|proto| &proto.ints[..]))
    }

    pub(crate) fn floats(&self, name: &str) -> Result<Option<&'m [f32]>> {
        Ok(self.find(name, Kind::Floats)?.map(|proto| &proto.floats[..]))
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<Option<&'m TensorProto<'m>>> {
        match self.find(name, Kind::Tensor)? {
            None => Ok(None),
            Some(proto) => match &proto.t {
                Some(tensor) => Ok(Some(tensor)),
                None => Err(Refusal::attribute(format!("the attribute `{name}` holds no tensor"))),
            },
        }
    }

    /// The attribute as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn string(&self, name: &str) -> Result<Option<String>> {
        let text = |proto: &AttributeProto<'_>| String::from_utf8_lossy(proto.s.unwrap_or_default()).into_owned();
        Ok(self.find(name, Kind::String)?.map(text))
    }

    /// An integer that stands for no (0) or yes (1).
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.int(name)? {
            None => Ok(default),
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(other) => Err(Refusal::attribute(format!("the attribute `{name}` is {other}, not 0 or 1"))),
        }
    }

    /// An attribute that nobody asked for.
    pub(crate) fn unread(&self) -> Option<&'m str> {
        self.0.iter().find(|given| !given.is_read.get()).map(|given| given.proto.name)
    }

    fn find(&self, name: &str, kind: Kind) -> Result<Option<&'m AttributeProto<'m>>> {
        let Some(given) = self.0.iter().find(|given| given.proto.name == name) else { return Ok(None) };
        given.is_read.set(true);
        if given.kind == kind {
            Ok(Some(given.proto))
        } else {
            Err(Refusal::attribute(format!("the attribute `{name}` must be {kind}")))
        }
    }
}

/// What an attribute says to be, and holds; an old file does not say.
fn kind(proto: &AttributeProto<'_>) -> Result<Kind> {
    let held = [
        (Kind::Float, proto.f.is_some()),
        (Kind::Int, proto.i.is_some()),
        (Kind::String, proto.s.is_some()),
        (Kind::Tensor, proto.t.is_some()),
        (Kind::Floats, !proto.floats.is_empty()),
        (Kind::Ints, !proto.ints.is_empty()),
    ];
    let held = held.into_iter().filter(|(_, is_held)| *is_held).map(|(kind, _)| kind).collect::<Vec<_>>();
    let name = shown(proto.name);
    match (proto.r#type, &held[..]) {
        (0, [only]) => Ok(*only),
        (0, []) => Err(Refusal::attribute(format!("the attribute `{name}` has no value"))),
        (number, [] | [_]) if held.iter().all(|kind| kind.number() == number) => Ok(Kind::numbered(number)),
        (number, [only]) => {
            let says = Kind::numbered(number);
            Err(Refusal::attribute(format!("the attribute `{name}` says to be {says}, and holds {only}")))
        }
        _ => Err(Refusal::attribute(format!("the attribute `{name}` has several values"))),
    }
}
