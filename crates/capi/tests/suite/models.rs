//! A compiled model, by pictures and by tensors.

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use wasmtube::*;

use super::guests::{doubler, numbers};
use super::running::{NO_BYTES, Opened, Running, STATS, fail, failure, succeed, take, workspace};

const SHAPE: [u64; 2] = [1, 4];

/// Name, type, shape and numbers of the outputs; freed.
fn taken(outputs: *mut Outputs) -> String {
    // SAFETY: the library gave the outputs, and they are freed once, after they were copied.
    unsafe {
        let mut said = String::new();
        for at in 0..wasmtube_outputs_count(outputs) {
            let view = *wasmtube_outputs_at(outputs, at);
            let text = |text| CStr::from_ptr(text).to_str().unwrap();
            let shape = std::slice::from_raw_parts(view.shape, view.rank);
            let bytes = std::slice::from_raw_parts(view.data, view.data_len);
            let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            said += &format!("{} {} {shape:?} {floats:?}", text(view.name), text(view.dtype));
        }
        assert!(wasmtube_outputs_at(outputs, wasmtube_outputs_count(outputs)).is_null());
        wasmtube_outputs_free(outputs);
        said
    }
}

impl Opened {
    fn infer(&self, inputs: &[TensorView]) -> Result<String, String> {
        let mut outputs = null_mut();
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe { wasmtube_slot_infer(self.0, inputs.as_ptr(), inputs.len(), &raw mut outputs) };
        failure(error).map_or_else(|| Ok(taken(outputs)), Err)
    }

    fn predict(&self, rgb: &[u8], width: u32) -> Result<String, String> {
        let mut outputs = null_mut();
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe { wasmtube_slot_predict(self.0, rgb.as_ptr(), rgb.len(), width, 1, &raw mut outputs) };
        failure(error).map_or_else(|| Ok(taken(outputs)), Err)
    }

