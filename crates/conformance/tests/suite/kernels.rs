//! Every kernel at the edges of its geometry: sizes that fill no tile, no vector and no panel.

use ir::{
    AveragePool, Binary, BinaryOp, Blend, Clamp, Concat, Conv, Graph, MatMul, MaxPool, Op, Pad, Padding, Reduce,
    ReduceKind, Reshape, Resize, Sampling, Slice, Softmax, Tensor, TensorType, Transpose, Unary, ValueId,
};
use wasmtube_conformance::inputs::Numbers;

use crate::harness::{BOUND, check_graph};

const RELU6: Clamp = Clamp { low: 0.0, high: 6.0 };

struct Net {
    graph: Graph,
    numbers: Numbers,
}

impl Net {
    fn new() -> Self {
        Self { graph: Graph::new("kernel"), numbers: Numbers::seeded(1) }
    }

    fn input(&mut self, shape: &[usize]) -> ValueId {
        self.graph.input("x", TensorType::f32(shape))
    }

    fn constant(&mut self, shape: &[usize]) -> ValueId {
        let tensor = self.numbers.tensor(shape);
        self.graph.constant("c", tensor)
    }

    #[track_caller]
    fn push(&mut self, op: Op, inputs: &[ValueId]) -> ValueId {
        self.graph.push(op, inputs, "node").unwrap()
    }

    #[track_caller]
    fn check(mut self, output: ValueId) {
        self.graph.output("y", output);
        check_graph(&self.graph, BOUND);
    }
}

#[derive(Clone, Copy)]
struct Geometry {
    input: [usize; 4],
    channels: usize,
    kernel: [usize; 2],
    stride: usize,
    padding: usize,
    dilation: usize,
    groups: usize,
}

const PLAIN: Geometry =
    Geometry { input: [1, 6, 7, 8], channels: 8, kernel: [1, 1], stride: 1, padding: 0, dilation: 1, groups: 1 };

impl Geometry {
    fn op(&self, activation: Option<Clamp>) -> Op {
        let p = self.padding;
        Op::Conv(Conv {
            strides: [self.stride; 2],
            dilations: [self.dilation; 2],
            padding: Padding { top: p, left: p, bottom: p, right: p },
            groups: self.groups,
            activation,
        })
    }

    /// Behind another node, so that the planner may give its input a border, and with everything fused.
    #[track_caller]
    fn check(&self) {
        for fused in [false, true] {
            let mut net = Net::new();
            let x = net.input(&self.input);
            let x = net.push(Op::Unary(Unary::Neg), &[x]);
            let per_group = self.input[3] / self.groups;
            let weights = net.constant(&[self.kernel[0], self.kernel[1], per_group, self.channels]);
            let bias = net.constant(&[self.channels]);
            let y = net.push(self.op(None), &[x, weights, bias]);
            let y = if fused { net.push(self.op(Some(RELU6)), &[x, weights, bias, y]) } else { y };
            net.check(y);
        }
    }
}

#[test]
fn pointwise_convolutions_of_every_width() {
    for channels in [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16] {
        Geometry { channels, ..PLAIN }.check();
    }
}

#[test]
fn pointwise_convolutions_of_every_depth() {
    for depth in [1, 2, 3, 5, 8, 11, 32] {
        Geometry { input: [1, 3, 5, depth], ..PLAIN }.check();
    }
}

#[test]
fn pointwise_convolutions_of_every_number_of_pixels() {
    for pixels in [1, 2, 3, 4, 5, 6, 9] {
        Geometry { input: [1, 1, pixels, 8], ..PLAIN }.check();
        Geometry { input: [1, pixels, 1, 8], stride: 2, ..PLAIN }.check();
    }
}

#[test]
fn convolutions_with_windows() {
    let window = |kernel, padding, stride| Geometry { kernel, padding, stride, ..PLAIN };
    for stride in [1, 2, 3] {
        window([3, 3], 1, stride).check();
        window([3, 3], 0, stride).check();
        window([5, 5], 2, stride).check();
        window([1, 3], 0, stride).check();
        window([3, 1], 0, stride).check();
    }
    Geometry { input: [1, 9, 9, 3], channels: 10, ..window([7, 7], 3, 2) }.check();
}

