use serde_json::json;

use super::*;

/// Writes a tensor as expected, and reads it back.
#[track_caller]
fn check(tensor: &Tensor, expected: &str) {
    let text = tensor.to_json().unwrap();
    assert_eq!(text, expected);
    let value: Value = serde_json::from_str(&text).unwrap();
    let elements: u64 = tensor.shape().iter().product();
    assert_eq!(value["data"].as_array().unwrap().len() as u64, elements);
    assert_eq!(Tensor::from_json(&tensor.name, &value).as_ref(), Ok(tensor));
}

#[track_caller]
fn check_refused(value: &Value, expected: &str) {
    assert_eq!(Tensor::from_json("x", value).unwrap_err().to_string(), expected);
}

#[track_caller]
fn check_elements(dtype: &str, data: &Value, expected: &[u8]) {
    let Value::Array(elements) = data else { panic!("a list") };
    let tensor = Tensor::from_json("", &json!({"dtype": dtype, "shape": [elements.len()], "data": data})).unwrap();
    assert_eq!(tensor.bytes(), expected);
}

#[test]
fn tensors_have_the_paper_form() {
    let tensor = Tensor::from_f32s(vec![1, 3], &[-1.238_053_2, 1e-12, 3e20]).unwrap();
    check(&tensor, r#"{"dtype":"FP32","shape":[1,3],"strides":null,"data":[-1.2380532,1e-12,3e20]}"#);
    let tensor = Tensor::new(DataType::I64, vec![1], i64::MAX.to_le_bytes().to_vec()).unwrap();
    check(&tensor, r#"{"dtype":"INT64","shape":[1],"strides":null,"data":[9223372036854775807]}"#);
    let tensor = Tensor::new(DataType::U64, vec![], u64::MAX.to_le_bytes().to_vec()).unwrap();
    check(&tensor, r#"{"dtype":"UINT64","shape":[],"strides":null,"data":[18446744073709551615]}"#);
    let tensor = Tensor::new(DataType::U8, vec![2, 0], vec![]).unwrap().named("y");
    check(&tensor, r#"{"dtype":"UINT8","shape":[2,0],"strides":null,"data":[]}"#);
    let halves = [0x3c00_u16, 0x0001, 0xfbff].iter().flat_map(|bits| bits.to_le_bytes()).collect();
    let tensor = Tensor::new(DataType::F16, vec![3], halves).unwrap();
    check(&tensor, r#"{"dtype":"FP16","shape":[3],"strides":null,"data":[1.0,5.960464477539063e-8,-65504.0]}"#);
}

#[test]
fn what_json_cannot_hold_is_refused() {
    for (value, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let tensor = Tensor::from_f32s(vec![2], &[1.0, value]).unwrap().named("y");
        assert_eq!(tensor.to_json(), Err(NotFinite { name: "y".into(), position: 1, value: text.into() }));
    }
}

#[test]
fn elements_become_what_the_type_says() {
    check_elements("BOOL", &json!([true, 0, 1.0]), &[1, 0, 1]);
    check_elements("INT8", &json!([-128, 127.0]), &[0x80, 0x7f]);
    check_elements("UINT16", &json!([65535]), &[0xff, 0xff]);
    check_elements("FP32", &json!([1]), &1.0_f32.to_le_bytes());
    check_elements("FP16", &json!([1.00048, 65519.0]), &[0x00, 0x3c, 0xff, 0x7b]);
}

#[test]
fn elements_that_do_not_fit_are_named() {
    for (dtype, element, given) in [
        ("INT8", json!(128), "128"),
        ("INT64", json!(1.5), "1.5"),
        ("INT64", json!(1e300), "1e+300"),
        ("UINT8", json!(-1), "-1"),
        ("UINT64", json!(-1.0), "-1.0"),
        ("BOOL", json!(2), "2"),
        ("FP16", json!(65520), "65520"),
        ("FP32", json!(1e39), "1e+39"),
        ("FP64", json!("NaN"), "\"NaN\""),
        ("FP64", json!([1]), "a list"),
    ] {
        let expected = format!("element 1 of the tensor `x` is {given}, which {dtype} cannot hold");
        check_refused(&json!({"dtype": dtype, "shape": [2], "data": [0, element]}), &expected);
    }
}

#[test]
fn what_is_no_tensor_is_explained() {
    check_refused(
        &json!([1.0]),
        r#"the tensor `x` is not an object: write {"dtype":"FP32","shape":[1,2],"strides":null,"data":[0.5,1]}"#,
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [1]}),
        "the tensor `x` has no `data`: it needs dtype, shape and data",
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [1], "data": [1], "name": "y"}),
        "the tensor `x` has a field `name`, which is unknown: it takes dtype, shape, strides and data",
    );
    check_refused(
        &json!({"dtype": "float", "shape": [1], "data": [1]}),
        "dtype of the tensor `x` is not FP16, FP32, FP64, INT8 to INT64, UINT8 to UINT64 or BOOL",
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [-1], "data": [1]}),
        "shape of the tensor `x` is not a list of sizes",
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [1], "strides": [1], "data": [1]}),
        "strides of the tensor `x` is not null: elements are given in row-major order without gaps",
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [2, 2], "data": [1, 2, 3]}),
        "the tensor `x` with shape [2, 2] does not have 3 elements",
    );
    check_refused(
        &json!({"dtype": "FP32", "shape": [u64::MAX, 2], "data": []}),
        "the tensor `x` with shape [18446744073709551615, 2] does not have 0 elements",
    );
}
