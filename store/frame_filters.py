"""Filters of the ids of each frame of a segment, laid end to end, and of all of them together.

Between frames or footers and whoever looks for one id. A frame brings its own filters, so that a segment that is not
sealed is asked without decompressing any id; its footer keeps them side by side.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .footer import Footer
from .hashing import Ids, distinct_keys, filter_keys
from .sections import Section, SectionFlag, SectionType
from .split_block_filter import (
    WORDS_PER_BLOCK,
    Filter,
    FilterProbe,
    KeyProbe,
    Rows,
    Words,
    fold,
    new_filter,
    new_growable_filter,
)
from .stored_frame import StoredFrame

SHARP_ROOM = 2
"""How many times the usual room a key has in a sharp filter. Measured: 2 false hits in a million instead of 1,500;
twice the room alone gives 50."""

_EVERYTHING = np.full(WORDS_PER_BLOCK, ~np.uint64(0), np.uint64)
"""A filter that says "perhaps" to every key."""


class StoredFilter(NamedTuple):
    """A section that holds filters, and whether they are sharp."""

    section: SectionType
    sharp: bool


class FilterKind(NamedTuple):
    """Which sections hold the filters of a column: the first of several is what is written now."""

    column: str
    in_frame: SectionType
    by_frame: tuple[StoredFilter, ...]
    whole: tuple[StoredFilter, ...]


TRACES = FilterKind(
    "trace_id",
    SectionType.TRACE_FILTER,
    (StoredFilter(SectionType.SHARP_FRAME_TRACES, True), StoredFilter(SectionType.FRAME_TRACES, False)),
    (StoredFilter(SectionType.SEGMENT_TRACES, False),),
)
"""Sharp by frame: a false hit costs decompressing a column, and there are few traces in a frame."""

IDS = FilterKind(
    "event_id",
    SectionType.ID_FILTER,
    (StoredFilter(SectionType.FRAME_IDS, False),),
    (StoredFilter(SectionType.SHARP_SEGMENT_IDS, True), StoredFilter(SectionType.SEGMENT_IDS, False)),
)
"""Sharp over the whole segment: every append asks all segments for all its ids, and each hit is a look into one."""


class FrameFilters:
    """The filters of one column of a segment.

    Attributes:
        kind: of which column.
        frames: number of frames that have been added.
        whole: the filter over all of them, where one is being made.
    """

    def __init__(self, kind: FilterKind, *, most_keys: int = 0) -> None:
        """Begin without any frame.

        Args:
            kind: of which column.
            most_keys: most keys of the whole segment; 0 for no filter over it.
        """
        self.kind, self.column, self.frames = kind, kind.column, 0
        self._sharp = kind.by_frame[0].sharp
        self._words: list[Words] = []
        self._joined: tuple[Words, Rows] | None = None
        self._keys = 0
        sharp = kind.whole[0].sharp
        room = SHARP_ROOM if sharp else 1
        self.whole = Filter(new_growable_filter(most_keys * room), sharp) if most_keys else None

    def made_of(self, ids: Ids) -> tuple[FilterProbe, Words]:
        """Return the keys of a frame's ids (zero ids stand for none), and their filter."""
        keys = FilterProbe(distinct_keys(filter_keys(ids[(ids[:, 0] | ids[:, 1]) != 0])))
        if not len(keys):
            return keys, np.zeros(0, np.uint64)
        words = new_filter(len(keys) * (SHARP_ROOM if self._sharp else 1))
        keys.add_to(Filter(words, self._sharp))
        return keys, words

    def add(self, keys: FilterProbe, words: Words) -> None:
        """Append the keys and the filter of a frame."""
        self._append(words)
        self._keys += len(keys)
        if self.whole is not None and len(keys):
            keys.add_to(self.whole)

    def add_column(self, ids: Ids) -> None:
        """Append a frame by its ids."""
        self.add(*self.made_of(ids))

    def add_stored(self, frame: StoredFrame) -> bool:
        """Append a frame by the filter that it brings; say whether that was possible."""
        if self.whole is not None or int(IDS.in_frame) not in frame.table:
            return False  # every frame with ids has a filter of them, but those of earlier versions and compacted ones
        try:
            content = frame.content(self.kind.in_frame)
        except ValueError:
            return False  # what it was made of is there
        self._append(np.frombuffer(content or b"", np.uint64))
        return True

    def add_unreadable(self) -> None:
        """Append a filter that says "perhaps" to every key: its frame is damaged, and whoever opens it hears so."""
        self._append(_EVERYTHING)

    def frames_with(self, probe: KeyProbe) -> Rows:
        """Return the frames that perhaps hold an id with this key."""
        words, first_blocks = self._all()
        return probe.frames_in(Filter(words, self._sharp), first_blocks)

    def frame_section(self, words: Words) -> list[Section]:
        """Return the section of a frame's filter, none for an empty one."""
        return [_stored(self.kind.in_frame, words.tobytes())] if len(words) else []

    def sections(self) -> list[Section]:
        """Return what a footer keeps: the number of first blocks, these, and the words per frame; then the whole."""
        words, first_blocks = self._all()
        head = np.array([len(first_blocks)], np.int64).tobytes() + first_blocks.tobytes()
        sections = [_stored(self.kind.by_frame[0].section, head + words.tobytes())]
        if self.whole is not None and self._keys:
            keys = self._keys * (SHARP_ROOM if self.whole.sharp else 1)
            sections.append(_stored(self.kind.whole[0].section, fold(self.whole.words, keys).tobytes()))
        return sections

    @classmethod
    def of_footer(cls, kind: FilterKind, footer: Footer) -> FrameFilters:
        """Return the filters that a footer holds.

        Raises:
            ValueError: they are damaged or missing: build them from the frames.
        """
        for stored in kind.by_frame:
            data: Any = footer.mapped(stored.section)
            if data is not None:
                filters = cls(kind)
                filters._take_in(data, sharp=stored.sharp)
                return filters
        raise ValueError("no filters in the footer")

    def _take_in(self, data: Any, *, sharp: bool) -> None:
        count = int(np.frombuffer(data, np.int64, 1)[0])
        self._joined = np.frombuffer(data, np.uint64, offset=8 + 8 * count), np.frombuffer(data, np.int64, count, 8)
        self._sharp, self.frames = sharp, count - 1

    def _append(self, words: Words) -> None:
        self._words.append(words)
        self.frames += 1

    def _all(self) -> tuple[Words, Rows]:
        """Return the words of all frames, and the numbers of their first blocks."""
        words, first_blocks = self._joined or (np.zeros(0, np.uint64), np.zeros(1, np.int64))
        if self._words:
            blocks = np.cumsum([len(one) // WORDS_PER_BLOCK for one in self._words], dtype=np.int64)
            first_blocks = np.concatenate([first_blocks, first_blocks[-1] + blocks])
            self._joined = words, first_blocks = np.concatenate([words, *self._words]), first_blocks
            self._words = []
        return words, first_blocks


def whole_filter(kind: FilterKind, footer: Footer | None) -> Filter | None:
    """Return the filter over a whole segment; None where there is none, and each frame's has to be asked."""
    for stored in kind.whole if footer else ():
        try:
            mapped = footer.mapped(stored.section) if footer else None
        except ValueError:
            return None
        if mapped is not None:
            return Filter(np.frombuffer(mapped, np.uint64), stored.sharp)
    return None


def _stored(type_: SectionType, content: bytes) -> Section:
    return Section.pack(type_, content, compressed=False, flags=SectionFlag.SAFE_TO_IGNORE)