#[test]
fn convolutions_with_dilation() {
    for dilation in [2, 3] {
        Geometry { input: [1, 9, 10, 5], kernel: [3, 3], padding: 2, dilation, ..PLAIN }.check();
    }
}

#[test]
fn convolutions_with_groups() {
    for (depth, channels, groups) in [(8, 8, 2), (8, 12, 4), (6, 9, 3), (4, 8, 4)] {
        Geometry { input: [1, 5, 5, depth], channels, groups, kernel: [3, 3], padding: 1, ..PLAIN }.check();
    }
}

#[test]
fn convolutions_of_several_images() {
    Geometry { input: [3, 5, 5, 6], kernel: [3, 3], padding: 1, ..PLAIN }.check();
    Geometry { input: [2, 5, 5, 6], channels: 6, groups: 6, kernel: [3, 3], padding: 1, ..PLAIN }.check();
}

#[test]
fn convolutions_with_weights_beyond_the_cache() {
    Geometry { input: [1, 3, 3, 320], channels: 323, ..PLAIN }.check();
    Geometry { input: [1, 3, 3, 128], channels: 132, kernel: [3, 3], padding: 1, ..PLAIN }.check();
}

#[test]
fn depthwise_convolutions() {
    for channels in [2, 3, 4, 5, 8, 10] {
        for (kernel, padding, stride) in [(3, 1, 1), (3, 1, 2), (3, 0, 1), (5, 2, 1), (5, 2, 2), (7, 3, 3)] {
            let input = [1, 7, 9, channels];
            Geometry { input, channels, groups: channels, kernel: [kernel; 2], padding, stride, ..PLAIN }.check();
        }
        let input = [1, 7, 9, channels];
        Geometry { input, channels, groups: channels, kernel: [3, 3], padding: 2, dilation: 2, ..PLAIN }.check();
    }
}

#[test]
fn asymmetric_padding() {
    let mut net = Net::new();
    let x = net.input(&[1, 6, 6, 4]);
    let x = net.push(Op::Unary(Unary::Abs), &[x]);
    let weights = net.constant(&[3, 3, 4, 4]);
    let bias = net.constant(&[4]);
    let padding = Padding { top: 0, left: 1, bottom: 2, right: 0 };
    let conv = Conv { strides: [2, 2], dilations: [1, 1], padding, groups: 1, activation: None };
    let y = net.push(Op::Conv(conv), &[x, weights, bias]);
    net.check(y);
}

#[test]
fn matrix_products() {
    for (shape, channels) in [(vec![1, 20], 10), (vec![1, 7], 41), (vec![5, 16], 8), (vec![2, 3, 9], 5)] {
        let mut net = Net::new();
        let x = net.input(&shape);
        let weights = net.constant(&[*shape.last().unwrap(), channels]);
        let bias = net.constant(&[channels]);
        let y = net.push(Op::MatMul(MatMul { activation: None }), &[x, weights]);
        let z = net.push(Op::MatMul(MatMul { activation: Some(Clamp::RELU) }), &[x, weights, bias]);
        net.graph.output("z", z);
        net.check(y);
    }
}

#[test]
fn pools() {
    for channels in [1, 4, 6] {
        for (kernel, stride, padding) in [(2, 2, 0), (3, 2, 0), (3, 1, 1), (3, 2, 1), (5, 1, 2)] {
            let padding = Padding { top: padding, left: padding, bottom: padding, right: padding };
            let (kernel, strides) = ([kernel; 2], [stride; 2]);
            let mut net = Net::new();
            let x = net.input(&[2, 7, 8, channels]);
            let y = net.push(Op::MaxPool(MaxPool { kernel, strides, padding }), &[x]);
            for count_padding in [false, true] {
                let mean = Op::AveragePool(AveragePool { kernel, strides, padding, count_padding });
                let mean = net.push(mean, &[x]);
                net.graph.output("mean", mean);
            }
            net.check(y);
        }
    }
}

