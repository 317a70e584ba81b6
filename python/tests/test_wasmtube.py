"""The package as it is installed, on functions that are checked in: `python -m unittest discover python/tests`."""

import array
import math
import os
import pickle
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import wasmtube
from wasmtube import _library

ROOT = Path(__file__).resolve().parents[2]
PREBUILT = ROOT / "guests" / "prebuilt"
STATS, STATS_V2 = PREBUILT / "stats-v1.wasm", PREBUILT / "stats-v2.wasm"
ARGUMENT, ANSWER = {"values": [127, 71, 110, -5]}, {"mean": 75, "median": 110}
FILES = ROOT / "python" / "tests" / "files"
NUMBERS, COUNTER, DOUBLER = FILES / "numbers.wasm", FILES / "counter.wasm", FILES / "doubler.wasm"
# How long a file that was replaced may take to be live.
PATIENCE = 60


def classic():
    """A module of the classic convention: `width` answers the width of a picture, one digit; `turn` never ends."""

    def section(number, *entries):
        content = bytes([len(entries)]) + b"".join(entries)
        return bytes([number, len(content)]) + content

    def export(name, kind, index):
        return bytes([len(name)]) + name + bytes([kind, index])

    def body(code):
        code = b"\x00" + code + b"\x0b"
        return bytes([len(code)]) + code

    i32 = b"\x7f"
    types = [b"\x60\x04" + 4 * i32 + b"\x01" + i32, b"\x60\x02" + 2 * i32 + b"\x01" + i32]
    store_width = b"\x20\x00\x20\x02\x41\x30\x6a\x3a\x00\x00"
    endless = b"\x03\x40\x0c\x00\x0b"
    return b"".join([
        b"\0asm\x01\0\0\0",
        section(1, *types),
        section(3, b"\x00", b"\x01"),
        section(5, b"\x00\x01"),
        section(7, export(b"width", 0, 0), export(b"turn", 0, 1), export(b"memory", 2, 0)),
        section(10, body(store_width + b"\x41\x01"), body(endless + b"\x41\x00")),
    ])  # fmt: skip


class Case(unittest.TestCase):
    def fails(self, kind, code, call, *arguments, **options):
        """The exception, which is of this class and code."""
        with self.assertRaises(wasmtube.Error) as caught:
            call(*arguments, **options)
        error = caught.exception
        self.assertEqual((type(error), error.code), (kind, code), str(error))
        return error


