"""The index of a segment: per frame a filter of trace ids and one of event ids, and which services and resources occur.

Grown while a segment is written, then kept in its footer; of a segment that is not sealed it is gathered from the
frames, part by part as it is asked for. A query asks for all frames at once and opens only those that can match.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..domain.columns import StringColumn
from .footer import Footer
from .frame_filters import IDS, TRACES, FrameFilters
from .number_codec import decode_numbers, encode_offsets
from .sections import Section, SectionFlag, SectionType
from .segment_dictionary import distinct_codes
from .split_block_filter import Rows
from .stored_frame import StoredFrame

MEMBER_COLUMNS = {"service": SectionType.SERVICE_MEMBERS, "resource": SectionType.RESOURCE_MEMBERS}

ANY_CODE = np.uint32(0xFFFFFFFF)
"""Stands for every code, in a frame that is damaged."""


class IndexPart(Protocol):
    """What is known of one column of all frames."""

    column: str
    frames: int

    def add_column(self, values: Any) -> None:
        """Append a frame by its decoded column (of strings: codes)."""
        ...

    def add_stored(self, frame: StoredFrame) -> bool:
        """Append a frame by what it brings ready-made; say whether that was possible."""
        ...

    def add_unreadable(self) -> None:
        """Append a frame that is damaged: it can match everything."""
        ...

    def sections(self) -> list[Section]:
        """Return the footer's sections."""
        ...


class FrameMembers:
    """Which codes of a string column occur in which frame."""

    def __init__(self, column: str) -> None:
        self.column, self.frames = column, 0
        self._frames: list[Rows] = [np.zeros(0, np.int64)]
        self._codes: list[npt.NDArray[np.uint32]] = [np.zeros(0, np.uint32)]

    def add_column(self, values: StringColumn | npt.NDArray[np.uint32]) -> None:
        """Append the codes of one frame."""
        codes = values.codes if isinstance(values, StringColumn) else values
        distinct = distinct_codes(codes, int(codes.max()) + 1 if len(codes) else 0)
        self._frames.append(np.full(len(distinct), self.frames, np.int64))
        self._codes.append(distinct)
        self.frames += 1

    def add_stored(self, frame: StoredFrame) -> bool:
        """Say that frames bring no members."""
        return False

    def add_unreadable(self) -> None:
        """Append a frame that can hold every code."""
        self.add_column(np.array([ANY_CODE]))

    def frames_with(self, code: int) -> Rows:
        """Return the frames that hold a code."""
        frames, codes = self._joined()
        found: Rows = frames[(codes == code) | (codes == ANY_CODE)]
        return found

    def sections(self) -> list[Section]:
        """Return the members as a section."""
        frames, codes = self._joined()
        encoded = encode_offsets(frames)
        content = np.array([len(encoded)], np.int64).tobytes() + encoded + encode_offsets(codes)
        return [Section.pack(MEMBER_COLUMNS[self.column], content, flags=SectionFlag.SAFE_TO_IGNORE)]

    @classmethod
    def of_footer(cls, column: str, footer: Footer) -> FrameMembers:
        """Return the members that a footer holds.

        Raises:
            ValueError: they are damaged or missing: build them from the frames.
        """
        data = footer.content(MEMBER_COLUMNS[column])
        if data is None:
            raise ValueError("no members in the footer")
        members, end = cls(column), 8 + int(np.frombuffer(data, np.int64, 1)[0])
        members._frames = [decode_numbers(data[8:end], np.dtype("<i8"))]
        members._codes = [decode_numbers(data[end:], np.dtype("<u4"))]
        members.frames = len(footer.frames)
        return members

    def _joined(self) -> tuple[Rows, npt.NDArray[np.uint32]]:
        if len(self._frames) > 1:
            self._frames, self._codes = [np.concatenate(self._frames)], [np.concatenate(self._codes)]
        return self._frames[0], self._codes[0]


class SegmentIndex:
    """The index of all frames of one segment.

    >>> SegmentIndex().ids.frames
    0

    Attributes:
        traces: filters of trace ids.
        ids: filters of event ids.
        members: which services and resources occur.
    """

    def __init__(self, *, most_keys: int = 0) -> None:
        self.traces = FrameFilters(TRACES, most_keys=most_keys)
        self.ids = FrameFilters(IDS, most_keys=most_keys)
        self.members = {column: FrameMembers(column) for column in MEMBER_COLUMNS}

    @property
    def parts(self) -> list[IndexPart]:
        """All parts, each of which may know another number of frames."""
        return [self.traces, self.ids, *self.members.values()]

    def add(self, frame: int, columns: Mapping[str, Any]) -> list[Section]:
        """Append a frame to the parts that know all before it; return the sections that the frame brings.

        Args:
            frame: its number.
            columns: its ids, and the codes of its services and resources.
        """
        sections: list[Section] = []
        for filters in (self.traces, self.ids):
            keys, words = filters.made_of(columns[filters.column])
            sections += filters.frame_section(words)
            if filters.frames == frame:
                filters.add(keys, words)
        for column, members in self.members.items():
            if members.frames == frame:
                members.add_column(columns[column])
        return sections

    def sections(self) -> list[Section]:
        """Return the footer's sections."""
        return [section for part in self.parts for section in part.sections()]
