use ir::Clamp;

/// The one clamp that does what `first` and then `second` do.
///
/// `second` rises with its argument, so it takes the range that `first` leaves to the range between its values at the
/// ends.
pub(crate) fn compose(first: Clamp, second: Clamp) -> Clamp {
    let limited = |x: f32| x.max(second.low).min(second.high);
    Clamp { low: limited(first.low.min(first.high)), high: limited(first.high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clamp_does_the_work_of_two() {
        let bounds = [f32::NEG_INFINITY, -1.0, 0.0, 2.0, 6.0, f32::INFINITY];
        let clamps = || bounds.iter().flat_map(|low| bounds.map(|high| Clamp { low: *low, high }));
        let apply = |clamp: Clamp, x: f32| x.max(clamp.low).min(clamp.high);
        for (first, second) in clamps().flat_map(|first| clamps().map(move |second| (first, second))) {
            for x in [-9.0, -1.0, -0.5, 0.0, 1.0, 2.0, 3.0, 6.0, 9.0] {
                let both = apply(second, apply(first, x));
                assert_eq!(apply(compose(first, second), x), both, "{first:?} then {second:?} of {x}");
            }
        }
    }
}
