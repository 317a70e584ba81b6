"""Writes the files of this folder: small Wasm files that are wrong, or much work for their size.

    python write.py

What becomes of each stands in outcomes.txt, which `cargo xtask bless hostile` writes.
"""

import hashlib
import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
MAGIC = b"\0asm\1\0\0\0"
NOTHING, I32 = b"\0", b"\x7f"


def unsigned(number):
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def signed(number):
    out = b""
    while not -64 <= number < 64:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number & 0x7F])


def section(number, content):
    return bytes([number]) + unsigned(len(content)) + content


def vector(items):
    return unsigned(len(items)) + b"".join(items)


def name(text):
    text = text if isinstance(text, bytes) else text.encode()
    return unsigned(len(text)) + text


def function_type(params=0, results=0):
    return b"\x60" + vector([I32] * params) + vector([I32] * results)


def body(code, locals_=NOTHING):
    return (lambda whole: unsigned(len(whole)) + whole)(locals_ + code + b"\x0b")


def export(text, number=0, kind=0):
    return name(text) + bytes([kind]) + unsigned(number)


def module(types=None, functions=None, before=b"", exports=None, after=b"", bodies=None, data=b""):
    """Without arguments: one function `f` that does nothing."""
    types = types or [function_type()]
    functions = functions or [0]
    exports = exports if exports is not None else [export("f")]
    bodies = bodies or [body(b"")] * len(functions)
    parts = [section(1, vector(types)), section(3, vector([unsigned(ty) for ty in functions])), before]
    return MAGIC + b"".join([*parts, section(7, vector(exports)), after, section(10, vector(bodies)), data])


def sealed(whole, manifest):
    """With a head whose length and hash hold, whatever the manifest says."""
    manifest = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()

    def file(length, digest):
        head = section(0, name("wasmtube") + struct.pack("<IQ", 1, length) + digest + manifest)
        return MAGIC + head + whole[8:] + section(0, name("wasmtube-end"))

    length = len(file(0, bytes(32)))
    return file(length, hashlib.sha256(file(length, bytes(32))).digest())


def table(elements):
    return b"\x70\0" + unsigned(elements)


def memory(pages):
    return section(5, vector([b"\0" + unsigned(pages)]))


def data(address, content):
    return b"\0\x41" + signed(address) + b"\x0b" + name(content)


LOCALS = b"\1" + unsigned(50_000) + I32
BLOCK, LOOP, END, BACK = b"\x02\x40", b"\x03\x40", b"\x0b", b"\x41\0\x0d\0"
PASS = b"".join(b"\x20" + unsigned(index) for index in range(1000))

files = {
    "empty": b"",
    "only-magic": MAGIC,
    "count-of-types": MAGIC + section(1, unsigned(0xFFFFFFFF)),
    "section-beyond-end": MAGIC + b"\1" + unsigned(0xFFFFFFFF),
    "length-of-six-bytes": MAGIC + b"\1\x80\x80\x80\x80\x80\0",
    "names-with-control-characters": module(exports=[export(b"a\x1b[2J\r\n\xe2\x80\xae")]),
    "name-not-utf8": module(exports=[export(b"\xff\xfe")]),
    "name-of-4000-bytes": module(exports=[export("n" * 4000)]),
    "locals-4-billion": module(bodies=[body(b"", b"\1" + unsigned(0xFFFFFFFF) + I32)]),
    "locals-10-million": module(functions=[0] * 200, bodies=[body(b"", LOCALS)] * 200),
    "nested-blocks-4000": module(bodies=[body(BLOCK * 4000 + END * 4000)]),
    "nested-loops-1000": module(bodies=[body(LOOP * 1000 + (BACK + END) * 1000)]),
    "values-1000-passed-2000-times": module(
        types=[function_type(1000, 1000)], bodies=[body(PASS + b"\x10\0" * 2000)]
    ),
    "branch-table-beyond-code": module(bodies=[body(b"\x41\0\x0e" + unsigned(1_000_000))]),
    "tables-1000": module(before=section(4, vector([table(1)] * 1000))),
    "tables-of-ten-million": module(before=section(4, vector([table(10_000_000)] * 100))),
    "elements-at-the-end-of-100-tables": module(
        before=section(4, vector([table(1_000_000)] * 100)),
        after=section(
            9, vector([b"\2" + unsigned(index) + b"\x41" + signed(999_999) + b"\x0b\0\1\0" for index in range(100)])
        ),
    ),
    "memory-of-4-gigabytes": module(before=memory(65_536)),
    "memories-100": module(before=section(5, vector([b"\0\1"] * 100))),
    "data-outside": module(before=memory(1), data=section(11, vector([data(65_536, "x")]))),
    "data-far-apart": module(before=memory(16_384), data=section(11, vector([data(0, "x"), data((1 << 30) - 1, "x")]))),
    "start-without-end": module(after=section(8, NOTHING), bodies=[body(LOOP + b"\x0c\0" + END)]),
    "calls-itself": module(bodies=[body(b"\x10\0")]),
    "head-alone": module() + section(0, name("wasmtube")),
    "end-without-head": module() + section(0, name("wasmtube-end")),
}

