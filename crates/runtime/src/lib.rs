//! Hosts Wasm functions: loads them, calls them, and replaces them while they are being called.
//!
//! An [`Engine`] runs [`Version`]s of modules. A [`Slot`] is a named place that holds exactly one live version; a
//! [`Lease`] pins that version for a call, so that a version published meanwhile changes nothing for the call. How a
//! function is called follows from the file alone ([`Convention`]), and every limit that a function breaks is a
//! variant of [`CallError`].
//!
//! ```
//! # extern crate wasmtube_runtime as runtime;
//! use runtime::{Engine, LoadOptions, Scalar, Slot, SlotPolicy, Version};
//!
//! let engine = Engine::new(Default::default())?;
//! let load = |text: &str| {
//!     let wasm = wat::parse_str(text).expect("the text is valid");
//!     Version::load(&engine, wasm, LoadOptions::default())
//! };
//! let add = r#"(module (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;
//! let slot = Slot::new("arithmetic", load(add)?, SlotPolicy::default())?;
//! let call = || slot.acquire().call_scalars("f", &[Scalar::I32(6), Scalar::I32(7)]);
//! assert_eq!(call()?, [Scalar::I32(13)]);
//!
//! slot.publish(load(&add.replace("i32.add", "i32.mul"))?)?;
//! assert_eq!(call()?, [Scalar::I32(42)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The layers, from below: [`Module`] is a file that was verified and read; [`Version`] is a compiled module with its
//! pool of instances; [`Slot`] publishes versions after checking them and drains the old ones; [`Watcher`] follows
//! files and publishes what appears in them. Only [`files`] does I/O.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod files;
pub mod npy;

mod call;
mod call_error;
mod component;
mod convention;
mod engine;
mod event;
mod host;
mod instance;
mod lease;
mod limits;
mod load_error;
mod module;
mod one_line;
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
pub use convention::Convention;
pub use engine::{Engine, EngineError, EngineOptions, Mode};
pub use event::SlotEvent;
pub use files::{Follower, OpenError, Watch, WatchError, Watcher, WatcherOptions};
pub use host::{
    Configuration, ConfigurationError, HostFunctions, KeyValue, KvError, KvLimits, LogLevel, LogLine, LogSink,
    MemoryStore, ParsePermissionError, Permission, ProcessLog,
};
pub use lease::{Lease, Numbers, TypedFunction};
pub use limits::Limits;
pub use load_error::LoadError;
pub use module::{ClassicFunction, Form, Function, Import, Interface, MemoryDecl, Module};
pub use one_line::one_line;
pub use picture::{PIXELS_MAX, Picture, PictureError};
pub use pool::Counters;
pub use publish_error::{GoldenError, GoldenReport, PublishError};
pub use scalar::{ParseScalarError, Scalar, ScalarType, Signature};
pub use shares::{Shares, Softmax};
pub use shown::names;
pub use slot::{Publication, Published, Slot, SlotPolicy};
pub use tensor::{NotFinite, Tensor, TensorError, TensorJsonError};
pub use top_k::{Ranked, top_k};
pub use trap::{Frame, Trap};
pub use version::{LoadOptions, Version};
pub use wit::{WitFunction, WitType};
