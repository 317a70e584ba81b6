use compiler::{ModelSource, Options, compile};
use serde_json::Value;
use wasmtube_conformance::models;

/// A file that is to be changed.
pub(crate) struct Seed {
    pub(crate) name: String,
    /// Without a seal.
    pub(crate) module: Vec<u8>,
    /// What it is sealed with.
    pub(crate) manifest: Option<Value>,
}

impl Seed {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.manifest {
            Some(manifest) => sealed(&self.module, &serde_json::to_vec(manifest).unwrap()),
            None => self.module.clone(),
        }
    }
}

const NUMBERS: &str = r#"(module (memory (export "memory") 1 4) (table 4 funcref) (elem (i32.const 1) $add)
  (global $g (mut f64) (f64.const 1.5)) (data (i32.const 8) "text") (type $t (func (param i32 i32) (result i32)))
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "sum") (param $n i32) (result i64) (local $s i64)
    (block $out (loop $l (br_if $out (i32.eqz (local.get $n)))
      (local.set $s (i64.add (local.get $s) (i64.extend_i32_u (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l))) (local.get $s))
  (func (export "indirect") (param f32) (result f32)
    (drop (call_indirect (type $t) (i32.const 2) (i32.const 3) (i32.const 1)))
    (f32.sqrt (f32.add (local.get 0) (f32.convert_i32_u (i32.load (i32.const 8))))))
  (func (export "vector") (param i32) (result i32)
    (i32x4.extract_lane 1 (i8x16.swizzle (i32x4.splat (local.get 0)) (v128.load (i32.const 8))))))"#;

/// Answers its argument.
const ECHO: &str = r#"(module (memory (export "memory") 1) (global $end (mut i32) (i32.const 1024))
  (func (export "wasmtube_abi_v1"))
  (func (export "wasmtube_alloc") (param $len i32) (param $align i32) (result i32) (local $at i32)
    (local.set $at (global.get $end))
    (global.set $end (i32.and (i32.add (i32.add (local.get $at) (local.get $len)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (func (export "wasmtube_free") (param i32 i32) (global.set $end (i32.const 1024)))
  (func (export "echo") (param $ptr i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $len)))))"#;

const CLASSIC: &str = r#"(module (memory (export "memory") 1)
  (func (export "echo") (param i32 i32) (result i32) (local.get 1))
  (func (export "picture") (param i32 i32 i32 i32) (result i32) (i32.store8 (local.get 0) (i32.const 0x31)) (i32.const 1)))"#;

/// Small modules and the files that we ship.
pub(crate) fn all() -> Vec<Seed> {
    let text =
        |name: &str, text: &str| Seed { name: name.into(), module: wat::parse_str(text).unwrap(), manifest: None };
    let echo = serde_json::json!({
        "name": "echo", "version": "1", "state": "stateless", "memory_bytes": 65536,
        "functions": { "echo": { "takes": ["bytes"], "returns": ["bytes"] } },
        "producer": { "name": "tests", "version": "1" },
    });
    let mut seeds = vec![text("numbers", NUMBERS), text("classic", CLASSIC)];
    seeds.push(Seed { manifest: Some(echo), ..text("echo", ECHO) });
    let read = |path: &str| models::read(&models::repository().join(path)).unwrap();
    for name in ["stats-v1", "stats-v2"] {
        seeds.push(opened(name, &read(&format!("guests/prebuilt/{name}.wasm"))));
    }
    let preprocess = Some(compiler::PreprocessName::Unit.into());
    let digits = read("models/digits/digits.onnx");
    let options = Options { preprocess, ..Options::named("digits") };
    seeds.push(opened("digits", &compile(&ModelSource::whole(&digits), &options).unwrap().wasm));
    seeds
}

/// Takes a sealed file apart: the head section is the first, the end the last.
fn opened(name: &str, file: &[u8]) -> Seed {
    let sections = sections(file);
    let (head, end) = (sections[0].clone(), sections[sections.len() - 1].clone());
    let json = file[..head.end].windows(2).position(|bytes| bytes == b"{\"").unwrap();
    let module = [&file[..8], &file[head.end..end.start]].concat();
    Seed { name: name.into(), module, manifest: Some(serde_json::from_slice(&file[json..head.end]).unwrap()) }
}

/// Where each section lies, its header included, as far as they can be read.
pub(crate) fn sections(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = vec![];
    let mut at = 8;
    while at < file.len() {
        let (mut len, mut used) = (0_usize, 0);
        while let Some(byte) = file.get(at + 1 + used).filter(|_| used < 5) {
            len |= usize::from(byte & 0x7f) << (7 * used);
            used += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let end = at + 1 + used + len;
        if end > file.len() {
            break;
        }
        found.push(at..end);
        at = end;
    }
    found
}

/// With a head whose length and hash hold, whatever the manifest says.
pub(crate) fn sealed(module: &[u8], manifest: &[u8]) -> Vec<u8> {
    let custom = |name: &str, content: &[u8]| {
        let name = [&[u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
        [&[0][..], &unsigned(name.len() + content.len()), &name, content].concat()
    };
    let file = |length: usize, digest: [u8; 32]| {
        let fixed = [&1_u32.to_le_bytes()[..], &(length as u64).to_le_bytes(), &digest].concat();
        let head = custom(abi::HEAD_SECTION, &[&fixed, manifest].concat());
        [&module[..8.min(module.len())], &head, module.get(8..).unwrap_or_default(), &custom(abi::END_SECTION, &[])]
            .concat()
    };
    let length = file(0, [0; 32]).len();
    file(length, abi::Digest::of(&file(length, [0; 32])).0)
}

pub(crate) fn unsigned(mut number: usize) -> Vec<u8> {
    let mut out = vec![];
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}
