"""Sections: the independently compressed and checksummed pieces of a frame or a footer, and their table.

Between codecs and files. A section of a type that this version does not know may be skipped when it is flagged so.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from enum import IntEnum, IntFlag
from itertools import accumulate

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.columns import NUMBER_TYPES, STRING_COLUMNS
from ..domain.events import Kind
from .compression import COLD_LEVEL, LEVEL, compress, decompress
from .file_system import Buffer

RAW_KINDS = (int(Kind.LOG_RECORDED), int(Kind.RECORD_REJECTED))
"""Kinds whose payload is (or holds) a record as received: in the payload section, out of the way of folds."""


def is_raw(kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which rows have such a kind (`np.isin` takes 20 times as long for a frame).

    >>> is_raw(np.array([1, 2, 8], np.uint8)).tolist()
    [True, False, True]
    """
    log, rejected = RAW_KINDS
    return np.asarray((kinds == log) | (kinds == rejected))


class SectionType(IntEnum):
    """What a section holds; the numbers are part of the format and are never reused."""

    CURSOR = 1
    MENTION_COUNTS = 2
    MENTION_CODES = 3
    PAYLOAD_LENGTHS = 4
    PAYLOAD = 5
    FACT_LENGTHS = 6
    FACTS = 7
    FRAMES = 8
    SUMMARY = 9
    SERVICE_MEMBERS = 10
    RESOURCE_MEMBERS = 11
    FRAME_TRACES = 12
    FRAME_IDS = 13
    SEGMENT_TRACES = 14
    SEGMENT_IDS = 15
    PAYLOAD_COLUMNS = 16
    SHARP_SEGMENT_IDS = 17
    TRACE_FILTER = 18
    ID_FILTER = 19
    SHARP_FRAME_TRACES = 20


class SectionFlag(IntFlag):
    """How a section is stored."""

    NONE = 0
    STORED = 1
    """Not compressed."""
    SAFE_TO_IGNORE = 2
    """A reader that does not know the type may skip it and still reads right."""


NUMBER_SECTIONS = {name: 0x100 + place for place, name in enumerate(NUMBER_TYPES)}
"""Sections of number columns. The order of `NUMBER_TYPES` is part of the format: append only."""

DICTIONARY_COLUMNS = (*STRING_COLUMNS, "mentions")
"""Columns that have a dictionary of their own. The order is part of the format: append only."""

CODE_SECTIONS = {name: 0x200 + place for place, name in enumerate(DICTIONARY_COLUMNS)} | {
    "mentions": int(SectionType.MENTION_CODES)
}
STRING_SECTIONS = {name: 0x300 + place for place, name in enumerate(DICTIONARY_COLUMNS)}
"""Sections of new dictionary strings (in a frame), or of all of them (in a footer)."""

KNOWN_SECTIONS = frozenset(
    [*map(int, SectionType), *NUMBER_SECTIONS.values(), *CODE_SECTIONS.values(), *STRING_SECTIONS.values()]
)

ENTRY = struct.Struct("<HHIQQ")

_STORED = int(SectionFlag.STORED)
"""As a plain number: an `IntFlag` takes a microsecond for `&`."""

_MAY_BE_UNKNOWN = int(SectionFlag.SAFE_TO_IGNORE)

SMALLEST_COMPRESSED = 64
"""Sections below this are stored: zstd's own header eats the gain."""


class Section(msgspec.Struct, frozen=True, gc=False):
    """A section as it is in the file.

    >>> section = Section.pack(SectionType.CURSOR, b"offset=7")
    >>> section.content(section.stored)
    b'offset=7'
    """

    type: int
    flags: int
    checksum: int
    stored_length: int
    raw_length: int
    offset: int = 0
    stored: bytes = b""

    @classmethod
    def pack(
        cls, type_: int, content: Buffer, *, compressed: bool = True, flags: int = 0, level: int = LEVEL
    ) -> Section:
        """Compress and checksum content, unless compression gains nothing."""
        raw_length = len(content)
        stored = compress(content, level) if compressed and raw_length >= SMALLEST_COMPRESSED else b""
        if not stored or len(stored) >= raw_length:
            stored, flags = bytes(content), flags | _STORED
        return cls(int(type_), int(flags), zlib.crc32(stored), len(stored), raw_length, stored=stored)

    def chilled(self) -> Section:
        """Return the section compressed at the level of what is kept for long."""
        if self.flags & _STORED:
            return self
        cold = Section.pack(self.type, self.content(self.stored), flags=self.flags, level=COLD_LEVEL)
        return min(cold, self, key=lambda section: section.stored_length)

    def entry(self) -> bytes:
        """Return the section's line in the table."""
        return ENTRY.pack(self.type, self.flags, self.checksum, self.stored_length, self.raw_length)

    def content(self, stored: Buffer) -> bytes:
        """Return the content of the stored bytes.

        Raises:
            ValueError: they are damaged.
        """
        if len(stored) != self.stored_length or zlib.crc32(stored) != self.checksum:
            raise ValueError(f"checksum of section {self.type:#x} does not match")
        return bytes(stored) if self.flags & _STORED else decompress(stored, self.raw_length)


Table = dict[int, Section]


def read_table(data: Buffer, count: int, *, offset: int, alignment: int = 1) -> Table:
    """Return the sections that a table lists, by type.

    Args:
        data: the table's bytes.
        count: number of sections.
        offset: place of the first section's bytes, relative to whatever the caller counts from.
        alignment: sections start at multiples of it.

    Raises:
        ValueError: a section of unknown type that is not safe to ignore.
    """
    if not count:
        return {}
    types, flags, checksums, stored, raw = zip(*ENTRY.iter_unpack(data[: count * ENTRY.size]), strict=True)
    if not KNOWN_SECTIONS.issuperset(types):
        _refuse_unknown(types, flags)
    offsets = accumulate(stored, initial=offset) if alignment == 1 else _aligned(stored, offset, alignment)
    return dict(zip(types, map(Section, types, flags, checksums, stored, raw, offsets), strict=True))


def _refuse_unknown(types: Iterable[int], flags: Iterable[int]) -> None:
    for type_, flag in zip(types, flags, strict=True):
        if type_ not in KNOWN_SECTIONS and not flag & _MAY_BE_UNKNOWN:
            raise ValueError(f"section of unknown type {type_:#x}")


def _aligned(lengths: Iterable[int], offset: int, alignment: int) -> Iterator[int]:
    for length in lengths:
        offset += -offset % alignment
        yield offset
        offset += length


def join_sections(sections: Iterable[Section]) -> tuple[bytes, list[bytes]]:
    """Return the table and the stored bytes of sections, in order."""
    listed = list(sections)
    return b"".join([section.entry() for section in listed]), [section.stored for section in listed]
