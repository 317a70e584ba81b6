//! A convolution or matrix product as implicit matrix multiplication, for each image and each group.

use plan::{Conv, PanelWidth, View, packed_panels};

use super::gemm::{self, Gemm, Taps};
use super::{bytes, four, moved};
use crate::asm::{Axis, collapse};
use crate::functions::{Call, Functions};

pub(crate) fn call(functions: &mut Functions, conv: &Conv, reads: &[&View], weights: u32, write: &View) -> Call {
    let output = spatial(write);
    let input = spatial(reads[0]);
    let residual = conv.residual.then(|| spatial(reads[1]));
    let mut geometry = geometry(conv, &input, &output, residual.as_ref());

    let (per_group_in, per_group_out) = (input.shape[3] / conv.groups, output.shape[3] / conv.groups);
    let group_weights: usize =
        packed_panels(per_group_out, PanelWidth(conv.panel)).map(|(_, width)| width * (geometry.depth() + 1)).sum();
    let axis = |count, [output, input, weights, residual]: [usize; 4]| {
        let steps = [output, input, weights].into_iter().chain(conv.residual.then_some(residual));
        Axis { count, steps: steps.map(bytes).collect() }
    };
    let image = |view: &View| view.strides[0];
    let images = [image(&output), image(&input), 0, residual.as_ref().map_or(0, image)];
    let groups = [per_group_out, per_group_in, group_weights, per_group_out];
    geometry.repeats = collapse(vec![axis(output.shape[0], images), axis(conv.groups, groups)]);

    let before = conv.padding.top * input.strides[1] + conv.padding.left * input.strides[2];
    let first = moved(&input, -i64::try_from(before).expect("within the memory"));
    gemm::call(functions, &geometry, [first, weights, output.address], residual.map(|view| view.address))
}

/// A view with rank 4: images, rows, columns, channels. A matrix is one row of columns; leading axes that are crossed
/// without a jump count as columns.
fn spatial(view: &View) -> View {
    let (shape, strides) = match (&view.shape[..], &view.strides[..]) {
        (&[n, h, w, c], &[sn, sh, sw, sc]) => (vec![n, h, w, c], vec![sn, sh, sw, sc]),
        ([rows @ .., depth], [.., row, one]) => {
            let rows: usize = rows.iter().product();
            (vec![1, 1, rows, *depth], vec![rows * row, rows * row, *row, *one])
        }
        _ => unreachable!("operands of a product have at least one axis"),
    };
    View { address: view.address, shape, strides, border: view.border }
}

fn geometry(conv: &Conv, input: &View, output: &View, residual: Option<&View>) -> Gemm {
    let [_, height, width, channels] = four(&output.shape);
    let [_, input_row, input_pixel, _] = four(&input.strides);
    let [_, output_row, output_pixel, _] = four(&output.strides);
    let per_group = input.shape[3] / conv.groups;
    let [kh, kw] = conv.kernel;

    let runs_touch = conv.dilations[1] == 1 && input_pixel == per_group;
    let (columns, run) = if runs_touch || kw == 1 {
        (Taps { count: 1, stride: 0 }, kw * per_group)
    } else {
        (Taps { count: kw, stride: conv.dilations[1] * input_pixel }, per_group)
    };
    let mut geometry = Gemm {
        rows: height,
        columns: width,
        channels: channels / conv.groups,
        run,
        tap_rows: Taps { count: kh, stride: conv.dilations[0] * input_row },
        tap_columns: columns,
        input: [conv.strides[0] * input_row, conv.strides[1] * input_pixel],
        output: [output_row, output_pixel],
        residual: residual.map(|view| [view.strides[1], view.strides[2]]),
        panel: conv.panel,
        activation: conv.activation,
        repeats: vec![],
    };
    geometry.flatten();
    geometry
}