class Calls(Case):
    def test_a_call_answers_a_value(self):
        with wasmtube.Slot(STATS) as slot:
            self.assertEqual(slot.call("calc_stats", ARGUMENT), ANSWER)
            self.assertEqual(slot.name, "stats-v1.wasm")
            self.assertRegex(repr(slot), r"^<wasmtube.Slot stats-v1.wasm [0-9a-f]{12}>$")

    def test_bytes_in_the_form_of_the_function(self):
        with wasmtube.Slot(str(PREBUILT / "plain-stats.wasm")) as slot:
            values = struct.pack("<3q", 1, 2, 6)
            for data in (values, bytearray(values), memoryview(values)):
                self.assertEqual(struct.unpack("<2d", slot.call_bytes("stats", data)), (3.0, 2.0))
            self.assertEqual(slot.call("stats", [1, 2, 6]), {"mean": 3.0, "median": 2.0})
            self.fails(wasmtube.CallError, "wrong_argument", slot.call_bytes, "stats", values[1:])

    def test_pictures(self):
        with wasmtube.Slot.from_bytes(classic()) as slot:
            self.assertEqual(slot.call_image("width", bytes(18), 3, 2), 3)
            self.assertEqual(slot.call_image_bytes("width", bytes(18), 3, 2), b"3")
            self.fails(wasmtube.CallError, "wrong_argument", slot.call_image, "width", bytes(17), 3, 2)
            self.fails(wasmtube.MisuseError, "out_of_range", slot.call_image, "width", b"", -1, 2)
            self.fails(wasmtube.MisuseError, "out_of_range", slot.call_image, "width", b"", 1 << 32, 2)
            self.fails(wasmtube.CallError, "bad_answer", slot.call_image, "width", bytes(3 * 17), 17, 1)

    def test_a_key_where_none_is_taken(self):
        with wasmtube.Slot(STATS, keys=2, queue=1) as slot:
            for call in (slot.call, slot.call_bytes):
                argument = b"" if call == slot.call_bytes else ARGUMENT
                error = self.fails(wasmtube.CallError, "wrong_key", call, "calc_stats", argument, key="a")
                self.assertIn("no state by key", str(error))
            self.fails(wasmtube.CallError, "wrong_key", slot.call, "calc_stats", ARGUMENT, key="")
            self.fails(wasmtube.MisuseError, "not_text", slot.call, "calc_stats", ARGUMENT, key="\0")
            self.assertEqual(slot.call("calc_stats", ARGUMENT, key=None), ANSWER)
        with wasmtube.Slot.from_bytes(classic()) as slot:
            self.fails(wasmtube.CallError, "wrong_key", slot.call_image, "width", bytes(18), 3, 2, key="a")
        for keys in (0, 65_537):
            self.fails(wasmtube.MisuseError, "wrong_options", wasmtube.Slot, STATS, keys=keys)

    def test_what_has_no_form_in_json(self):
        with wasmtube.Slot(STATS) as slot:
            circle = []
            circle.append(circle)
            for value in (float("nan"), [float("inf")], circle):
                self.fails(wasmtube.MisuseError, "not_json", slot.call, "calc_stats", value)
            self.assertRaises(TypeError, slot.call, "calc_stats", b"bytes")

    def test_functions_of_numbers(self):
        with wasmtube.Slot(NUMBERS) as slot:
            self.assertEqual(slot.call("add", 1, 2.5, -3), 0.5)
            self.assertEqual(slot.call("turn", 1, 2, 0.5, 0.1), [0.1, 0.5, 2, 1])
            self.assertEqual(slot.call("sum", 2, 3), 5)
            self.assertEqual(slot.call("answer"), 42)
            self.assertIsNone(slot.call("nothing"))
            for exact in (2**53 + 1, -(2**63), 2**63 - 1):
                self.assertEqual(slot.call("integer", exact), exact)
            self.fails(wasmtube.CallError, "wrong_argument", slot.call, "integer", 2**64)
            self.fails(wasmtube.CallError, "wrong_argument", slot.call, "add", 1, 2.5)
            self.fails(wasmtube.CallError, "wrong_argument", slot.call, "add", 1, "two", 3)

    def test_numbers_that_json_has_none_for(self):
        with wasmtube.Slot(NUMBERS) as slot:
            self.assertEqual(slot.call("float", -math.inf), -math.inf)
            self.assertTrue(math.isnan(slot.call("float", math.nan)))
            first, *others = slot.call("turn", 1, 2, math.inf, math.nan)
            self.assertTrue(math.isnan(first))
            self.assertEqual(others, [math.inf, 2, 1])

    def test_functions_without_a_parameter_and_state_by_key(self):
        with wasmtube.Slot(COUNTER, keys=2) as slot:
            self.assertEqual([slot.call("count", key=key) for key in "aab"], [1, 2, 1])
            self.assertEqual([slot.call("next", 2**63, key=key) for key in "ab"], [2**63, 2**63])
            self.assertEqual(slot.call("next", 1, key="a"), 2**63 + 1)
            self.fails(wasmtube.CallError, "wrong_key", slot.call, "count")
            self.fails(wasmtube.CallError, "wrong_argument", slot.call, "count", 1, 2, key="a")
            self.assertEqual(slot.call("count", key="c"), 1)
            event = slot.next_event()
            self.assertEqual((event["event"], event["key"]), ("evicted", "b"))
            self.assertEqual(slot.call("count", key="b"), 1)
        with wasmtube.Slot(STATS) as slot:
            self.fails(wasmtube.CallError, "wrong_argument", slot.call, "calc_stats")

    def test_a_window_is_chosen(self):
        guest = PREBUILT / "classic-assemblyscript.wasm"
        for window in ("alloc:__new", "end", 42):
            with wasmtube.Slot(guest, window=window) as slot:
                self.assertEqual(slot.call("calc_stats", ARGUMENT), {"mean": 75, "largest": 127})
        with wasmtube.Slot(guest) as slot:
            error = self.fails(wasmtube.CallError, "wrong_argument", slot.call, "calc_stats", ARGUMENT)
            self.assertIn("by the setting `window`", str(error))

    def test_errors_name_what_is_there(self):
        with wasmtube.Slot(STATS) as slot:
            error = self.fails(wasmtube.CallError, "no_such_function", slot.call, "calc", ARGUMENT)
            self.assertIn("calc_stats", str(error))
            self.fails(wasmtube.MisuseError, "not_text", slot.call, "calc\0", ARGUMENT)

    def test_the_error_of_a_function(self):
        with wasmtube.Slot(STATS) as slot:
            error = self.fails(wasmtube.GuestError, "guest_error", slot.call, "calc_stats", {"values": "none"})
            self.assertEqual((error.guest_code, error.retryable), ("invalid-argument", False))
            copy = pickle.loads(pickle.dumps(error))
            self.assertEqual((str(copy), copy.guest_code), (str(error), error.guest_code))

    def test_a_deadline_ends_an_endless_loop(self):
        with wasmtube.Slot.from_bytes(classic(), deadline=0.05) as slot:
            self.fails(wasmtube.CallError, "deadline_exceeded", slot.call, "turn", 1)
            self.assertEqual(slot.next_event()["event"], "trapped")


