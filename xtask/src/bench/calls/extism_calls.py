"""Times the paper's functions as a plug-in of extism, through its C interface. Prints JSON, times in nanoseconds.

usage: extism.py PLUGIN.wasm SECONDS
"""

import json
import sys
import time

import extism
from extism_sys import ffi, lib

# fmt: off
INTEGERS = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79, 77,
    73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126, 143,
    72, 96, 46, 108, 119, 148, 119, 123, 145,
]
# fmt: on
ARGUMENT = json.dumps({"values": INTEGERS}, separators=(",", ":")).encode()
TURN_NS = 500_000


def timed(call, calls):
    turns = range(calls)
    start = time.perf_counter_ns()
    for _ in turns:
        call()
    return (time.perf_counter_ns() - start) / calls


def main(path, seconds):
    with open(path, "rb") as file:
        plugin = extism.Plugin(file.read())
    handle = plugin.plugin
    call, length, data = lib.extism_plugin_call, lib.extism_plugin_output_length, lib.extism_plugin_output_data
    buffer, version = ffi.buffer, lib.extism_version

    def plugin_call(name):
        def run():
            if call(handle, name, ARGUMENT, len(ARGUMENT)) != 0:
                raise RuntimeError(f"{name} failed")
            return bytes(buffer(data(handle), length(handle)))

        return run

    def crossing():
        # As many crossings between Python and the library as a call has, each to a function that does nothing.
        version()
        version()
        return bytes(buffer(version(), 25))

    rows = [
        ("extism-crossing", "Python to extism and back", crossing, None),
        ("extism-json-noop", "extism, JSON no-op", plugin_call(b"noop"), {"mean": 0, "median": 0}),
        ("extism-json", "extism, JSON", plugin_call(b"calc_stats"), {"mean": 101, "median": 108}),
    ]
    for name, _, run, expected in rows:
        if expected is not None and json.loads(run()) != expected:
            raise RuntimeError(f"{name} answers {run()}")
    counts = [max(1, int(TURN_NS / timed(run, 200))) for _, _, run, _ in rows]
    times = [[] for _ in rows]
    end = time.monotonic() + seconds * len(rows)
    while time.monotonic() < end:
        for (_, _, run, _), count, seen in zip(rows, counts, times):
            timed(run, max(1, count // 8))
            seen.append(timed(run, count))
    answer = [
        {"id": name, "title": title, "minimum_ns": min(seen), "median_ns": sorted(seen)[len(seen) // 2]}
        for (name, title, _, _), seen in zip(rows, times)
    ]
    print(json.dumps({"rows": answer}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