/// Each of `size` elements `times` times.
fn repeated(size: usize, times: usize) -> Sampling {
    Sampling::Nearest((0..size * times).map(|output| output / times).collect())
}

/// `outputs` evenly over `size` elements, from the first to the last.
fn blended(size: usize, outputs: usize) -> Sampling {
    let blend = |output: usize| {
        let position = output as f32 * (size - 1) as f32 / (outputs - 1) as f32;
        let near = position as usize;
        Blend { near, far: (near + 1).min(size - 1), weight: position - near as f32 }
    };
    Sampling::Linear((0..outputs).map(blend).collect())
}

#[test]
fn resizes_that_repeat_every_pixel() {
    for channels in [1, 3, 4, 9] {
        for times in [[2, 2], [1, 3], [3, 1], [5, 4]] {
            let mut net = Net::new();
            let x = net.input(&[2, 3, 5, channels]);
            let op = Resize { rows: repeated(3, times[0]), columns: repeated(5, times[1]) };
            let y = net.push(Op::Resize(op), &[x]);
            net.check(y);
        }
    }
}

#[test]
fn resizes_by_a_table() {
    let picked = |indices: &[usize]| Sampling::Nearest(indices.to_vec());
    for channels in [1, 3, 4, 9] {
        for (rows, columns) in [
            (picked(&[0, 0, 1, 2, 2]), picked(&[4, 0, 1])),
            (picked(&[1]), repeated(5, 2)),
            (blended(3, 5), blended(5, 4)),
            (picked(&[2, 0]), blended(5, 11)),
            (blended(3, 2), repeated(5, 1)),
        ] {
            let mut net = Net::new();
            let x = net.input(&[2, 3, 5, channels]);
            let y = net.push(Op::Resize(Resize { rows, columns }), &[x]);
            net.check(y);
        }
    }
}

#[test]
fn resizes_between_padded_windows_and_into_a_concatenation() {
    for rows in [repeated(4, 2), blended(4, 8)] {
        let mut net = Net::new();
        let x = net.input(&[1, 4, 4, 4]);
        let [w, b, wide] = [&[3, 3, 4, 4][..], &[4], &[3, 3, 8, 4]].map(|shape| net.constant(shape));
        let window = Geometry { padding: 1, ..PLAIN };
        let small = net.push(window.op(None), &[x, w, b]);
        let again = net.push(window.op(None), &[small, w, b]);
        let up = net.push(Op::Resize(Resize { rows, columns: repeated(4, 2) }), &[small]);
        let other = net.push(Op::Unary(Unary::Neg), &[up]);
        let both = net.push(Op::Concat(Concat { axis: 3 }), &[up, other]);
        let y = net.push(window.op(None), &[both, wide, b]);
        net.graph.output("again", again);
        net.check(y);
    }
}

#[test]
fn functions_of_elements() {
    for unary in Unary::ALL {
        for shape in [vec![7], vec![2, 3, 5], vec![]] {
            let mut net = Net::new();
            let x = net.input(&shape);
            let eight = net.graph.constant("eight", Tensor::splat([], 8.0));
            let x = net.push(Op::Binary(Binary { op: BinaryOp::Mul }), &[x, eight]);
            // Roots and logarithms are compared on positive numbers here and elsewhere below.
            let x = match unary {
                Unary::Sqrt | Unary::Log => net.push(Op::Unary(Unary::Abs), &[x]),
                _ => x,
            };
            let y = net.push(Op::Unary(unary), &[x]);
            net.check(y);
        }
    }
}

#[test]
fn functions_of_special_numbers() {
    let special = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, -1.0, 88.0, 89.0, 200.0, -200.0, 1e-30];
    for unary in Unary::ALL {
        let mut net = Net::new();
        let x = net.input(&[12]);
        let zero = net.graph.constant("zero", Tensor::splat([12], 0.0));
        let special = net.graph.constant("special", Tensor::new([12], special));
        let nothing = net.push(Op::Binary(Binary { op: BinaryOp::Mul }), &[x, zero]);
        let x = net.push(Op::Binary(Binary { op: BinaryOp::Add }), &[nothing, special]);
        let y = net.push(Op::Unary(unary), &[x]);
        net.check(y);
    }
}

