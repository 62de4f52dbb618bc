"""Fetch an object whole, then cut it into records as files are: a half answer is noticed before anything is committed.

Between an `ObjectContent` and `ObjectSource` (or a queue's reader that was told of an object). The bytes wait in a
temporary file, so that memory does not grow with the object.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files.decompression import DamagedStreamError, read_blocks
from ..files.framed_chunk import framed_chunk, rejected_piece
from ..files.framing import frame
from ..records import Origin, Records
from ..source import SourceChunk
from .ports import ObjectContent, ObjectInfo
from .requests import Requests

_TAIL_BYTES = 1 << 16


class ObjectRead:
    """Reads one object from an offset on; of one that grows, up to its last whole line.

    Args:
        reader, requests: how to get it.
        found: what the listing said of it.
        offset: where to begin; other than 0 only for one that grows.

    Attributes:
        end: the place behind what was read, once it was.
    """

    def __init__(self, reader: ObjectContent, found: ObjectInfo, requests: Requests, *, offset: int = 0) -> None:
        self._reader, self._found, self._requests, self._offset = reader, found, requests, offset
        self.end = offset

    def chunks(self, cursor: Callable[[], bytes | None]) -> Iterator[SourceChunk]:
        """Yield its records, each chunk to be committed with this cursor."""
        found = self._found
        origin = Origin(origin_key(found), self._reader.metadata(found), found.modified_ns)
        with _fetched(self._reader, found, self._offset, self._requests) as path:
            self.end = self._offset + (_cut_after_last_line(path) if found.grows else path.stat().st_size)
            at = self._offset
            try:
                for framed in frame(read_blocks(path), start=self._offset):
                    at = framed.end
                    yield framed_chunk(framed, origin, cursor)
            except DamagedStreamError as error:
                rejected = [rejected_piece(origin, b"", at, str(error))]
                yield SourceChunk(Records.of([], origin), cursor, 0, rejected)


def origin_key(found: ObjectInfo) -> str:
    """Return what names an object's records: its key, and its version where it has one.

    >>> origin_key(ObjectInfo("s3://bucket/a.gz", 5, "etag"))
    'etag@s3://bucket/a.gz'
    """
    return f"{found.version}@{found.key}" if found.version and not found.grows else found.key


@contextmanager
def _fetched(reader: ObjectContent, found: ObjectInfo, offset: int, requests: Requests) -> Iterator[Path]:
    """Give a file that holds an object's bytes from an offset on."""
    handle, name = tempfile.mkstemp(prefix="cloudledger-object-")
    path = Path(name)
    os.close(handle)
    try:
        requests.call(
            lambda: _write(path, reader.blocks(found, offset)),
            whole=lambda size: size == found.size - offset,
        )
        yield path
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, blocks: Iterator[bytes]) -> int:
    with path.open("wb") as file:
        return sum(file.write(block) for block in blocks)


def _cut_after_last_line(path: Path) -> int:
    """Cut a file behind its last line feed; return its size then."""
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _TAIL_BYTES)
            file.seek(start)
            at = file.read(end - start).rfind(b"\n")
            if at >= 0:
                end = start + at + 1
                break
            end = start
        file.truncate(end)
    return end
