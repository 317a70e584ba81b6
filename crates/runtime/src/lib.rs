//! Hosts Wasm functions: loads them, calls them, and replaces them while they are being called.
//!
//! ```
//! # extern crate wasmtube_runtime as runtime;
//! use runtime::{Engine, LoadOptions, Slot, SlotPolicy, files};
//!
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt"))?;
//! let engine = Engine::new(Default::default())?;
//! let load = |path: &str| files::load(&engine, path.as_ref(), LoadOptions::default());
//! let slot = Slot::new("stats", load("stats-v1.wasm")?, SlotPolicy::default())?;
//! let call = || slot.acquire().call_json("calc_stats", r#"{"values":[127,71,110,-5]}"#);
//! assert_eq!(call()?, r#"{"mean":75,"median":110}"#);
//! slot.publish(load("stats-v2.wasm")?)?;
//! assert!(call()?.contains(r#""mean":75.75"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An [`Engine`] runs [`Version`]s of modules. A [`Slot`] is a named place that holds exactly one live version; a
//! [`Lease`] pins that version for a call, so that a version published meanwhile changes nothing for the call. How a
//! function is called follows from the file alone ([`Convention`]), and every limit that a function breaks is a
//! variant of [`CallError`].
//!
//! A call runs on the thread of its caller until it ends or its deadline is over. Asynchronous code lets a thread of the
//! engine call, with [`Slot::start`], whose future goes with any executor:
//!
//! ```
//! # extern crate wasmtube_runtime as runtime;
//! # use runtime::{CallError, Slot};
//! async fn statistics(slot: &Slot, values: Vec<i64>) -> Result<[f64; 2], CallError> {
//!     slot.start(move |lease| lease.call("stats", &values)).await
//! }
//! ```
//!
//! Compiling takes longer than anything else here. With [`EngineOptions::cache`] a file is compiled once for the machine:
//! after a restart, and when a slot goes back to a version, its code is mapped from a private folder.
//!
//! A file that is to go live is a [`Candidate`]: [`Slot::deploy`] compiles it on a thread of a low priority, checks it beside
//! the live version, and tells of each [`Step`]; a [`Place`] does so from the first version on.
//!
//! The folder `examples` has whole programs: `embed`, `swap`, `component`, `limits` and `concurrent`.
//!
//! The layers, from below: [`Module`] is a file that was verified and read; [`Version`] is a compiled module with its
//! pool of instances; [`Slot`] publishes versions after checking them and drains the old ones; [`Watcher`] follows
//! files and publishes what appears in them. Only [`files`] does I/O.
#![deny(unsafe_code, missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod files;
pub mod npy;

mod call;
mod call_error;
mod candidate;
mod component;
mod convention;
mod engine;
mod event;
mod fault;
mod host;
mod instance;
mod latency;
mod lease;
mod limits;
mod load_error;
mod module;
mod one_line;
mod pending;
mod picture;
mod plain;
mod pool;
mod publish_error;
mod recorder;
mod scalar;
mod shares;
mod shown;
mod slot;
mod tensor;
mod top_k;
mod trap;
mod version;
mod window;
mod wit;

pub use abi::Window;
pub use call_error::{CallError, KeyError};
pub use candidate::Candidate;
pub use convention::Convention;
pub use engine::{Engine, EngineError, EngineOptions, Mode};
pub use event::{SlotEvent, Step, StepEnd, StepEvent};
pub use fault::{FaultPoint, FaultPoints};
pub use files::{CacheOptions, CacheStatus, Follower, OpenError, Pin, Watch, WatchError, Watcher, WatcherOptions};
pub use host::{
    Configuration, ConfigurationError, HostFunctions, KeyValue, KvError, KvLimits, LogLevel, LogLine, LogSink,
    MemoryStore, ParsePermissionError, Permission, ProcessLog,
};
pub use latency::Quantiles;
pub use lease::{Lease, Resolved};
pub use limits::Limits;
pub use load_error::LoadError;
pub use module::{ArgumentKind, ClassicFunction, Form, Function, Import, Interface, MemoryDecl, Module};
pub use one_line::one_line;
pub use pending::Pending;
pub use picture::{PIXELS_MAX, Picture, PictureError};
pub use pool::Counters;
pub use publish_error::{GoldenError, GoldenReport, PublishError};
pub use scalar::{ParseScalarError, Scalar, ScalarType, Scalars, Signature};
pub use shares::{Shares, Softmax};
pub use shown::names;
pub use slot::{
    Begun, Breaking, Deploy, DeployError, Deployed, Entry, Held, MemoryRecord, Place, Publication, Published,
    Quarantined, Record, RecordError, Slot, SlotOptions, SlotPolicy, Standing, trial,
};
pub use tensor::{NotFinite, Tensor, TensorError, TensorJsonError};
pub use top_k::{Ranked, top_k, top_shares};
pub use trap::{Frame, Trap};
pub use version::{LoadOptions, Version};
pub use wit::{WitFunction, WitType};
