//! The last argument that each function of an unsealed version answered, to try a successor with.

use std::sync::{Mutex, PoisonError};

use wasmtime::component::Val;

use crate::Scalar;
use crate::call::Argument;
use crate::component::{recycle, to_json};
use crate::wit::WitFunction;

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
    samples: Vec<Mutex<Option<Kept>>>,
}

enum Kept {
    Sample(Sample),
    /// As a component got them, with its type. They become text when they are asked for.
    Arguments(WitFunction, Vec<Val>),
}

impl Recorder {
    pub(crate) fn new(functions: usize) -> Self {
        Self { samples: (0..functions).map(|_| Mutex::new(None)).collect() }
    }

    pub(crate) fn note_scalars(&self, position: usize, arguments: &[Scalar]) {
        self.update(position, |sample| {
            if let Some(Kept::Sample(Sample::Scalars(kept))) = sample {
                kept.clear();
                kept.extend_from_slice(arguments);
            } else {
                *sample = Some(Kept::Sample(Sample::Scalars(arguments.to_vec())));
            }
        });
    }

    pub(crate) fn note_value(&self, position: usize, argument: Argument<'_>) {
        if argument.bytes.len() > BYTES_MAX {
            return;
        }
        self.update(position, |sample| {
            if let Some(Kept::Sample(Sample::Value { bytes, size })) = sample {
                bytes.clear();
                bytes.extend_from_slice(argument.bytes);
                *size = argument.size;
            } else {
                let value = Sample::Value { bytes: argument.bytes.to_vec(), size: argument.size };
                *sample = Some(Kept::Sample(value));
            }
        });
    }

    /// Notes the arguments of a function of a component, which have so many bytes.
    pub(crate) fn note_arguments(&self, position: usize, wit: &WitFunction, arguments: Vec<Val>, bytes: usize) {
        if bytes > BYTES_MAX {
            return;
        }
        self.update(position, |kept| match kept {
            Some(Kept::Arguments(_, kept)) => std::mem::replace(kept, arguments).into_iter().for_each(recycle),
            _ => *kept = Some(Kept::Arguments(wit.clone(), arguments)),
        });
    }

    pub(crate) fn put(&self, position: usize, sample: Sample) {
        self.update(position, |kept| *kept = Some(Kept::Sample(sample)));
    }

    pub(crate) fn sample(&self, position: usize) -> Option<Sample> {
        match &*self.samples.get(position)?.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Kept::Sample(sample)) => Some(sample.clone()),
            // A number without a form in JSON cannot be tried.
            Some(Kept::Arguments(wit, arguments)) => {
                let text = to_json::arguments(arguments, wit).ok()?;
                Some(Sample::Value { bytes: text.into_bytes(), size: None })
            }
            None => None,
        }
    }

    /// A call that comes while another one notes its argument is not kept.
    fn update(&self, position: usize, change: impl FnOnce(&mut Option<Kept>)) {
        if let Some(sample) = self.samples.get(position)
            && let Ok(mut sample) = sample.try_lock()
        {
            change(&mut sample);
        }
    }
}
