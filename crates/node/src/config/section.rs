//! Tables of the file and their entries, with the places where they stand.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::format::Table;
use super::mistake::{Mistakes, Read, Reported};
use super::suggest;

/// A table of the file.
#[derive(Debug)]
pub(super) struct Section<'t> {
    /// How messages name it: `[node]`, `the source of [routes.load]`.
    pub(super) name: String,
    table: &'t DeTable<'t>,
    at: Range<usize>,
    pub(super) mistakes: &'t Mistakes,
}

/// A key and its value, or an element of a list.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    /// The key; of an element that of its list.
    pub(super) key: &'t str,
    key_at: Range<usize>,
    /// Name of the table that it stands in.
    table: String,
    pub(super) value: &'t DeValue<'t>,
    at: Range<usize>,
    mistakes: &'t Mistakes,
}

impl<'t> Section<'t> {
    /// The whole file.
    pub(super) fn file(table: &'t Spanned<DeTable<'t>>, mistakes: &'t Mistakes) -> Self {
        Self { name: "the file".into(), table: table.get_ref(), at: 0..0, mistakes }
    }

    /// Reports every key that the format does not have.
    pub(super) fn check_keys(&self, format: &Table) {
        for key in self.table.keys().filter(|key| !format.keys.contains(&&**key.get_ref())) {
            let what = format!("{} has no key `{}`", self.name, suggest::shortened(key.get_ref()));
            let help = suggest::nearest(key.get_ref(), format.keys.iter().copied(), "its keys are");
            self.mistakes.report(&key.span(), what, help);
        }
    }

    /// The entries of a table whose keys are free.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'t>> {
        self.table.iter().map(|(key, value)| self.entry(key, value))
    }

    /// The entry of this key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Entry<'t>> {
        self.table.get_key_value(key).map(|(key, value)| self.entry(key, value))
    }

    /// What an entry says that need not be there.
    pub(super) fn optional<T>(&self, key: &str, read: impl FnOnce(&Entry<'t>) -> Read<T>) -> Read<Option<T>> {
        self.get(key).map(|entry| read(&entry)).transpose()
    }

    /// What an entry says, or the default where it is not there.
    pub(super) fn or<T>(&self, key: &str, default: T, read: impl FnOnce(&Entry<'t>) -> Read<T>) -> Read<T> {
        self.get(key).map_or(Ok(default), |entry| read(&entry))
    }

    /// What an entry says that must be there; `example` is a value for it.
    pub(super) fn required<T>(&self, key: &str, example: &str, read: impl FnOnce(&Entry<'t>) -> Read<T>) -> Read<T> {
        match self.get(key) {
            Some(entry) => read(&entry),
            None => Err(self.report(
                format!("`{key}` is missing in {}", self.name),
                format!("add it, for example `{key} = {example}`"),
            )),
        }
    }

    /// Reports a mistake of the table as a whole.
    pub(super) fn report(&self, what: impl Into<String>, help: impl Into<String>) -> Reported {
        self.mistakes.report(&self.at, what, help)
    }

    fn entry(&self, key: &'t Spanned<std::borrow::Cow<'t, str>>, value: &'t Spanned<DeValue<'t>>) -> Entry<'t> {
        Entry {
            key: key.get_ref(),
            key_at: key.span(),
            table: self.name.clone(),
            value: value.get_ref(),
            at: value.span(),
            mistakes: self.mistakes,
        }
    }
}

impl<'t> Entry<'t> {
    /// Reports a mistake of the value.
    pub(super) fn report(&self, what: impl Into<String>, help: impl Into<String>) -> Reported {
        self.mistakes.report(&self.at, what, help)
    }

    /// Reports a mistake of the key.
    pub(super) fn report_key(&self, what: impl Into<String>, help: impl Into<String>) -> Reported {
        self.mistakes.report(&self.key_at, what, help)
    }

    /// Reports a value of another type.
    pub(super) fn report_type(&self, needed: &str, help: &str) -> Reported {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.report(format!("{self} is {found}, not {needed}"), help)
    }

    /// The place of the value.
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// The value as a table that messages call `name`.
    pub(super) fn section(&self, name: String, help: &str) -> Read<Section<'t>> {
        match self.value {
            DeValue::Table(table) => Ok(Section { name, table, at: self.at(), mistakes: self.mistakes }),
            _ => Err(self.report_type("a table", help)),
        }
    }

    /// The elements of the value.
    pub(super) fn list(&self, help: &str) -> Read<Vec<Entry<'t>>> {
        match self.value {
            DeValue::Array(list) => Ok(list
                .iter()
                .map(|value| Entry {
                    key: self.key,
                    key_at: self.key_at.clone(),
                    table: self.table.clone(),
                    value: value.get_ref(),
                    at: value.span(),
                    mistakes: self.mistakes,
                })
                .collect()),
            _ => Err(self.report_type("a list", help)),
        }
    }
}

impl std::fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` of {}", suggest::shortened(self.key), self.table)
    }
}