#[test]
fn broadcast_operations() {
    let shapes: [(&[usize], &[usize]); 8] = [
        (&[2, 3, 5], &[2, 3, 5]),
        (&[2, 3, 5], &[5]),
        (&[2, 3, 5], &[3, 1]),
        (&[2, 3, 5], &[]),
        (&[2, 1, 8], &[1, 3, 1]),
        (&[4], &[2, 3, 4]),
        (&[1, 4, 4, 6], &[1, 1, 1, 6]),
        (&[1, 4, 4, 6], &[1, 4, 4, 1]),
    ];
    for op in BinaryOp::ALL {
        for (a, b) in shapes {
            let mut net = Net::new();
            let a = net.input(a);
            let b = net.input(b);
            let y = net.push(Op::Binary(Binary { op }), &[a, b]);
            net.check(y);
        }
    }
}

#[test]
fn clamps() {
    for (low, high) in [(0.0, f32::INFINITY), (-0.25, 0.5), (f32::NEG_INFINITY, 0.0)] {
        let mut net = Net::new();
        let x = net.input(&[3, 7]);
        let y = net.push(Op::Clamp(Clamp { low, high }), &[x]);
        net.check(y);
    }
}

#[test]
fn reductions() {
    let cases: [(&[usize], &[usize]); 9] = [
        (&[1, 7, 7, 37], &[1, 2]),
        (&[2, 3, 4], &[2]),
        (&[2, 3, 9], &[1]),
        (&[2, 3, 9], &[0]),
        (&[2, 3, 9], &[0, 1, 2]),
        (&[2, 3, 9], &[0, 2]),
        (&[5], &[0]),
        (&[3, 1, 2], &[1]),
        (&[1, 6, 3, 3], &[2, 3]),
    ];
    for kind in ReduceKind::ALL {
        for (shape, axes) in cases {
            let mut net = Net::new();
            let x = net.input(shape);
            let y = net.push(Op::Reduce(Reduce { kind, axes: axes.to_vec() }), &[x]);
            net.check(y);
        }
    }
}

#[test]
fn softmaxes() {
    for (shape, axis) in
        [(vec![1, 10], 1), (vec![3, 4], 1), (vec![3, 3], 1), (vec![2, 9, 5], 1), (vec![2, 3, 8], 0), (vec![1000], 0)]
    {
        let mut net = Net::new();
        let x = net.input(&shape);
        let y = net.push(Op::Softmax(Softmax { axis }), &[x]);
        net.check(y);
    }
}

#[test]
fn transposes() {
    for (shape, permutation) in [
        (vec![1, 3, 8, 9], vec![0, 2, 3, 1]),
        (vec![1, 8, 9, 3], vec![0, 3, 1, 2]),
        (vec![5, 7], vec![1, 0]),
        (vec![2, 3, 4], vec![2, 0, 1]),
        (vec![2, 3, 4], vec![1, 0, 2]),
        (vec![2, 3, 1], vec![2, 0, 1]),
    ] {
        let mut net = Net::new();
        let x = net.input(&shape);
        let y = net.push(Op::Transpose(Transpose { permutation }), &[x]);
        net.check(y);
    }
}

#[test]
fn slices_and_pads() {
    let mut net = Net::new();
    let x = net.input(&[4, 9, 6]);
    let slice = Slice { starts: vec![1, 0, 2], sizes: vec![2, 3, 4], steps: vec![2, 4, 1] };
    let part = net.push(Op::Slice(slice), &[x]);
    net.graph.output("part", part);
    for value in [0.0, -3.5] {
        let pad = Pad { before: vec![1, 0, 2], after: vec![0, 3, 1], value };
        let padded = net.push(Op::Pad(pad), &[part]);
        net.graph.output("padded", padded);
    }
    let reversed = Slice { starts: vec![0, 8, 0], sizes: vec![4, 1, 6], steps: vec![1, 1, 1] };
    let y = net.push(Op::Slice(reversed), &[x]);
    net.check(y);
}

