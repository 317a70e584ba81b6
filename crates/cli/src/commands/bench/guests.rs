//! The functions that are measured, each in a slot of its own, loaded as any application would load it.

use abi::Producer;
use anyhow::Context as _;
use runtime::{Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, Version};

macro_rules! prebuilt {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/", $file))
    };
}

/// Slots with the default limits and the default policy.
pub(super) struct Guests {
    /// Computes nothing: `noop`, `picture`.
    pub(super) noop: Slot,
    /// Numbers as they lie in memory: `stats`.
    pub(super) plain: Slot,
    /// JSON by the core ABI, Rust with `serde_json`: `noop`, `calc_stats`.
    pub(super) json: Slot,
    /// The paper's convention, C: `calc_stats`.
    pub(super) classic: Slot,
    /// The paper's convention: `picture`.
    pub(super) classic_picture: Slot,
    /// A component, Rust: `calc-stats`.
    pub(super) component: Slot,
}

impl Guests {
    /// Compiles all of them.
    ///
    /// # Errors
    /// The engine runs on no such machine.
    pub(super) fn load() -> anyhow::Result<Self> {
        let engine = Engine::new(EngineOptions::default())?;
        let open = |name: &str, wasm: Vec<u8>| -> anyhow::Result<Slot> {
            let version = Version::load(&engine, wasm, LoadOptions::default())?;
            Ok(Slot::new(name, version, SlotPolicy::default())?)
        };
        Ok(Self {
            noop: open("noop", sealed(include_str!("noop.wat"))?)?,
            plain: open("plain", prebuilt!("plain-stats.wasm").to_vec())?,
            json: open("json", prebuilt!("stats-v1.wasm").to_vec())?,
            classic: open("classic", prebuilt!("classic-c.wasm").to_vec())?,
            classic_picture: open("classic-picture", wat::parse_str(include_str!("picture.wat"))?)?,
            component: open("component", prebuilt!("room-component.wasm").to_vec())?,
        })
    }
}

/// A module in text form that declares itself, as `wasmtube pack` seals it.
fn sealed(text: &str) -> anyhow::Result<Vec<u8>> {
    let module = wat::parse_str(text)?;
    let producer = Producer {
        name: env!("CARGO_BIN_NAME").into(),
        version: env!("CARGO_PKG_VERSION").into(),
        options: std::collections::BTreeMap::new(),
    };
    let manifest = abi::read_declarations(&module, producer)?.context("the module does not declare itself")?;
    Ok(abi::pack(&abi::remove_declarations(&module)?, &manifest)?)
}
