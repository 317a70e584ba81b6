//! The same set for components: the interfaces of `wit/host.wit`.

use abi::host::{KEY_BYTES_MAX, code};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Val};

use super::imports::interface;
use super::kv::{KvError, check_key, check_value};
use super::log::LogLevel;
use super::memory::{abort, of};
use super::{clock, random};
use crate::instance::Host;
use crate::module::Import;

type Store<'a> = StoreContextMut<'a, Host>;

/// Defines what is imported; what may be was decided before.
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
    instance.func_new("write", |mut store, _, arguments, _| {
        let [Val::Enum(level), Val::String(text)] = arguments else { return Err(other_type("log", "write")) };
        let level = LogLevel::from_name(level).ok_or_else(|| other_type("log", "write"))?;
        of(store.data_mut())?.log(level, text.as_bytes());
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
    instance.func_new("get", |mut store, _, arguments, results| {
        let [key] = arguments else { return Err(other_type("kv", "get")) };
        let (key, session) = (bytes(key, "kv", "get")?, of(store.data_mut())?);
        let value = check_key(&key).map(|()| option(session.store().get(&key).as_deref()));
        answer(results, value.map(Some))
    })?;
    instance.func_new("set", |mut store, _, arguments, results| {
        let [key, value] = arguments else { return Err(other_type("kv", "set")) };
        let (key, value) = (bytes(key, "kv", "set")?, bytes(value, "kv", "set")?);
        let session = of(store.data_mut())?;
        let set = check_key(&key)
            .and_then(|()| check_value(&value))
            .and_then(|()| session.writable())
            .and_then(|store| store.set(&key, &value));
        answer(results, set.map(|()| None))
    })?;
    instance.func_new("delete", |mut store, _, arguments, results| {
        let [key] = arguments else { return Err(other_type("kv", "delete")) };
        let (key, session) = (bytes(key, "kv", "delete")?, of(store.data_mut())?);
        let deleted = check_key(&key).and_then(|()| session.writable()).and_then(|store| store.delete(&key));
        answer(results, deleted.map(|deleted| Some(Val::Bool(deleted))))
    })?;
    instance.func_new("next-key", |mut store, _, arguments, results| {
        let [after] = arguments else { return Err(other_type("kv", "next-key")) };
        let (after, session) = (bytes(after, "kv", "next-key")?, of(store.data_mut())?);
        let next = if after.len() > KEY_BYTES_MAX {
            Err(KvError::BadKey)
        } else {
            Ok(Some(option(session.store().next_key(&after).as_deref())))
        };
        answer(results, next)
    })
}

fn config(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_wrap("get", |mut store: Store<'_>, (key,): (String,)| {
        Ok((of(store.data_mut())?.configuration().get(&key).cloned(),))
    })
}

fn random(instance: &mut LinkerInstance<'_, Host>) -> wasmtime::Result<()> {
    instance.func_new("bytes", |mut store, _, arguments, results| {
        let [Val::U32(len)] = arguments else { return Err(other_type("random", "bytes")) };
        of(store.data_mut())?;
        // One byte more than may be is as good as any number of them.
        let len = usize::try_from(*len)?.min(abi::host::RANDOM_BYTES_MAX + 1);
        let mut room = vec![0; len];
        let filled = match random::fill(&mut room) {
            0 => Ok(Some(list(&room))),
            code::TOO_LARGE => Err(KvError::TooLarge),
            _ => Err(KvError::Unavailable),
        };
        answer(results, filled)
    })
}

fn other_type(interface: &str, function: &str) -> wasmtime::Error {
    abort(format!("it imports `{function}` of wasmtube:host/{interface} with another type than the host's"))
}

fn bytes(value: &Val, interface: &str, function: &str) -> wasmtime::Result<Vec<u8>> {
    let byte = |value: &Val| if let Val::U8(byte) = value { Some(*byte) } else { None };
    let Val::List(values) = value else { return Err(other_type(interface, function)) };
    values.iter().map(byte).collect::<Option<_>>().ok_or_else(|| other_type(interface, function))
}

fn list(bytes: &[u8]) -> Val {
    Val::List(bytes.iter().map(|byte| Val::U8(*byte)).collect())
}

fn option(bytes: Option<&[u8]>) -> Val {
    Val::Option(bytes.map(|bytes| Box::new(list(bytes))))
}

fn answer(results: &mut [Val], answer: Result<Option<Val>, KvError>) -> wasmtime::Result<()> {
    let [result] = results else { return Err(abort("it imports a function of the host without its result")) };
    *result = Val::Result(match answer {
        Ok(value) => Ok(value.map(Box::new)),
        Err(error) => Err(Some(Box::new(Val::Enum(error.name().into())))),
    });
    Ok(())
}
