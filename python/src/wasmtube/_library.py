"""The shared library and the declarations of its header."""

from __future__ import annotations

import ctypes
import os
import platform
from ctypes import POINTER, Structure, c_bool, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path

from . import _errors

# Version of the interface that is declared here.
ABI_VERSION = 2
DIGEST_BYTES = 65

_NAMES = {"Darwin": "libwasmtube.dylib", "Windows": "wasmtube.dll"}


class Options(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("deadline_ms", c_uint64),
        ("memory_bytes", c_uint64),
        ("argument_bytes", c_size_t),
        ("picture_bytes", c_size_t),
        ("result_bytes", c_size_t),
        ("instances", c_size_t),
        ("keys", c_size_t),
        ("queue", c_size_t),
        ("allow_breaking", c_uint32),
        ("allow", c_char_p),
        ("window", c_char_p),
    ]


class Bytes(Structure):
    _fields_ = [("data", c_void_p), ("len", c_size_t)]


class TensorView(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("dtype", c_char_p),
        ("shape", c_void_p),
        ("rank", c_size_t),
        ("data", c_void_p),
        ("data_len", c_size_t),
    ]


# Engines, slots, outputs and errors are addresses; bytes of Python are passed by their address.
ENGINE = SLOT = OUTPUTS = ERROR = c_void_p
_OPEN_FILE = (ERROR, [ENGINE, c_char_p, c_char_p, POINTER(Options), POINTER(SLOT)])
_CALL = (ERROR, [SLOT, c_char_p, c_char_p, c_char_p, c_size_t, POINTER(Bytes)])
_CALL_IMAGE = (ERROR, [SLOT, c_char_p, c_char_p, c_char_p, c_size_t, c_uint32, c_uint32, POINTER(Bytes)])

# Result and arguments of each function of the header.
DECLARED = {
    "wasmtube_abi_version": (c_uint32, []),
    "wasmtube_options_default": (Options, []),
    "wasmtube_engine_new": (ERROR, [POINTER(ENGINE)]),
    "wasmtube_engine_free": (None, [ENGINE]),
    "wasmtube_slot_open_bytes": (ERROR, [ENGINE, c_char_p, c_char_p, c_size_t, POINTER(Options), POINTER(SLOT)]),
    "wasmtube_slot_open_file": _OPEN_FILE,
    "wasmtube_slot_watch_file": _OPEN_FILE,
    "wasmtube_slot_free": (None, [SLOT]),
    "wasmtube_slot_call_json": _CALL,
    "wasmtube_slot_call_arguments": _CALL,
    "wasmtube_slot_call_bytes": _CALL,
    "wasmtube_slot_call_image": _CALL_IMAGE,
    "wasmtube_slot_infer": (ERROR, [SLOT, POINTER(TensorView), c_size_t, POINTER(OUTPUTS)]),
    "wasmtube_slot_predict": (ERROR, [SLOT, c_char_p, c_size_t, c_uint32, c_uint32, POINTER(OUTPUTS)]),
    "wasmtube_outputs_count": (c_size_t, [OUTPUTS]),
    "wasmtube_outputs_at": (POINTER(TensorView), [OUTPUTS, c_size_t]),
    "wasmtube_outputs_free": (None, [OUTPUTS]),
    "wasmtube_slot_describe": (ERROR, [SLOT, POINTER(Bytes)]),
    "wasmtube_slot_publish_bytes": (ERROR, [SLOT, c_char_p, c_size_t]),
    "wasmtube_slot_publish_file": (ERROR, [SLOT, c_char_p]),
    "wasmtube_slot_digest": (ERROR, [SLOT, c_char_p]),
    "wasmtube_slot_next_event": (ERROR, [SLOT, c_uint64, POINTER(Bytes)]),
    "wasmtube_bytes_free": (None, [POINTER(Bytes)]),
    "wasmtube_error_kind": (c_int, [ERROR]),
    "wasmtube_error_code": (c_char_p, [ERROR]),
    "wasmtube_error_message": (c_char_p, [ERROR]),
    "wasmtube_error_guest_code": (c_char_p, [ERROR]),
    "wasmtube_error_retryable": (c_bool, [ERROR]),
    "wasmtube_error_free": (None, [ERROR]),
}


def _load() -> ctypes.CDLL:
    # Whoever works on the library names one that is built.
    path = os.environ.get("WASMTUBE_LIBRARY") or Path(__file__).with_name(_NAMES.get(platform.system(), "libwasmtube.so"))
    try:
        library = ctypes.CDLL(str(path))
        for name, (result, arguments) in DECLARED.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        version = library.wasmtube_abi_version()
    except (OSError, AttributeError) as error:
        message = f"the library {path} cannot be loaded: {error}; install the wheel of this platform, or set WASMTUBE_LIBRARY"
        raise _errors.SetupError("library", message) from error
    if version != ABI_VERSION:
        message = f"the library {path} has interface {version}, this package needs {ABI_VERSION}: install both together"
        raise _errors.SetupError("library", message)
    return library


LIBRARY = _load()


def check(error: "int | None") -> None:
    """Raises an error of the library, and frees it."""
    if not error:
        return
    try:
        guest_code = LIBRARY.wasmtube_error_guest_code(error)
        raised = _errors.of(
            LIBRARY.wasmtube_error_kind(error),
            LIBRARY.wasmtube_error_code(error).decode(),
            LIBRARY.wasmtube_error_message(error).decode(),
            None if guest_code is None else guest_code.decode(),
            LIBRARY.wasmtube_error_retryable(error),
        )
    finally:
        LIBRARY.wasmtube_error_free(error)
    raise raised


def take(answer: Bytes) -> "bytes | None":
    """A copy of what the library wrote, which is freed; nothing where it wrote nothing."""
    if not answer.data:
        return None
    try:
        return ctypes.string_at(answer.data, answer.len)
    finally:
        LIBRARY.wasmtube_bytes_free(answer)
