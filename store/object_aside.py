"""What is written aside before it gets its name on an object store: in memory, or in a temporary file if it is large.

Between the file system of objects and its client. Nobody else can see it, so that nothing has to be synced; it is
lost with its process, as half-written files are to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from .file_system import Buffer
from .object_client import PART_BYTES, Content


class AsideFile:
    """A file for appending and reading that has no name yet.

    >>> aside = AsideFile()
    >>> aside.write(b"half a manifest")
    >>> aside.read(5, 4), aside.size()
    (b'a ma', 15)
    """

    def __init__(self) -> None:
        self._spool = SpooledTemporaryFile(PART_BYTES)  # noqa: SIM115 - lives as long as this object
        self._size = 0

    def write(self, data: Buffer) -> None:
        """Append all bytes."""
        self._spool.seek(self._size)
        self._spool.write(data)
        self._size += len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the file ends."""
        self._spool.seek(offset)
        return self._spool.read(max(0, min(length, self._size - offset)))

    def view(self, offset: int, length: int) -> Buffer:
        """Return a range."""
        return memoryview(self.read(offset, length))

    def sync(self) -> None:
        """Do nothing: nobody can see it yet."""

    def truncate(self, length: int) -> None:
        """Cut it to a length."""
        self._size = min(self._size, length)

    def size(self) -> int:
        """Return the present length."""
        return self._size

    def close(self) -> None:
        """Do nothing: it is kept until it gets its name or is deleted."""

    def __del__(self) -> None:
        self._spool.close()

    @property
    def content(self) -> Content:
        """All bytes, or what gives them in chunks where they are many."""
        return self.read(0, self._size) if self._size <= PART_BYTES else self._chunks

    def _chunks(self) -> Iterator[bytes]:
        for offset in range(0, self._size, PART_BYTES):
            yield self.read(offset, PART_BYTES)
