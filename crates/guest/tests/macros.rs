//! The macros on a host: the functions stay ordinary ones, and the glue compiles for every kind of signature.

use serde::{Deserialize, Serialize};
use wasmtube_guest::{Error, Image, function};

wasmtube_guest::module! { name: "kinds", version: "0.1.0", state: slot }

#[derive(Deserialize)]
struct Pair {
    a: i32,
    b: i32,
}

#[derive(Debug, PartialEq, Serialize)]
struct Quotient {
    value: i32,
}

#[function]
fn divide(pair: Pair) -> Result<Quotient, Error> {
    let value = pair.a.checked_div(pair.b).ok_or_else(|| Error::new("division", "the divisor is zero"))?;
    Ok(Quotient { value })
}

#[function]
fn parse(text: String) -> Result<i32, std::num::ParseIntError> {
    text.parse()
}

#[function]
fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

#[function]
fn top_left(picture: Image<'_>) -> Result<Vec<u8>, Error> {
    let pixel = picture.pixels().get(..3).ok_or_else(|| Error::new("empty", "the picture has no pixel"))?;
    Ok(pixel.to_vec())
}

#[function]
fn answer() -> u8 {
    42
}

#[function]
fn argument(argument: Vec<u16>) -> Vec<u16> {
    argument
}

#[function]
fn call(width: bool) -> bool {
    width
}

#[function]
fn nothing(_: ()) {}

#[derive(Debug, PartialEq, wasmtube_guest::Record)]
struct Spread {
    mean: f64,
    count: u64,
    r#type: i64,
}

#[function(plain)]
fn spread(values: &[i64]) -> Result<Spread, Error> {
    let count = u64::try_from(values.len())?;
    Ok(Spread { mean: values.iter().sum::<i64>() as f64 / count as f64, count, r#type: -1 })
}

#[function(plain)]
fn means(spread: Spread) -> Vec<f64> {
    vec![spread.mean; usize::try_from(spread.count).unwrap_or(0)]
}

#[function(plain)]
fn sorted(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_by(f32::total_cmp);
    values
}

#[function(plain)]
fn quiet() {}

#[function]
#[cfg(any())]
fn absent(missing: Missing) -> Missing {
    missing
}

#[test]
fn functions_stay_ordinary() {
    assert_eq!(divide(Pair { a: 7, b: 2 }), Ok(Quotient { value: 3 }));
    assert_eq!(divide(Pair { a: 7, b: 0 }).map_err(|error| error.code().to_string()), Err("division".into()));
    assert_eq!(parse("12".into()), Ok(12));
    assert_eq!(reversed(b"abc"), b"cba");
    assert_eq!(top_left(Image::new(&[1, 2, 3], 1, 1).expect("3 bytes")), Ok(vec![1, 2, 3]));
    assert_eq!(answer(), 42);
    nothing(());
    assert_eq!(argument(vec![300]), [300]);
    assert!(call(true));
    let three = Spread { mean: 2.0, count: 3, r#type: -1 };
    assert_eq!(spread(&[1, 2, 3]), Ok(three));
    assert_eq!(means(Spread { mean: 2.0, count: 3, r#type: 0 }), [2.0; 3]);
    assert_eq!(sorted(vec![2.0, 1.0]), [1.0, 2.0]);
    quiet();
}

#[test]
fn records_are_their_fields_of_8_bytes() {
    use wasmtube_guest::Record as _;
    assert_eq!((Spread::FIELDS, Spread::KIND), (3, r#"{"record":[["mean","f64"],["count","u64"],["type","i64"]]}"#));
    let record = Spread { mean: -2.0, count: 258, r#type: -1 };
    let bytes = record.to_bytes();
    let words: [[u8; 8]; 3] = [[0, 0, 0, 0, 0, 0, 0, 0xc0], [2, 1, 0, 0, 0, 0, 0, 0], [0xff; 8]];
    assert_eq!(bytes, words.as_flattened());
    assert_eq!(Spread::from_bytes(&bytes), Some(record));
    assert_eq!(Spread::from_bytes(&bytes[1..]), None);
}
