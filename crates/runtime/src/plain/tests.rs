use std::collections::BTreeMap;

use abi::DataType::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
use abi::{DataType, ValueKind};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

fn record(fields: &[(&str, DataType)]) -> ValueKind {
    ValueKind::Record(fields.iter().map(|(name, dtype)| ((*name).into(), *dtype)).collect())
}

fn pair() -> ValueKind {
    record(&[("count", I64), ("mean", F64)])
}

/// The value becomes these bytes, or is refused with this reason.
#[track_caller]
fn check_encoded<A: Serialize + ?Sized>(kind: &ValueKind, value: &A, expected: Result<&[u8], &str>) {
    let found = encode(kind, value);
    assert_eq!(found.as_deref().map_err(ToString::to_string), expected.map_err(ToString::to_string));
}

#[track_caller]
fn check_decoded<R: DeserializeOwned + PartialEq + fmt::Debug>(
    kind: &ValueKind,
    bytes: &[u8],
    expected: Result<R, &str>,
) {
    assert_eq!(decode(kind, bytes).map_err(|misfit| misfit.to_string()), expected.map_err(ToString::to_string));
}

/// The JSON text becomes these bytes, and they become the text that is expected back.
#[track_caller]
fn check_json(kind: &ValueKind, text: &str, bytes: &[u8], back: &str) {
    assert_eq!(from_json(kind, text).unwrap().unwrap(), bytes);
    assert_eq!(to_json(kind, bytes).unwrap().unwrap(), back);
}

