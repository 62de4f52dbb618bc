"""The header of a frame: what the batch holds, what it continues, where its sections are; with its own checksum.

At the start of each frame of a segment. The layout to the byte is in FORMAT.md.
"""

from __future__ import annotations

import struct
import zlib
from enum import IntFlag
from typing import NamedTuple

from ..domain.errors import NewerFormatError
from .file_system import Buffer
from .sections import ENTRY, Table, read_table

FRAME_MAGIC = b"CLFRAME\n"
FRAME_VERSION = 2
"""Highest version that this library reads. A frame carries the lowest that its sections need."""

PLAIN_VERSION = 1
COLUMNS_VERSION = 2
"""Of a frame that holds payload as columns (section 16)."""

_FIXED = struct.Struct("<8sHHIQQQQqqqqQQQIIIHH")
_CHECKSUM = struct.Struct("<I")
FIXED_BYTES = _FIXED.size
LONGEST_HEADER = 64 * 1024
"""A header names some 60 sections at most today; anything longer is damage."""


class FrameFlag(IntFlag):
    """What is special about a frame."""

    NONE = 0
    MORE_FOLLOWS = 1
    """The commit goes on in the next frame: it is not there until a frame without this flag is."""


class FrameHeader(NamedTuple):
    """A frame's header; times are of the events in it.

    `envelope_length` is where the section behind the envelope's columns starts (ids, facts, payload), counted from
    the frame's first byte. `previous` is the checksum of the frame header before (of the segment header at first).
    """

    flags: int
    header_length: int
    body_length: int
    segment_id: int
    events: int
    first_position: int
    min_occurred: int
    max_occurred: int
    min_recorded: int
    max_recorded: int
    epoch: int
    raw_bytes: int
    envelope_length: int
    previous: int
    severities: int
    kinds: int
    section_count: int
    checksum: int = 0
    version: int = PLAIN_VERSION

    @property
    def length(self) -> int:
        """Length of the whole frame."""
        return self.header_length + self.body_length

    @property
    def next_position(self) -> int:
        """Position of the first event after this frame."""
        return self.first_position + self.events


def pack_header(header: FrameHeader, table: bytes) -> tuple[bytes, int]:
    """Return a header's bytes (its lengths are filled in from the table) and its checksum."""
    length = FIXED_BYTES + len(table) + _CHECKSUM.size
    flags, _, *rest = header[:-3]
    sections = len(table) // ENTRY.size
    packed = _FIXED.pack(FRAME_MAGIC, header.version, flags, length, *rest, sections, 0) + table
    checksum = zlib.crc32(packed)
    return packed + _CHECKSUM.pack(checksum), checksum


def header_length(data: Buffer) -> int | None:
    """Return the header length that the first bytes of a frame claim; None where no frame starts."""
    if len(data) < FIXED_BYTES:
        return None
    magic, _, _, length = struct.unpack_from("<8sHHI", data)
    plausible = FIXED_BYTES + _CHECKSUM.size <= length <= LONGEST_HEADER
    return int(length) if magic == FRAME_MAGIC and plausible else None


def parse_header(data: Buffer) -> FrameHeader | None:
    """Return the header at the start of data; None where it is damaged, cut, or something else.

    Raises:
        NewerFormatError: the header is whole, but a newer version of the library wrote it.
    """
    length = header_length(data)
    if length is None or len(data) < length:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, length - _CHECKSUM.size)
    if zlib.crc32(data[: length - _CHECKSUM.size]) != checksum:
        return None
    _, version, flags, *rest = _FIXED.unpack_from(data)
    if version > FRAME_VERSION:
        raise NewerFormatError("a frame", found=version, supported=FRAME_VERSION)
    return FrameHeader._make((flags, *rest[:-1], checksum, version))


def sections_of(header: FrameHeader, data: Buffer) -> Table:
    """Return the sections of the frame whose header starts data, with offsets from the frame's start."""
    return read_table(data[FIXED_BYTES:], header.section_count, offset=header.header_length)