MANIFEST = {
    "name": "m",
    "version": "1",
    "functions": {},
    "state": "stateless",
    "memory_bytes": 65536,
    "producer": {"name": "write.py", "version": "1"},
}
TENSOR = {"name": "x", "dtype": "f32", "shape": [1, 4], "address": 1024}
GOLDEN = {"seed": 1, "scale": 1, "offset": 0, "tolerance": 0, "outputs": [{"largest": 1, "positions": [], "values": []}]}
MODEL = {
    "onnx": "0" * 64,
    "inputs": [TENSOR],
    "outputs": [TENSOR | {"name": "y", "address": 2048}],
    "steps": 1,
    "step_names": ["only"],
    "macs": 0,
    "weights_bytes": 0,
    "golden": GOLDEN,
}
PREPROCESS = {
    "name": "p",
    "layout": "nchw",
    "resize": "stretch",
    "filter": "bilinear",
    "channels": "rgb",
    "mean": [],
    "scale": [1e39],
}
# infer, step, image and image_step that do nothing.
model = module(
    types=[function_type(), function_type(1), function_type(4, 1)],
    functions=[0, 1, 2, 1, 0],
    before=memory(1),
    exports=[export("memory", 0, 2)]
    + [export(text, index) for index, text in enumerate(["infer", "step", "image", "image_step", "wasmtube_abi_v1"])],
    bodies=[body(b""), body(b""), body(b"\x41\1"), body(b""), body(b"")],
)


def of_model(**changes):
    infer = {"infer": {"takes": ["tensor"], "returns": ["tensor"]}}
    return sealed(model, MANIFEST | {"functions": infer, "model": MODEL | changes})


def with_golden(**changes):
    return of_model(golden=GOLDEN | changes)


def probe(**changes):
    return with_golden(outputs=[{"largest": 1, "positions": [0], "values": [0]} | changes])


files |= {
    "model": of_model(),
    "model-address-outside": of_model(inputs=[TENSOR | {"address": 0xFFFFFFFF}]),
    "model-address-beyond-32-bits": of_model(inputs=[TENSOR | {"address": 1 << 32}]),
    "model-address-negative": of_model(inputs=[TENSOR | {"address": -1}]),
    "model-shape-overflows": of_model(inputs=[TENSOR | {"shape": [1 << 63, 4]}]),
    "model-shape-huge": of_model(outputs=[TENSOR | {"shape": [1 << 20, 1 << 20]}]),
    "model-inputs-overlap": of_model(inputs=[TENSOR, TENSOR | {"name": "z", "address": 1036}]),
    "model-outputs-beyond-memory": of_model(outputs=[TENSOR | {"shape": [8192]}] * 3, golden=None),
    "model-steps-4-billion": of_model(steps=0xFFFFFFFF),
    "model-steps-beyond-32-bits": of_model(steps=1 << 32),
    "model-no-tensors": of_model(inputs=[], outputs=[], golden=None),
    "model-name-of-4000-bytes": of_model(inputs=[TENSOR | {"name": "x" * 4000, "address": 0xFFFFFFFF}]),
    "model-labels": of_model(labels=["\x1b[31mred\x07", ""] * 20),
    "model-preprocess": of_model(preprocess=PREPROCESS),
    "golden-tolerance-infinite": with_golden(tolerance=1e39),
    "golden-tolerance-negative": with_golden(tolerance=-1),
    "golden-no-outputs": with_golden(outputs=[]),
    "golden-position-outside": probe(positions=[1 << 63]),
    "golden-lengths-differ": probe(values=[]),
    "golden-value-differs": probe(values=[1]),
    "golden-largest-infinite": probe(largest=1e39),
    "function-missing": sealed(module(), MANIFEST | {"functions": {"g": {"takes": [], "returns": []}}}),
    "function-kind-does-not-fit": sealed(module(), MANIFEST | {"functions": {"f": {"takes": ["image"], "returns": ["json"]}}}),
    "function-kinds-4000": sealed(module(), MANIFEST | {"functions": {"f": {"takes": ["json"] * 1000, "returns": []}}}),
    "manifest-not-json": sealed(module(), b"\xff" * 8),
    "manifest-deep": sealed(module(), b"[" * 4000 + b"]" * 4000),
    "manifest-unknown-field": sealed(module(), MANIFEST | {"more": 1}),
    "manifest-keyed": sealed(module(), MANIFEST | {"state": "keyed", "functions": {"f": {"takes": [], "returns": []}}}),
    "manifest-without-functions": sealed(module(), MANIFEST),
    "hash-differs": sealed(module(), MANIFEST)[:-20] + b"\1" + sealed(module(), MANIFEST)[-19:],
}

for old in HERE.glob("*.wasm"):
    old.unlink()
for title, content in files.items():
    (HERE / f"{title}.wasm").write_bytes(content)
