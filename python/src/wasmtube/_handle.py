"""Addresses that belong to the library, freed when nobody uses them."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import Callable, Iterator, Optional

from ._errors import ClosedError

# How often this process was forked from another one: threads of an engine do not come along.
_forks = 0


def _forked() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Handle:
    """An address that many threads use at once. Closing it waits for nobody: the last one who uses it frees it."""

    def __init__(self, what: str, address: int, free: Callable[[int], None]) -> None:
        self._what = what
        self._address: Optional[int] = address
        self._free = free
        self._users = 0
        self._closed = False
        self._forks = _forks
        self._lock = threading.Lock()

    @contextmanager
    def use(self) -> Iterator[int]:
        """The address, which lives until the end of the block."""
        if self._forks != _forks:
            raise ClosedError("forked", f"the {self._what} belongs to the process that this one was forked from: open another")
        with self._lock:
            if self._closed or self._address is None:
                raise ClosedError("closed", f"the {self._what} is closed")
            self._users += 1
            address = self._address
        try:
            yield address
        finally:
            with self._lock:
                self._users -= 1
                last = self._take_if_unused()
            self._free_outside(last)

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Refuses every use from now on."""
        if self._forks != _forks:
            return
        with self._lock:
            self._closed = True
            last = self._take_if_unused()
        self._free_outside(last)

    def _take_if_unused(self) -> Optional[int]:
        if not self._closed or self._users > 0:
            return None
        address, self._address = self._address, None
        return address

    def _free_outside(self, address: Optional[int]) -> None:
        if address is not None:
            self._free(address)

    def __del__(self) -> None:
        self.close()