class Models(Case):
    def test_a_picture_is_predicted(self):
        with wasmtube.Slot(DOUBLER) as slot:
            answer = slot.call_image("predict", bytes([1, 2, 9, 4, 5, 6]), 2, 1)
            (output,) = answer["outputs"]
            self.assertEqual((output["name"], output["shape"], output["data"]), ("y", [1, 4], [2, 4, 18, 8]))
            self.assertEqual([entry["label"] for entry in answer["top"]], ["south", "west", "east", "north"])
            self.assertEqual(slot.labels, ["north", "east", "south", "west"])
            (tensor,) = slot.predict(bytearray([1, 2, 9, 4, 5, 6]), 2, 1)
            self.assertEqual((tensor.name, tensor.tolist()), ("y", [[2, 4, 18, 8]]))
            self.fails(wasmtube.CallError, "wrong_argument", slot.predict, bytes(5), 2, 1)
        with wasmtube.Slot(STATS) as slot:
            self.assertEqual(slot.labels, [])
            self.fails(wasmtube.CallError, "no_such_function", slot.predict, bytes(3), 1, 1)

    def test_tensors_are_inferred(self):
        numbers = array.array("f", [1, -2, math.inf, 0.5])
        shaped = memoryview(numbers).cast("B").cast("f", (1, 4))
        raw = wasmtube.Tensor(numbers.tobytes(), dtype="f32", shape=(1, 4))
        with wasmtube.Slot(DOUBLER) as slot:
            for output in (
                slot.infer(shaped),
                slot.infer(x=shaped),
                slot.infer(raw),
                slot.infer(wasmtube.Tensor(numbers, shape=(1, 4), name="x")),
            ):
                (tensor,) = output
                self.assertEqual((tensor.dtype, tensor.shape), ("f32", (1, 4)))
                self.assertEqual(tensor.tolist(), [[2, -4, math.inf, 1]])
            for wrong in ((), (numbers,), (shaped, shaped), (array.array("i", [1, 2, 3, 4]),)):
                self.fails(wasmtube.CallError, "wrong_argument", slot.infer, *wrong)
            self.fails(wasmtube.CallError, "wrong_argument", slot.infer, z=shaped)
            self.assertRaises(TypeError, slot.infer, [1.0, 2.0, 3.0, 4.0])

    def test_tensors_say_what_they_are(self):
        for code, dtype in (("b", "i8"), ("H", "u16"), ("d", "f64"), ("q", "i64"), ("L", f"u{8 * struct.calcsize('L')}")):
            self.assertEqual(wasmtube.Tensor(array.array(code, [1, 2])).dtype, dtype)
        half = wasmtube.Tensor(struct.pack("<2e", 0.5, -1), dtype="f16")
        self.assertEqual((half.shape, half.tolist()), ((2,), [0.5, -1]))
        self.assertEqual(wasmtube.Tensor(bytes(range(6)), shape=(1, 2, 3)).tolist(), [[[0, 1, 2], [3, 4, 5]]])
        self.assertEqual(wasmtube.Tensor(b"", dtype="f32", shape=(2, 0)).tolist(), [[], []])
        self.assertEqual(wasmtube.Tensor(b"\x01", dtype="bool", shape=()).tolist(), True)
        self.assertEqual(half.__array_interface__["typestr"], "<f2")
        strided = wasmtube.Tensor(memoryview(bytes(range(6)))[::2])
        self.assertEqual(strided.tolist(), [0, 2, 4])
        self.fails(wasmtube.MisuseError, "wrong_type", wasmtube.Tensor, bytes(5), dtype="f32", shape=(1,))
        self.fails(wasmtube.MisuseError, "wrong_type", wasmtube.Tensor, bytes(5), dtype="f32")
        self.fails(wasmtube.MisuseError, "wrong_type", wasmtube.Tensor, bytes(4), dtype="float")
        self.fails(wasmtube.MisuseError, "wrong_type", wasmtube.Tensor, bytes(4), shape=(-2, -2))


