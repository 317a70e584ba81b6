use ir::{Graph, MaxPool, Op, Padding};

use crate::rewrite::{RewriteError, rewrite};

/// Takes the largest element of each row of a large window first, and of those the largest of each column: a window of
/// 13 by 13 compares 26 elements instead of 169. Not where the result in between is larger than input and output.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, inputs| {
        let Op::MaxPool(MaxPool { kernel, strides, padding }) = node.op else { return Ok(None) };
        let shape = |id| &rewriter.type_in_source(id).shape[..];
        let (&[_, rows, width, _], &[_, outputs, columns, _]) = (shape(node.inputs[0]), shape(node.output)) else {
            return Ok(None);
        };
        // Comparisons for each column: the result in between has a row for each row of the input.
        let together = outputs.saturating_mul(kernel[0]).saturating_mul(kernel[1]);
        let apart = rows.saturating_mul(kernel[1]).saturating_add(outputs.saturating_mul(kernel[0]));
        let is_larger = columns > width && rows > outputs;
        if together <= apart.saturating_mul(2) || is_larger {
            return Ok(None);
        }
        let Padding { top, left, bottom, right } = padding;
        let along = MaxPool {
            kernel: [1, kernel[1]],
            strides: [1, strides[1]],
            padding: Padding { top: 0, left, bottom: 0, right },
        };
        let across = MaxPool {
            kernel: [kernel[0], 1],
            strides: [strides[0], 1],
            padding: Padding { top, left: 0, bottom, right: 0 },
        };
        let largest = rewriter.push(Op::MaxPool(along), inputs, &node.origin)?;
        rewriter.push(Op::MaxPool(across), &[largest], &node.origin).map(Some)
    })
}
