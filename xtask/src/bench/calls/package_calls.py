"""Times the paper's functions through the package `wasmtube`. Prints JSON, times in nanoseconds.

usage: package_calls.py FOLDER_OF_GUESTS SECONDS
"""

import array
import pathlib
import struct
import sys

import wasmtube
from turns import INTEGERS, measure

BYTES = array.array("q", INTEGERS).tobytes()


def in_python():
    values = sorted(INTEGERS)
    return {"mean": sum(values) // len(values), "median": values[len(values) // 2]}


def main(guests, seconds):
    plain = wasmtube.Slot(str(pathlib.Path(guests) / "plain-stats.wasm"))
    text = wasmtube.Slot(str(pathlib.Path(guests) / "stats-v1.wasm"))
    whole, exact = {"mean": 101, "median": 108}, {"mean": 101.1, "median": 108}
    packed = struct.pack("<2d", *exact.values())
    rows = [
        ("python", "Python itself", in_python, whole, None),
        ("package-bytes", "Python package, bytes", lambda: plain.call_bytes("stats", BYTES), packed, "python"),
        ("package-typed", "Python package, list", lambda: plain.call("stats", INTEGERS), exact, "python"),
        ("package-json", "Python package, JSON", lambda: text.call("calc_stats", {"values": INTEGERS}), whole, "python"),
    ]
    for name, _, run, expected, _ in rows:
        if run() != expected:
            raise RuntimeError(f"{name} answers {run()}")
    measure([(name, title, run, native) for name, title, run, _, native in rows], seconds)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
