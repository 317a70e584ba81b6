"""Tensors of compiled models, from and to whatever has the buffer protocol, NumPy among them."""

from __future__ import annotations

import ctypes
import math
import operator
import struct
import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ._arguments import Data, text
from ._errors import MisuseError
from ._library import LIBRARY, TensorView

# Form in `struct` and in NumPy of each type of elements.
_FORMS = {
    "f32": ("f", "<f4"),
    "f64": ("d", "<f8"),
    "f16": ("e", "<f2"),
    "i8": ("b", "|i1"),
    "u8": ("B", "|u1"),
    "i16": ("h", "<i2"),
    "u16": ("H", "<u2"),
    "i32": ("i", "<i4"),
    "u32": ("I", "<u4"),
    "i64": ("q", "<i8"),
    "u64": ("Q", "<u8"),
    "bool": ("?", "|b1"),
}
_KINDS = {**dict.fromkeys("efd", "f"), **dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u")}


class Tensor:
    """Elements in row-major order, little-endian.

    `data` is anything with the buffer protocol: an array of NumPy or of `array`, or bytes with `dtype` and `shape`. What is
    left out is read from it. `name` is that of the input or output, empty where the position decides.

    `numpy.asarray(tensor)` makes an array of it, `tensor.tolist()` nested lists.
    """

    def __init__(
        self,
        data: Data,
        *,
        dtype: Optional[str] = None,
        shape: Optional[Sequence[int]] = None,
        name: str = "",
    ) -> None:
        try:
            view = memoryview(data)
        except TypeError:
            raise TypeError(f"a tensor must be an array or another buffer, not {type(data).__name__}") from None
        if dtype is not None and dtype not in _FORMS:
            raise MisuseError("wrong_type", f"`{dtype}` is no type of elements: {', '.join(_FORMS)}")
        self.name = name
        self.dtype = _dtype(view) if dtype is None else dtype
        self.data = view.tobytes()
        size = struct.calcsize("<" + _FORMS[self.dtype][0])
        if shape is not None:
            self.shape = tuple(operator.index(length) for length in shape)
        elif dtype is None:
            self.shape = tuple(view.shape or ())
        else:
            self.shape = (len(self.data) // size,)
        if min(self.shape, default=0) < 0 or math.prod(self.shape) * size != len(self.data):
            message = f"a tensor of {self.dtype} with the shape {self.shape} does not have {len(self.data)} bytes"
            raise MisuseError("wrong_type", message)

    @property
    def __array_interface__(self) -> Dict[str, Any]:
        return {"version": 3, "typestr": _FORMS[self.dtype][1], "shape": self.shape, "data": self.data}

    def tolist(self) -> Any:
        """The elements as nested lists, a number where there are no dimensions."""
        numbers = list(struct.unpack(f"<{math.prod(self.shape)}{_FORMS[self.dtype][0]}", self.data))
        for length in reversed(self.shape[1:]):
            count = len(numbers) // length if length else math.prod(self.shape[: self.shape.index(0)])
            numbers = [numbers[at * length : (at + 1) * length] for at in range(count)]
        return numbers if self.shape else numbers[0]

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<wasmtube.Tensor{name} {self.dtype} {list(self.shape)}>"


def _dtype(view: memoryview) -> str:
    order, code = (view.format[0], view.format[1:]) if view.format[:1] in ("<", ">", "=", "@", "!") else ("@", view.format)
    swapped = order in (">", "!") if sys.byteorder == "little" else order != "<"
    if code == "?":
        return "bool"
    if code not in _KINDS or (swapped and view.itemsize > 1):
        message = f"elements in the form `{view.format}` are no numbers of a tensor: {', '.join(_FORMS)}, little-endian"
        raise MisuseError("wrong_type", message)
    return f"{_KINDS[code]}{view.itemsize * 8}"


def given(inputs: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    """An array of views of the inputs, and whatever they lead to, which must live as long."""
    tensors = [value if isinstance(value, Tensor) else Tensor(value) for value in inputs]
    names = [tensor.name for tensor in tensors] + list(named)
    tensors += [value if isinstance(value, Tensor) else Tensor(value) for value in named.values()]
    views = (TensorView * len(tensors))()
    shapes = []
    for view, tensor, name in zip(views, tensors, names):
        shape = (ctypes.c_uint64 * len(tensor.shape))(*tensor.shape)
        shapes.append(shape)
        view.name = text("name", name)
        view.dtype = tensor.dtype.encode()
        view.shape, view.rank = ctypes.addressof(shape), len(tensor.shape)
        view.data, view.data_len = ctypes.cast(tensor.data, ctypes.c_void_p), len(tensor.data)
    return views, (tensors, shapes)


def taken(outputs: ctypes.c_void_p) -> List[Tensor]:
    """Copies of what the library answered, which is freed."""
    try:
        views = [LIBRARY.wasmtube_outputs_at(outputs, at).contents for at in range(LIBRARY.wasmtube_outputs_count(outputs))]
        return [
            Tensor(
                ctypes.string_at(view.data, view.data_len),
                dtype=view.dtype.decode(),
                shape=(ctypes.c_uint64 * view.rank).from_address(view.shape) if view.rank else (),
                name=view.name.decode(),
            )
            for view in views
        ]
    finally:
        LIBRARY.wasmtube_outputs_free(outputs)
