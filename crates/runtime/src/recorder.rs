//! The last argument that each function of an unsealed version answered, to try a successor with.

use std::sync::{Mutex, PoisonError};

use crate::Scalar;
use crate::call::Argument;

/// Larger arguments are not kept.
const BYTES_MAX: usize = 64 << 10;

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sample {
    Scalars(Vec<Scalar>),
    Value { bytes: Vec<u8>, size: Option<(u32, u32)> },
}

/// The samples of one version, by position of the function.
pub(crate) struct Recorder {
    samples: Vec<Mutex<Option<Sample>>>,
}

impl Recorder {
    pub(crate) fn new(functions: usize) -> Self {
        Self { samples: (0..functions).map(|_| Mutex::new(None)).collect() }
    }

    pub(crate) fn note_scalars(&self, position: usize, arguments: &[Scalar]) {
        self.update(position, |sample| {
            if let Some(Sample::Scalars(kept)) = sample {
                kept.clear();
                kept.extend_from_slice(arguments);
            } else {
                *sample = Some(Sample::Scalars(arguments.to_vec()));
            }
        });
    }

    pub(crate) fn note_value(&self, position: usize, argument: Argument<'_>) {
        if argument.bytes.len() > BYTES_MAX {
            return;
        }
        self.update(position, |sample| {
            if let Some(Sample::Value { bytes, size }) = sample {
                bytes.clear();
                bytes.extend_from_slice(argument.bytes);
                *size = argument.size;
            } else {
                *sample = Some(Sample::Value { bytes: argument.bytes.to_vec(), size: argument.size });
            }
        });
    }

    pub(crate) fn put(&self, position: usize, sample: Sample) {
        self.update(position, |kept| *kept = Some(sample));
    }

    pub(crate) fn sample(&self, position: usize) -> Option<Sample> {
        self.samples.get(position)?.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A call that comes while another one notes its argument is not kept.
    fn update(&self, position: usize, change: impl FnOnce(&mut Option<Sample>)) {
        if let Some(sample) = self.samples.get(position)
            && let Ok(mut sample) = sample.try_lock()
        {
            change(&mut sample);
        }
    }
}
