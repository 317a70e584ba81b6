//! The settings of an operator as names and lists of numbers, both ways.

use crate::op::Op;
use crate::ops::{
    AveragePool, BatchNorm, Binary, BinaryOp, Blend, Clamp, Concat, Conv, MatMul, MaxPool, Pad, Padding, Reduce,
    ReduceKind, Reshape, Resize, Sampling, Slice, Softmax, Transpose, Unary,
};

/// One setting: its name and its numbers. Sizes are exact in `f64`, `f32` too.
pub(super) type Attribute = (&'static str, Vec<f64>);

fn sizes(values: &[usize]) -> Vec<f64> {
    values.iter().map(|value| *value as f64).collect()
}

fn padding(padding: Padding) -> Vec<f64> {
    sizes(&[padding.top, padding.left, padding.bottom, padding.right])
}

fn activation(clamp: Option<Clamp>) -> Option<Attribute> {
    clamp.map(|clamp| ("activation", vec![f64::from(clamp.low), f64::from(clamp.high)]))
}

/// The indices under the first name, or near, far and weight of each blend under the second.
fn sampling([nearest, linear]: [&'static str; 2], sampling: &Sampling) -> Attribute {
    match sampling {
        Sampling::Nearest(indices) => (nearest, sizes(indices)),
        Sampling::Linear(blends) => {
            let numbers = |blend: &Blend| [blend.near as f64, blend.far as f64, f64::from(blend.weight)];
            (linear, blends.iter().flat_map(numbers).collect())
        }
    }
}

pub(super) fn attributes(op: &Op) -> Vec<Attribute> {
    match op {
        Op::AveragePool(op) => vec![
            ("kernel", sizes(&op.kernel)),
            ("strides", sizes(&op.strides)),
            ("padding", padding(op.padding)),
            ("count_padding", sizes(&[usize::from(op.count_padding)])),
        ],
        Op::BatchNorm(op) => vec![("epsilon", vec![f64::from(op.epsilon)])],
        Op::Binary(_) | Op::Unary(_) => vec![],
        Op::Clamp(op) => vec![("bounds", vec![f64::from(op.low), f64::from(op.high)])],
        Op::Concat(op) => vec![("axis", sizes(&[op.axis]))],
        Op::Conv(op) => [
            ("strides", sizes(&op.strides)),
            ("dilations", sizes(&op.dilations)),
            ("padding", padding(op.padding)),
            ("groups", sizes(&[op.groups])),
        ]
        .into_iter()
        .chain(activation(op.activation))
        .collect(),
        Op::MatMul(op) => activation(op.activation).into_iter().collect(),
        Op::MaxPool(op) => {
            vec![("kernel", sizes(&op.kernel)), ("strides", sizes(&op.strides)), ("padding", padding(op.padding))]
        }
        Op::Pad(op) => {
            vec![("before", sizes(&op.before)), ("after", sizes(&op.after)), ("value", vec![f64::from(op.value)])]
        }
        Op::Reduce(op) => vec![("axes", sizes(&op.axes))],
        Op::Reshape(op) => vec![("shape", sizes(&op.shape))],
        Op::Resize(op) => {
            vec![sampling(["rows", "row_blends"], &op.rows), sampling(["columns", "column_blends"], &op.columns)]
        }
        Op::Slice(op) => {
            vec![("starts", sizes(&op.starts)), ("sizes", sizes(&op.sizes)), ("steps", sizes(&op.steps))]
        }
        Op::Softmax(op) => vec![("axis", sizes(&[op.axis]))],
        Op::Transpose(op) => vec![("permutation", sizes(&op.permutation))],
    }
}

/// Settings as they were read, taken by name.
pub(super) struct Settings(pub(super) Vec<(String, Vec<f64>)>);

impl Settings {
    fn floats(&mut self, name: &str) -> Result<Vec<f64>, String> {
        let at = self.0.iter().position(|(found, _)| found == name).ok_or_else(|| format!("needs `{name}`"))?;
        Ok(self.0.remove(at).1)
    }

    fn float(&mut self, name: &str) -> Result<f32, String> {
        match self.floats(name)?[..] {
            [value] => Ok(value as f32),
            _ => Err(format!("`{name}` is one number")),
        }
    }

    fn sizes(&mut self, name: &str) -> Result<Vec<usize>, String> {
        let values = self.floats(name)?;
        values.into_iter().map(size).collect::<Option<_>>().ok_or_else(|| format!("`{name}` holds sizes"))
    }

    fn sampling(&mut self, [nearest, linear]: [&str; 2]) -> Result<Sampling, String> {
        if self.0.iter().any(|(name, _)| name == nearest) {
            return self.sizes(nearest).map(Sampling::Nearest);
        }
        let numbers = self.floats(linear).map_err(|_| format!("needs `{nearest}` or `{linear}`"))?;
        let blend = |numbers: &[f64]| match *numbers {
            [near, far, weight] => Some(Blend { near: size(near)?, far: size(far)?, weight: weight as f32 }),
            _ => None,
        };
        let blends = numbers.chunks(3).map(blend).collect::<Option<_>>();
        blends.map(Sampling::Linear).ok_or_else(|| format!("`{linear}` holds two sizes and a weight for each output"))
    }

    fn array<const N: usize>(&mut self, name: &str) -> Result<[usize; N], String> {
        self.sizes(name)?.try_into().map_err(|_| format!("`{name}` holds {N} sizes"))
    }

    fn padding(&mut self) -> Result<Padding, String> {
        let [top, left, bottom, right] = self.array("padding")?;
        Ok(Padding { top, left, bottom, right })
    }

    fn clamp(&mut self, name: &str) -> Result<Clamp, String> {
        match self.floats(name)?[..] {
            [low, high] => Ok(Clamp { low: low as f32, high: high as f32 }),
            _ => Err(format!("`{name}` is two numbers")),
        }
    }

    fn activation(&mut self) -> Result<Option<Clamp>, String> {
        let given = self.0.iter().any(|(name, _)| name == "activation");
        given.then(|| self.clamp("activation")).transpose()
    }
}

/// A number as a size, if it is one.
fn size(value: f64) -> Option<usize> {
    (value >= 0.0 && value.fract() == 0.0 && value < 1e15).then_some(value as usize)
}

/// The operator of that name and its settings.
pub(super) fn operator(name: &str, mut settings: Settings) -> Result<Op, String> {
    let s = &mut settings;
    let op = match name {
        "average_pool" => Op::AveragePool(AveragePool {
            kernel: s.array("kernel")?,
            strides: s.array("strides")?,
            padding: s.padding()?,
            count_padding: s.array::<1>("count_padding")? != [0],
        }),
        "batch_norm" => Op::BatchNorm(BatchNorm { epsilon: s.float("epsilon")? }),
        "clamp" => Op::Clamp(s.clamp("bounds")?),
        "concat" => Op::Concat(Concat { axis: s.array::<1>("axis")?[0] }),
        "conv" => Op::Conv(Conv {
            strides: s.array("strides")?,
            dilations: s.array("dilations")?,
            padding: s.padding()?,
            groups: s.array::<1>("groups")?[0],
            activation: s.activation()?,
        }),
        "mat_mul" => Op::MatMul(MatMul { activation: s.activation()? }),
        "max_pool" => {
            Op::MaxPool(MaxPool { kernel: s.array("kernel")?, strides: s.array("strides")?, padding: s.padding()? })
        }
        "pad" => Op::Pad(Pad { before: s.sizes("before")?, after: s.sizes("after")?, value: s.float("value")? }),
        "reshape" => Op::Reshape(Reshape { shape: s.sizes("shape")? }),
        "resize" => Op::Resize(Resize {
            rows: s.sampling(["rows", "row_blends"])?,
            columns: s.sampling(["columns", "column_blends"])?,
        }),
        "slice" => Op::Slice(Slice { starts: s.sizes("starts")?, sizes: s.sizes("sizes")?, steps: s.sizes("steps")? }),
        "softmax" => Op::Softmax(Softmax { axis: s.array::<1>("axis")?[0] }),
        "transpose" => Op::Transpose(Transpose { permutation: s.sizes("permutation")? }),
        _ => {
            let binary = BinaryOp::ALL.into_iter().find(|op| op.name() == name).map(|op| Op::Binary(Binary { op }));
            let unary = || Unary::ALL.into_iter().find(|op| op.name() == name).map(Op::Unary);
            let kind = ReduceKind::ALL.into_iter().find(|kind| kind.name() == name);
            match (binary.or_else(unary), kind) {
                (Some(op), _) => op,
                (None, Some(kind)) => Op::Reduce(Reduce { kind, axes: s.sizes("axes")? }),
                (None, None) => return Err(format!("unknown operator `{name}`")),
            }
        }
    };
    match settings.0.first() {
        Some((name, _)) => Err(format!("unknown setting `{name}`")),
        None => Ok(op),
    }
}
