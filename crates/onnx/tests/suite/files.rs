//! Real models, from the directory that the environment variable `WASMTUBE_MODELS` names.

use std::collections::BTreeSet;
use std::path::Path;

use expect_test::{Expect, expect};

use crate::check::imported;

/// What a file of the directory becomes: nodes and outputs, or the codes of the refusal.
#[track_caller]
fn check_file(name: &str, expect: Expect) {
    let Some(directory) = std::env::var_os("WASMTUBE_MODELS") else {
        println!("{name} was not read: WASMTUBE_MODELS is not set");
        return;
    };
    let bytes = std::fs::read(Path::new(&directory).join(name)).unwrap();
    let summary = match imported(&bytes, &[]) {
        Ok(imported) => {
            ir::verify(&imported.graph).unwrap();
            let graph = &imported.graph;
            let mut counts = std::collections::BTreeMap::new();
            for node in graph.nodes() {
                *counts.entry(node.op.name()).or_insert(0) += 1;
            }
            let output = |output: &ir::GraphOutput| format!("{} {}", output.name, graph[output.value].ty);
            let outputs: Vec<String> = graph.outputs().iter().map(output).collect();
            format!("{counts:?} -> {}, notes {:?}", outputs.join(", "), imported.notes)
        }
        Err(error) => {
            let what =
                |reason: &ir::Diagnostic| format!("{} {}", reason.code, reason.operator.as_deref().unwrap_or("-"));
            let reasons: BTreeSet<String> = error.reasons().iter().map(what).collect();
            format!("{} reasons: {reasons:?}", error.reasons().len())
        }
    };
    expect.assert_eq(&summary);
}

#[test]
fn mobilenetv2_tv_f32() {
    check_file(
        "mobilenetv2-tv-f32.onnx",
        expect![[
            r#"{"add": 10, "clamp": 35, "conv": 52, "mat_mul": 1, "reduce_mean": 1, "reshape": 1, "transpose": 104} -> output f32[1, 1000], notes ["the batch dimension `batch_size` is bound to 1 (`--dim batch_size=N` sets it)"]"#
        ]],
    );
}

#[test]
fn squeezenet1_1_f32() {
    check_file(
        "squeezenet1.1-f32.onnx",
        expect![[
            r#"{"clamp": 26, "concat": 8, "conv": 26, "max_pool": 3, "reduce_mean": 1, "reshape": 1, "softmax": 1, "transpose": 58} -> prob f32[1, 1000], notes []"#
        ]],
    );
}

#[test]
fn mnist_8() {
    check_file(
        "mnist-8.onnx",
        expect![[
            r#"{"add": 3, "clamp": 2, "conv": 2, "mat_mul": 1, "max_pool": 2, "reshape": 1, "transpose": 8} -> Plus214_Output_0 f32[1, 10], notes []"#
        ]],
    );
}

#[test]
fn mlperf_tiny_resnet8_f32() {
    check_file(
        "mlperf-tiny-resnet8-f32.onnx",
        expect![[
            r#"{"add": 3, "clamp": 7, "conv": 9, "mat_mul": 1, "reduce_mean": 1, "reshape": 1, "softmax": 1, "transpose": 18} -> output f32[1, 10], notes []"#
        ]],
    );
}

#[test]
fn mlperf_tiny_vww96_f32() {
    check_file(
        "mlperf-tiny-vww96-f32.onnx",
        expect![[
            r#"{"clamp": 27, "conv": 27, "mat_mul": 1, "reduce_mean": 1, "reshape": 1, "softmax": 1, "transpose": 54} -> output f32[1, 2], notes []"#
        ]],
    );
}

#[test]
fn mlperf_tiny_kws_f32() {
    check_file(
        "mlperf-tiny-kws-f32.onnx",
        expect![[
            r#"{"clamp": 9, "conv": 9, "mat_mul": 1, "reduce_mean": 1, "reshape": 1, "softmax": 1, "transpose": 18} -> output f32[1, 12], notes []"#
        ]],
    );
}