#[test]
fn concatenations_in_place_and_copied() {
    for axis in 0..4 {
        let mut net = Net::new();
        let x = net.input(&[2, 3, 4, 5]);
        let a = net.push(Op::Unary(Unary::Neg), &[x]);
        let b = net.push(Op::Unary(Unary::Abs), &[x]);
        // In place: both parts are computed. Copied: one part is an input. Twice: a part cannot lie in two places.
        let y = net.push(Op::Concat(Concat { axis }), &[a, b]);
        let z = net.push(Op::Concat(Concat { axis }), &[x, a]);
        let w = net.push(Op::Concat(Concat { axis }), &[b, b, y]);
        net.graph.output("z", z);
        net.graph.output("w", w);
        net.check(y);
    }
}

#[test]
fn concatenated_channels_feed_padded_windows() {
    let mut net = Net::new();
    let x = net.input(&[1, 6, 6, 4]);
    let [w, b, wide, bias] = [&[1, 1, 4, 6][..], &[6], &[3, 3, 10, 8], &[8]].map(|shape| net.constant(shape));
    let left = net.push(PLAIN.op(None), &[x, w, b]);
    let right = net.push(Op::Unary(Unary::Neg), &[x]);
    let both = net.push(Op::Concat(Concat { axis: 3 }), &[left, right]);
    let y = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[both, wide, bias]);
    let pooled = MaxPool { kernel: [3, 3], strides: [2, 2], padding: Padding::ZERO };
    let z = net.push(Op::MaxPool(pooled), &[both]);
    net.graph.output("z", z);
    net.check(y);
}

#[test]
fn reshapes_of_dense_and_bordered_values() {
    let mut net = Net::new();
    let x = net.input(&[1, 4, 4, 4]);
    let [w, b] = [&[3, 3, 4, 4][..], &[4]].map(|shape| net.constant(shape));
    let dense = net.push(Op::Unary(Unary::Neg), &[x]);
    let flat = net.push(Op::Reshape(Reshape { shape: vec![1, 64] }), &[dense]);
    let again = net.push(Op::Reshape(Reshape { shape: vec![8, 8] }), &[flat]);
    let bordered = net.push(Op::Unary(Unary::Abs), &[x]);
    let y = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[bordered, w, b]);
    let copied = net.push(Op::Reshape(Reshape { shape: vec![64] }), &[bordered]);
    net.graph.output("again", again);
    net.graph.output("copied", copied);
    net.check(y);
}

#[test]
fn inputs_and_constants_as_outputs() {
    let mut net = Net::new();
    let x = net.input(&[1, 4, 4, 4]);
    let constant = net.constant(&[3]);
    net.graph.output("constant", constant);
    net.graph.output("x", x);
    let [w, b] = [&[3, 3, 4, 4][..], &[4]].map(|shape| net.constant(shape));
    // The host owns the input and its border: a padded window reads a copy.
    let y = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[x, w, b]);
    net.graph.output("y", y);
    // An output is read by another window too.
    let z = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[y, w, b]);
    net.check(z);
}

#[test]
fn reshapes_between_two_bordered_values() {
    let mut net = Net::new();
    let x = net.input(&[1, 4, 4, 4]);
    let [w, b] = [&[3, 3, 4, 4][..], &[4]].map(|shape| net.constant(shape));
    let window = Geometry { padding: 1, ..PLAIN };
    let a = net.push(Op::Unary(Unary::Neg), &[x]);
    let y = net.push(window.op(None), &[a, w, b]);
    let reshaped = net.push(Op::Reshape(Reshape { shape: vec![1, 2, 8, 4] }), &[a]);
    let z = net.push(window.op(None), &[reshaped, w, b]);
    net.graph.output("z", z);
    net.check(y);
}

