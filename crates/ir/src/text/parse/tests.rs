use super::parse;
use crate::text::print;
use crate::verify;

const GRAPH: &str = r#"graph "every \"op\"" {
  input %0 "x" : f32[1, 8, 8, 4]
  const %1 "w" : f32[3, 3, 4, 4] = splat 0.5
  const %2 "b" : f32[4] = [1.0, 2.0, -3.5, inf]
  %3 = conv(%0, %1, %2) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [1.0, 1.0, 1.0, 1.0], groups = [1.0], activation = [0.0, 6.0]} : f32[1, 8, 8, 4] "c"
  %4 = conv(%0, %1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [1.0, 1.0, 1.0, 1.0], groups = [1.0]} : f32[1, 8, 8, 4] "r"
  %5 = max_pool(%4) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 0.0, 0.0]} : f32[1, 4, 4, 4] "m"
  %6 = average_pool(%5) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 0.0, 0.0], count_padding = [1.0]} : f32[1, 2, 2, 4] "a"
  %7 = batch_norm(%6, %2, %2, %2, %2) {epsilon = [0.5]} : f32[1, 2, 2, 4] "bn"
  %8 = add(%7, %2) : f32[1, 2, 2, 4] "add"
  %9 = sigmoid(%8) : f32[1, 2, 2, 4] "s"
  %10 = clamp(%9) {bounds = [-inf, 1.0]} : f32[1, 2, 2, 4] "cl"
  %11 = concat(%10, %8) {axis = [3.0]} : f32[1, 2, 2, 8] "cat"
  %12 = slice(%11) {starts = [0.0, 0.0, 1.0, 0.0], sizes = [1.0, 2.0, 1.0, 4.0], steps = [1.0, 1.0, 1.0, 2.0]} : f32[1, 2, 1, 4] "sl"
  %13 = pad(%12) {before = [0.0, 0.0, 1.0, 0.0], after = [0.0, 0.0, 0.0, 0.0], value = [2.5]} : f32[1, 2, 2, 4] "p"
  %14 = reduce_mean(%13) {axes = [1.0, 2.0]} : f32[1, 1, 1, 4] "g"
  %15 = reshape(%14) {shape = [1.0, 4.0]} : f32[1, 4] "f"
  const %16 "m" : f32[4, 2] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
  %17 = mat_mul(%15, %16) : f32[1, 2] "mm"
  %18 = softmax(%17) {axis = [1.0]} : f32[1, 2] "sm"
  %19 = transpose(%18) {permutation = [1.0, 0.0]} : f32[2, 1] "t"
  %20 = resize(%13) {rows = [0.0, 0.0, 1.0], columns = [1.0]} : f32[1, 3, 1, 4] "rn"
  %21 = resize(%20) {row_blends = [0.0, 2.0, 0.25], column_blends = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]} : f32[1, 1, 2, 4] "rl"
  output "y" = %19
}
"#;

#[test]
fn every_operator_survives_printing_and_parsing() {
    let graph = parse(GRAPH).unwrap();
    verify(&graph).unwrap();
    assert_eq!(graph.nodes().len(), 18);
    // Constants move to the front, which numbers the values anew; from then on the text is stable.
    let printed = print(&parse(&print(&graph)).unwrap());
    assert_eq!(print(&parse(&printed).unwrap()), printed);
}

#[track_caller]
fn check(statement: &str, expect: &str) {
    let text = format!("input %0 \"x\" : f32[2, 3]\n{statement}");
    assert_eq!(parse(&text).unwrap_err().to_string(), expect);
}

#[test]
fn wrong_type_is_refused() {
    check("%1 = neg(%0) : f32[3, 2] \"n\"", "line 2: neg computes f32[2, 3], not f32[3, 2]");
}

#[test]
fn unknown_operator_is_refused() {
    check("%1 = frob(%0) : f32[3, 2] \"n\"", "line 2: unknown operator `frob`");
}

#[test]
fn unknown_setting_is_refused() {
    check("%1 = neg(%0) {axis = [1]} : f32[2, 3] \"n\"", "line 2: unknown setting `axis`");
}

#[test]
fn undefined_value_is_refused() {
    check("%1 = neg(%7) : f32[2, 3] \"n\"", "line 2: %7 is not defined");
}

#[test]
fn axis_out_of_range_is_refused() {
    check(
        "%1 = softmax(%0) {axis = [2]} : f32[2, 3] \"n\"",
        "line 2: softmax axis 2 is out of range for a rank-2 tensor",
    );
}

#[test]
fn rows_beyond_the_input_are_refused() {
    let check = |settings: &str, expect: &str| {
        let input = "%1 = reshape(%0) {shape = [1, 2, 3, 1]} : f32[1, 2, 3, 1] \"r\"";
        let text =
            format!("input %0 \"x\" : f32[2, 3]\n{input}\n%2 = resize(%1) {{{settings}}} : f32[1, 2, 1, 1] \"n\"");
        assert_eq!(parse(&text).unwrap_err().to_string(), expect);
    };
    let outside = "line 3: resize row 1 is no mean of elements of a size of 2";
    check("rows = [0, 2], columns = [0]", outside);
    check("row_blends = [0, 1, 0, 1, 2, 0], columns = [0]", outside);
    check("row_blends = [0, 1, 1, 1, 0, 1.5], columns = [0]", outside);
    check("row_blends = [0, 1, 0, 1, 0, NaN], columns = [0]", outside);
    check("rows = [0, 1], columns = [3]", "line 3: resize column 0 is no mean of elements of a size of 3");
    check("columns = [0]", "line 3: needs `rows` or `row_blends`");
    check("row_blends = [0, 1], columns = [0]", "line 3: `row_blends` holds two sizes and a weight for each output");
}

#[test]
fn unfilled_constant_is_refused() {
    check("const %1 \"c\" : f32[3] = [1, 2]", "line 2: 2 elements do not fill f32[3]");
}

#[test]
fn huge_type_is_refused() {
    let expect = "line 2: a tensor of shape [1000000, 1000000] has more than 2^30 elements";
    check("const %1 \"c\" : f32[1000000, 1000000] = splat 0", expect);
}

#[test]
fn empty_tensor_is_refused() {
    check("const %1 \"c\" : f32[2, 0] = splat 0", "line 2: a tensor of shape [2, 0] has no elements");
    let expect = "line 2: a tensor of shape [2, 0] has no elements";
    check("%1 = slice(%0) {starts = [0, 0], sizes = [2, 0], steps = [1, 1]} : f32[2, 0] \"n\"", expect);
}