#[test]
fn mlperf_tiny_ad01_f32() {
    check_file(
        "mlperf-tiny-ad01-f32.onnx",
        expect![[r#"{"clamp": 9, "mat_mul": 10} -> output f32[1, 640], notes []"#]],
    );
}

#[test]
fn mlperf_tiny_ad01_qdq_i8() {
    check_file(
        "mlperf-tiny-ad01-qdq-i8.onnx",
        expect![[r#"42 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mlperf_tiny_kws_qdq_i8() {
    check_file(
        "mlperf-tiny-kws-qdq-i8.onnx",
        expect![[r#"46 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mlperf_tiny_resnet8_qdq_i8() {
    check_file(
        "mlperf-tiny-resnet8-qdq-i8.onnx",
        expect![[r#"52 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mlperf_tiny_vww96_qdq_i8() {
    check_file(
        "mlperf-tiny-vww96-qdq-i8.onnx",
        expect![[r#"118 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mobilenetv2_tf_qdq_u8() {
    check_file(
        "mobilenetv2-tf-qdq-u8.onnx",
        expect![[r#"236 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mobilenetv2_tv_qdq_i8() {
    check_file(
        "mobilenetv2-tv-qdq-i8.onnx",
        expect![[r#"236 reasons: {"E0201 DequantizeLinear", "E0201 QuantizeLinear"}"#]],
    );
}

#[test]
fn mobilenetv2_tv_qlinear_u8() {
    check_file(
        "mobilenetv2-tv-qlinear-u8.onnx",
        expect![[
            r#"69 reasons: {"E0201 DequantizeLinear", "E0201 QLinearAdd", "E0201 QLinearConv", "E0201 QLinearGlobalAveragePool", "E0201 QLinearMatMul", "E0201 QuantizeLinear"}"#
        ]],
    );
}

#[test]
fn silero_vad_16k_static() {
    check_file("silero-vad-16k-static.onnx", expect![[r#"3 reasons: {"E0201 LSTM", "E0202 Pad", "E0202 Slice"}"#]]);
}

#[test]
fn squeezenet1_1_fp16() {
    check_file(
        "squeezenet1.1-fp16.onnx",
        expect![[
            r#"{"clamp": 26, "concat": 8, "conv": 26, "max_pool": 3, "reduce_mean": 1, "reshape": 2, "softmax": 1, "transpose": 58} -> softmaxout_1 f32[1, 1000, 1, 1], notes ["the input `data_0` is float16 in the model and float32 in the module", "the output `softmaxout_1` is float16 in the model and float32 in the module", "float16 is widened to float32, without loss, and everything is computed in float32, without rounding in between"]"#
        ]],
    );
}

#[test]
fn ultraface_rfb_320() {
    check_file(
        "ultraface-rfb-320.onnx",
        expect![[
            r#"{"add": 3, "clamp": 37, "concat": 5, "conv": 52, "div": 2, "exp": 1, "mul": 4, "reshape": 8, "slice": 4, "softmax": 1, "sub": 1, "transpose": 112} -> scores f32[1, 4420, 2], boxes f32[1, 4420, 4], notes []"#
        ]],
    );
}

#[test]
fn yolox_nano() {
    check_file(
        "yolox_nano.onnx",
        expect![[
            r#"{"add": 7, "concat": 18, "conv": 113, "max_pool": 3, "mul": 104, "reshape": 3, "resize": 2, "sigmoid": 110, "slice": 8, "transpose": 237} -> output f32[1, 3549, 85], notes []"#
        ]],
    );
}

#[test]
fn yunet_n_320_320() {
    check_file(
        "yunet_n_320_320.onnx",
        expect![[
            r#"{"add": 2, "clamp": 18, "conv": 59, "max_pool": 4, "reshape": 12, "resize": 2, "sigmoid": 6, "transpose": 142} -> cls_8 f32[1, 1600, 1], cls_16 f32[1, 400, 1], cls_32 f32[1, 100, 1], obj_8 f32[1, 1600, 1], obj_16 f32[1, 400, 1], obj_32 f32[1, 100, 1], bbox_8 f32[1, 1600, 4], bbox_16 f32[1, 400, 4], bbox_32 f32[1, 100, 4], kps_8 f32[1, 1600, 10], kps_16 f32[1, 400, 10], kps_32 f32[1, 100, 10], notes []"#
        ]],
    );
}
