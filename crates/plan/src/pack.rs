//! Weights in the order in which the kernels read them: one pointer walks bias, weights, next panel; and the tables of
//! resizings.

use ir::{Blend, Resize, Sampling};

/// Output channels of a panel of convolution weights: the width of the tile that a kernel keeps in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PanelWidth(pub usize);

/// Channels of a vector.
const LANES: usize = 4;

/// How `channels` output channels are split into panels: `(first channel, width)`, the width being a multiple of 4 and
/// at most that of a panel. The last panel may reach past the last channel.
pub fn packed_panels(channels: usize, width: PanelWidth) -> impl Iterator<Item = (usize, usize)> {
    (0..channels).step_by(width.0).map(move |first| (first, (channels - first).min(width.0).next_multiple_of(LANES)))
}

/// Packs `weights [depth, channels]` (row-major, `stride` elements between rows) and `bias [channels]` into panels
/// `[bias: width][depth][width]`, zeros past the last channel.
pub(crate) fn panels(
    out: &mut Vec<f32>,
    weights: &[f32],
    (depth, stride): (usize, usize),
    bias: &[f32],
    width: PanelWidth,
) {
    let channels = bias.len();
    for (first, width) in packed_panels(channels, width) {
        let end = channels.min(first + width);
        let filled = end - first;
        let mut row = |values: &[f32]| {
            out.extend_from_slice(values);
            out.extend(std::iter::repeat_n(0.0, width - filled));
        };
        row(&bias[first..end]);
        for k in 0..depth {
            row(&weights[k * stride + first..k * stride + end]);
        }
    }
}

/// Packs depthwise `weights [taps, channels]` and `bias [channels]` into blocks of 4 channels `[bias: 4][taps][4]`,
/// zeros past the last channel.
pub(crate) fn depthwise(out: &mut Vec<f32>, weights: &[f32], bias: &[f32]) {
    let depth = weights.len().checked_div(bias.len()).expect("a convolution has channels");
    panels(out, weights, (depth, bias.len()), bias, PanelWidth(LANES));
}

/// Words of an entry in the table of a [`Resize`]: one index, or two indices and the weight of the second.
#[must_use]
pub fn entry_words(sampling: &Sampling) -> usize {
    match sampling {
        Sampling::Nearest(_) => 1,
        Sampling::Linear(_) => 3,
    }
}

/// The table of a resizing: an entry for each row, then one for each column. Indices are integers of 32 bits.
pub(crate) fn table(op: &Resize) -> Vec<f32> {
    let index = |index: usize| f32::from_bits(u32::try_from(index).expect("an axis is limited"));
    let mut words = vec![];
    for sampling in [&op.rows, &op.columns] {
        match sampling {
            Sampling::Nearest(indices) => words.extend(indices.iter().map(|picked| index(*picked))),
            Sampling::Linear(blends) => {
                let entry = |Blend { near, far, weight }: &Blend| [index(*near), index(*far), *weight];
                words.extend(blends.iter().flat_map(entry));
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_split_into_panels_of_vectors() {
        let split = |channels| packed_panels(channels, PanelWidth(8)).collect::<Vec<_>>();
        assert_eq!(split(16), [(0, 8), (8, 8)]);
        assert_eq!(split(10), [(0, 8), (8, 4)]);
        assert_eq!(split(13), [(0, 8), (8, 8)]);
        assert_eq!(split(1), [(0, 4)]);
    }

    #[test]
    fn panels_hold_bias_then_rows() {
        let mut out = vec![];
        panels(&mut out, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2, 3), &[7.0, 8.0, 9.0], PanelWidth(8));
        assert_eq!(out, [7.0, 8.0, 9.0, 0.0, 1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0]);
    }

    #[test]
    fn tables_hold_rows_then_columns() {
        let rows = Sampling::Linear(vec![Blend { near: 2, far: 3, weight: 0.25 }]);
        let found = table(&Resize { rows, columns: Sampling::Nearest(vec![5, 0]) });
        let bits: Vec<u32> = found.iter().map(|word| word.to_bits()).collect();
        assert_eq!(bits, [2, 3, 0.25_f32.to_bits(), 5, 0]);
    }

    #[test]
    fn depthwise_blocks_hold_four_channels() {
        let mut out = vec![];
        depthwise(&mut out, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], &[0.5; 5]);
        let expected = [[0.5; 4], [1.0, 2.0, 3.0, 4.0], [6.0, 7.0, 8.0, 9.0]].concat();
        assert_eq!(out[..12], expected[..]);
        assert_eq!(out[12..], [0.5, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0]);
    }
}