#[track_caller]
fn check_json_refused(kind: &ValueKind, text: &str, expected: &str) {
    let found = from_json(kind, text).unwrap_err().to_string();
    assert_eq!(found.split(" at line 1 column ").next(), Some(expected));
    assert!(found.len() > expected.len(), "a place in the text is named");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair {
    count: i64,
    mean: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped<T>(T);

#[test]
fn elements_lie_side_by_side_in_little_endian() {
    check_encoded(&ValueKind::List(I8), &[-1_i8, 2], Ok(&[0xff, 2]));
    check_encoded(&ValueKind::List(U8), &[255_u8, 2], Ok(&[0xff, 2]));
    check_encoded(&ValueKind::List(I16), &[-2_i16], Ok(&[0xfe, 0xff]));
    check_encoded(&ValueKind::List(U16), &[0x102_u16, 3], Ok(&[2, 1, 3, 0]));
    check_encoded(&ValueKind::List(I32), &[-1_i32], Ok(&[0xff; 4]));
    check_encoded(&ValueKind::List(U32), &[1_u32], Ok(&[1, 0, 0, 0]));
    check_encoded(&ValueKind::List(I64), &[i64::MIN], Ok(&[0, 0, 0, 0, 0, 0, 0, 0x80]));
    check_encoded(&ValueKind::List(U64), &[u64::MAX], Ok(&[0xff; 8]));
    check_encoded(&ValueKind::List(F32), &[1.0_f32], Ok(&[0, 0, 0x80, 0x3f]));
    check_encoded(&ValueKind::List(F64), &[-2.0_f64], Ok(&[0, 0, 0, 0, 0, 0, 0, 0xc0]));
    check_encoded(&ValueKind::List(F64), &[0.0_f64; 0], Ok(&[]));
}

#[test]
fn any_sequence_of_numbers_is_a_list() {
    let list = ValueKind::List(U8);
    check_encoded(&list, &vec![1_i64, 2], Ok(&[1, 2]));
    check_encoded(&list, &(1_u64, 2.0_f32, Some(3_i16), Wrapped(4_u8)), Ok(&[1, 2, 3, 4]));
    check_encoded(&list, &Wrapped(Some([5_u32])), Ok(&[5]));
    check_encoded(&list, &serde_json::json!([6, 7.0]), Ok(&[6, 7]));
    check_encoded(&list, &Bytes(&[8, 9]), Ok(&[8, 9]));
    check_encoded(&ValueKind::Bytes, &Bytes(&[8, 9]), Ok(&[8, 9]));
    check_encoded(&ValueKind::Bytes, &[8_i32, 9], Ok(&[8, 9]));
}

struct Bytes<'b>(&'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[test]
fn numbers_outside_of_the_type_are_refused_with_their_place() {
    check_encoded(&ValueKind::List(U8), &[1, 256], Err("element 1: 256 is no u8"));
    check_encoded(&ValueKind::List(U8), &[-1], Err("element 0: -1 is no u8"));
    check_encoded(&ValueKind::List(I8), &[127_u64, 128], Err("element 1: 128 is no i8"));
    check_encoded(&ValueKind::List(I64), &[u64::MAX], Err("element 0: 18446744073709551615 is no i64"));
    check_encoded(&ValueKind::List(I64), &[0.5], Err("element 0: 0.5 is no i64"));
    check_encoded(&ValueKind::List(I64), &[f64::NAN], Err("element 0: NaN is no i64"));
    check_encoded(&ValueKind::List(I64), &[1e18], Err("element 0: 1000000000000000000 is no i64"));
    // Which of two integers was meant cannot be told.
    check_encoded(&ValueKind::List(I64), &[9_007_199_254_740_992.0], Err("element 0: 9007199254740992 is no i64"));
    check_encoded(&ValueKind::List(F32), &[1e39], Err("element 0: 1000000000000000000000000000000000000000 is no f32"));
    check_encoded(&ValueKind::List(F64), &[true], Err("element 0: true is no f64"));
    check_encoded(&ValueKind::List(I64), &["1"], Err("element 0: a number is due, not a text of 1 bytes"));
    check_encoded(&ValueKind::List(I64), &[[1]], Err("element 0: a number is due, not a list"));
    check_encoded(&ValueKind::List(I64), &[None::<i64>], Err("element 0: a number is due, not nothing"));
    check_encoded(&ValueKind::List(I64), &1, Err("a list of i64 is due, not 1"));
    check_encoded(&ValueKind::List(I64), &(), Err("a list of i64 is due, not nothing"));
    check_encoded(&ValueKind::List(I64), &Bytes(&[1]), Err("a list of i64 is due, not 1 bytes"));
    check_encoded(
        &ValueKind::List(I64),
        &Pair { count: 1, mean: 2.0 },
        Err("a list of i64 is due, not a struct or map"),
    );
}

#[test]
fn floats_take_every_number_and_keep_what_is_not_finite() {
    check_encoded(&ValueKind::List(F32), &[16_777_217], Ok(&16_777_216_f32.to_le_bytes()));
    check_encoded(&ValueKind::List(F64), &[u64::MAX], Ok(&18_446_744_073_709_551_616_f64.to_le_bytes()));
    check_encoded(&ValueKind::List(F32), &[f64::NEG_INFINITY], Ok(&f32::NEG_INFINITY.to_le_bytes()));
    check_decoded(&ValueKind::List(F32), &f32::INFINITY.to_le_bytes(), Ok(vec![f64::INFINITY]));
    check_decoded(
        &ValueKind::List(F64),
        &1e39_f64.to_le_bytes(),
        Err::<Vec<f32>, _>("element 0: 1000000000000000000000000000000000000000 is no f32"),
    );
}

#[test]
fn a_record_is_its_fields_in_the_declared_order() {
    let bytes = [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40];
    check_encoded(&pair(), &Pair { count: 7, mean: 2.0 }, Ok(&bytes));
    check_encoded(&pair(), &BTreeMap::from([("mean", 2), ("count", 7)]), Ok(&bytes));
    check_encoded(&pair(), &serde_json::json!({"mean": 2, "count": 7.0}), Ok(&bytes));
    check_encoded(
        &record(&[("mean", F64), ("count", U64)]),
        &Pair { count: 7, mean: 2.0 },
        Ok(&[&bytes[8..], &bytes[..8]].concat()),
    );
    check_decoded(&pair(), &bytes, Ok(Pair { count: 7, mean: 2.0 }));
    check_decoded(&pair(), &bytes, Ok(Some(Wrapped(Pair { count: 7, mean: 2.0 }))));
    check_decoded(&pair(), &bytes, Ok(BTreeMap::from([("mean".to_owned(), 2.0), ("count".to_owned(), 7.0)])));
}

#[test]
fn records_with_other_fields_are_refused() {
    #[derive(Serialize)]
    struct Half {
        count: i64,
    }
    #[derive(Serialize)]
    struct Other {
        count: i64,
        median: f64,
    }
    check_encoded(&pair(), &Half { count: 1 }, Err("the field `mean` is missing, of type f64"));
    check_encoded(&pair(), &Other { count: 1, median: 1.0 }, Err("there is no field `median`, only count, mean"));
    check_encoded(&pair(), &BTreeMap::from([("count", 0.5), ("mean", 1.0)]), Err("field `count`: 0.5 is no i64"));
    check_encoded(
        &pair(),
        &BTreeMap::from([("count", "1")]),
        Err("field `count`: a number is due, not a text of 1 bytes"),
    );
    check_encoded(&pair(), &BTreeMap::from([(1, 2)]), Err("the name of a field is due, not 1"));
    check_encoded(&pair(), &(1, 2.0), Err("a record with the fields count, mean is due, not a list"));
    check_encoded(&pair(), &Twice, Err("the field `count` stands twice"));
}

/// A map with one key twice.
struct Twice;

impl Serialize for Twice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("count", 1), ("count", 2)])
    }
}

