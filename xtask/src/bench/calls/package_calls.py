"""Times the paper's functions through the package `wasmtube`. Prints JSON, times in nanoseconds.

usage: package_calls.py FOLDER_OF_GUESTS SECONDS
"""

import array
import json
import pathlib
import struct
import sys
import time

import wasmtube

# fmt: off
INTEGERS = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79, 77,
    73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126, 143,
    72, 96, 46, 108, 119, 148, 119, 123, 145,
]
# fmt: on
BYTES = array.array("q", INTEGERS).tobytes()
TURN_NS = 500_000


def in_python():
    values = sorted(INTEGERS)
    return {"mean": sum(values) // len(values), "median": values[len(values) // 2]}


def timed(call, calls):
    turns = range(calls)
    start = time.perf_counter_ns()
    for _ in turns:
        call()
    return (time.perf_counter_ns() - start) / calls


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
    counts = [max(1, int(TURN_NS / timed(run, 200))) for _, _, run, _, _ in rows]
    times = [[] for _ in rows]
    end = time.monotonic() + seconds * len(rows)
    while time.monotonic() < end:
        for (_, _, run, _, _), count, seen in zip(rows, counts, times):
            timed(run, max(1, count // 8))
            seen.append(timed(run, count))
    answer = []
    for (name, title, _, _, native), seen in zip(rows, times):
        middle = sorted(seen)[len(seen) // 2]
        answer.append({"id": name, "title": title, "native": native, "minimum_ns": min(seen), "median_ns": middle})
    print(json.dumps({"rows": answer}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
