"""The index of a segment: per frame a filter of trace ids and one of event ids, and which services and resources occur.

Built from columns while sealing (then kept in the footer), or in memory for a segment that is not sealed. A query
probes the filters of all frames at once and opens only those that can match.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import StringColumn
from .footer import Footer
from .hashing import Ids, distinct_keys, filter_keys
from .number_codec import decode_numbers, encode_offsets
from .sections import Section, SectionFlag, SectionType
from .split_block_filter import (
    WORDS_PER_BLOCK,
    FilterProbe,
    KeyProbe,
    Rows,
    Words,
    fold,
    new_filter,
    new_growable_filter,
)

MEMBER_COLUMNS = {"service": SectionType.SERVICE_MEMBERS, "resource": SectionType.RESOURCE_MEMBERS}
INDEXED_COLUMNS = ("event_id", "trace_id", "service", "resource")
"""Columns that the index is built from."""


ID_WEIGHT = 2
"""Room of an event id in a whole segment's filter: 32 bits, for 1 false hit in some 30,000. Every append probes all
segments with all its ids, and each hit costs a look into the segment."""

ANY_CODE = np.uint32(0xFFFFFFFF)
"""Stands for every code, in a frame that is damaged."""


class FrameFilters:
    """One filter per frame, laid end to end; and one over the whole segment where it is being sealed."""

    def __init__(self, words: Words, first_blocks: Rows, whole: Words | None = None, weight: int = 1) -> None:
        self._weight = weight
        self._words, self._first_blocks = [words], [first_blocks]
        self._blocks = len(words) // WORDS_PER_BLOCK
        self.whole, self._keys = whole if whole is not None else np.zeros(0, np.uint64), 0

    @classmethod
    def empty(cls, most_keys: int = 0, *, weight: int = 1) -> FrameFilters:
        """Return the filters of no frame; with a number of keys also one over the whole segment.

        Args:
            most_keys: most keys of the whole segment.
            weight: how many times the usual room a key of the whole segment gets.
        """
        whole = new_growable_filter(most_keys * weight) if most_keys else None
        return cls(np.zeros(0, np.uint64), np.zeros(1, np.int64), whole, weight)

    def add(self, ids: Ids) -> None:
        """Append the filter of one frame's ids; zero ids stand for none."""
        keys = distinct_keys(filter_keys(ids[ids.any(axis=1)]))
        words = np.zeros(0, np.uint64) if not len(keys) else new_filter(len(keys))
        if len(keys):
            probe = FilterProbe(keys)
            probe.add_to(words)
            if len(self.whole):
                probe.add_to(self.whole)
        self._keys += len(keys)
        self._words.append(words)
        self._blocks += len(words) // WORDS_PER_BLOCK
        self._first_blocks.append(np.array([self._blocks], np.int64))

    def add_unreadable(self) -> None:
        """Append a filter that says "perhaps" to every key: its frame is damaged, and whoever opens it hears so."""
        self._words.append(np.full(WORDS_PER_BLOCK, ~np.uint64(0), np.uint64))
        self._blocks += 1
        self._first_blocks.append(np.array([self._blocks], np.int64))

    def frames_with(self, probe: KeyProbe) -> Rows:
        """Return the frames that perhaps hold an id with this key."""
        return probe.frames_in(*self._joined())

    def sections(self, by_frame: SectionType, of_segment: SectionType) -> list[Section]:
        """Return two sections: the number of first blocks, these, and the words per frame; the words of the segment."""
        words, first_blocks = self._joined()
        head = np.array([len(first_blocks)], np.int64).tobytes() + first_blocks.tobytes()
        sections = [_stored(by_frame, head + words.tobytes())]
        if len(self.whole) and self._keys:
            sections.append(_stored(of_segment, fold(self.whole, self._keys * self._weight).tobytes()))
        return sections

    @classmethod
    def decode(cls, data: Any) -> FrameFilters:
        """Return the filters from the content of their section."""
        count = int(np.frombuffer(data, np.int64, 1)[0])
        first_blocks = np.frombuffer(data, np.int64, count, 8)
        return cls(np.frombuffer(data, np.uint64, offset=8 + 8 * count), first_blocks)

    def _joined(self) -> tuple[Words, Rows]:
        if len(self._words) > 1:
            self._words, self._first_blocks = [np.concatenate(self._words)], [np.concatenate(self._first_blocks)]
        return self._words[0], self._first_blocks[0]


