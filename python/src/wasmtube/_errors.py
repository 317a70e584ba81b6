"""What may go wrong, one class for each kind of operation."""

from __future__ import annotations

from typing import Optional


class Error(Exception):
    """Why something was not done: `code` is a stable word for programs, the text a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple:
        return (type(self), (self.code, str(self)))


class MisuseError(Error):
    """The package was called against its rules: an option that is out of range, a slot that follows a file."""


class ClosedError(MisuseError):
    """The slot or the engine was closed, or belongs to the process that this one was forked from."""


class SetupError(Error):
    """The library or an engine cannot be set up on this machine."""


class FileError(Error):
    """The file cannot be read."""


class LoadError(Error):
    """The bytes are no module that can be run here."""


class PublishError(Error):
    """The version did not pass its checks; a version that was live before it still is."""


class CallError(Error):
    """The call has no result; the slot lives on."""


class GuestError(CallError):
    """The function answered with an error of its own: `guest_code` is its word, and `retryable` whether it says that the
    same call may succeed later."""

    def __init__(self, code: str, message: str, guest_code: str, retryable: bool) -> None:
        super().__init__(code, message)
        self.guest_code = guest_code
        self.retryable = retryable

    def __reduce__(self) -> tuple:
        return (type(self), (self.code, str(self), self.guest_code, self.retryable))


class InternalError(Error):
    """The library is at fault: please report it."""


# By the number of `wasmtube_failure` in the header.
_KINDS = {1: MisuseError, 2: SetupError, 3: FileError, 4: LoadError, 5: PublishError, 6: CallError, 7: InternalError}


def of(kind: int, code: str, message: str, guest_code: Optional[str], retryable: bool) -> Error:
    """The exception of an error of the library."""
    if guest_code is not None:
        return GuestError(code, message, guest_code, retryable)
    return _KINDS.get(kind, InternalError)(code, message)
