use alloc::collections::BTreeMap;
use alloc::vec;

use super::*;
use crate::{Producer, State};

/// A module with one type, one function and one export.
const MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";

fn manifest() -> Manifest {
    Manifest {
        name: "m".into(),
        version: "1".into(),
        functions: BTreeMap::new(),
        state: State::Stateless,
        window: None,
        model: None,
        features: vec![],
        memory_bytes: 0,
        producer: Producer { name: "test".into(), version: "0".into(), options: BTreeMap::new() },
    }
}

fn sealed() -> Vec<u8> {
    pack(MODULE, &manifest()).expect("packs")
}

#[test]
fn sealed_file_gives_its_manifest_back() {
    let file = sealed();
    match read_seal(&file) {
        Ok(Seal::Sealed(head)) => {
            assert_eq!(head.manifest, manifest());
            assert_eq!(head.digest, Digest::of(&file));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn packing_is_deterministic() {
    assert_eq!(sealed(), sealed());
}

#[test]
fn plain_module_is_unsealed() {
    assert_eq!(read_seal(MODULE), Ok(Seal::Unsealed));
}

#[test]
fn every_cut_is_refused() {
    let file = sealed();
    for length in 0..file.len() {
        let verdict = read_seal(&file[..length]);
        // Cut to its preamble, a file is an empty module without a claim: it is refused for having no exports.
        let expected = length == PREAMBLE_LEN;
        assert_eq!(verdict == Ok(Seal::Unsealed), expected, "{length}: {verdict:?}");
        assert_eq!(verdict.is_ok(), expected, "{length}: {verdict:?}");
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let file = sealed();
    for at in 0..file.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = file.clone();
            changed[at] ^= flip;
            let verdict = read_seal(&changed);
            assert!(verdict.is_err(), "byte {at}: {verdict:?}");
        }
    }
}

#[test]
fn appended_bytes_are_refused() {
    let mut file = sealed();
    write_custom(&mut file, "name", b"x");
    assert_eq!(read_seal(&file), Err(SealError::Misplaced));
    for added in [&b"\n"[..], b"\0", b"\0\x7f", b"\x01\xff\xff\xff\xff\xff\xff"] {
        let file = [&sealed(), added].concat();
        let expected = SealError::Trailing { end: sealed().len(), length: sealed().len() + added.len() };
        assert_eq!(read_seal(&file), Err(expected));
    }
}

#[test]
fn sealing_twice_is_refused() {
    assert_eq!(pack(&sealed(), &manifest()), Err(SealError::AlreadySealed));
}

#[test]
fn other_bytes_are_not_wasm() {
    assert_eq!(read_seal(b"\x7fELF"), Err(SealError::NotWasm));
    assert_eq!(pack(b"", &manifest()), Err(SealError::NotWasm));
}
