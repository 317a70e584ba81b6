//! Packs intervals of time into bytes: largest first, each at the lowest address that is free for all of its interval
//! (greedy by size; Pisarchyk and Lee, *Efficient Memory Management for Deep Neural Net Inference*, 2020).
//!
//! That takes time with the square of their number. Where there are very many they are placed in the order of time, each
//! in the smallest gap that holds it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Buffers begin on this boundary.
pub(crate) const ALIGN: u64 = 64;

/// More intervals are packed in the order of time.
const BY_SIZE_MAX: usize = 4096;

/// A buffer's size and the steps, first and last included, during which it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) bytes: u64,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// An offset for each interval, and the bytes that all of them take.
pub(crate) fn pack(intervals: &[Interval]) -> (Vec<u64>, u64) {
    if intervals.len() > BY_SIZE_MAX { by_time(intervals) } else { by_size(intervals) }
}

fn by_size(intervals: &[Interval]) -> (Vec<u64>, u64) {
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|index| (Reverse(intervals[*index].bytes), *index));

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

fn by_time(intervals: &[Interval]) -> (Vec<u64>, u64) {
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|index| (intervals[*index].first, Reverse(intervals[*index].bytes), *index));

    let mut offsets = vec![0; intervals.len()];
    let mut live: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    let mut gaps = Gaps::default();
    for index in order {
        let Interval { bytes, first, last } = intervals[index];
        while let Some(Reverse((_, over))) = live.peek().copied().filter(|Reverse((last, _))| *last < first) {
            live.pop();
            gaps.free(offsets[over], intervals[over].bytes.next_multiple_of(ALIGN));
        }
        offsets[index] = gaps.take(bytes.next_multiple_of(ALIGN));
        live.push(Reverse((last, index)));
    }
    let ends = intervals.iter().zip(&offsets).map(|(interval, offset)| offset + interval.bytes);
    let end = ends.max().unwrap_or(0);
    (offsets, end)
}

/// Bytes that are free at a moment: gaps that do not touch each other, and everything from `end`.
#[derive(Default)]
struct Gaps {
    /// Length by offset.
    by_offset: BTreeMap<u64, u64>,
    /// Length and offset.
    by_length: BTreeSet<(u64, u64)>,
    end: u64,
}

impl Gaps {
    /// Takes bytes from the smallest gap that holds them, or from the end.
    fn take(&mut self, bytes: u64) -> u64 {
        let smallest = self.by_length.range((bytes, 0)..).next();
        let Some(&(length, offset)) = smallest else {
            let last = self.by_offset.last_key_value().map(|(offset, length)| (*offset, *length));
            let start = match last.filter(|(offset, length)| offset + length == self.end) {
                Some((offset, length)) => {
                    self.remove(offset, length);
                    offset
                }
                None => self.end,
            };
            self.end = start + bytes;
            return start;
        };
        self.remove(offset, length);
        if length > bytes {
            self.insert(offset + bytes, length - bytes);
        }
        offset
    }

    fn free(&mut self, mut offset: u64, mut length: u64) {
        if let Some((before, size)) = self.by_offset.range(..offset).next_back().map(|(before, size)| (*before, *size))
            && before + size == offset
        {
            self.remove(before, size);
            (offset, length) = (before, size + length);
        }
        if let Some(size) = self.by_offset.get(&(offset + length)).copied() {
            self.remove(offset + length, size);
            length += size;
        }
        self.insert(offset, length);
    }

    fn insert(&mut self, offset: u64, length: u64) {
        self.by_offset.insert(offset, length);
        self.by_length.insert((length, offset));
    }

    fn remove(&mut self, offset: u64, length: u64) {
        self.by_offset.remove(&offset);
        self.by_length.remove(&(length, offset));
    }
}

/// For each range of bytes whether it meets another one.
pub(crate) fn shared(ranges: &[std::ops::Range<u64>]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|index| (ranges[*index].start, *index));
    let mut shared = vec![false; ranges.len()];
    let mut widest: Option<usize> = None;
    for index in order {
        if let Some(before) = widest.filter(|before| ranges[*before].end > ranges[index].start) {
            shared[index] = true;
            shared[before] = true;
        }
        if widest.is_none_or(|before| ranges[before].end < ranges[index].end) {
            widest = Some(index);
        }
    }
    shared
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
            for (offsets, end) in [by_size(&intervals), by_time(&intervals)] {
                for a in 0..intervals.len() {
                    assert!(offsets[a] + intervals[a].bytes <= end && offsets[a] % ALIGN == 0);
                    for b in 0..a {
                        let together =
                            intervals[a].first <= intervals[b].last && intervals[b].first <= intervals[a].last;
                        let apart = offsets[a] + intervals[a].bytes <= offsets[b]
                            || offsets[b] + intervals[b].bytes <= offsets[a];
                        assert!(!together || apart, "{:?} {:?}", intervals[a], intervals[b]);
                    }
                }
            }
        }
    }

    #[test]
    fn very_many_buffers_of_a_chain_share_two_places() {
        let chain: Vec<Interval> = (0..BY_SIZE_MAX + 1).map(|step| interval(100, step, step + 1)).collect();
        assert_eq!(pack(&chain).1, 128 + 100);
    }

    #[test]
    fn ranges_that_meet_are_shared() {
        assert_eq!(shared(&[0..64, 128..192, 32..40, 64..128, 10..20]), [true, false, true, false, true]);
        assert_eq!(shared(&[0..100, 10..20, 30..40, 100..101]), [true, true, true, false]);
    }
}
