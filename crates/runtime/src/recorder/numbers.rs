//! Numbers that one thread at a time writes at each call, without a lock, and another one seldom reads.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::thread;

use crate::{Scalar, ScalarType};

/// Arguments of one type. They are whole while the count is even, and there are none while it is zero.
pub(super) struct Numbers {
    writes: AtomicU64,
    numbers: Box<[(ScalarType, AtomicU64)]>,
}

impl Numbers {
    pub(super) fn new(types: &[ScalarType]) -> Self {
        let numbers = types.iter().map(|&scalar_type| (scalar_type, AtomicU64::new(0))).collect();
        Self { writes: AtomicU64::new(0), numbers }
    }

    /// Whether these numbers have the types.
    pub(super) fn fit(&self, scalars: &[Scalar]) -> bool {
        let types = self.numbers.iter().map(|&(scalar_type, _)| scalar_type);
        types.eq(scalars.iter().map(|scalar| scalar.scalar_type()))
    }

    /// Only whoever holds the instance writes.
    #[inline]
    pub(super) fn write(&self, scalars: &[Scalar]) {
        let writes = self.writes.load(Ordering::Relaxed);
        self.writes.store(writes.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for ((_, bits), scalar) in self.numbers.iter().zip(scalars) {
            bits.store(scalar.bits(), Ordering::Relaxed);
        }
        self.writes.store(writes.wrapping_add(2), Ordering::Release);
    }

    pub(super) fn read(&self) -> Option<Vec<Scalar>> {
        loop {
            let before = self.writes.load(Ordering::Acquire);
            if before == 0 {
                return None;
            }
            let read = |(scalar_type, bits): &(ScalarType, AtomicU64)| scalar_type.scalar(bits.load(Ordering::Relaxed));
            let scalars = self.numbers.iter().map(read).collect();
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.writes.load(Ordering::Relaxed) == before {
                return Some(scalars);
            }
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_whole_while_others_are_written() {
        let numbers = Numbers::new(&[ScalarType::I64, ScalarType::F64, ScalarType::I32]);
        assert_eq!(numbers.read(), None);
        let written = |number: i32| [Scalar::I64((-number).into()), Scalar::F64(number.into()), Scalar::I32(number)];
        numbers.write(&written(0));
        thread::scope(|scope| {
            let writer = scope.spawn(|| (0..100_000).for_each(|number| numbers.write(&written(number))));
            while !writer.is_finished() {
                let read = numbers.read().unwrap();
                let Scalar::I32(number) = read[2] else { panic!("{read:?}") };
                assert_eq!(read, written(number));
            }
        });
        assert_eq!(numbers.read(), Some(written(99_999).to_vec()));
    }

    #[test]
    fn an_argument_without_numbers_is_one() {
        let numbers = Numbers::new(&[]);
        assert_eq!(numbers.read(), None);
        numbers.write(&[]);
        assert_eq!(numbers.read(), Some(Vec::new()));
    }
}
