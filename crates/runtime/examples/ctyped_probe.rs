use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::{Component, ComponentType, Lift, Linker, Val};
use wasmtube_runtime::{Engine, EngineOptions, LoadOptions, Version};

const ROOM: &[u8] = include_bytes!("../../../guests/prebuilt/room-component.wasm");

#[derive(Debug, Serialize, Deserialize, ComponentType, Lift)]
#[component(record)]
struct Stats {
    mean: f64,
    median: f64,
}

fn time<R>(name: &str, mut f: impl FnMut() -> R) {
    let mut best = f64::MAX;
    for _ in 0..300 {
        let begun = Instant::now();
        for _ in 0..1000 {
            std::hint::black_box(f());
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / 1000.0);
    }
    println!("{name:40} {best:8.0} ns");
}

fn main() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let version = Arc::new(Version::load(&engine, ROOM.to_vec(), LoadOptions::default()).unwrap());
    let lease = version.lease();
    let values: Vec<f64> = (0..60).map(|i| f64::from((i * 37 % 101) - 20)).collect();
    println!("{:?}", lease.call::<_, Stats>("calc-stats", &values).unwrap());
    let quiet = Arc::new(
        Version::load(&engine, ROOM.to_vec(), LoadOptions { keep_arguments: false, ..LoadOptions::default() }).unwrap(),
    )
    .lease();
    time("lease.call, keeping arguments", || lease.call::<_, Stats>("calc-stats", &values).unwrap());
    time("lease.call", || quiet.call::<_, Stats>("calc-stats", &values).unwrap());

    if std::env::var("ONE").is_ok() {
        return;
    }
    let text = serde_json::to_string(&values).unwrap();
    time("lease.call_json", || quiet.call_json("calc-stats", &text).unwrap());
    time("lease.call judge", || {
        quiet
            .call::<_, serde_json::Value>(
                "judge",
                &serde_json::json!({"sensor":"hall","scale":"fahrenheit","value":95}),
            )
            .unwrap()
    });

    let empty: Vec<f64> = vec![];
    time("lease.call, empty", || quiet.call::<_, Stats>("calc-stats", &empty).unwrap());
    let core = Arc::new(
        Version::load(
            &engine,
            wat::parse_str(r#"(module (func (export "f") (param i32) (result i32) local.get 0))"#).unwrap(),
            LoadOptions { keep_arguments: false, ..LoadOptions::default() },
        )
        .unwrap(),
    )
    .lease();
    time("lease.call scalars", || core.call::<_, i32>("f", &1).unwrap());
    time("lease.call_scalars", || core.call_scalars("f", &[wasmtube_runtime::Scalar::I32(1)]).unwrap());
    if std::env::var("ONE").is_ok() {
        return;
    }
    let mut config = wasmtime::Config::new();
    config.epoch_interruption(true);
    let wt = wasmtime::Engine::new(&config).unwrap();
    let component = Component::from_binary(&wt, ROOM).unwrap();
    let mut store = wasmtime::Store::new(&wt, ());
    store.set_epoch_deadline(1 << 40);
    let instance = Linker::new(&wt).instantiate(&mut store, &component).unwrap();
    let func = instance.get_func(&mut store, "calc-stats").unwrap();
    println!("{:?}", func.ty(&store));
    let arguments = [Val::List(values.iter().map(|v| Val::Float64(*v)).collect())];
    let mut results = vec![Val::Bool(false)];
    func.call(&mut store, &arguments, &mut results).unwrap();
    println!("{results:?}, Val has {} bytes", size_of::<Val>());
    time("Func::call, Vals at hand", || func.call(&mut store, &arguments, &mut results).unwrap());
    time("Func::call, Vals made", || {
        let arguments = [Val::List(values.iter().map(|v| Val::Float64(*v)).collect())];
        let mut results = vec![Val::Bool(false)];
        func.call(&mut store, &arguments, &mut results).unwrap()
    });
    let typed = func.typed::<(&[f64],), (Stats,)>(&store).unwrap();
    time("TypedFunc::call", || typed.call(&mut store, (&values,)).unwrap().0);
    let empty: Vec<f64> = vec![];
    time("TypedFunc::call, empty", || typed.call(&mut store, (&empty,)).unwrap().0);
    let none = [Val::List(vec![])];
    time("Func::call, empty", || func.call(&mut store, &none, &mut results).unwrap());
}
