"""Times the paper's functions as a plug-in of extism, through its C interface. Prints JSON, times in nanoseconds.

usage: extism_calls.py PLUGIN.wasm SECONDS
"""

import json
import sys

import extism
from extism_sys import ffi, lib
from turns import INTEGERS, measure

ARGUMENT = json.dumps({"values": INTEGERS}, separators=(",", ":")).encode()


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
    measure([(name, title, run, None) for name, title, run, _ in rows], seconds)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
