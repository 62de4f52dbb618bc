"""ObjectCursor: which objects were read, committed with the events: a manifest, not a last key.

Late files land in older folders, and keys end in random letters, so that "everything behind the last key" loses files.
Only objects that the listing still shows are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from ...domain.errors import InvalidArgumentError
from .ports import ObjectInfo
from .window_cursor import Trouble

MARK_BYTES = 8
"""Of a hash that stands for an object and its version. Of a million objects two share one with a chance of 3e-8."""


class ObjectCursor(msgspec.Struct, frozen=True):
    """The objects that were read.

    Attributes:
        seen: marks of those read wholly, end to end.
        grown: how far each that grows was read.
        failed: those that cannot be read, and how often it was tried.
        trouble: set while the source is degraded.
    """

    version: int = 1
    seen: bytes = b""
    grown: dict[str, int] = {}
    failed: dict[str, int] = {}
    trouble: Trouble | None = None

    def encoded(self) -> bytes:
        """Return the bytes that the store keeps.

        >>> decode_object_cursor(ObjectCursor(grown={"a": 7}).encoded(), "s").grown
        {'a': 7}
        """
        return msgspec.msgpack.encode(self)

    def marks(self) -> set[bytes]:
        """Return the marks of what was read."""
        return {self.seen[at : at + MARK_BYTES] for at in range(0, len(self.seen), MARK_BYTES)}


def mark_of(found: ObjectInfo) -> bytes:
    """Return what stands for an object and its version.

    >>> len(mark_of(ObjectInfo("s3://bucket/a.gz", 5, "etag")))
    8
    """
    text = f"{found.key}\0{found.version}\0{found.size}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest()


def joined(marks: Iterable[bytes]) -> bytes:
    """Return marks as one.

    >>> joined({b"b" * 8, b"a" * 8})
    b'aaaaaaaabbbbbbbb'
    """
    return b"".join(sorted(marks))


def decode_object_cursor(cursor: bytes | None, stream: str) -> ObjectCursor:
    """Return a stored cursor; the first one where there is none.

    Raises:
        InvalidArgumentError: the stream's cursor was written by a source of another kind.
    """
    try:
        return msgspec.msgpack.decode(cursor, type=ObjectCursor) if cursor else ObjectCursor()
    except msgspec.MsgspecError as error:
        raise InvalidArgumentError(
            f"the cursor of stream {stream!r} is no cursor of objects: give this source a stream of its own"
        ) from error
