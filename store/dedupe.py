"""Find the events that a stream holds already, so that a record delivered twice is stored once.

Between `Ledger.append` and the segment being written. Filters of all segments are probed for the whole batch at once;
every hit is confirmed by the ids themselves, so that no new event is ever taken for a known one. Horizon: all segments
of the stream. Memory: filters of sealed segments are mapped files, ids of frames are read when hit and kept in a small
cache.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from os.path import join

import numpy as np
import numpy.typing as npt

from ..domain.errors import SegmentDamageError
from .file_system import FileSystem
from .frame_filters import IDS, FrameFilters
from .hashing import Ids, Keys, distinct_keys, filter_keys
from .segment_reader import SegmentReader
from .split_block_filter import Filter, FilterProbe, KeyProbe
from .stream_filters import StreamFilters

CACHED_IDS = 500_000
"""Ids that are kept by frame: of those just written, and of those that were looked into. Chosen: 12 MB, some minutes of
logs; redelivery comes in the order of delivery."""

CACHED_SEGMENTS = 8
"""Sealed segments that are kept open to confirm hits in. Chosen: redelivery reaches back to few of them at a time."""

CONFIRMED_ROWS = 16_384
"""Hits that are confirmed together. Chosen: a frame's worth, so that redelivery of millions stays linear."""


class _FrameIds:
    """The ids of one frame, ordered by their keys once somebody looks for one."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self._keys: Keys | None = None

    def held(self, keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
        """Return which ids are among the frame's."""
        if self._keys is None:
            own = filter_keys(self.ids)
            order = np.argsort(own)
            self._keys, self.ids = own[order], self.ids[order]
        return _held(self._keys, self.ids, keys, ids)


@dataclass
class _Segment:
    path: str
    ids: Filter


