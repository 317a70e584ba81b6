use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::result;
use crate::component::from_json;
use crate::wit::{WitFunction, WitType};

/// Reads JSON as a value of the type, and wants it as another.
fn decoded<R: DeserializeOwned>(ty: &WitType, text: &str) -> Result<R, String> {
    let function = WitFunction { params: vec![("x".into(), ty.clone())], result: None };
    let value = from_json::arguments(&function, text).unwrap().pop();
    result(value.map(|value| (value, ty))).map_err(|misfit| misfit.to_string())
}

#[track_caller]
fn check<R: DeserializeOwned + PartialEq + Debug>(ty: &WitType, text: &str, expected: R) {
    assert_eq!(decoded(ty, text), Ok(expected));
}

#[track_caller]
fn check_refused<R: DeserializeOwned + Debug>(ty: &WitType, text: &str, expected: &str) {
    assert_eq!(decoded::<R>(ty, text).unwrap_err(), expected);
}

fn list(element: WitType) -> WitType {
    WitType::List(Box::new(element))
}

fn option(some: WitType) -> WitType {
    WitType::Option(Box::new(some))
}

fn place() -> WitType {
    WitType::Record(vec![("room".into(), WitType::String), ("floor".into(), option(WitType::S8))])
}

fn verdict() -> WitType {
    let pair = WitType::Tuple(vec![WitType::U8, WitType::F64]);
    WitType::Variant(vec![
        ("missing".into(), None),
        ("hot".into(), Some(WitType::F64)),
        ("between".into(), Some(pair)),
        ("at".into(), Some(place())),
    ])
}

