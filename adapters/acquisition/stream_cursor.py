"""StreamCursor: the place in each partition of a stream, committed with the events."""

from __future__ import annotations

import msgspec

from ...domain.errors import InvalidArgumentError
from .window_cursor import Trouble


class StreamCursor(msgspec.Struct, frozen=True):
    """Places of partitions, in the provider's own words (sequence numbers, offsets), and whether there is trouble."""

    version: int = 1
    positions: dict[str, str] = {}
    trouble: Trouble | None = None

    def encoded(self) -> bytes:
        """Return the bytes that the store keeps.

        >>> decode_stream_cursor(StreamCursor(positions={"0": "17"}).encoded(), "s").positions
        {'0': '17'}
        """
        return msgspec.json.encode(self)


def decode_stream_cursor(cursor: bytes | None, stream: str) -> StreamCursor:
    """Return a stored cursor; the first one where there is none.

    Raises:
        InvalidArgumentError: the stream's cursor was written by a source of another kind.
    """
    try:
        return msgspec.json.decode(cursor, type=StreamCursor) if cursor else StreamCursor()
    except msgspec.MsgspecError as error:
        raise InvalidArgumentError(
            f"the cursor of stream {stream!r} is no stream cursor: give this source a stream of its own"
        ) from error
