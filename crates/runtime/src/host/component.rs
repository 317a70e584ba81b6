//! The same set for components: the interfaces of `wit/host.wit`.

use abi::host::{KEY_BYTES_MAX, RANDOM_BYTES_MAX, code};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker, LinkerInstance, Lower};

use super::imports::interface;
use super::kv::{KvError, check_key, check_value};
use super::log::LogLevel;
use super::memory::of;
use super::{clock, random};
use crate::instance::Host;
use crate::module::Import;

type Store<'a> = StoreContextMut<'a, Host>;
type Bytes = Vec<u8>;

/// `level` of the interface `log`.
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[expect(dead_code, reason = "the engine makes them of their numbers")]
#[component(enum)]
#[repr(u8)]
enum Level {
    #[component(name = "error")]
    Error,
    #[component(name = "warn")]
    Warn,
    #[component(name = "info")]
    Info,
    #[component(name = "debug")]
    Debug,
    #[component(name = "trace")]
    Trace,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warn => Self::Warn,
            Level::Info => Self::Info,
            Level::Debug => Self::Debug,
            Level::Trace => Self::Trace,
        }
    }
}

/// `error` of the interface `kv`.
#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum StoreError {
    #[component(name = "bad-key")]
    BadKey,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "full")]
    Full,
    #[component(name = "unavailable")]
    Unavailable,
}

impl From<KvError> for StoreError {
    fn from(error: KvError) -> Self {
        match error {
            KvError::BadKey => Self::BadKey,
            KvError::TooLarge => Self::TooLarge,
            KvError::Full => Self::Full,
            KvError::Unavailable => Self::Unavailable,
        }
    }
}

/// `error` of the interface `random`.
#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum RandomError {
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "unavailable")]
    Unavailable,
}

/// Defines what is imported; what may be was decided before. A function that is imported with another type is refused
/// when the component is linked.
pub(crate) fn define(linker: &mut Linker<Host>, imports: &[Import]) -> wasmtime::Result<()> {
    for Import { module, .. } in imports {
        let define = match module.as_str() {
            interface::LOG => log,
            interface::CLOCK => clock,
            interface::KV => kv,
            interface::CONFIG => config,
            interface::RANDOM => random,
            _ => continue,
        };
        define(&mut linker.instance(module)?)?;
    }
    Ok(())
}

fn log(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("write", |mut store: Store<'_>, (level, text): (Level, String)| {
        of(store.data_mut())?.log(level.into(), text.as_bytes());
        Ok(())
    })
}

fn clock(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("wall", |mut store: Store<'_>, (): ()| {
        of(store.data_mut())?;
        Ok((clock::wall(),))
    })?;
    instance.func_wrap("monotonic", |mut store: Store<'_>, (): ()| {
        of(store.data_mut())?;
        Ok((clock::monotonic().cast_unsigned(),))
    })
}

fn kv(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("get", |mut store: Store<'_>, (key,): (Bytes,)| {
        let session = of(store.data_mut())?;
        let value = check_key(&key).map(|()| session.store().get(&key).map(|value| value.to_vec()));
        Ok((value.map_err(StoreError::from),))
    })?;
    instance.func_wrap("set", |mut store: Store<'_>, (key, value): (Bytes, Bytes)| {
        let session = of(store.data_mut())?;
        let set = check_key(&key)
            .and_then(|()| check_value(&value))
            .and_then(|()| session.writable())
            .and_then(|store| store.set(&key, &value));
        Ok((set.map_err(StoreError::from),))
    })?;
    instance.func_wrap("delete", |mut store: Store<'_>, (key,): (Bytes,)| {
        let session = of(store.data_mut())?;
        let deleted = check_key(&key).and_then(|()| session.writable()).and_then(|store| store.delete(&key));
        Ok((deleted.map_err(StoreError::from),))
    })?;
    instance.func_wrap("next-key", |mut store: Store<'_>, (after,): (Bytes,)| {
        let session = of(store.data_mut())?;
        let is_key = after.len() <= KEY_BYTES_MAX;
        Ok((if is_key { Ok(session.store().next_key(&after)) } else { Err(StoreError::BadKey) },))
    })
}

fn config(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("get", |mut store: Store<'_>, (key,): (String,)| {
        Ok((of(store.data_mut())?.configuration().get(&key).cloned(),))
    })
}

fn random(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("bytes", |mut store: Store<'_>, (len,): (u32,)| {
        of(store.data_mut())?;
        // One byte more than may be is as good as any number of them.
        let mut room = vec![0; usize::try_from(len)?.min(RANDOM_BYTES_MAX + 1)];
        Ok((match random::fill(&mut room) {
            0 => Ok(room),
            code::TOO_LARGE => Err(RandomError::TooLarge),
            _ => Err(RandomError::Unavailable),
        },))
    })
}
