use ir::{Pad, Tensor};

use crate::elements::offsets;

pub(super) fn pad(op: &Pad, x: &Tensor, shape: &[usize]) -> Tensor {
    let mut y = vec![op.value; shape.iter().product()];
    let strides = ir::TensorType::f32(shape).strides();
    let start = op.before.iter().zip(&strides).map(|(before, stride)| before * stride).sum();
    for (at, x) in offsets(start, x.shape(), &strides).zip(x.data()) {
        y[at] = *x;
    }
    Tensor::new(shape, y)
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    #[test]
    fn surrounds_each_axis() {
        let op = Op::Pad(Pad { before: vec![1, 0], after: vec![0, 2], value: 9.0 });
        let expect = [9.0, 9.0, 9.0, 9.0, 0.0, 1.0, 9.0, 9.0, 2.0, 3.0, 9.0, 9.0];
        check(op, &[&counting(&[2, 2], 0)], &[3, 4], &expect);
    }

    #[test]
    fn fills_an_empty_tensor() {
        let op = Op::Pad(Pad { before: vec![1], after: vec![1], value: -0.5 });
        check(op, &[&tensor(&[0], &[])], &[2], &[-0.5, -0.5]);
    }
}
