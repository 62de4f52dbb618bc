"""WindowCursor: how far a source of windows was read, committed with the events."""

from __future__ import annotations

import msgspec

from ...domain.errors import InvalidArgumentError
from .window import Gap


class Trouble(msgspec.Struct, frozen=True, array_like=True):
    """That a source is degraded: since when, by what class of failure, and how often it was tried."""

    since_ns: int
    failure: str
    attempts: int = 1


class WindowCursor(msgspec.Struct, frozen=True):
    """Everything before `done_ns` was read once; late entries are looked for behind it.

    Attributes:
        start_ns: where a source without `since` began, fixed at its first poll, even if that failed.
        done_ns: the end of the last whole window, never later than the clock said; 0 at first.
        deep_ns: when the last deep overlap was read.
        gaps: windows that are read again until they are whole.
        trouble: set while the source is degraded.
    """

    version: int = 1
    start_ns: int = 0
    done_ns: int = 0
    deep_ns: int = 0
    gaps: tuple[Gap, ...] = ()
    trouble: Trouble | None = None

    def encoded(self) -> bytes:
        """Return the bytes that the store keeps.

        >>> decode_window_cursor(WindowCursor(done_ns=7).encoded(), "s").done_ns
        7
        """
        return msgspec.json.encode(self)


def decode_window_cursor(cursor: bytes | None, stream: str) -> WindowCursor:
    """Return a stored cursor; the first one where there is none.

    Raises:
        InvalidArgumentError: the stream's cursor was written by a source of another kind.
    """
    try:
        return msgspec.json.decode(cursor, type=WindowCursor) if cursor else WindowCursor()
    except msgspec.MsgspecError as error:
        raise InvalidArgumentError(
            f"the cursor of stream {stream!r} is no window cursor: give this source a stream of its own"
        ) from error
