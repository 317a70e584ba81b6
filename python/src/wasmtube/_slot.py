"""A slot and its calls."""

from __future__ import annotations

import ctypes
import json
import math
import os
from typing import Any, Dict, Iterable, List, Optional, Union

from . import _arguments as given
from . import _engine, _tensor
from ._arguments import Data
from ._engine import Engine
from ._errors import MisuseError
from ._handle import Handle
from ._library import DIGEST_BYTES, LIBRARY, OUTPUTS, SLOT, Bytes, Options, check, take
from ._tensor import Tensor


class Slot:
    """A named place with exactly one live version of a module.

    `path` is the file that it begins with. With `watch` it publishes whatever appears there, however the file is replaced;
    what is refused changes nothing and is told by `next_event`. `name` is what events and logs call it, else the name of
    the file. The limits are for each call and instance; `None` means the default of the library: a deadline of 5 s, 1 GiB
    of memory, arguments up to 64 MiB, pictures up to 2^27 pixels, results up to 16 MiB, as many instances as the machine
    runs threads, 64 keys, 256 calls that wait. `allow` names what functions may ask of the host, such as `kv` and `clock`;
    nothing by default. What they keep is kept in memory, their configuration is empty, and what they log goes nowhere.
    `window` is where functions of the classic convention get their arguments: `end`, an address, or `alloc:NAME`; `None` is
    what the file says, else `end`, which modules of AssemblyScript refuse.

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
        window: Union[str, int, None] = None,
    ) -> None:
        options = given.options(
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
            window=window,
        )
        opens = LIBRARY.wasmtube_slot_watch_file if watch else LIBRARY.wasmtube_slot_open_file
        at = given.path(path)
        name = given.name_of(path) if name is None else name
        self._open(engine, name, options, lambda *others: opens(*others[:2], at, *others[2:]))

    @classmethod
    def from_bytes(cls, wasm: Data, *, name: str = "bytes", engine: Optional[Engine] = None, **limits: Any) -> "Slot":
        """A slot that begins with a module in memory; `limits` as for a file."""
        options, wasm = given.options(**limits), given.data("wasm", wasm)
        opens = LIBRARY.wasmtube_slot_open_bytes
        slot = cls.__new__(cls)
        slot._open(engine, name, options, lambda *others: opens(*others[:2], wasm, len(wasm), *others[2:]))
        return slot

    def _open(self, engine: Optional[Engine], name: str, options: Options, opens: Any) -> None:
        if not isinstance(engine, (Engine, type(None))):
            raise TypeError(f"`engine` must be a wasmtube.Engine, not {type(engine).__name__}")
        text = given.text("name", name)
        self._name = name
        address = SLOT()
        with (engine or _engine.shared())._handle.use() as at:
            check(opens(at, text, ctypes.byref(options), ctypes.byref(address)))
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

    def describe(self) -> Dict[str, Any]:
        """What the live version offers: `functions`, each with `name`, `type` and what it `takes` and `answers`, and `model`,
        of a compiled model its `inputs`, `outputs` and `labels`, else `None`."""
        description = Bytes()
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_describe(slot, ctypes.byref(description)))
        return json.loads(take(description) or b"")

    @property
    def labels(self) -> List[str]:
        """Names of the classes of a compiled model, by their number; empty where there are none."""
        model = self.describe()["model"]
        return [] if model is None else model["labels"]

    def call(self, function: str, *arguments: Any, key: Optional[str] = None) -> Any:
        """Calls a function with a value that has a form in JSON, and answers such a value; `None` where the function answers
        nothing. `key` names whose state the function is to see, where it keeps its state by key.

        A function that takes nothing is called without an argument, one of numbers with as many as it takes, and one of a
        component with its arguments. Several numbers are answered as a list.

        Raises `CallError`, or `GuestError` where the function answers an error; `MisuseError` or, for a wrong type,
        `TypeError` where an argument has no form in JSON.
        """
        if any(_is_not_finite(argument) for argument in arguments) and self._is_of_numbers(function, "takes"):
            arguments = tuple(_number_text(argument) for argument in arguments)
        if len(arguments) == 1:
            call, text = LIBRARY.wasmtube_slot_call_json, given.json_text(arguments[0])
        else:
            call, text = LIBRARY.wasmtube_slot_call_arguments, given.json_text(arguments)
        answer = self._call(call, function, key, text)
        value = json.loads(answer) if answer else None
        if _holds_number_text(value) and self._is_of_numbers(function, "answers"):
            return [_number(item) for item in value] if isinstance(value, list) else _number(value)
        return value

    def call_bytes(self, function: str, data: Data, *, key: Optional[str] = None) -> bytes:
        """Calls a function with bytes in the form of the kind that it declares. `key` and errors are as for `call`."""
        return self._call(LIBRARY.wasmtube_slot_call_bytes, function, key, given.data("data", data))

    def call_image(self, function: str, rgb: Data, width: int, height: int, *, key: Optional[str] = None) -> Any:
        """Calls a function with a picture of packed RGB bytes, row by row from the top left, and answers what its JSON says.
        `key` and errors are as for `call`.

        `predict` of a compiled model answers its `outputs`, and as `top` the ten highest scores with `index`, `label`,
        `probability` and `score`, `None` where the first output is no row of scores.
        """
        answer = self.call_image_bytes(function, rgb, width, height, key=key)
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            message = f"`{function}` does not answer JSON: call it with `call_image_bytes`"
            raise MisuseError("not_json", message) from None

    def call_image_bytes(self, function: str, rgb: Data, width: int, height: int, *, key: Optional[str] = None) -> bytes:
        """As `call_image`, for a function that answers bytes."""
        sides = (given.side("width", width), given.side("height", height))
        return self._call(LIBRARY.wasmtube_slot_call_image, function, key, given.data("rgb", rgb), *sides)

    def predict(self, rgb: Data, width: int, height: int) -> List[Tensor]:
        """Runs a compiled model on a picture as `call_image` takes it, and answers its outputs as tensors."""
        rgb, sides = given.data("rgb", rgb), (given.side("width", width), given.side("height", height))
        outputs = OUTPUTS()
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_predict(slot, rgb, len(rgb), *sides, ctypes.byref(outputs)))
        return _tensor.taken(outputs)

    def infer(self, /, *inputs: Data, **named: Data) -> List[Tensor]:
        """Runs a compiled model on arrays of NumPy, tensors or other buffers, in the order of its inputs or by their names,
        and answers its outputs. Types and shapes must be those of the model."""
        views, _kept = _tensor.given(inputs, named)
        outputs = OUTPUTS()
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_infer(slot, views, len(views), ctypes.byref(outputs)))
        return _tensor.taken(outputs)

    def _call(self, call: Any, function: str, key: Optional[str], data: bytes, *sides: int) -> bytes:
        answer = Bytes()
        names = (given.text("function", function), None if key is None else given.text("key", key))
        with self._handle.use() as slot:
            check(call(slot, *names, data, len(data), *sides, ctypes.byref(answer)))
        return take(answer) or b""

    def _is_of_numbers(self, function: str, way: str) -> bool:
        """Whether a function `takes` or `answers` numbers, whose NaN and infinities are text in JSON."""
        described = (entry for entry in self.describe()["functions"] if entry["name"] == function)
        return any(entry[way] == "scalars" for entry in described)

    def publish(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Checks the module in a file beside the live one, and makes it the live one if it passes. Calls that have begun end
        on the version that they began on.

        Raises `FileError`, `LoadError` or `PublishError`, and the live version stays; `MisuseError` where the slot follows a
        file.
        """
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_publish_file(slot, given.path(path)))

    def publish_bytes(self, wasm: Data) -> None:
        """As `publish`, with a module in memory."""
        wasm = given.data("wasm", wasm)
        with self._handle.use() as slot:
            check(LIBRARY.wasmtube_slot_publish_bytes(slot, wasm, len(wasm)))

    def next_event(self, timeout: float = 0.0) -> Optional[Dict[str, Any]]:
        """Waits for what happens to the slot, up to `timeout` seconds. `event` is `published`, `refused`, `drained`,
        `drain_overdue`, `trapped` or `evicted`. A slot keeps 256 events and drops those that follow."""
        event = Bytes()
        milliseconds = given.milliseconds("timeout", timeout, "out_of_range")
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


# How numbers that JSON has none for are written.
_NUMBER_TEXTS = {"NaN": math.nan, "inf": math.inf, "-inf": -math.inf}


def _is_not_finite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _number_text(value: Any) -> Any:
    if not _is_not_finite(value):
        return value
    return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _holds_number_text(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(item, str) and item in _NUMBER_TEXTS for item in values)


def _number(value: Any) -> Any:
    return _NUMBER_TEXTS.get(value, value)
