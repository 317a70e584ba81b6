"""A slot and its calls."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import Any, Dict, Iterable, Optional, Union

from . import _engine
from ._engine import Engine
from ._errors import MisuseError
from ._handle import Handle
from ._library import DIGEST_BYTES, LIBRARY, SLOT, Bytes, Options, check, take

Data = Union[bytes, bytearray, memoryview]


class Slot:
    """A named place with exactly one live version of a module.

    `path` is the file that it begins with. With `watch` it publishes whatever appears there, however the file is replaced;
    what is refused changes nothing and is told by `next_event`. `name` is what events and logs call it, else the name of
    the file. The limits are for each call and instance; `None` means the default of the library: a deadline of 5 s, 1 GiB
    of memory, arguments up to 64 MiB, pictures up to 2^27 pixels, results up to 16 MiB, as many instances as the machine
    runs threads, 64 keys, 256 calls that wait. `allow` names what functions may ask of the host, such as `kv` and `clock`; nothing by default. What they
    keep is kept in memory, their configuration is empty, and what they log goes nowhere.

    Raises `FileError`, `LoadError` or `PublishError` where the file gives no version.
    """

    def __init__(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        watch: bool = False,
        name: Optional[str] = None,
        engine: Optional[Engine] = None,
        deadline: Optional[float] = None,
        memory_bytes: Optional[int] = None,
        argument_bytes: Optional[int] = None,
        picture_bytes: Optional[int] = None,
        result_bytes: Optional[int] = None,
        instances: Optional[int] = None,
        keys: Optional[int] = None,
        queue: Optional[int] = None,
        allow_breaking: bool = False,
        allow: Iterable[str] = (),
    ) -> None:
        options = _options(
            deadline=deadline,
            memory_bytes=memory_bytes,
            argument_bytes=argument_bytes,
            picture_bytes=picture_bytes,
            result_bytes=result_bytes,
            instances=instances,
            keys=keys,
            queue=queue,
            allow_breaking=allow_breaking,
            allow=allow,
        )
        opens = LIBRARY.wasmtube_slot_watch_file if watch else LIBRARY.wasmtube_slot_open_file
        self._open(engine, name or Path(path).name, options, lambda *given: opens(*given[:2], _path(path), *given[2:]))

    @classmethod
    def from_bytes(cls, wasm: Data, *, name: str = "bytes", engine: Optional[Engine] = None, **limits: Any) -> "Slot":
        """A slot that begins with a module in memory; `limits` as for a file."""
        options, wasm = _options(**limits), bytes(wasm)
        opens = LIBRARY.wasmtube_slot_open_bytes
        slot = cls.__new__(cls)
        slot._open(engine, name, options, lambda *given: opens(*given[:2], wasm, len(wasm), *given[2:]))
        return slot

    def _open(self, engine: Optional[Engine], name: str, options: Options, opens: Any) -> None:
        self._name = name
        address = SLOT()
        with (engine or _engine.shared())._handle.use() as at:
            check(opens(at, _text("name", name), ctypes.byref(options), ctypes.byref(address)))
        assert address.value is not None
        self._handle = Handle(f"slot {name}", address.value, LIBRARY.wasmtube_slot_free)

    @property
    def name(self) -> str:
        """What events and logs call it."""
        return self._name

    @property
    def digest(self) -> str:
        """Identity of the live version: the sha256 of its file, in 64 hexadecimal digits."""
        digest = ctypes.create_string_buffer(DIGEST_BYTES)
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_digest(slot, digest))
        return digest.value.decode()

    def call(self, function: str, argument: Any = None, *, key: Optional[str] = None) -> Any:
        """Calls a function with a value that has a form in JSON, and answers such a value; `None` where the function answers
        nothing. `key` names whose state the function is to see, where it keeps its state by key.

        Raises `CallError`, or `GuestError` where the function answers an error; `ValueError` or `TypeError` where the
        argument has no form in JSON.
        """
        text = json.dumps(argument, allow_nan=False, separators=(",", ":")).encode()
        answer = self._call(LIBRARY.wasmtube_slot_call_json, function, key, text)
        return json.loads(answer) if answer else None

    def call_bytes(self, function: str, data: Data, *, key: Optional[str] = None) -> bytes:
        """Calls a function with bytes in the form of the kind that it declares. `key` and errors are as for `call`."""
        return self._call(LIBRARY.wasmtube_slot_call_bytes, function, key, bytes(data))

    def call_image(self, function: str, rgb: Data, width: int, height: int, *, key: Optional[str] = None) -> Any:
        """Calls a function with a picture of packed RGB bytes, row by row from the top left, and answers what its JSON says.
        `key` and errors are as for `call`."""
        answer = self.call_image_bytes(function, rgb, width, height, key=key)
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            message = f"`{function}` does not answer JSON: call it with `call_image_bytes`"
            raise MisuseError("not_json", message) from None

    def call_image_bytes(self, function: str, rgb: Data, width: int, height: int, *, key: Optional[str] = None) -> bytes:
        """As `call_image`, for a function that answers bytes."""
        sides = (_number("width", width, 32), _number("height", height, 32))
        return self._call(LIBRARY.wasmtube_slot_call_image, function, key, bytes(rgb), *sides)

    def _call(self, call: Any, function: str, key: Optional[str], data: bytes, *sides: int) -> bytes:
        answer = Bytes()
        names = (_text("function", function), None if key is None else _text("key", key))
        with self._handle.use() as slot:
            check(call(slot, *names, data, len(data), *sides, ctypes.byref(answer)))
        return take(answer) or b""

    def publish(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Checks the module in a file beside the live one, and makes it the live one if it passes. Calls that have begun end
        on the version that they began on.

        Raises `FileError`, `LoadError` or `PublishError`, and the live version stays; `MisuseError` where the slot follows a
        file.
        """
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_publish_file(slot, _path(path)))

    def publish_bytes(self, wasm: Data) -> None:
        """As `publish`, with a module in memory."""
        wasm = bytes(wasm)
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_publish_bytes(slot, wasm, len(wasm)))

    def next_event(self, timeout: float = 0.0) -> Optional[Dict[str, Any]]:
        """Waits for what happens to the slot, up to `timeout` seconds. `event` is `published`, `refused`, `drained`,
        `drain_overdue`, `trapped` or `evicted`. A slot keeps 256 events and drops those that follow."""
        event = Bytes()
        milliseconds = _number("timeout", round(timeout * 1000), 63)
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_next_event(slot, milliseconds, ctypes.byref(event)))
        text = take(event)
        return None if text is None else json.loads(text)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle.closed

    def close(self) -> None:
        """Lets the version go and follows no file any more. Calls that have begun end; others raise `ClosedError`."""
        self._handle.close()

    def __enter__(self) -> "Slot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<wasmtube.Slot {self._name}, closed>" if self.closed else f"<wasmtube.Slot {self._name} {self.digest[:12]}>"


