use std::cell::Cell;
use std::collections::HashSet;

use super::refusal::{Refusal, Result};
use crate::model::shown;
use crate::proto::{AttributeProto, TensorProto};

/// The attributes of a node. It remembers which were read, so that one that nobody knows is not ignored silently.
#[derive(Debug)]
pub(crate) struct Attributes<'m>(Vec<(&'m AttributeProto<'m>, Cell<bool>)>);

/// `AttributeProto.AttributeType`; 0 is an old file that does not say.
const FLOAT: i32 = 1;
const INT: i32 = 2;
const STRING: i32 = 3;
const TENSOR: i32 = 4;
const FLOATS: i32 = 6;
const INTS: i32 = 7;

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
        Ok(Self(attributes.iter().map(|attribute| (attribute, Cell::new(false))).collect()))
    }

    /// Whether the attribute is given; this does not read it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(attribute, _)| attribute.name == name)
    }

    /// Marks an attribute as read that has no meaning when a model runs.
    pub(crate) fn ignore(&self, name: &str) {
        for (_, read) in self.0.iter().filter(|(attribute, _)| attribute.name == name) {
            read.set(true);
        }
    }

    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>> {
        Ok(self.find(name, INT, "an integer")?.map(|attribute| attribute.i.unwrap_or(0)))
    }

    pub(crate) fn float(&self, name: &str) -> Result<Option<f32>> {
        Ok(self.find(name, FLOAT, "a float")?.map(|attribute| attribute.f.unwrap_or(0.0)))
    }

    pub(crate) fn ints(&self, name: &str) -> Result<Option<&'m [i64]>> {
        Ok(self.find(name, INTS, "a list of integers")?.map(|attribute| &attribute.ints[..]))
    }

    pub(crate) fn floats(&self, name: &str) -> Result<Option<&'m [f32]>> {
        Ok(self.find(name, FLOATS, "a list of floats")?.map(|attribute| &attribute.floats[..]))
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<Option<&'m TensorProto<'m>>> {
        match self.find(name, TENSOR, "a tensor")? {
            None => Ok(None),
            Some(attribute) => match &attribute.t {
                Some(tensor) => Ok(Some(tensor)),
                None => Err(Refusal::attribute(format!("the attribute `{name}` must be a tensor"))),
            },
        }
    }

    /// The attribute as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn string(&self, name: &str) -> Result<Option<String>> {
        let attribute = self.find(name, STRING, "a string")?;
        let text =
            |attribute: &AttributeProto<'_>| String::from_utf8_lossy(attribute.s.unwrap_or_default()).into_owned();
        Ok(attribute.map(text))
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
        self.0.iter().find(|(_, read)| !read.get()).map(|(attribute, _)| attribute.name)
    }

    fn find(&self, name: &str, ty: i32, kind: &str) -> Result<Option<&'m AttributeProto<'m>>> {
        let Some((attribute, read)) = self.0.iter().find(|(attribute, _)| attribute.name == name) else {
            return Ok(None);
        };
        read.set(true);
        if attribute.r#type == ty || attribute.r#type == 0 {
            Ok(Some(attribute))
        } else {
            Err(Refusal::attribute(format!("the attribute `{name}` must be {kind}")))
        }
    }
}
