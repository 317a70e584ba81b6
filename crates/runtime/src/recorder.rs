//! The last argument that each function of an unsealed version answered, to try a successor with.

mod numbers;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use wasmtime::component::Val;

use crate::call::Argument;
use crate::component::{recycle, to_json};
use crate::module::Function;
use crate::wit::WitFunction;
use crate::{Scalar, ScalarType};

use numbers::Numbers;

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
    samples: Vec<Kept>,
}

/// The last arguments of one function, which may get numbers and values.
struct Kept {
    numbers: Numbers,
    value: Mutex<Option<Value>>,
    value_is_last: AtomicBool,
}

enum Value {
    Bytes {
        bytes: Vec<u8>,
        size: Option<(u32, u32)>,
    },
    /// As a component got them, with its type. They become text when they are asked for.
    Arguments(WitFunction, Vec<Val>),
}

impl Recorder {
    pub(crate) fn new(functions: &[Function]) -> Self {
        Self { samples: functions.iter().map(|function| Kept::new(&function.signature.params)).collect() }
    }

    /// Notes numbers of the function's own types. Call it while the call has the instance, as there is only one.
    #[inline]
    pub(crate) fn note_scalars(&self, position: usize, arguments: &[Scalar]) {
        if let Some(kept) = self.samples.get(position) {
            kept.numbers.write(arguments);
            if kept.value_is_last.load(Ordering::Relaxed) {
                kept.value_is_last.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Notes a value. One that comes while another is noted is not kept.
    pub(crate) fn note_value(&self, position: usize, argument: Argument<'_>) {
        self.update(position, argument.bytes.len(), |value| match value {
            Some(Value::Bytes { bytes, size }) => {
                bytes.clear();
                bytes.extend_from_slice(argument.bytes);
                *size = argument.size;
            }
            _ => *value = Some(Value::Bytes { bytes: argument.bytes.to_vec(), size: argument.size }),
        });
    }

    /// Notes the arguments of a function of a component, which have so many bytes.
    pub(crate) fn note_arguments(&self, position: usize, wit: &WitFunction, arguments: Vec<Val>, bytes: usize) {
        self.update(position, bytes, |value| match value {
            Some(Value::Arguments(_, kept)) => {
                std::mem::replace(kept, arguments).into_iter().for_each(recycle);
            }
            _ => *value = Some(Value::Arguments(wit.clone(), arguments)),
        });
    }

    fn update(&self, position: usize, bytes: usize, change: impl FnOnce(&mut Option<Value>)) {
        if let Some(kept) = self.samples.get(position).filter(|_| bytes <= BYTES_MAX)
            && let Ok(mut value) = kept.value.try_lock()
        {
            change(&mut value);
            kept.value_is_last.store(true, Ordering::Relaxed);
        }
    }

    /// Takes over a sample of another version, before there are calls.
    pub(crate) fn put(&self, position: usize, sample: &Sample) {
        match sample {
            Sample::Scalars(arguments)
                if self.samples.get(position).is_some_and(|kept| kept.numbers.fit(arguments)) =>
            {
                self.note_scalars(position, arguments);
            }
            Sample::Scalars(_) => {}
            Sample::Value { bytes, size } => self.note_value(position, Argument { bytes, size: *size }),
        }
    }

    pub(crate) fn sample(&self, position: usize) -> Option<Sample> {
        let kept = self.samples.get(position)?;
        if !kept.value_is_last.load(Ordering::Relaxed) {
            return kept.numbers.read().map(Sample::Scalars);
        }
        let value = kept.value.lock().unwrap_or_else(PoisonError::into_inner);
        match value.as_ref()? {
            Value::Bytes { bytes, size } => Some(Sample::Value { bytes: bytes.clone(), size: *size }),
            // A number without a form in JSON cannot be tried.
            Value::Arguments(wit, arguments) => {
                let text = to_json::arguments(arguments, wit).ok()?;
                Some(Sample::Value { bytes: text.into_bytes(), size: None })
            }
        }
    }
}

impl Kept {
    fn new(types: &[ScalarType]) -> Self {
        Self { numbers: Numbers::new(types), value: Mutex::new(None), value_is_last: AtomicBool::new(false) }
    }
}