#[test]
fn part_of_an_output_feeds_a_padded_window() {
    let mut net = Net::new();
    let x = net.input(&[1, 4, 4, 4]);
    let [w, b] = [&[3, 3, 4, 4][..], &[4]].map(|shape| net.constant(shape));
    let left = net.push(Op::Unary(Unary::Neg), &[x]);
    let right = net.push(Op::Unary(Unary::Abs), &[x]);
    let both = net.push(Op::Concat(Concat { axis: 3 }), &[left, right]);
    net.graph.output("both", both);
    let y = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[left, w, b]);
    net.check(y);
}

#[test]
fn padded_windows_over_a_constant() {
    let mut net = Net::new();
    let x = net.input(&[1, 4, 4, 4]);
    let [constant, w, b] = [&[1, 4, 4, 4][..], &[3, 3, 4, 4], &[4]].map(|shape| net.constant(shape));
    let seen = net.push(Geometry { padding: 1, ..PLAIN }.op(None), &[constant, w, b]);
    let y = net.push(Op::Binary(Binary { op: BinaryOp::Add }), &[seen, x]);
    net.check(y);
}

#[test]
fn large_windows_that_are_not_written_out() {
    Geometry { input: [1, 20, 20, 2], channels: 2, groups: 2, kernel: [17, 17], padding: 8, ..PLAIN }.check();
    let mut net = Net::new();
    let x = net.input(&[1, 24, 24, 3]);
    let padding = Padding { top: 7, left: 7, bottom: 7, right: 7 };
    let pool = MaxPool { kernel: [15, 15], strides: [1, 1], padding };
    let y = net.push(Op::MaxPool(pool), &[x]);
    net.check(y);
}

#[test]
fn strides_beyond_the_input() {
    for groups in [1, 4] {
        let input = [1, 3, 3, 4];
        Geometry { input, channels: 4, groups, stride: 1 << 31, dilation: 1 << 33, ..PLAIN }.check();
    }
    let mut net = Net::new();
    let x = net.input(&[1, 3, 3, 4]);
    let pool = MaxPool { kernel: [2, 2], strides: [1 << 40, 1 << 40], padding: Padding::ZERO };
    let y = net.push(Op::MaxPool(pool), &[x]);
    net.check(y);
}

#[test]
fn many_images_take_no_more_code_than_two() {
    let size = |images: usize| {
        let mut net = Net::new();
        let x = net.input(&[images, 4, 4, 4]);
        let x = net.push(Op::Unary(Unary::Neg), &[x]);
        let [w, b, d] = [&[3, 3, 2, 4][..], &[4], &[3, 3, 1, 4]].map(|shape| net.constant(shape));
        let y = net.push(Geometry { padding: 1, groups: 2, ..PLAIN }.op(None), &[x, w, b]);
        let y = net.push(Geometry { padding: 1, groups: 4, ..PLAIN }.op(None), &[y, d, b]);
        let pool = MaxPool { kernel: [2, 2], strides: [2, 2], padding: Padding::ZERO };
        let y = net.push(Op::MaxPool(pool), &[y]);
        net.graph.output("y", y);
        if images < 10 {
            check_graph(&net.graph, BOUND);
        }
        let plan = plan::plan(net.graph).unwrap();
        codegen::emit(&plan, codegen::Profile::Relaxed, None).unwrap().wasm.len() - 4 * plan.weights.len()
    };
    let (two, many) = (size(2), size(3000));
    assert!(many < two + 200, "{many} bytes for many images, {two} for two");
}

#[test]
fn models_of_thousands_of_steps_run_step_by_step() {
    for count in [1023, 1024, 1025, 2500] {
        let mut graph = Graph::new("steps");
        let x = graph.input("x", TensorType::f32([3, 5]));
        let y = (0..count).fold(x, |x, _| graph.push(Op::Unary(Unary::Neg), &[x], "neg").unwrap());
        graph.output("y", y);
        let plan = plan::plan(graph.clone()).unwrap();
        assert_eq!(plan.steps.len(), count);
        check_graph(&graph, BOUND);
    }
}
