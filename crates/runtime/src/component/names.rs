//! Names of fields, cases and flags, and what is wrong with those that are none.

use serde::de::Error;
use wasmtime::component::Val;

use crate::wit::WitType;

/// The field of this name with its position.
pub(super) fn field<'t, E: Error>(
    fields: &'t [(String, WitType)],
    key: &str,
) -> Result<(usize, &'t str, &'t WitType), E> {
    match fields.iter().enumerate().find(|(_, (name, _))| name == key) {
        Some((position, (name, ty))) => Ok((position, name, ty)),
        None => Err(E::custom(format!("there is no field `{key}`, only {}", names_of(fields)))),
    }
}

pub(super) fn put_field<E: Error>(place: &mut Option<Val>, name: &str, value: Val) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom(format!("the field `{name}` stands twice"))),
    }
}

/// All fields, in which an option that was left out is `null`.
pub(super) fn complete<E: Error>(
    fields: &[(String, WitType)],
    values: Vec<Option<Val>>,
) -> Result<Vec<(String, Val)>, E> {
    let filled = fields.iter().zip(values).map(|((name, ty), value)| match value {
        Some(value) => Ok((name.clone(), value)),
        None if ty.takes_null() => Ok((name.clone(), Val::Option(None))),
        None => Err(E::custom(format!("the field `{name}` is missing, of type {ty}"))),
    });
    filled.collect()
}

/// The case of this name with the type of its value.
pub(super) fn case<'t, E: Error>(
    cases: &'t [(String, Option<WitType>)],
    key: &str,
) -> Result<&'t (String, Option<WitType>), E> {
    let unknown = || E::custom(format!("`{key}` is none of {}", names_of(cases)));
    cases.iter().find(|(name, _)| name == key).ok_or_else(unknown)
}

/// What is wrong with an object without the one name that it should have.
pub(super) fn no_case<E: Error>(ty: &WitType) -> E {
    match ty {
        WitType::Result { .. } => E::custom(format!("{{\"ok\": value}} or {{\"err\": value}} is due for {ty}")),
        ty => E::custom(format!("null or {{\"some\": value}} is due for {ty}")),
    }
}

pub(super) fn set_flag<E: Error>(names: &[String], set: &mut Vec<String>, name: String) -> Result<(), E> {
    one_of(names, &name)?;
    if set.contains(&name) {
        return Err(E::custom(format!("`{name}` stands twice")));
    }
    set.push(name);
    Ok(())
}

pub(super) fn one_of<E: Error>(names: &[String], text: &str) -> Result<(), E> {
    if names.iter().any(|name| name == text) {
        return Ok(());
    }
    Err(E::custom(format!("`{text}` is none of {}", names.join(", "))))
}

pub(super) fn names_of<T>(named: &[(String, T)]) -> String {
    named.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}