#[test]
fn answers_must_have_the_length_of_their_kind() {
    check_decoded(
        &ValueKind::List(I64),
        &[0; 9],
        Err::<Vec<i64>, _>("it has 9 bytes, and an element of list<i64> has 8"),
    );
    check_decoded(&pair(), &[0; 15], Err::<Pair, _>("it has 15 bytes, and the record has 16"));
    assert_eq!(check_len(&pair(), 24).unwrap_err().to_string(), "it has 24 bytes, and {count: i64, mean: f64} has 16");
}

#[test]
fn answers_become_the_wanted_type_or_say_why_not() {
    let list = ValueKind::List(I16);
    check_decoded(&list, &[1, 0, 0xff, 0xff], Ok(vec![1_i8, -1]));
    check_decoded(&list, &[1, 0, 2, 0], Ok((1_u8, 2.0_f64)));
    check_decoded(&list, &[1, 0, 2, 0], Ok([1_i64, 2]));
    check_decoded(&list, &[], Ok(Vec::<i64>::new()));
    check_decoded(&list, &[1, 0, 2, 0], Ok(serde_json::json!([1, 2])));
    check_decoded(
        &list,
        &[1, 0, 2, 0],
        Err::<[i64; 1], _>("the list has 2 elements, of which the wanted type takes 1"),
    );
    check_decoded(&list, &[1, 0], Err::<[i64; 2], _>("invalid length 1, expected an array of length 2"));
    check_decoded(&list, &[0, 1], Err::<Vec<u8>, _>("element 0: invalid value: integer `256`, expected u8"));
    check_decoded(&list, &[0, 1], Err::<String, _>("invalid type: sequence, expected a string"));
    check_decoded(&ValueKind::Bytes, &[1, 2], Ok(vec![1_u8, 2]));
    check_decoded(
        &pair(),
        &[0; 16],
        Err::<BTreeMap<String, i64>, _>("field `mean`: invalid type: floating point `0.0`, expected i64"),
    );
    check_decoded(&pair(), &[0; 16], Err::<Vec<f64>, _>("invalid type: map, expected a sequence"));
    check_decoded(&record(&[("count", I64)]), &[0; 8], Err::<Pair, _>("missing field `mean`"));
}

