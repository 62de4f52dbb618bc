"""One frame of a segment file, opened: its sections are read and checked when asked for.

Between the file and the decoder. One read gets everything up to the end of the envelope's columns.
"""

from __future__ import annotations

from collections.abc import Iterable

from .file_system import ReadableFile
from .frame_header import FrameHeader, parse_header, sections_of
from .sections import Section, Table

LARGEST_GAPS = 16 * 1024
"""Most bytes between sections that are read with them. Measured: a read costs 3 microseconds, as do 16 KiB of it."""


class StoredFrame:
    """A frame at an offset of a file.

    Raises:
        ValueError: its header is damaged (also from `content`, for a damaged section).
    """

    def __init__(self, file: ReadableFile, offset: int, front_length: int, checksum: int) -> None:
        self._file, self._offset = file, offset
        self._front = memoryview(file.read(offset, front_length))
        header = parse_header(self._front)
        if header is None or header.checksum != checksum:
            raise ValueError("the frame's header is damaged")
        self.header: FrameHeader = header
        self.table: Table = sections_of(header, self._front)

        self._behind, self._behind_from = memoryview(b""), 0

    @property
    def events(self) -> int:
        """Number of events."""
        return self.header.events

    def prepare(self, types: Iterable[int]) -> None:
        """Read the sections behind the front that will be asked for: in one call, where that reads little else."""
        front = len(self._front)
        listed = [self.table[type_] for type_ in types if type_ in self.table]
        wanted = [one for one in listed if one.offset + one.stored_length > front]
        if len(wanted) < 2:
            return
        start = min(one.offset for one in wanted)
        end = max(one.offset + one.stored_length for one in wanted)
        if end - start <= LARGEST_GAPS + sum(one.stored_length for one in wanted):
            self._behind = memoryview(self._file.read(self._offset + start, end - start))
            self._behind_from = start

    def content(self, type_: int) -> bytes | None:
        """Return the content of a section, None where the frame has none."""
        section = self.table.get(type_)
        return None if section is None else section.content(self._stored(section))

    def _stored(self, section: Section) -> memoryview:
        start, end = section.offset, section.offset + section.stored_length
        if end <= len(self._front):
            return self._front[start:end]
        start, end = start - self._behind_from, end - self._behind_from
        if start >= 0 and end <= len(self._behind):
            return self._behind[start:end]
        return memoryview(self._file.read(self._offset + section.offset, section.stored_length))
