use super::{from_json, to_json};
use crate::wit::{WitFunction, WitType};

/// Reads the text as the one argument of a function, and writes it again.
fn again(ty: &WitType, text: &str) -> Result<String, String> {
    let function = WitFunction { params: vec![("x".into(), ty.clone())], result: None };
    let values = from_json::arguments(&function, text)?;
    to_json::text(&values[0], ty)
}

#[track_caller]
fn check(ty: WitType, text: &str, expected: &str) {
    assert_eq!(again(&ty, text).unwrap_or_else(|error| format!("error: {error}")), expected);
}

fn boxed(ty: WitType) -> Box<WitType> {
    Box::new(ty)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn integers_keep_their_range() {
    check(WitType::U8, "255", "255");
    check(WitType::U8, "256", "error: invalid value: integer `256`, expected u8 at line 1 column 3");
    check(WitType::S8, "-128", "-128");
    check(WitType::U64, "18446744073709551615", "18446744073709551615");
    check(WitType::U64, r#""18446744073709551615""#, "18446744073709551615");
    check(WitType::S64, r#""-9223372036854775808""#, "-9223372036854775808");
    check(WitType::S32, r#""1""#, r#"error: invalid type: string "1", expected s32 at line 1 column 3"#);
    check(WitType::S32, "1.5", "error: invalid type: floating point `1.5`, expected s32 at line 1 column 3");
}

#[test]
fn floats_are_finite() {
    check(WitType::F32, "0.1", "0.1");
    check(WitType::F32, "1e39", "error: invalid value: floating point `1e+39`, expected f32 at line 1 column 4");
    check(WitType::F64, "3", "3.0");
    check(WitType::F64, "5e-324", "5e-324");
    check(WitType::F64, "null", "error: invalid type: null, expected f64 at line 1 column 4");
}

#[test]
fn chars_are_one_scalar_value() {
    check(WitType::Char, r#""é""#, r#""é""#);
    check(WitType::Char, r#""""#, r#"error: invalid value: string "", expected char at line 1 column 2"#);
    check(WitType::Char, r#""ab""#, r#"error: invalid value: string "ab", expected char at line 1 column 4"#);
}

#[test]
fn bytes_are_base64_or_an_array() {
    let bytes = || WitType::List(boxed(WitType::U8));
    check(bytes(), r#""AAEC""#, r#""AAEC""#);
    check(bytes(), "[0, 1, 2]", r#""AAEC""#);
    check(bytes(), "[]", r#""""#);
    check(bytes(), r#""A""#, "error: not base64: Invalid input length: 1 at line 1 column 3");
}

#[test]
fn fields_are_known_and_complete() {
    let record = || {
        let option = WitType::Option(boxed(WitType::U8));
        WitType::Record(vec![("a".into(), WitType::U8), ("b".into(), option)])
    };
    check(record(), r#"{"b":2,"a":1}"#, r#"{"a":1,"b":2}"#);
    check(record(), r#"{"a":1}"#, r#"{"a":1,"b":null}"#);
    check(record(), r#"{"b":1}"#, "error: the field `a` is missing, of type u8 at line 1 column 7");
    check(record(), r#"{"a":1,"a":2}"#, "error: the field `a` stands twice at line 1 column 13");
    check(record(), r#"{"a":1,"c":2}"#, "error: there is no field `c`, only a, b at line 1 column 10");
    check(record(), r#"{"a":300}"#, "error: at `a`: invalid value: integer `300`, expected u8 at line 1 column 8");
}

#[test]
fn options_in_options_can_be_told_apart() {
    let twice = || WitType::Option(boxed(WitType::Option(boxed(WitType::U8))));
    check(twice(), "null", "null");
    check(twice(), r#"{"some":null}"#, r#"{"some":null}"#);
    check(twice(), r#"{"some":1}"#, r#"{"some":1}"#);
    check(twice(), "1", r#"error: null or {"some": value} is due for option<option<u8>> at line 1 column 1"#);
}

#[test]
fn variants_and_results_hold_one_case() {
    let variant = || WitType::Variant(vec![("none".into(), None), ("some".into(), Some(WitType::U8))]);
    check(variant(), r#""none""#, r#""none""#);
    check(variant(), r#"{"none":null}"#, r#""none""#);
    check(variant(), r#"{"some":7}"#, r#"{"some":7}"#);
    check(variant(), r#""some""#, r#"error: `some` needs a value: {"some": u8} at line 1 column 6"#);
    check(variant(), r#"{"some":7,"none":null}"#, "error: `none` beside `some`: only one can hold at line 1 column 16");
    check(variant(), r#""other""#, "error: `other` is none of none, some at line 1 column 7");
    let result = || WitType::Result { ok: Some(boxed(WitType::U8)), err: None };
    check(result(), r#"{"ok":1}"#, r#"{"ok":1}"#);
    check(result(), r#"{"err":null}"#, r#"{"err":null}"#);
    check(result(), "{}", r#"error: {"ok": value} or {"err": value} is due for result<u8> at line 1 column 2"#);
}

#[test]
fn enums_and_flags_know_their_names() {
    check(WitType::Enum(names(&["on", "off"])), r#""off""#, r#""off""#);
    check(WitType::Enum(names(&["on", "off"])), r#""of""#, "error: `of` is none of on, off at line 1 column 4");
    check(WitType::Flags(names(&["r", "w"])), r#"["w","r"]"#, r#"["w","r"]"#);
    check(WitType::Flags(names(&["r", "w"])), r#"["w","w"]"#, "error: `w` stands twice at line 1 column 9");
}

#[test]
fn tuples_have_their_length() {
    let pair = || WitType::Tuple(vec![WitType::U8, WitType::String]);
    check(pair(), r#"[1,"x"]"#, r#"[1,"x"]"#);
    check(pair(), "[1]", "error: 2 elements are due for tuple<u8, string> at line 1 column 3");
    check(pair(), r#"[1,"x",2]"#, "error: 2 elements are due for tuple<u8, string> at line 1 column 9");
}

#[test]
fn depth_of_the_text_is_bounded() {
    let mut ty = WitType::U8;
    for _ in 0..30 {
        ty = WitType::List(boxed(ty));
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(again(&ty, &deep).is_err());
}
