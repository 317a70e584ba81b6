use ir::{BatchNorm, Tensor};

pub(super) fn batch_norm(op: &BatchNorm, inputs: &[&Tensor]) -> Tensor {
    let &[x, scale, bias, mean, variance] = inputs else { unreachable!("batch_norm takes 5 inputs") };
    let [scale, bias, mean, variance] = [scale, bias, mean, variance].map(Tensor::data);
    let channels = scale.len();
    let normalize = |(index, x): (usize, &f32)| {
        let c = index % channels;
        (x - mean[c]) / libm::sqrtf(variance[c] + op.epsilon) * scale[c] + bias[c]
    };
    Tensor::new(x.shape(), x.data().iter().enumerate().map(normalize).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, tensor};

    #[test]
    fn normalizes_the_last_axis() {
        let x = tensor(&[2, 2], &[3.0, 10.0, 5.0, 20.0]);
        let (scale, bias) = (tensor(&[2], &[2.0, 1.0]), tensor(&[2], &[0.5, -1.0]));
        let (mean, variance) = (tensor(&[2], &[1.0, 0.0]), tensor(&[2], &[3.0, 24.0]));
        let op = Op::BatchNorm(BatchNorm { epsilon: 1.0 });
        check(op, &[&x, &scale, &bias, &mean, &variance], &[2, 2], &[2.5, 1.0, 4.5, 3.0]);
    }
}