@dataclass
class StreamIds:
    """The event ids of one stream.

    Args:
        files: where its segments are.
        filters: what covers many of its sealed segments at once.
    """

    files: FileSystem
    filters: StreamFilters | None = None
    _sealed: list[_Segment] = field(default_factory=list)
    _open: tuple[str, FrameFilters] | None = None
    _frames: OrderedDict[tuple[str, int], _FrameIds] = field(default_factory=OrderedDict)
    _cached_ids: int = 0
    _readers: OrderedDict[str, SegmentReader] = field(default_factory=OrderedDict)

    def add_sealed(self, path: str) -> None:
        """Take in a sealed segment."""
        self._sealed.append(_Segment(path, _segment_filter(self._reader(path))))

    def forget_sealed(self, paths: set[str]) -> None:
        """Leave out sealed segments that were dropped."""
        self._sealed = [segment for segment in self._sealed if segment.path not in paths]

    def open_segment(self, path: str, ids: FrameFilters) -> None:
        """Take in the segment that is being written, by the filters of its ids, which its writer keeps up to date."""
        self._open = path, ids

    def forget_open(self) -> None:
        """Drop the open segment, which has been sealed (and added as such)."""
        self._open = None
        self._frames.clear()
        self._readers.clear()
        self._cached_ids = 0

    def remember(self, frame: int, ids: Ids) -> None:
        """Keep the ids of a frame that was just appended to the open segment: redelivery is mostly soon."""
        if self._open is not None and len(ids):
            self._keep((self._open[0], frame), _FrameIds(ids.copy()))

    def new_rows(self, ids: Ids) -> npt.NDArray[np.bool_] | None:
        """Return which events are new (of several with one id the first); None where all are."""
        if not len(ids):
            return None
        keys = filter_keys(ids)
        known = _repeated(keys, ids)
        probe = FilterProbe(keys)
        if self.filters is not None:
            for name, rows in self.filters.hits(keys):
                known[rows[self._confirmed(join(self.filters.directory, name), keys[rows], ids[rows])]] = True
        for segment in (*self._sealed, *self._open_filter()):
            hits = probe.hits(segment.ids)
            for start in range(0, len(hits), CONFIRMED_ROWS):
                rows = hits[start : start + CONFIRMED_ROWS]
                known[rows[self._confirmed(segment.path, keys[rows], ids[rows])]] = True
        return ~known if known.any() else None

    def _open_filter(self) -> list[_Segment]:
        return [_Segment(self._open[0], self._open[1].whole)] if self._open and self._open[1].whole else []

    def _confirmed(self, path: str, keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
        """Return which ids a segment really holds (none where its file is missing, which reads and verify report)."""
        known = np.zeros(len(ids), np.bool_)
        with suppress(FileNotFoundError, SegmentDamageError):
            self._confirm(path, keys, ids, known)
        return known

    def _confirm(self, path: str, keys: Keys, ids: Ids, known: npt.NDArray[np.bool_]) -> None:
        filters = self._filters_of(path)
        open_rows = np.arange(len(ids))
        while len(open_rows):
            first, open_rows = int(open_rows[0]), open_rows[1:]
            for frame in filters.frames_with(KeyProbe(int(keys[first]))).tolist():
                # Redelivered records come in runs: the frame that holds the first mostly holds the next ones too.
                if known[first]:
                    break
                rows = np.concatenate([[first], open_rows])
                known[rows] |= self._ids(path, frame).held(keys[rows], ids[rows])
            open_rows = open_rows[~known[open_rows]]

    def _filters_of(self, path: str) -> FrameFilters:
        return self._open[1] if self._open and self._open[0] == path else self._reader(path).filters(IDS)

    def _reader(self, path: str) -> SegmentReader:
        """Return a segment's reader, up to date; it is closed again when others are needed."""
        known = self._readers.pop(path, None)
        is_open = self._open is not None and self._open[0] == path
        reader = known or SegmentReader(self.files, path, sealed=not is_open)
        self._readers[path] = reader
        if len(self._readers) > CACHED_SEGMENTS:
            self._readers.popitem(last=False)
        if known:
            reader.refresh()
        return reader

    def _ids(self, path: str, frame: int) -> _FrameIds:
        """Return a frame's ids, from memory if they were needed a moment ago."""
        found = self._frames.get((path, frame))
        if found is None:
            found = _FrameIds(_read_ids(self._reader(path), frame))
            self._keep((path, frame), found)
        return found

    def _keep(self, place: tuple[str, int], ids: _FrameIds) -> None:
        self._frames[place] = ids
        self._cached_ids += len(ids.ids)
        while self._cached_ids > CACHED_IDS and len(self._frames) > 1:
            self._cached_ids -= len(self._frames.popitem(last=False)[1].ids)


def _read_ids(reader: SegmentReader, frame: int) -> Ids:
    try:
        ids: Ids = reader.columns([frame], ["event_id"])["event_id"]
    except SegmentDamageError:
        ids = np.zeros((0, 2), np.uint64)  # reported by reads and verify; what is lost cannot be compared with
    return ids


def _held(frame_keys: Keys, frame_ids: Ids, keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
    """Return which ids are among a frame's, which are ordered by key."""
    held = np.zeros(len(keys), np.bool_)
    if not len(frame_keys):
        return held
    place = np.searchsorted(frame_keys, keys)
    while True:  # a second round only where two ids of the frame share a 64-bit key
        inside = place < len(frame_keys)
        same_key = inside & (frame_keys[np.where(inside, place, 0)] == keys)
        held |= same_key & (frame_ids[np.where(inside, place, 0)] == ids).all(axis=1)
        if not (same_key & ~held).any():
            return held
        place = place + same_key


def _repeated(keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
    """Return the rows whose id has come earlier in the batch."""
    repeated = np.zeros(len(keys), np.bool_)
    if len(distinct_keys(keys)) == len(keys):
        return repeated
    order = np.argsort(keys)
    same_key = np.zeros(len(keys) + 1, np.bool_)
    same_key[1:-1] = keys[order[1:]] == keys[order[:-1]]
    shared = np.sort(order[same_key[1:] | same_key[:-1]])  # few; two ids may share a key, so the ids decide
    by_id = shared[np.lexsort((ids[shared, 1], ids[shared, 0]))]
    same = (ids[by_id[1:]] == ids[by_id[:-1]]).all(axis=1)
    repeated[by_id[1:][same]] = True  # lexsort is stable: the first of equals stays
    return repeated


def _segment_filter(reader: SegmentReader) -> Filter:
    """Return the filter over a sealed segment's ids: mapped from its footer, rebuilt where that is damaged."""
    if reader.id_filter is not None:
        return reader.id_filter
    filters = FrameFilters(IDS, most_keys=max(1, reader.frames.events))
    reader.extend(filters)
    assert filters.whole is not None
    return filters.whole
