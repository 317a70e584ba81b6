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
}
