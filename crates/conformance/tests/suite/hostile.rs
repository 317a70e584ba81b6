//! Wasm files that are wrong, damaged or written to do harm: each is refused with a typed error or answers, in time.
//!
//! Files are changed for as many seconds as [`SECONDS`] says. The change with a number is always the same, so that one
//! that fails can be repeated from [`FIRST`] on.

mod changes;
mod seeds;

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::State;
use runtime::{
    CallError, Engine, EngineOptions, Form, Lease, Limits, LoadError, LoadOptions, Picture, Scalar, ScalarType, Slot,
    SlotPolicy, Tensor, Version,
};

const SECONDS: &str = "WASMTUBE_HOSTILE_SECONDS";
const FIRST: &str = "WASMTUBE_HOSTILE_FIRST";

/// What a file may take from being read to the end of its calls. Two cores may be shared with other tests.
const PATIENCE: Duration = Duration::from_secs(10);
/// No message is longer, whatever the names in a file.
const MESSAGE_MAX: usize = 16 << 10;

fn limits() -> Limits {
    Limits {
        deadline: Duration::from_millis(20),
        memory_bytes: 32 << 20,
        code_bytes: 1 << 20,
        instances: NonZeroUsize::MIN,
        ..Limits::default()
    }
}

fn load(engine: &Engine, bytes: &[u8]) -> Result<Version, LoadError> {
    Version::load(engine, bytes.to_vec(), LoadOptions { limits: limits(), ..LoadOptions::default() })
}

/// What becomes of a file, in one line: a refusal, or what its functions answer.
fn outcome(engine: &Engine, bytes: &[u8]) -> String {
    let version = match load(engine, bytes) {
        Ok(version) => Arc::new(version),
        Err(error) => return format!("refused: {}", line(&error)),
    };
    match version.check() {
        Ok(()) => answers(&lease(&version)),
        Err(error) => format!("fails its check: {}", line(&error)),
    }
}

/// For the key that a version wants whose state is by key.
fn lease(version: &Arc<Version>) -> Lease {
    match version.interface().manifest.as_ref().map(|manifest| manifest.state) {
        Some(State::Keyed) => version.lease().with_key("key").unwrap(),
        Some(State::Stateless | State::Slot) | None => version.lease(),
    }
}

/// What functions answer that are called once.
fn answers(lease: &Lease) -> String {
    let functions = lease.version().interface().functions();
    let answer = |function: &runtime::Function| called(lease, function).unwrap_or_else(|error| line(&error));
    let answers: Vec<String> = functions.iter().take(8).map(answer).collect();
    format!("{} of {} functions: {}", answers.len(), functions.len(), answers.join("; "))
}

/// Calls a function once with something that it may take.
fn called(lease: &Lease, function: &runtime::Function) -> Result<String, CallError> {
    let name = function.name.as_str();
    match function.form {
        Form::Data => lease.call_bytes(name, b"[1,2,3]").map(|bytes| format!("{} bytes", bytes.len())),
        Form::ClassicData | Form::Component => {
            lease.call_json(name, "[1,2,3]").map(|text| format!("{} bytes", text.len()))
        }
        Form::Picture | Form::ClassicPicture => {
            lease.call_image(name, &[7; 12], 2, 2).map(|bytes| format!("{} bytes", bytes.len()))
        }
        Form::Scalars => {
            let zero = |ty: &ScalarType| match ty {
                ScalarType::I32 => Scalar::I32(0),
                ScalarType::I64 => Scalar::I64(0),
                ScalarType::F32 => Scalar::F32(0.0),
                ScalarType::F64 => Scalar::F64(0.0),
            };
            let arguments: Vec<Scalar> = function.signature.params.iter().map(zero).collect();
            lease.call_scalars(name, &arguments).map(|numbers| format!("{} numbers", numbers.len()))
        }
        Form::Tensors => {
            let model = lease.version().interface().model();
            let inputs = model.map_or(&[][..], |model| &model.inputs[..]).iter().map(|decl| {
                let bytes = usize::try_from(decl.bytes().unwrap_or(0)).unwrap_or(0);
                Tensor::new(decl.dtype, decl.shape.clone(), vec![0; bytes])
                    .map(|tensor| tensor.named(decl.name.clone()))
            });
            let outputs = lease.infer(&inputs.collect::<Result<Vec<_>, _>>()?)?;
            if model.is_some_and(|model| model.preprocess.is_some()) {
                lease.predict(&Picture::from_rgb(2, 2, vec![7; 12]).unwrap())?;
            }
            Ok(format!("{} tensors", outputs.len()))
        }
    }
}

/// The error and its causes; no message is empty, or as long as a name in a file can be.
fn line(error: &dyn std::error::Error) -> String {
    let text = runtime::one_line(error);
    assert!(!text.is_empty() && text.len() <= MESSAGE_MAX, "a message of {} bytes", text.len());
    text.escape_debug().to_string()
}

fn engine() -> Engine {
    Engine::new(EngineOptions::default()).unwrap()
}

#[track_caller]
fn in_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    let taken = begun.elapsed();
    assert!(taken < PATIENCE, "{what} took {taken:?}");
    result
}

#[test]
fn kept_files_end_as_is_written_beside_them() {
    let engine = engine();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".wasm").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 40, "{names:?}");
    let outcome = |name: &String| {
        let bytes = fs::read(folder.join(format!("{name}.wasm"))).unwrap();
        format!("{name}: {}\n", in_time(name, || outcome(&engine, &bytes)))
    };
    let outcomes: String = names.iter().map(outcome).collect();
    expect_test::expect_file![folder.join("outcomes.txt")].assert_eq(&outcomes);
}

#[test]
fn changed_files_are_refused_or_answer() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let budget = Duration::from_secs(number(SECONDS).unwrap_or(4));
    let first = number(FIRST).unwrap_or(0);
    let engine = engine();
    let seeds = seeds::all();
    let slots: Vec<Slot> = seeds
        .iter()
        .map(|seed| {
            let answers = outcome(&engine, &seed.bytes());
            assert!(answers.contains(" functions: "), "{answers}");
            let policy = SlotPolicy { allow_breaking: true, drain: Duration::ZERO };
            Slot::new(&seed.name, load(&engine, &seed.bytes()).unwrap(), policy).unwrap()
        })
        .collect();
    let (mut loaded, mut published, mut tried) = (0, 0, 0);
    let begun = Instant::now();
    for number in first.. {
        if begun.elapsed() >= budget && tried >= 64 {
            break;
        }
        tried += 1;
        let (seed, bytes) = changes::changed(&seeds, number);
        let what = format!("change {number} of {}", seeds[seed].name);
        // A panic does not say of itself which change it was.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            in_time(&what, || match load(&engine, &bytes) {
                Ok(version) => match slots[seed].publish(version) {
                    Ok(_) => drop((answers(&slots[seed].acquire()), published += 1)),
                    Err(error) => drop((line(&error), loaded += 1)),
                },
                Err(error) => drop(line(&error)),
            });
        }));
        assert!(result.is_ok(), "{what}: repeat it with {FIRST}={number}");
    }
    println!("{tried} changes: {published} published, {loaded} loaded and then refused");
    assert!(published * 20 > tried && published * 10 < tried * 9, "{published} of {tried}: the changes show nothing");
}
