use ir::{BinaryOp, Clamp, Padding, ReduceKind, Resize, Unary};

/// What a step computes. Operands are [`crate::View`]s; everything else that shapes the code is here.
#[derive(Debug, Clone, PartialEq)]
pub enum Kernel {
    /// Convolution or matrix product as implicit matrix multiplication.
    Conv(Conv),
    /// Convolution in which every channel is its own group.
    Depthwise(Depthwise),
    /// Largest or mean element of windows.
    Pool(Pool),
    /// A function of each element.
    Map(Map),
    /// Whole axes folded: `reads[0]` to size 1 along `axes`.
    Reduce {
        /// What is folded.
        kind: ReduceKind,
        /// Which axes, ascending.
        axes: Vec<usize>,
    },
    /// Each pixel repeated.
    Repeat {
        /// Copies below each other and side by side.
        times: [usize; 2],
    },
    /// Pixels picked and blended. The table of rows and columns stands with the weights.
    Resize(Resize),
    /// Softmax along one axis.
    Softmax {
        /// The axis.
        axis: usize,
    },
    /// Elements copied: `write[i] = read[permuted i]`.
    Transpose {
        /// Axis `i` of the output is axis `permutation[i]` of the input.
        permutation: Vec<usize>,
    },
    /// Elements copied in row-major order, between views of one shape or of which one is dense.
    Copy,
    /// A regular part copied.
    Slice {
        /// First element of each axis.
        starts: Vec<usize>,
        /// Distance between elements of each axis.
        steps: Vec<usize>,
    },
    /// The operands copied side by side.
    Concat {
        /// The axis that grows.
        axis: usize,
    },
    /// The operand copied into a frame of one value.
    Pad {
        /// How many before the first, for each axis.
        before: Vec<usize>,
        /// The value of the frame.
        value: f32,
    },
    /// Zeros written to the border of `write`, whose elements stay undefined.
    ZeroBorder,
}

/// Settings of [`Kernel::Conv`]. Reads: input and, if `residual`, an addend of the output's shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Conv {
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Steps between taps.
    pub dilations: [usize; 2],
    /// Part of the input's border that windows reach into.
    pub padding: Padding,
    /// Number of groups; the weights of the groups follow each other.
    pub groups: usize,
    /// Width of a weight panel in output channels.
    pub panel: usize,
    /// Whether `reads[1]` is added.
    pub residual: bool,
    /// Applied last.
    pub activation: Option<Clamp>,
}

/// Settings of [`Kernel::Depthwise`]. Reads as [`Conv`].
#[derive(Debug, Clone, PartialEq)]
pub struct Depthwise {
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Steps between taps.
    pub dilations: [usize; 2],
    /// Part of the input's border that windows reach into.
    pub padding: Padding,
    /// Whether `reads[1]` is added.
    pub residual: bool,
    /// Applied last.
    pub activation: Option<Clamp>,
}

/// Settings of [`Kernel::Pool`].
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Which.
    pub kind: PoolKind,
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Rows and columns around the input that no element is read from.
    pub padding: Padding,
}

/// What [`Pool`] computes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// The largest element.
    Max,
    /// The mean of the elements inside the input.
    Mean,
    /// The sum of the elements inside the input over the size of the window.
    MeanOfWindow,
}

/// Settings of [`Kernel::Map`]: operands broadcast to the shape of the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Map {
    /// A function of one operand.
    Unary(Unary),
    /// Bounds on one operand.
    Clamp(Clamp),
    /// An operation on two operands.
    Binary(BinaryOp),
}

impl Kernel {
    /// The name in dumps and profiles.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Depthwise(_) => "depthwise",
            Self::Pool(_) => "pool",
            Self::Map(_) => "map",
            Self::Reduce { .. } => "reduce",
            Self::Repeat { .. } => "repeat",
            Self::Resize(_) => "resize",
            Self::Softmax { .. } => "softmax",
            Self::Transpose { .. } => "transpose",
            Self::Copy => "copy",
            Self::Slice { .. } => "slice",
            Self::Concat { .. } => "concat",
            Self::Pad { .. } => "pad",
            Self::ZeroBorder => "zero_border",
        }
    }

    /// The border that the first operand must have.
    pub(crate) fn border(&self) -> Padding {
        match self {
            Self::Conv(Conv { padding, .. }) | Self::Depthwise(Depthwise { padding, .. }) => *padding,
            Self::Pool(_)
            | Self::Map(_)
            | Self::Reduce { .. }
            | Self::Repeat { .. }
            | Self::Resize(_)
            | Self::Softmax { .. }
            | Self::Transpose { .. }
            | Self::Copy
            | Self::Slice { .. }
            | Self::Concat { .. }
            | Self::Pad { .. }
            | Self::ZeroBorder => Padding::ZERO,
        }
    }
}
