//! Packs intervals of time into bytes: largest first, each at the lowest address that is free for all of its interval
//! (greedy by size; Pisarchyk and Lee, *Efficient Memory Management for Deep Neural Net Inference*, 2020).

/// Buffers begin on this boundary.
pub(crate) const ALIGN: u64 = 64;

/// A buffer's size and the steps, first and last included, during which it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) bytes: u64,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// An offset for each interval, and the bytes that all of them take.
pub(crate) fn pack(intervals: &[Interval]) -> (Vec<u64>, u64) {
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(intervals[*index].bytes), *index));

    let mut offsets = vec![0; intervals.len()];
    // By offset.
    let mut placed: Vec<usize> = vec![];
    let mut end = 0;
    for index in order {
        let Interval { bytes, first, last } = intervals[index];
        let mut offset = 0;
        for other in &placed {
            if offset + bytes <= offsets[*other] {
                break;
            }
            let together = intervals[*other].first <= last && first <= intervals[*other].last;
            if together {
                offset = offset.max((offsets[*other] + intervals[*other].bytes).next_multiple_of(ALIGN));
            }
        }
        offsets[index] = offset;
        end = end.max(offset + bytes);
        let position = placed.partition_point(|other| offsets[*other] <= offset);
        placed.insert(position, index);
    }
    (offsets, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(bytes: u64, first: usize, last: usize) -> Interval {
        Interval { bytes, first, last }
    }

    #[test]
    fn buffers_of_other_times_share_bytes() {
        let (offsets, end) = pack(&[interval(128, 0, 1), interval(128, 1, 2), interval(128, 2, 3)]);
        assert_eq!((offsets, end), (vec![0, 128, 0], 256));
    }

    #[test]
    fn small_buffers_fill_gaps() {
        let (offsets, end) =
            pack(&[interval(1024, 0, 1), interval(1024, 3, 4), interval(64, 1, 3), interval(64, 2, 2)]);
        assert_eq!((offsets, end), (vec![0, 0, 1024, 0], 1088));
    }

    #[test]
    fn no_two_live_buffers_overlap() {
        let mut state = 1_u64;
        let mut next = move |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        for _ in 0..200 {
            let intervals: Vec<Interval> = (0..20)
                .map(|_| {
                    let first = next(30) as usize;
                    interval(next(5000) + 4, first, first + next(8) as usize)
                })
                .collect();
            let (offsets, end) = pack(&intervals);
            for a in 0..intervals.len() {
                assert!(offsets[a] + intervals[a].bytes <= end && offsets[a] % ALIGN == 0);
                for b in 0..a {
                    let together = intervals[a].first <= intervals[b].last && intervals[b].first <= intervals[a].last;
                    let apart =
                        offsets[a] + intervals[a].bytes <= offsets[b] || offsets[b] + intervals[b].bytes <= offsets[a];
                    assert!(!together || apart, "{:?} {:?}", intervals[a], intervals[b]);
                }
            }
        }
    }
}
