"""The header of a segment file: which stream it belongs to, where it begins, and the format's version.

The first bytes of each segment. The layout to the byte is in FORMAT.md.
"""

from __future__ import annotations

import struct
import zlib

import msgspec

from ..domain.errors import NewerFormatError
from .file_system import Buffer

SEGMENT_MAGIC = b"CLSEGMT\n"
SEGMENT_VERSION = 2
"""Highest version of segments that this library reads."""

WRITER_VERSION = 3
"""Of what it writes, for whoever looks into files: 3 brought filters in frames, which older readers pass over."""

_FIXED = struct.Struct("<8sHHIQQQq")
_CHECKSUM = struct.Struct("<I")
LONGEST_HEADER = 64 * 1024 * 1024
"""The cursor inside is the source's own and may be long; anything longer is damage."""


class SegmentOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment header says.

    `cursor` is the source's cursor before the segment's first event; `checksum` is the header's own; `needs` the
    version that a reader must have.
    """

    stream: str
    segment_id: int
    first_position: int
    epoch: int
    created_at: int
    cursor: bytes | None = None
    length: int = 0
    checksum: int = 0
    needs: int = 1


class _Names(msgspec.Struct, frozen=True):
    stream: str
    cursor: bytes | None


def pack_segment_header(origin: SegmentOrigin) -> bytes:
    """Return the bytes of a segment header."""
    names = msgspec.msgpack.encode(_Names(origin.stream, origin.cursor))
    length = _FIXED.size + len(names) + _CHECKSUM.size
    place = (origin.segment_id, origin.first_position, origin.epoch, origin.created_at)
    packed = _FIXED.pack(SEGMENT_MAGIC, WRITER_VERSION, origin.needs, length, *place) + names
    return packed + _CHECKSUM.pack(zlib.crc32(packed))


def segment_header_length(data: Buffer) -> int | None:
    """Return the length that the first bytes of a segment claim for its header; None where it is none."""
    if len(data) < _FIXED.size or bytes(data[:8]) != SEGMENT_MAGIC:
        return None
    length = int(_FIXED.unpack_from(data)[3])
    return length if _FIXED.size < length <= LONGEST_HEADER else None


def parse_segment_header(data: Buffer, path: str) -> SegmentOrigin | None:
    """Return what a segment header says; None where it is damaged or cut.

    Raises:
        NewerFormatError: this library is too old for the segment.
    """
    length = segment_header_length(data)
    if length is None or len(data) < length:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, length - _CHECKSUM.size)
    if zlib.crc32(data[: length - _CHECKSUM.size]) != checksum:
        return None
    _, _, needed, _, segment_id, first, epoch, created = _FIXED.unpack_from(data)
    if needed > SEGMENT_VERSION:
        raise NewerFormatError(path, found=needed, supported=SEGMENT_VERSION)
    names = msgspec.msgpack.decode(data[_FIXED.size : length - _CHECKSUM.size], type=_Names)
    return SegmentOrigin(
        stream=names.stream,
        segment_id=segment_id,
        first_position=first,
        epoch=epoch,
        created_at=created,
        cursor=names.cursor,
        length=length,
        checksum=checksum,
        needs=needed,
    )
