use super::{FuncBuilder, I32};

/// One loop of a nest: how often, and by how many bytes each pointer moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Axis {
    /// Number of turns.
    pub count: usize,
    /// Bytes for each pointer and turn; 0 stays, as in broadcasting.
    pub steps: Vec<i64>,
}

/// Loops over `axes`, outermost first, with `body` inside. The first pointer must move along every axis with more than
/// one turn: it ends the loops. Afterwards every pointer is where it was, but for the outermost axis, along which it
/// has moved all the way.
pub fn nest(f: &mut FuncBuilder, pointers: &[I32], axes: &[Axis], body: &mut dyn FnMut(&mut FuncBuilder)) {
    let Some((axis, inner)) = axes.split_first() else { return body(f) };
    let lead = pointers[0];
    f.walk(lead, axis.steps[0], axis.count, |f| {
        nest(f, pointers, inner, body);
        for (index, pointer) in pointers.iter().enumerate() {
            let back = inner.first().map_or(0, |inner| travelled(inner, index));
            let step = if index == 0 { 0 } else { axis.steps[index] };
            f.advance(*pointer, step - back);
        }
    });
}

fn travelled(axis: &Axis, pointer: usize) -> i64 {
    i64::try_from(axis.count).expect("a size") * axis.steps[pointer]
}

/// Merges neighboring axes that every pointer crosses without a jump and drops those with one turn.
#[must_use]
pub fn collapse(axes: Vec<Axis>) -> Vec<Axis> {
    let mut merged: Vec<Axis> = vec![];
    for axis in axes.into_iter().filter(|axis| axis.count != 1) {
        let inner = i64::try_from(axis.count).expect("a size");
        match merged.last_mut() {
            Some(outer) if outer.steps.iter().zip(&axis.steps).all(|(outer, step)| *outer == step * inner) => {
                *outer = Axis { count: outer.count * axis.count, steps: axis.steps };
            }
            _ => merged.push(axis),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(count: usize, steps: &[i64]) -> Axis {
        Axis { count, steps: steps.to_vec() }
    }

    #[test]
    fn dense_axes_merge_into_one() {
        let axes = vec![axis(1, &[999, 0]), axis(2, &[48, 48]), axis(3, &[16, 16]), axis(4, &[4, 4])];
        assert_eq!(collapse(axes), [axis(24, &[4, 4])]);
    }

    #[test]
    fn broadcast_axes_stay_apart() {
        let axes = vec![axis(2, &[48, 0]), axis(3, &[16, 16]), axis(4, &[4, 4])];
        assert_eq!(collapse(axes), [axis(2, &[48, 0]), axis(12, &[4, 4])]);
    }
}