class Arguments(Case):
    """A wrong type is a `TypeError` that names the argument, a wrong value an `Error`."""

    def type_fails(self, named, call, *arguments, **options):
        with self.assertRaisesRegex(TypeError, f"`{named}` must be "):
            call(*arguments, **options)

    def test_wrong_types(self):
        for options in (
            {"deadline": "5"},
            {"memory_bytes": 1.5},
            {"keys": "2"},
            {"engine": 5},
            {"name": b"name"},
            {"allow": 5},
            {"allow": [5]},
            {"window": 1.5},
        ):
            with self.subTest(options):
                self.type_fails(*options, wasmtube.Slot, STATS, **options)
        self.assertRaises(TypeError, wasmtube.Slot, 5)
        self.type_fails("wasm", wasmtube.Slot.from_bytes, 5)
        with wasmtube.Slot(STATS) as slot:
            self.type_fails("function", slot.call, 5)
            self.type_fails("key", slot.call, "calc_stats", ARGUMENT, key=5)
            self.type_fails("data", slot.call_bytes, "calc_stats", 5)
            self.type_fails("rgb", slot.call_image, "calc_stats", "rgb", 1, 1)
            self.type_fails("width", slot.call_image, "calc_stats", bytes(3), 1.5, 1)
            self.type_fails("height", slot.predict, bytes(3), 1, "1")
            self.type_fails("timeout", slot.next_event, "soon")
            self.type_fails("wasm", slot.publish_bytes, None)

    def test_wrong_values(self):
        half = "\ud800"
        for code, options in (
            ("wrong_options", {"deadline": math.nan}),
            ("wrong_options", {"deadline": math.inf}),
            ("wrong_options", {"memory_bytes": 1 << 64}),
            ("wrong_options", {"window": "begin"}),
            ("wrong_options", {"window": -1}),
            ("not_text", {"name": half}),
            ("not_text", {"allow": [half]}),
        ):
            with self.subTest(options):
                self.fails(wasmtube.MisuseError, code, wasmtube.Slot, STATS, **options)
        self.fails(wasmtube.MisuseError, "not_text", wasmtube.Slot, half)
        with wasmtube.Slot(STATS) as slot:
            self.fails(wasmtube.MisuseError, "not_text", slot.call, half)
            for timeout in (math.inf, math.nan, -1):
                self.fails(wasmtube.MisuseError, "out_of_range", slot.next_event, timeout)


