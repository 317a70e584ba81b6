use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::arguments;
use crate::component::{recycle, to_json};
use crate::wit::{WitFunction, WitType};

/// What the value becomes as the one argument of a function, in JSON.
fn encoded<A: Serialize + ?Sized>(ty: &WitType, value: &A) -> String {
    let function = WitFunction { params: vec![("x".into(), ty.clone())], result: None };
    match arguments(&function, value) {
        Ok(values) => {
            let text = to_json::arguments(&values, &function);
            values.into_iter().for_each(recycle);
            text.unwrap_or_else(|error| format!("no JSON: {error}"))
        }
        Err(misfit) => format!("error: {misfit}"),
    }
}

#[track_caller]
fn check<A: Serialize + ?Sized>(ty: &WitType, value: &A, expected: &str) {
    assert_eq!(encoded(ty, value), expected);
}

fn list(element: WitType) -> WitType {
    WitType::List(Box::new(element))
}

fn option(some: WitType) -> WitType {
    WitType::Option(Box::new(some))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn verdict() -> WitType {
    let pair = WitType::Tuple(vec![WitType::U8, WitType::F64]);
    WitType::Variant(vec![
        ("missing".into(), None),
        ("hot".into(), Some(WitType::F64)),
        ("between".into(), Some(pair)),
        ("at".into(), Some(option(place()))),
    ])
}

fn place() -> WitType {
    WitType::Record(vec![("room".into(), WitType::String), ("floor".into(), option(WitType::S8))])
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Missing,
    Hot(f32),
    Between(u8, i32),
    At { room: &'static str },
    Elsewhere(()),
}

#[derive(Serialize)]
struct Place {
    floor: i64,
    room: char,
}

#[test]
fn numbers_are_those_that_json_would_be() {
    check(&WitType::U8, &255_i64, "255");
    check(&WitType::U8, &256, "error: invalid value: integer `256`, expected u8");
    check(&WitType::S64, &u64::MAX, "error: invalid value: integer `18446744073709551615`, expected s64");
    check(&WitType::S64, "-3", "-3");
    check(&WitType::U64, &u128::from(u64::MAX), "18446744073709551615");
    check(&WitType::U64, &u128::MAX, "error: 340282366920938463463374607431768211455 is beyond 64 bits");
    check(&WitType::S32, &3.0, "error: invalid type: floating point `3.0`, expected s32");
    check(&WitType::F64, &3_u8, "3.0");
    check(
        &WitType::F32,
        &1e39,
        "error: invalid value: floating point `1000000000000000000000000000000000000000.0`, expected f32",
    );
    check(&WitType::Bool, &1, "error: invalid type: integer `1`, expected bool");
}

#[test]
fn lists_of_numbers_take_the_numbers_and_their_digits() {
    check(&list(WitType::F64), &[1.5, -2.0], "[1.5,-2.0]");
    check(&list(WitType::F64), &[1_i64, i64::MAX], "[1.0,9.223372036854776e+18]");
    check(&list(WitType::S64), &json!([1, "2", -3]), "[1,2,-3]");
    check(&list(WitType::S16), &[7_u64, 8], "[7,8]");
    check(&list(WitType::U16), &(1, 2_i8), "[1,2]");
    check(&list(WitType::S8), &[1, 128], "error: at `[1]`: invalid value: integer `128`, expected s8");
    check(&list(WitType::U64), &[1, -1], "error: at `[1]`: invalid value: integer `-1`, expected u64");
    check(&list(WitType::F64), &json!([1, true]), "error: at `[1]`: invalid type: boolean `true`, expected f64");
    check(&list(WitType::F64), &7, "error: invalid type: integer `7`, expected an array for list<f64>");
    check(&list(WitType::F64), &[[1.0]], "error: at `[0]`: invalid type: sequence, expected f64");
}

#[test]
fn a_list_keeps_nothing_of_the_one_before() {
    check(&list(WitType::F64), &[1, 2, 3, 4], "[1.0,2.0,3.0,4.0]");
    check(&list(WitType::F64), &[5.5], "[5.5]");
    check(&list(WitType::S32), &[6, 7], "[6,7]");
    check(&list(WitType::F64), &[8, 9, 10], "[8.0,9.0,10.0]");
    check(&list(WitType::F64), &[0.0; 0], "[]");
    check(&list(list(WitType::U16)), &[vec![1, 2], vec![], vec![3]], "[[1,2],[],[3]]");
}

#[test]
fn what_is_not_finite_crosses() {
    check(
        &WitType::F32,
        &f64::INFINITY,
        "no JSON: a number of type f32 is infinite or not a number, which JSON cannot say",
    );
    check(
        &list(WitType::F64),
        &[f64::NAN],
        "no JSON: a number of type f64 is infinite or not a number, which JSON cannot say",
    );
}

#[test]
fn bytes_are_bytes_numbers_or_base64() {
    check(&list(WitType::U8), &[0_u8, 1, 2], r#""AAEC""#);
    check(&list(WitType::U8), "AAEC", r#""AAEC""#);
    check(&list(WitType::U8), "A", "error: not base64: Invalid input length: 1");
    check(&list(WitType::U8), &Bytes(&[3]), r#""Aw==""#);
    check(&list(WitType::S32), &Bytes(&[3]), "[3]");
}

struct Bytes<'b>(&'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[test]
fn records_are_structs_and_maps() {
    check(&place(), &Place { floor: -1, room: 'A' }, r#"{"room":"A","floor":-1}"#);
    check(&place(), &BTreeMap::from([("room", "B")]), r#"{"room":"B","floor":null}"#);
    check(&place(), &BTreeMap::from([("flor", 1)]), "error: there is no field `flor`, only room, floor");
    check(&place(), &BTreeMap::from([("floor", 1)]), "error: the field `room` is missing, of type string");
    check(&place(), &Place { floor: 300, room: 'A' }, "error: at `floor`: invalid value: integer `300`, expected s8");
    check(&list(place()), &[Twice], "error: at `[0]`: the field `room` stands twice");
    check(
        &place(),
        &("A", 1),
        "error: invalid type: sequence, expected an object for record {room: string, floor: option<s8>}",
    );
    check(&place(), &BTreeMap::from([(1, 2)]), "error: invalid type: integer `1`, expected string");
}

struct Twice;

impl Serialize for Twice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("room", "a"), ("room", "b")])
    }
}

#[test]
fn enums_of_rust_are_variants() {
    check(&verdict(), &Verdict::Missing, r#""missing""#);
    check(&verdict(), &Verdict::Hot(35.5), r#"{"hot":35.5}"#);
    check(&verdict(), &Verdict::Between(1, 2), r#"{"between":[1,2.0]}"#);
    check(&verdict(), &Verdict::Between(1, 2), &encoded(&verdict(), &json!({"between": [1, 2]})));
    check(&verdict(), &Verdict::At { room: "A" }, r#"{"at":{"room":"A","floor":null}}"#);
    check(&verdict(), &json!({"missing": null}), r#""missing""#);
    check(&verdict(), &json!({"at": null}), r#"{"at":null}"#);
    check(&option(verdict()), &Verdict::Hot(1.0), r#"{"hot":1.0}"#);
    check(&option(verdict()), &Some(Verdict::Between(1, 2)), r#"{"between":[1,2.0]}"#);
    check(&verdict(), &Verdict::Elsewhere(()), "error: `elsewhere` is none of missing, hot, between, at");
    check(&verdict(), "hot", r#"error: `hot` needs a value: {"hot": f64}"#);
    check(&verdict(), &json!({"between": [1]}), "error: at `between`: 2 elements are due for tuple<u8, f64>");
    check(
        &verdict(),
        &json!({"between": [1, true]}),
        "error: at `between[1]`: invalid type: boolean `true`, expected f64",
    );
    check(&verdict(), &json!({"hot": 1, "missing": null}), "error: `missing` beside `hot`: only one can hold");
    check(&verdict(), &json!({}), "error: `` is none of missing, hot, between, at");
    check(&verdict(), &json!({"missing": 1}), "error: at `missing`: invalid type: integer `1`, expected nothing");
}

#[test]
fn results_are_those_of_rust_too() {
    let result = WitType::Result { ok: Some(Box::new(WitType::U8)), err: None };
    check(&result, &Ok::<u8, ()>(1), r#"{"ok":1}"#);
    check(&result, &Err::<u8, ()>(()), r#"{"err":null}"#);
    check(&result, &json!({"ok": 1}), r#"{"ok":1}"#);
    check(&option(result.clone()), &Some(Ok::<u8, ()>(1)), r#"{"ok":1}"#);
    check(&result, &Ok::<u16, ()>(256), "error: at `ok`: invalid value: integer `256`, expected u8");
    check(&result, &json!({"Ok": 1}), r#"error: {"ok": value} or {"err": value} is due for result<u8>"#);
}

#[test]
fn options_in_options_can_be_told_apart() {
    let twice = option(option(WitType::U8));
    check(&twice, &None::<Option<u8>>, "null");
    check(&twice, &Some(None::<u8>), r#"{"some":null}"#);
    check(&twice, &Some(Some(1)), r#"{"some":1}"#);
    check(&twice, &json!({"some": 1}), r#"{"some":1}"#);
    check(&twice, &json!({"none": 1}), r#"error: null or {"some": value} is due for option<option<u8>>"#);
    check(&twice, &1, r#"error: null or {"some": value} is due for option<option<u8>>"#);
    check(&option(WitType::U8), &Some(Some(1)), "1");
    check(&option(list(WitType::U16)), &[1, 2], "[1,2]");
    check(&option(place()), &Place { floor: 1, room: 'A' }, r#"{"room":"A","floor":1}"#);
    check(&WitType::U8, &(), "error: invalid type: unit value, expected u8");
}

#[test]
fn texts_are_chars_enums_and_flags() {
    check(&WitType::Char, &'é', r#""é""#);
    check(&WitType::Char, "ab", r#"error: invalid value: string "ab", expected char"#);
    check(&WitType::String, &'x', r#""x""#);
    check(&WitType::Enum(names(&["missing", "off"])), &Verdict::Missing, r#""missing""#);
    check(&WitType::Enum(names(&["on", "off"])), "of", "error: `of` is none of on, off");
    check(&WitType::Flags(names(&["r", "w"])), &["w", "r"], r#"["w","r"]"#);
    check(&WitType::Flags(names(&["r", "w"])), &["w", "w"], "error: `w` stands twice");
    check(&WitType::Flags(names(&["r", "w"])), &[1], "error: invalid type: integer `1`, expected string");
}

#[track_caller]
fn check_arguments<A: Serialize + ?Sized>(params: &[(&str, WitType)], value: &A, expected: &str) {
    let params = params.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect();
    let function = WitFunction { params, result: None };
    let text = arguments(&function, value).map_err(|misfit| misfit.to_string());
    let text = text.and_then(|values| to_json::arguments(&values, &function));
    assert_eq!(text.unwrap_or_else(|error| format!("error: {error}")), expected);
}

#[test]
fn several_arguments_are_a_tuple_or_a_struct() {
    let params = [("room", WitType::String), ("floor", option(WitType::S8))];
    check_arguments(&params, &("A", 1), r#"["A",1]"#);
    check_arguments(&params, &Place { floor: 1, room: 'A' }, r#"["A",1]"#);
    check_arguments(&params, &BTreeMap::from([("room", "A")]), r#"["A",null]"#);
    check_arguments(&params, &("A",), "error: 2 arguments are due: room, floor");
    check_arguments(&params, &("A", 1, 2), "error: 2 arguments are due: room, floor");
    check_arguments(&params, &("A", 300), "error: at `floor`: invalid value: integer `300`, expected s8");
    check_arguments(&params, "A", r#"error: invalid type: string "A", expected 2 arguments: room, floor"#);
}

#[test]
fn no_arguments_are_nothing() {
    check_arguments(&[], &(), "[]");
    check_arguments(&[], &None::<u8>, "[]");
    check_arguments(&[], &[0; 0], "[]");
    check_arguments(&[], &json!({}), "[]");
    check_arguments(&[], &[1], "error: nothing is due");
    check_arguments(&[], &1, "error: invalid type: integer `1`, expected nothing");
    check_arguments(&[], &json!({"x": 1}), "error: nothing is due");
}
