"""The footer of a sealed segment and the fixed trailer that leads to it.

At the end of a segment file, so that one read of its tail opens it: frame table, dictionaries, filters, membership of
services and resources, cursor, damage found while sealing. Each section is loaded when first used.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ..domain.errors import NewerFormatError
from .file_system import Buffer, ReadableFile
from .frame_table import DamagedRange, FrameTable
from .sections import ENTRY, Section, SectionType, Table, join_sections, read_table

FOOTER_MAGIC = b"CLFOOTR\n"
TRAILER_MAGIC = b"CLTRAIL\n"
FOOTER_VERSION = 1

_HEAD = struct.Struct("<8sHHI")
_TRAILER = struct.Struct("<QQIHHI")
_TRAILER_END = struct.Struct("<I8s")
TRAILER_BYTES = _TRAILER.size + _TRAILER_END.size
ALIGNMENT = 8
"""Sections of a footer start at multiples of this, so that filters can be used where they are mapped."""


class SegmentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a footer says of its segment as a whole."""

    stream: str
    segment_id: int
    first_position: int
    next_position: int
    epoch: int
    sealed_at: int
    table_columns: int
    cursor: bytes | None = None
    damage: tuple[DamagedRange, ...] = ()


@dataclass(frozen=True)
class Footer:
    """An opened footer: its table; sections are read from the file when asked for."""

    file: ReadableFile
    offset: int
    checksum: int
    table: Table
    summary: SegmentSummary
    frames: FrameTable

    def content(self, type_: int) -> bytes | None:
        """Return the content of a section, None where there is none.

        Raises:
            ValueError: it is damaged.
        """
        section = self.table.get(type_)
        return None if section is None else _section_content(self.file, section)

    def mapped(self, type_: int) -> Buffer | None:
        """Return a stored section where it lies in the file, checked once."""
        section = self.table.get(type_)
        if section is None or not section.stored_length:
            return None
        view = self.file.view(section.offset, section.stored_length)
        section.content(view)
        return view


def pack_footer(offset: int, sections: Sequence[Section]) -> tuple[bytes, int]:
    """Return footer and trailer for a file whose frames end at an offset, and the checksum of the footer's table."""
    table, pieces = join_sections(sections)
    head = _HEAD.pack(FOOTER_MAGIC, FOOTER_VERSION, 0, len(sections)) + table
    packed = bytearray(head)
    for piece in pieces:
        packed += bytes(-(offset + len(packed)) % ALIGNMENT) + piece
    checksum = zlib.crc32(head)
    trailer = _TRAILER.pack(offset, len(packed), checksum, FOOTER_VERSION, 0, 0)
    return bytes(packed) + trailer + _TRAILER_END.pack(zlib.crc32(trailer), TRAILER_MAGIC), checksum


def open_footer(file: ReadableFile, path: str) -> Footer | None:
    """Return the footer of a segment; None where there is no whole one.

    Raises:
        NewerFormatError: this library is too old for it.
    """
    size = file.size()
    data = file.read(max(0, size - TRAILER_BYTES), TRAILER_BYTES)
    if len(data) < TRAILER_BYTES:
        return None
    checksum, magic = _TRAILER_END.unpack_from(data, _TRAILER.size)
    if magic != TRAILER_MAGIC or zlib.crc32(data[: _TRAILER.size]) != checksum:
        return None
    offset, length, head_checksum, version, _, _ = _TRAILER.unpack_from(data)
    if version > FOOTER_VERSION:
        raise NewerFormatError(path, found=version, supported=FOOTER_VERSION)
    if offset + length + TRAILER_BYTES != size:
        return None
    try:
        return _parse(file, offset, head_checksum)
    except (ValueError, msgspec.MsgspecError):
        return None


def _parse(file: ReadableFile, offset: int, checksum: int) -> Footer | None:
    head = file.read(offset, _HEAD.size)
    if len(head) < _HEAD.size:
        return None
    count = int(_HEAD.unpack_from(head)[3])
    head += file.read(offset + _HEAD.size, count * ENTRY.size)
    if zlib.crc32(head) != checksum:
        return None
    table = read_table(head[_HEAD.size :], count, offset=offset + len(head), alignment=ALIGNMENT)
    content = _section_content(file, table[SectionType.SUMMARY])
    summary = msgspec.msgpack.decode(content, type=SegmentSummary)
    frames = FrameTable.decode(_section_content(file, table[SectionType.FRAMES]), summary.table_columns)
    return Footer(file, offset, checksum, table, summary, frames)


def _section_content(file: ReadableFile, section: Section) -> bytes:
    return section.content(file.read(section.offset, section.stored_length))