#[derive(Debug, PartialEq, Deserialize)]
struct Place {
    floor: Option<i64>,
    room: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Missing,
    Hot(f32),
    Between(u8, i32),
    At { room: String },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wrapped(u8);

#[test]
fn numbers_become_any_that_they_fit() {
    check(&WitType::U8, "7", 7_i64);
    check(&WitType::U8, "7", Wrapped(7));
    check(&WitType::S64, "-3", -3.0);
    check(&WitType::U64, "18446744073709551615", u128::from(u64::MAX));
    check(&WitType::F64, "0.5", Some(0.5_f32));
    check_refused::<u8>(&WitType::S16, "256", "invalid value: integer `256`, expected u8");
    check_refused::<i32>(&WitType::F64, "3", "invalid type: floating point `3.0`, expected i32");
    check_refused::<f32>(&WitType::F64, "1e39", "1000000000000000000000000000000000000000 is no f32");
}

#[test]
fn lists_and_tuples_are_sequences() {
    check(&list(WitType::U16), "[1, 2]", vec![1_i64, 2]);
    check(&list(WitType::U16), "[1, 2]", [1_i64, 2]);
    check(&WitType::Tuple(vec![WitType::U8, WitType::String]), r#"[1, "x"]"#, (1_u8, "x".to_owned()));
    check(&WitType::Tuple(vec![WitType::U8, WitType::U8]), "[1, 2]", vec![1_u8, 2]);
    check_refused::<Vec<u8>>(&list(WitType::U16), "[1, 256]", "at `[1]`: invalid value: integer `256`, expected u8");
    check_refused::<[u8; 1]>(&list(WitType::U16), "[1, 2]", "there are 2 elements, of which the wanted type takes 1");
    check_refused::<[u8; 2]>(&list(WitType::U16), "[1]", "invalid length 1, expected an array of length 2");
    check_refused::<f64>(&list(WitType::F64), "[1]", "invalid type: sequence, expected f64");
}

#[test]
fn bytes_are_a_sequence_or_base64() {
    check(&list(WitType::U8), "[0, 1, 2]", vec![0_u8, 1, 2]);
    check(&list(WitType::U8), "[0, 1, 2]", Some((0_u8, 1_u8, 2_u8)));
    check(&list(WitType::U8), "[0, 1, 2]", "AAEC".to_owned());
    check(&list(WitType::U8), "[0, 1, 2]", json!("AAEC"));
    check(&option(list(WitType::U8)), "[0, 1, 2]", vec![0_u8, 1, 2]);
}

#[test]
fn records_are_structs_and_maps() {
    check(&place(), r#"{"room":"A","floor":1}"#, Place { floor: Some(1), room: "A".into() });
    check(&place(), r#"{"room":"A"}"#, Place { floor: None, room: "A".into() });
    check(&place(), r#"{"room":"A"}"#, json!({"room": "A", "floor": null}));
    let numbers = WitType::Record(vec![("mean".into(), WitType::F64), ("count".into(), WitType::U32)]);
    check(&numbers, r#"{"mean":1,"count":2}"#, BTreeMap::from([("mean".to_owned(), 1.0), ("count".to_owned(), 2.0)]));
    check_refused::<BTreeMap<String, u8>>(
        &numbers,
        r#"{"mean":1,"count":2}"#,
        "at `mean`: invalid type: floating point `1.0`, expected u8",
    );
    check_refused::<Place>(&numbers, r#"{"mean":1,"count":2}"#, "missing field `room`");
    let place_of_number = WitType::Record(vec![("room".into(), WitType::U8)]);
    check_refused::<Vec<Place>>(
        &list(place_of_number),
        r#"[{"room":1}]"#,
        "at `[0].room`: invalid type: integer `1`, expected a string",
    );
}

#[test]
fn variants_are_enums_of_rust() {
    check(&verdict(), r#""missing""#, Verdict::Missing);
    check(&verdict(), r#"{"hot":1}"#, Verdict::Hot(1.0));
    check(&verdict(), r#"{"at":{"room":"A"}}"#, Verdict::At { room: "A".into() });
    check(&option(verdict()), r#"{"hot":1}"#, Verdict::Hot(1.0));
    check(&option(verdict()), r#"{"hot":1}"#, Some(Verdict::Hot(1.0)));
    check(&verdict(), r#"{"between":[1,2]}"#, json!({"between": [1, 2.0]}));
    check(&WitType::Enum(vec!["missing".into()]), r#""missing""#, Verdict::Missing);
    check(&WitType::String, r#""missing""#, Verdict::Missing);
    check_refused::<Verdict>(
        &verdict(),
        r#"{"between":[1,2]}"#,
        "at `between[1]`: invalid type: floating point `2.0`, expected i32",
    );
    check_refused::<Verdict>(
        &WitType::String,
        r#""cold""#,
        "unknown variant `cold`, expected one of `missing`, `hot`, `between`, `at`",
    );
    check_refused::<Verdict>(&WitType::Bool, "true", "invalid type: boolean `true`, expected enum Verdict");
}

#[test]
fn results_are_those_of_rust_too() {
    let ty = WitType::Result { ok: Some(Box::new(WitType::U8)), err: None };
    check(&ty, r#"{"ok":1}"#, Ok::<u8, ()>(1));
    check(&ty, r#"{"err":null}"#, Err::<u8, ()>(()));
    check(&ty, r#"{"ok":1}"#, json!({"ok": 1}));
    check(&ty, r#"{"err":null}"#, json!({"err": null}));
    check_refused::<Result<bool, ()>>(&ty, r#"{"ok":1}"#, "at `Ok`: invalid type: integer `1`, expected a boolean");
}

#[test]
fn options_in_options_can_be_told_apart() {
    let twice = option(option(WitType::U8));
    check(&twice, "null", None::<Option<u8>>);
    check(&twice, r#"{"some":null}"#, Some(None::<u8>));
    check(&twice, r#"{"some":1}"#, Some(Some(1_u8)));
    check(&twice, r#"{"some":1}"#, json!({"some": 1}));
    check(&option(WitType::U8), "1", 1_u8);
    check(&option(WitType::U8), "null", ());
    check_refused::<u8>(&option(WitType::U8), "null", "invalid type: unit value, expected u8");
}

#[test]
fn texts_are_chars_and_flags() {
    check(&WitType::Char, r#""é""#, 'é');
    check(&WitType::Char, r#""é""#, "é".to_owned());
    check(&WitType::String, r#""é""#, 'é');
    check(&WitType::Flags(vec!["r".into(), "w".into()]), r#"["w"]"#, vec!["w".to_owned()]);
}

#[test]
fn nothing_is_unit() {
    assert_eq!(result::<()>(None), Ok(()));
    assert_eq!(result::<Option<u8>>(None), Ok(None));
    assert_eq!(result::<u8>(None).unwrap_err().to_string(), "invalid type: unit value, expected u8");
}
