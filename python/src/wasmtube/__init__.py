"""Loads, calls and replaces Wasm functions.

    import wasmtube

    with wasmtube.Slot("stats.wasm") as slot:
        print(slot.call("calc_stats", {"values": [127, 71, 110]}))
        slot.publish("stats-v2.wasm")
        print(slot.call("calc_stats", {"values": [127, 71, 110]}))

A `Slot` holds exactly one live version of a module. Calls may come from many threads at once, and a call that has begun
ends on the version that it began on. Whatever goes wrong is an `Error`, whose `code` is a word for programs;
an argument of a wrong type is a `TypeError`.
"""

from ._engine import Engine
from ._errors import (
    CallError,
    ClosedError,
    Error,
    FileError,
    GuestError,
    InternalError,
    LoadError,
    MisuseError,
    PublishError,
    SetupError,
)
from ._slot import Slot
from ._tensor import Tensor

__all__ = [
    "CallError",
    "ClosedError",
    "Engine",
    "Error",
    "FileError",
    "GuestError",
    "InternalError",
    "LoadError",
    "MisuseError",
    "PublishError",
    "SetupError",
    "Slot",
    "Tensor",
]
__version__ = "0.1.0"
