"""One frame of a segment file, opened: its sections are read and checked when asked for.

Between the file and the decoder. One read gets everything up to the end of the envelope's columns.
"""

from __future__ import annotations

from .file_system import ReadableFile
from .frame_header import FrameHeader, parse_header, sections_of
from .sections import Section, Table


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

    def content(self, type_: int) -> bytes | None:
        """Return the content of a section, None where the frame has none."""
        section = self.table.get(type_)
        return None if section is None else section.content(self._stored(section))

    def _stored(self, section: Section) -> memoryview:
        end = section.offset + section.stored_length
        if end <= len(self._front):
            return self._front[section.offset : end]
        return memoryview(self._file.read(self._offset + section.offset, section.stored_length))