#[test]
fn lists_are_arrays_and_records_objects_in_json() {
    check_json(&ValueKind::List(I16), " [1, -2.0]", &[1, 0, 0xfe, 0xff], "[1,-2]");
    check_json(&ValueKind::List(F32), "[0.1]", &0.1_f32.to_le_bytes(), "[0.1]");
    check_json(&ValueKind::List(I64), "[]", &[], "[]");
    check_json(&ValueKind::List(U64), "[18446744073709551615]", &[0xff; 8], "[18446744073709551615]");
    let bytes = [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40];
    check_json(&pair(), r#"{"mean":2,"count":7}"#, &bytes, r#"{"count":7,"mean":2.0}"#);
    assert_eq!(from_json(&ValueKind::Bytes, "[1]"), Ok(None));
    assert_eq!(to_json(&ValueKind::Bytes, &[1]), Ok(None));
}

#[test]
fn json_that_does_not_fit_says_where() {
    let list = ValueKind::List(U8);
    check_json_refused(&list, "[1,256]", "element 1: 256 is no u8");
    check_json_refused(&list, "[1,null]", "element 1: invalid type: null, expected a number of type u8");
    check_json_refused(&list, "[1,2", "element 2: EOF while parsing a list");
    check_json_refused(&list, "[1]x", "trailing characters");
    check_json_refused(&list, "7", "invalid type: integer `7`, expected an array of u8");
    check_json_refused(&list, "", "EOF while parsing a value");
    check_json_refused(&pair(), "[1,2]", "invalid type: sequence, expected an object with the fields count, mean");
    check_json_refused(&pair(), r#"{"count":1}"#, "the field `mean` is missing, of type f64");
    check_json_refused(&pair(), r#"{"count":1,"count":2}"#, "the field `count` stands twice");
    check_json_refused(&pair(), r#"{"median":1}"#, "there is no field `median`, only count, mean");
    check_json_refused(&pair(), r#"{"count":1.5}"#, "field `count`: 1.5 is no i64");
}

#[test]
fn numbers_without_a_form_in_json_are_refused() {
    let infinite = [1.0_f32, f32::INFINITY].map(f32::to_le_bytes).concat();
    let error = to_json(&ValueKind::List(F32), &infinite).unwrap_err();
    assert_eq!(error.to_string(), "element 1: JSON has no form for inf");
    let bytes = [[0; 8], f64::NAN.to_le_bytes()].concat();
    assert_eq!(to_json(&pair(), &bytes).unwrap_err().to_string(), "field `mean`: JSON has no form for NaN");
}

proptest! {
    #[test]
    fn lists_survive_the_trip(values: Vec<i64>, floats: Vec<f32>) {
        prop_assert_eq!(decode::<Vec<i64>>(&ValueKind::List(I64), &encode(&ValueKind::List(I64), &values).unwrap()), Ok(values.clone()));
        let list = ValueKind::List(F32);
        let bytes = encode(&list, &floats).unwrap();
        prop_assert_eq!(&bytes, &floats.iter().flat_map(|float| float.to_le_bytes()).collect::<Vec<_>>());
        if floats.iter().all(|float| float.is_finite()) {
            let text = to_json(&list, &bytes).unwrap().unwrap();
            prop_assert_eq!(from_json(&list, &text), Ok(Some(bytes)));
        }
    }

    #[test]
    fn integers_are_taken_exactly_where_they_fit(value: i64) {
        for dtype in [I8, U8, I16, U16, I32, U32, I64, U64] {
            for value in [value, value >> 32, value >> 48, value >> 56] {
                prop_assert_eq!(encode(&ValueKind::List(dtype), &[value]).is_ok(), fits(dtype, value));
            }
        }
    }
}

fn fits(dtype: DataType, value: i64) -> bool {
    let bits = dtype.size() * 8;
    match dtype {
        I64 => true,
        I8 | I16 | I32 => value >> (bits - 1) == 0 || value >> (bits - 1) == -1,
        U64 => value >= 0,
        _ => value >= 0 && value >> bits == 0,
    }
}
