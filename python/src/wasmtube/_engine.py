"""The engine that runs the functions of a process."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Optional

from ._handle import Handle
from ._library import ENGINE, LIBRARY, check


class Engine:
    """Compiles and runs Wasm. One for a process is enough, which `Slot` makes when it needs it."""

    def __init__(self) -> None:
        address = ENGINE()
        check(LIBRARY.wasmtube_engine_new(ctypes.byref(address)))
        assert address.value is not None
        self._handle = Handle("engine", address.value, LIBRARY.wasmtube_engine_free)

    def close(self) -> None:
        """Opens no slot any more. Slots that are open live on."""
        self._handle.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_shared: Optional[Engine] = None
_lock = threading.Lock()


def _forked() -> None:
    """A child makes an engine of its own; whoever held the lock is not here."""
    global _shared, _lock
    _shared, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def shared() -> Engine:
    """The engine of the process, made when it is asked for first."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Engine()
        return _shared