    fn image(&self, rgb: &[u8], width: u32) -> Result<String, String> {
        let mut answer = NO_BYTES;
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            let name = c"predict".as_ptr();
            wasmtube_slot_call_image(self.0, name, null(), rgb.as_ptr(), rgb.len(), width, 1, &raw mut answer)
        };
        failure(error).map_or_else(|| Ok(take(answer)), Err)
    }

    fn describe(&self) -> String {
        let mut description = NO_BYTES;
        // SAFETY: there is room for the description.
        succeed(unsafe { wasmtube_slot_describe(self.0, &raw mut description) });
        take(description)
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn view(name: *const c_char, dtype: &'static CStr, data: &[u8]) -> TensorView {
    let (shape, rank) = (SHAPE.as_ptr(), SHAPE.len());
    TensorView { name, dtype: dtype.as_ptr(), shape, rank, data: data.as_ptr(), data_len: data.len() }
}

#[test]
fn a_picture_is_predicted() {
    let engine = Running::new();
    let slot = engine.open(&doubler(), None).unwrap();
    assert_eq!(slot.predict(&[1, 2, 3, 4, 5, 6], 2).unwrap(), "y f32 [1, 4] [2.0, 4.0, 6.0, 8.0]");
    let said = slot.predict(&[1, 2, 3, 4, 5], 2).unwrap_err();
    assert!(said.ends_with("a picture of 2 x 1 pixels has 6 bytes of RGB, not 5"), "{said}");
    let said = slot.predict(&[], 0).unwrap_err();
    assert!(said.contains("wrong_argument: `predict` takes a picture of RGB, it was called with "), "{said}");
}

#[test]
fn a_picture_is_answered_in_json_with_labels() {
    let engine = Running::new();
    let slot = engine.open(&doubler(), None).unwrap();
    let answer = slot.image(&[1, 2, 9, 4, 5, 6], 2).unwrap();
    let outputs = r#"{"outputs":[{"name":"y","dtype":"FP32","shape":[1,4],"strides":null,"data":[2.0,4.0,18.0,8.0]}],"#;
    assert!(answer.starts_with(outputs), "{answer}");
    assert!(answer.contains(r#""top":[{"index":2,"label":"south","probability":0.999"#), "{answer}");
    let said = slot.image(&[1], 2).unwrap_err();
    assert!(said.starts_with("Call: wrong_argument: "), "{said}");
}

#[test]
fn tensors_are_inferred_by_name_and_by_position() {
    let engine = Running::new();
    let slot = engine.open(&doubler(), None).unwrap();
    let data = bytes(&[1.0, -2.0, f32::INFINITY, 0.5]);
    let expected = Ok("y f32 [1, 4] [2.0, -4.0, inf, 1.0]".into());
    assert_eq!(slot.infer(&[view(null(), c"f32", &data)]), expected);
    assert_eq!(slot.infer(&[view(c"x".as_ptr(), c"f32", &data)]), expected);
    let refused = |views: &[TensorView], expected: &str| {
        let said = slot.infer(views).unwrap_err();
        assert!(said.starts_with(expected), "{said}");
    };
    refused(&[], "Call: wrong_argument: `infer` takes 1 tensors, it was called with 0");
    refused(&[view(c"z".as_ptr(), c"f32", &data)], "Call: wrong_argument: input `z` of the model: there is no such ");
    refused(
        &[view(null(), c"f32", &data[1..])],
        "Call: wrong_argument: a tensor of f32 with shape [1, 4] has 16 bytes",
    );
    refused(&[view(null(), c"i32", &data)], "Call: wrong_argument: input `x` of the model: it is f32 [1, 4], ");
    refused(&[view(null(), c"f31", &data)], "Misuse: wrong_type: `inputs[0].dtype` is `f31`, not a type such as `f32`");
    refused(&[view(c"\xff".as_ptr(), c"f32", &data)], "Misuse: not_utf8: `inputs[0].name` is not UTF-8");
    let nowhere = TensorView { data: null(), ..view(null(), c"f32", &data) };
    refused(&[nowhere], "Misuse: null_argument: `inputs[0].data` is NULL");
    let shapeless = TensorView { shape: null(), ..view(null(), c"f32", &data) };
    refused(&[shapeless], "Misuse: null_argument: `inputs[0].shape` is NULL");
}

#[test]
fn what_is_no_model_says_so() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    for said in [slot.infer(&[]), slot.predict(&[1, 2, 3], 1), slot.image(&[1, 2, 3], 1)] {
        let said = said.unwrap_err();
        assert!(said.starts_with("Call: no_such_function: there is no function `"), "{said}");
    }
}

#[test]
fn null_is_allowed_or_named() {
    let engine = Running::new();
    let slot = engine.open(&doubler(), None).unwrap();
    let mut outputs = null_mut();
    let null_is = |what: &str| format!("Misuse: null_argument: `{what}` is NULL");
    // SAFETY: every pointer that is not null leads to what lives during the call.
    unsafe {
        fail(wasmtube_slot_infer(slot.0, null(), 1, &raw mut outputs), &null_is("inputs"));
        fail(wasmtube_slot_infer(slot.0, null(), 0, null_mut()), &null_is("outputs"));
        fail(wasmtube_slot_infer(null(), null(), 0, &raw mut outputs), &null_is("slot"));
        fail(wasmtube_slot_predict(slot.0, null(), 3, 1, 1, &raw mut outputs), &null_is("rgb"));
        fail(wasmtube_slot_describe(slot.0, null_mut()), &null_is("description"));
        assert!(outputs.is_null() && wasmtube_outputs_count(null()) == 0 && wasmtube_outputs_at(null(), 0).is_null());
        wasmtube_outputs_free(null_mut());
    }
}

#[test]
fn a_version_is_described() {
    let engine = Running::new();
    let model = engine.open(&doubler(), None).unwrap().describe();
    for part in [
        r#"{"answers":"tensors","name":"predict","takes":"picture","#,
        r#""inputs":[{"dtype":"f32","name":"x","shape":[1,4]}]"#,
        r#""labels":["north","east","south","west"]"#,
    ] {
        assert!(model.contains(part), "{model}");
    }
    let numbers = engine.open(&numbers(), None).unwrap().describe();
    for part in [
        r#"{"answers":"scalars","name":"add","takes":"scalars","type":"(i32, f64, i64) -> (f64)"}"#,
        r#"{"answers":"json","name":"sum","takes":"json","#,
        r#""model":null"#,
    ] {
        assert!(numbers.contains(part), "{numbers}");
    }
}
