//! `NAME: TAKES -> ANSWERS`: what a function of a foreign module takes and answers.

use std::str::FromStr;

use abi::{DataType, FunctionDecl, ValueKind};

/// A function and its kinds of values, as they are written on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedFunction {
    pub(crate) name: String,
    pub(crate) decl: FunctionDecl,
}

/// Kinds that are written as one word.
const WORDS: [(&str, ValueKind); 3] =
    [("json", ValueKind::Json), ("bytes", ValueKind::Bytes), ("image", ValueKind::Image)];
const NUMBERS: [DataType; 12] = [
    DataType::F32,
    DataType::F64,
    DataType::F16,
    DataType::I8,
    DataType::U8,
    DataType::I16,
    DataType::U16,
    DataType::I32,
    DataType::U32,
    DataType::I64,
    DataType::U64,
    DataType::Bool,
];

impl FromStr for NamedFunction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || String::from("write `NAME: TAKES -> ANSWERS`, for example `stats: json -> json`");
        let (name, kinds) = text.split_once(':').ok_or_else(form)?;
        let (takes, returns) = kinds.split_once("->").ok_or_else(form)?;
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(form());
        }
        let decl = FunctionDecl { takes: self::kinds(takes)?, returns: self::kinds(returns)?, about: String::new() };
        Ok(Self { name, decl })
    }
}

/// Kinds with commas between them, none or `nothing` for none.
fn kinds(text: &str) -> Result<Vec<ValueKind>, String> {
    match text.trim() {
        "" | "nothing" => Ok(vec![]),
        text => split(text).into_iter().map(kind).collect(),
    }
}

fn kind(text: &str) -> Result<ValueKind, String> {
    let text = text.trim();
    if let Some((_, kind)) = WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(kind.clone());
    }
    if let Some(element) = inside(text, "list<", '>') {
        return number(element).map(ValueKind::List);
    }
    if let Some(fields) = inside(text, "{", '}') {
        return fields.split(',').map(field).collect::<Result<_, _>>().map(ValueKind::Record);
    }
    number(text).map(ValueKind::Scalar)
}

fn field(text: &str) -> Result<(String, DataType), String> {
    let (name, of) = text.split_once(':').ok_or_else(|| format!("`{}` is no field `NAME: NUMBER`", text.trim()))?;
    Ok((name.trim().into(), number(of)?))
}

fn number(text: &str) -> Result<DataType, String> {
    let text = text.trim();
    NUMBERS.into_iter().find(|number| number.name() == text).ok_or_else(|| {
        format!("`{text}` is no kind of value: json, bytes, image, a number such as f64, list<f64> or {{mean: f64}}")
    })
}

fn inside<'t>(text: &'t str, begin: &str, end: char) -> Option<&'t str> {
    text.strip_prefix(begin)?.strip_suffix(end)
}

/// At the commas that stand outside of records.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&[ValueKind], &[ValueKind]), &str>) {
        match (text.parse::<NamedFunction>(), expected) {
            (Ok(found), Ok((takes, returns))) => {
                assert_eq!((found.name.as_str(), &*found.decl.takes, &*found.decl.returns), ("f", takes, returns));
            }
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn kinds_are_written_as_inspect_writes_them() {
        use ValueKind::{Bytes, Image, Json, List, Record, Scalar};
        check("f: json -> json", Ok((&[Json], &[Json])));
        check(" f :bytes->", Ok((&[Bytes], &[])));
        check("f: nothing -> nothing", Ok((&[], &[])));
        check("f: image -> list<f32>", Ok((&[Image], &[List(DataType::F32)])));
        check("f: f64, i32 -> i64", Ok((&[Scalar(DataType::F64), Scalar(DataType::I32)], &[Scalar(DataType::I64)])));
        let record = Record(vec![("mean".into(), DataType::F64), ("n".into(), DataType::I64)]);
        check(
            "f: {mean: f64, n: i64} -> {mean: f64, n: i64}",
            Ok((std::slice::from_ref(&record), std::slice::from_ref(&record))),
        );
    }

    #[test]
    fn what_is_no_kind_is_named() {
        check("f", Err("write `NAME: TAKES -> ANSWERS`"));
        check("f: json", Err("write `NAME: TAKES -> ANSWERS`"));
        check(": json -> json", Err("write `NAME: TAKES -> ANSWERS`"));
        check("f: text -> json", Err("`text` is no kind of value"));
        check("f: list<text> -> json", Err("`text` is no kind of value"));
        check("f: tensor -> tensor", Err("`tensor` is no kind of value"));
        check("f: {mean} -> json", Err("`mean` is no field `NAME: NUMBER`"));
    }
}
