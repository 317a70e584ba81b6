"""What is given to the library. A wrong type is a `TypeError`, a wrong value a `MisuseError`."""

from __future__ import annotations

import json
import math
import operator
import os
from numbers import Real
from typing import Any, Iterable, Optional, Union

from ._errors import MisuseError
from ._library import LIBRARY, Options

# Anything that has the buffer protocol, which has no type in `typing` before Python 3.12.
Data = Any
Path = Union[str, "os.PathLike[str]"]

_LIMITS = ("memory_bytes", "argument_bytes", "picture_bytes", "result_bytes", "instances", "keys", "queue")
_BITS = 63


def options(
    *,
    deadline: Optional[float] = None,
    allow_breaking: bool = False,
    allow: Iterable[str] = (),
    window: Union[str, int, None] = None,
    **limits: Optional[int],
) -> Options:
    made = LIBRARY.wasmtube_options_default()
    if deadline is not None:
        made.deadline_ms = _limit("deadline", milliseconds("deadline", deadline, "wrong_options"))
    for field, value in limits.items():
        if field not in _LIMITS:
            raise TypeError(f"a slot has no option `{field}`")
        if value is not None:
            setattr(made, field, _limit(field, _integer(field, value)))
    made.allow_breaking = int(bool(allow_breaking))
    names = (allow,) if isinstance(allow, str) else allow
    try:
        names = tuple(names)
    except TypeError:
        raise _wrong("allow", "names", allow) from None
    made.allow = b",".join(text("allow", name) for name in names)
    if window is not None:
        made.window = text("window", window if isinstance(window, str) else str(_integer("window", window)))
    return made


def _limit(what: str, value: int) -> int:
    """A limit that is no default: in the library 0 means that."""
    if not 0 < value < 1 << _BITS:
        raise MisuseError("wrong_options", f"`{what}` is {value}, possible is more than zero and less than 2^{_BITS}")
    return value


def milliseconds(what: str, seconds: float, code: str) -> int:
    """Of seconds, rounded up, so that a short time does not become none."""
    if not isinstance(seconds, Real):
        raise _wrong(what, "a number of seconds", seconds)
    value = float(seconds)
    if not math.isfinite(value) or value < 0 or value * 1000 >= 1 << _BITS:
        raise MisuseError(code, f"`{what}` is {value}, which is no length of time in seconds")
    return math.ceil(value * 1000)


def side(what: str, value: int) -> int:
    """A number of pixels."""
    value = _integer(what, value)
    if not 0 <= value < 1 << 32:
        raise MisuseError("out_of_range", f"`{what}` is {value}, possible is 0 to {(1 << 32) - 1}")
    return value


def _integer(what: str, value: int) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise _wrong(what, "an integer", value) from None


def text(what: str, value: str) -> bytes:
    if not isinstance(value, str):
        raise _wrong(what, "text", value)
    if "\0" in value:
        raise MisuseError("not_text", f"`{what}` holds a NUL character")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise MisuseError("not_text", f"`{what}` holds half a character at {error.start}, which has no UTF-8") from None


def path(value: Path) -> bytes:
    try:
        encoded = os.fsencode(value)
    except UnicodeEncodeError:
        raise MisuseError("not_text", "the path holds characters that no file name of this machine has") from None
    if b"\0" in encoded:
        raise MisuseError("not_text", "the path holds a NUL character")
    return encoded


def name_of(value: Path) -> str:
    """The last part of a path, as text."""
    return os.path.basename(path(value)).decode(errors="replace")


def data(what: str, value: Data) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return memoryview(value).tobytes()
    except TypeError:
        raise _wrong(what, "bytes or another buffer", value) from None


def json_text(value: Any) -> bytes:
    """Raises a `TypeError` where a value has no form in JSON by its type."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise MisuseError("not_json", f"the argument has no form in JSON: {error}") from None


def _wrong(what: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"`{what}` must be {wanted}, not {type(value).__name__}")