class Options(Case):
    def test_limits_hold(self):
        with wasmtube.Slot(STATS, argument_bytes=10) as slot:
            self.fails(wasmtube.CallError, "too_large", slot.call, "calc_stats", ARGUMENT)

    def test_wrong_options(self):
        for options in ({"deadline": 0}, {"deadline": -1.0}, {"instances": 0}, {"allow": ["files"]}, {"deadline": 1e9}):
            with self.subTest(options):
                self.fails(wasmtube.MisuseError, "wrong_options", wasmtube.Slot, STATS, **options)
        self.assertRaises(TypeError, wasmtube.Slot.from_bytes, b"", patience=1)
        with wasmtube.Slot(STATS, allow="log") as slot:
            self.assertEqual(slot.call("calc_stats", ARGUMENT), ANSWER)

    def test_wrong_files(self):
        self.fails(wasmtube.FileError, "unreadable", wasmtube.Slot, "no-such-file.wasm")
        self.fails(wasmtube.LoadError, "seal", wasmtube.Slot, __file__)
        self.fails(wasmtube.LoadError, "seal", wasmtube.Slot.from_bytes, STATS.read_bytes()[:-1])


class Replacement(Case):
    def test_a_version_is_published_while_threads_call(self):
        answers, stop = [], threading.Event()
        with wasmtube.Slot(STATS) as slot:

            def calls():
                while not stop.is_set():
                    answers.append(slot.call("calc_stats", ARGUMENT)["median"])

            threads = [threading.Thread(target=calls) for _ in range(4)]
            for thread in threads:
                thread.start()
            before = slot.digest
            slot.publish(STATS_V2)
            stop.set()
            for thread in threads:
                thread.join()
            self.assertNotEqual(slot.digest, before)
            self.assertIn("standard_deviation", slot.call("calc_stats", ARGUMENT))
            event = slot.next_event()
            self.assertEqual((event["event"], event["old"], event["new"]), ("published", before, slot.digest))
        self.assertTrue(set(answers) <= {110, 90.5}, set(answers))

    def test_what_is_refused_changes_nothing(self):
        with wasmtube.Slot(STATS) as slot:
            before = slot.digest
            self.fails(wasmtube.PublishError, "unsealed", slot.publish_bytes, classic())
            self.fails(wasmtube.LoadError, "seal", slot.publish, __file__)
            self.assertEqual(slot.digest, before)
            self.assertEqual(slot.next_event()["event"], "refused")
            slot.publish_bytes(STATS_V2.read_bytes())

    def test_a_file_is_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "stats.wasm")
            shutil.copy(STATS, file)
            with wasmtube.Slot(file, watch=True) as slot:
                before = slot.digest
                shutil.copy(STATS_V2, file)
                self.assertEqual(slot.next_event(PATIENCE)["event"], "published")
                self.assertNotEqual(slot.digest, before)
                self.fails(wasmtube.MisuseError, "follows_a_file", slot.publish, STATS)


class Ends(Case):
    def test_a_closed_slot_says_so(self):
        slot = wasmtube.Slot(STATS)
        slot.close()
        slot.close()
        self.fails(wasmtube.ClosedError, "closed", slot.call, "calc_stats", ARGUMENT)
        self.assertTrue(slot.closed)
        self.assertEqual(repr(slot), "<wasmtube.Slot stats-v1.wasm, closed>")

    def test_a_slot_is_closed_while_it_is_called(self):
        slot = wasmtube.Slot.from_bytes(classic(), deadline=0.5)
        errors = []

        def call():
            try:
                slot.call("turn", 1)
            except wasmtube.Error as error:
                errors.append(error.code)

        thread = threading.Thread(target=call)
        thread.start()
        while slot._handle._users == 0 and thread.is_alive():
            pass
        slot.close()
        thread.join()
        self.assertEqual(errors, ["deadline_exceeded"])

    def test_slots_outlive_their_engine(self):
        with wasmtube.Engine() as engine:
            slot = wasmtube.Slot(STATS, engine=engine)
        self.assertEqual(slot.call("calc_stats", ARGUMENT), ANSWER)
        self.fails(wasmtube.ClosedError, "closed", wasmtube.Slot, STATS, engine=engine)
        slot.close()

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_a_fork_opens_its_own(self):
        script = """
import os, sys, wasmtube
slot = wasmtube.Slot(sys.argv[1])
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
try:
    slot.call("calc_stats", {"values": []})
except wasmtube.ClosedError as error:
    assert error.code == "forked", error.code
assert wasmtube.Slot(sys.argv[1]).call("calc_stats", {"values": [3]})["mean"] == 3
os._exit(7)
"""
        ended = subprocess.run([sys.executable, "-c", script, STATS], check=False, timeout=60)
        self.assertEqual(ended.returncode, 7)