class FrameMembers:
    """Which codes of a string column occur in which frame."""

    def __init__(self, frames: Rows, codes: npt.NDArray[np.uint32]) -> None:
        self._frames, self._codes = [frames], [codes]

    def add(self, frame: int, codes: npt.NDArray[np.uint32]) -> None:
        """Append the codes of one frame."""
        distinct = np.unique(codes)
        self._frames.append(np.full(len(distinct), frame, np.int64))
        self._codes.append(distinct)

    def frames_with(self, code: int) -> Rows:
        """Return the frames that hold a code."""
        frames, codes = self._joined()
        found: Rows = frames[(codes == code) | (codes == ANY_CODE)]
        return found

    def section(self, type_: SectionType) -> Section:
        """Return the members as a section."""
        frames, codes = self._joined()
        encoded = encode_offsets(frames)
        content = np.array([len(encoded)], np.int64).tobytes() + encoded + encode_offsets(codes)
        return Section.pack(type_, content, flags=SectionFlag.SAFE_TO_IGNORE)

    @classmethod
    def decode(cls, data: bytes) -> FrameMembers:
        """Return the members from the content of their section."""
        end = 8 + int(np.frombuffer(data, np.int64, 1)[0])
        frames = decode_numbers(data[8:end], np.dtype("<i8"))
        return cls(frames, decode_numbers(data[end:], np.dtype("<u4")))

    def _joined(self) -> tuple[Rows, npt.NDArray[np.uint32]]:
        if len(self._frames) > 1:
            self._frames, self._codes = [np.concatenate(self._frames)], [np.concatenate(self._codes)]
        return self._frames[0], self._codes[0]


class SegmentIndex:
    """The index of all frames of one segment.

    >>> SegmentIndex().frames
    0
    """

    def __init__(self, *, most_keys: int = 0) -> None:
        self.frames = 0
        self.traces = FrameFilters.empty(most_keys)
        self.ids = FrameFilters.empty(most_keys, weight=ID_WEIGHT)
        self.members = {name: FrameMembers(np.zeros(0, np.int64), np.zeros(0, np.uint32)) for name in MEMBER_COLUMNS}

    def add(self, columns: dict[str, Any]) -> None:
        """Append the next frame, from its decoded `INDEXED_COLUMNS` (string columns as codes)."""
        self.traces.add(columns["trace_id"])
        self.ids.add(columns["event_id"])
        for name, members in self.members.items():
            codes = columns[name]
            members.add(self.frames, codes.codes if isinstance(codes, StringColumn) else codes)
        self.frames += 1

    def add_unreadable(self) -> None:
        """Append a frame that is damaged: it can match everything."""
        self.traces.add_unreadable()
        self.ids.add_unreadable()
        for members in self.members.values():
            members.add(self.frames, np.array([ANY_CODE]))
        self.frames += 1

    def sections(self) -> list[Section]:
        """Return the footer's sections."""
        return [
            *self.traces.sections(SectionType.FRAME_TRACES, SectionType.SEGMENT_TRACES),
            *self.ids.sections(SectionType.FRAME_IDS, SectionType.SEGMENT_IDS),
            *[self.members[name].section(type_) for name, type_ in MEMBER_COLUMNS.items()],
        ]

    @classmethod
    def of_footer(cls, footer: Footer) -> SegmentIndex:
        """Return the index that a footer holds.

        Raises:
            ValueError: it is damaged or missing: build it from the frames.
        """
        index = cls()
        index.frames = len(footer.frames)
        index.traces = FrameFilters.decode(_required(footer.mapped(SectionType.FRAME_TRACES)))
        index.ids = FrameFilters.decode(_required(footer.mapped(SectionType.FRAME_IDS)))
        index.members = {
            name: FrameMembers.decode(_required(footer.content(type_))) for name, type_ in MEMBER_COLUMNS.items()
        }
        return index


def _stored(type_: SectionType, content: bytes) -> Section:
    return Section.pack(type_, content, compressed=False, flags=SectionFlag.SAFE_TO_IGNORE)


def _required(content: Any) -> Any:
    if content is None:
        raise ValueError("no index in the footer")
    return content
