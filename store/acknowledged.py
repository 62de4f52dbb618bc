"""How far an open segment was acknowledged, beside it in a small file: tells bit rot at its end from a torn tail.

Between the segment's writer and whoever walks its frames. A record is written after the commit's bytes were synced and
is not synced itself: one that is found proves that everything before its length was durable once, so that whatever
cannot be read there is damage. One that was lost proves nothing, and the last commit may then be torn.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from .durable_file import read_whole
from .file_system import AppendableFile, FileSystem
from .stream_directory import OPEN_SUFFIX

ACKNOWLEDGED_SUFFIX = ".synced"

_RECORD = struct.Struct("<QQQ")
_CHECKSUM = struct.Struct("<I")
_RECORD_BYTES = _RECORD.size + _CHECKSUM.size


class Acknowledged(NamedTuple):
    """How much of a segment was durable: its length, and the position after the last event in it."""

    segment_id: int
    length: int
    next_position: int


def acknowledged_path(segment_path: str) -> str:
    """Return the path of the file beside an open segment.

    >>> acknowledged_path("s/00000000000000000001.open")
    's/00000000000000000001.synced'
    """
    return segment_path.removesuffix(OPEN_SUFFIX) + ACKNOWLEDGED_SUFFIX


def read_acknowledged(files: FileSystem, segment_path: str, segment_id: int) -> Acknowledged | None:
    """Return how far a segment surely was durable; None where nothing is known."""
    try:
        data = read_whole(files, acknowledged_path(segment_path))
    except FileNotFoundError:
        return None
    for start in range(len(data) - len(data) % _RECORD_BYTES - _RECORD_BYTES, -1, -_RECORD_BYTES):
        record = data[start : start + _RECORD.size]
        if zlib.crc32(record) == _CHECKSUM.unpack_from(data, start + _RECORD.size)[0]:
            found = Acknowledged._make(_RECORD.unpack(record))
            return found if found.segment_id == segment_id else None
    return None


class AcknowledgedWriter:
    """Notes each commit of one open segment. It is only a hint: where it cannot be written, nothing is noted."""

    def __init__(self, files: FileSystem, segment_path: str, known: Acknowledged) -> None:
        self._file: AppendableFile | None = None
        path = acknowledged_path(segment_path)
        try:
            files.delete(path)
            self._file = files.open_appendable(path, create=True)
        except OSError:
            return
        self.note(known)

    def note(self, reached: Acknowledged) -> None:
        """Say that everything before a length is durable."""
        if self._file is None:
            return
        record = _RECORD.pack(*reached)
        try:
            self._file.write(record + _CHECKSUM.pack(zlib.crc32(record)))
        except OSError:
            self._file = None  # half a record would put those behind it out of place

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