class Example(Case):
    def test_the_call_of_the_paper(self):
        program = [sys.executable, ROOT / "python" / "examples" / "paper.py"]
        said = subprocess.run([*program, STATS, STATS_V2], check=True, timeout=60, capture_output=True, text=True).stdout
        self.assertEqual(
            said,
            "{'mean': 101, 'median': 108}\n"
            "{'mean': 101.1, 'median': 108.0, 'standard_deviation': 31.936238559563236}\n",
        )
        ended = subprocess.run([*program, __file__], check=False, timeout=60, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr[:6]), (1, "", "seal: "))


class Header(Case):
    """What is declared for `ctypes` is what the header of the library says."""

    def setUp(self):
        text = (ROOT / "crates" / "capi" / "include" / "wasmtube.h").read_text(encoding="utf-8")
        self.header = re.sub(r"/\*.*?\*/", "", text, flags=re.S)

    def test_functions(self):
        functions = re.findall(r"^([a-z][\w ]*?\*?) ?\b(wasmtube_\w+)\(([^)]*)\);", self.header, flags=re.M)
        declared = {name: (_kind(result), [_kind(item) for item in _arguments(given)]) for result, name, given in functions}
        ours = {
            name: (_name(result), [_name(item) for item in arguments])
            for name, (result, arguments) in _library.DECLARED.items()
        }
        self.assertEqual(ours, declared)

    def test_structures(self):
        structures = {
            "wasmtube_options": _library.Options,
            "wasmtube_bytes": _library.Bytes,
            "wasmtube_tensor": _library.TensorView,
        }
        for name, ours in structures.items():
            (fields,) = re.findall(r"typedef struct \{([^}]*)\} " + name + ";", self.header)
            declared = re.findall(r"(\w+)(?: \*|\s+)(\w+);", fields)
            self.assertEqual([field for field, _ in ours._fields_], [field for _, field in declared])

    def test_constants(self):
        constants = dict(re.findall(r"#define (WASMTUBE_\w+) (\d+)", self.header))
        self.assertEqual(constants["WASMTUBE_ABI_VERSION"], str(_library.ABI_VERSION))
        self.assertEqual(constants["WASMTUBE_DIGEST_BYTES"], str(_library.DIGEST_BYTES))


def _arguments(text):
    return [] if text.strip() == "void" else [item.strip() for item in text.split(",")]


def _kind(declaration):
    """The class of a C type, by which `ctypes` passes it."""
    declaration = declaration.strip()
    if "*" in declaration:
        texts = "char", "uint8_t"
        pointed = declaration.split("*")[0].replace("const", "").strip()
        if declaration.count("*") == 2:
            return "pointer to address"
        if pointed in texts:
            return "bytes"
        structures = "wasmtube_options", "wasmtube_bytes", "wasmtube_tensor"
        return f"pointer to {pointed}" if pointed in structures else "address"
    word = declaration.split()[0]
    # `size_t` is one class with the number of its size.
    return {"void": "nothing", "wasmtube_failure": "int", "size_t": _name(_library.ctypes.c_size_t)}.get(word, word)


def _name(given):
    ctypes = _library.ctypes
    names = {
        None: "nothing",
        ctypes.c_void_p: "address",
        ctypes.c_char_p: "bytes",
        ctypes.c_int: "int",
        ctypes.c_bool: "bool",
        _library.Options: "wasmtube_options",
        ctypes.POINTER(_library.Options): "pointer to wasmtube_options",
        ctypes.POINTER(_library.Bytes): "pointer to wasmtube_bytes",
        ctypes.POINTER(_library.TensorView): "pointer to wasmtube_tensor",
        ctypes.POINTER(ctypes.c_void_p): "pointer to address",
    }
    return names.get(given) or {ctypes.c_uint32: "uint32_t", ctypes.c_uint64: "uint64_t"}[given]


if __name__ == "__main__":
    unittest.main()
