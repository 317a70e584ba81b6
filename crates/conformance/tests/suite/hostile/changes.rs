//! What is done to a file: to its bytes, to its sections, to the manifest behind a seal that holds.

use serde_json::{Value, json};
use wasmtube_conformance::inputs::Numbers;

use super::seeds::{Seed, sealed, sections, unsigned};

/// The change of that number: which seed, and what becomes of it.
pub(crate) fn changed(seeds: &[Seed], number: u64) -> (usize, Vec<u8>) {
    let mut random = Numbers::seeded(number + 1);
    // Large files, which come last, take longer and show less.
    let index = (0..3).map(|_| random.below(seeds.len())).min().unwrap_or(0);
    let seed = &seeds[index];
    let Some(manifest) = &seed.manifest else {
        let mut module = seed.module.clone();
        change_module(&mut module, &mut random);
        return (index, module);
    };
    let (mut module, mut manifest) = (seed.module.clone(), manifest.clone());
    let bytes = match random.below(16) {
        0 => {
            let mut whole = seed.bytes();
            change_bytes(&mut whole, &mut random);
            whole
        }
        1..=7 => {
            change_module(&mut module, &mut random);
            sealed(&module, &serde_json::to_vec(&manifest).unwrap())
        }
        8 => {
            let mut text = serde_json::to_vec(&manifest).unwrap();
            change_bytes(&mut text, &mut random);
            sealed(&module, &text)
        }
        _ => {
            for _ in 0..=random.below(2) {
                change_value(&mut manifest, &mut random);
            }
            sealed(&module, &serde_json::to_vec(&manifest).unwrap())
        }
    };
    (index, bytes)
}

fn change_module(module: &mut Vec<u8>, random: &mut Numbers) {
    for _ in 0..=random.below(8) / 6 {
        if random.below(4) == 0 { change_sections(module, random) } else { change_bytes(module, random) }
    }
}

fn change_bytes(bytes: &mut Vec<u8>, random: &mut Numbers) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    let end = (at + 1 + random.below(16)).min(bytes.len());
    match random.below(16) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].to_vec();
            let to = random.below(bytes.len());
            drop(bytes.splice(to..to, part));
        }
        3 => bytes.insert(at, random.bits() as u8),
        4 => bytes[at] = [0, 1, 0x40, 0x7f, 0x80, 0xff][random.below(6)],
        5 => drop(bytes.splice(at..end, [0xff, 0xff, 0xff, 0xff, 0x0f])),
        6 => bytes[at] = bytes[at].wrapping_add(1),
        7 => bytes[at] = random.bits() as u8,
        _ => bytes[at] ^= 1 << random.below(8),
    }
}

fn change_sections(module: &mut Vec<u8>, random: &mut Numbers) {
    let found = sections(module);
    if found.is_empty() {
        return;
    }
    let (one, other) = (found[random.below(found.len())].clone(), found[random.below(found.len())].clone());
    match random.below(5) {
        0 => drop(module.drain(one)),
        1 => drop(module.splice(other.start..other.start, module[one].to_vec())),
        2 => drop(module.splice(other, module[one].to_vec())),
        // A section of this kind with another count and nothing else, or with what follows the count of the other.
        3 => {
            let count = unsigned([0, 1, 1000, 1_000_000, 0xffff_ffff][random.below(5)]);
            let section = [&[module[one.start]][..], &unsigned(count.len()), &count].concat();
            drop(module.splice(one, section));
        }
        _ => module[one.start] = random.below(14) as u8,
    }
}

/// Replaces, removes or adds something somewhere.
fn change_value(value: &mut Value, random: &mut Numbers) {
    let deeper = random.below(5) > 0;
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(random.below(fields.len())).cloned().unwrap_or_default();
            match random.below(12) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(["f", "infer", "step", "", "\u{1b}[2J"][random.below(5)].into(), wild(random))),
                _ if deeper => change_value(&mut fields[&key], random),
                _ => fields[&key] = wild(random),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ if deeper => change_value(&mut items[at], random),
                _ => items[at] = wild(random),
            }
        }
        // Numbers stay numbers mostly, or nothing but the reader of JSON would be tried.
        Value::Number(_) if deeper => {
            let near = [json!(0), json!(1), json!(7), json!(1023), json!(65_535), json!(65_536), json!(1e-3)];
            let far = [json!(u32::MAX), json!(1_u64 << 32), json!(u64::MAX), json!(-1), json!(1e39), json!(-0.5)];
            *value = if random.below(2) == 0 { near[random.below(7)].clone() } else { far[random.below(6)].clone() };
        }
        other => *other = wild(random),
    }
}

fn wild(random: &mut Numbers) -> Value {
    let deep = (0..200).fold(json!([]), |inner, _| json!([inner]));
    let values = [
        Value::Null,
        json!(true),
        json!("\u{1b}[31m\n\u{202e}"),
        json!("x".repeat(100_000)),
        json!([]),
        json!({}),
        json!(vec![0; 10_000]),
        json!("f16"),
        json!("image"),
        json!("keyed"),
        json!(["tensor"]),
        json!(["json"]),
        json!({"scalar": "i64"}),
        json!(u64::MAX),
        json!(-1),
        json!(1e39),
        deep,
    ];
    values[random.below(values.len())].clone()
}