def _options(
    *,
    deadline: Optional[float] = None,
    allow_breaking: bool = False,
    allow: Iterable[str] = (),
    **limits: Optional[int],
) -> Options:
    options = LIBRARY.wasmtube_options_default()
    if deadline is not None:
        options.deadline_ms = _limit("deadline", round(deadline * 1000))
    for field, value in limits.items():
        if field not in ("memory_bytes", "argument_bytes", "picture_bytes", "result_bytes", "instances", "keys", "queue"):
            raise TypeError(f"a slot has no option `{field}`")
        if value is not None:
            setattr(options, field, _limit(field, value))
    options.allow_breaking = int(bool(allow_breaking))
    if isinstance(allow, str):
        allow = (allow,)
    options.allow = _text("allow", ",".join(allow))
    return options


def _limit(what: str, value: int) -> int:
    """A limit that is no default: in the library 0 means that."""
    if value < 1:
        raise MisuseError("wrong_options", f"`{what}` must be more than zero")
    return _number(what, value, 63)


def _number(what: str, value: int, bits: int) -> int:
    if not 0 <= value < 1 << bits:
        raise MisuseError("out_of_range", f"`{what}` is {value}, possible is 0 to {(1 << bits) - 1}")
    return value


def _text(what: str, text: str) -> bytes:
    if "\0" in text:
        raise MisuseError("not_text", f"`{what}` holds a NUL character")
    return text.encode()


def _path(path: Union[str, "os.PathLike[str]"]) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise MisuseError("not_text", "the path holds a NUL character")
    return encoded
