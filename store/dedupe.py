"""Find the events that a stream holds already, so that a record delivered twice is stored once.

Between `Ledger.append` and the segment being written. Filters of all segments are probed for the whole batch at once;
every hit is confirmed by the ids themselves, so that no new event is ever taken for a known one. Horizon: all segments
of the stream. Memory: filters of sealed segments are mapped files, ids of frames are read when hit and kept in a small
cache.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from os.path import join

import numpy as np
import numpy.typing as npt

from ..domain.errors import SegmentDamageError
from .file_system import FileSystem
from .hashing import Ids, Keys, distinct_keys, filter_keys
from .sections import SectionType
from .segment_index import ID_WEIGHT, SegmentIndex
from .segment_reader import SegmentReader
from .split_block_filter import FilterProbe, KeyProbe, Words, new_growable_filter
from .stream_filters import StreamFilters

CACHED_FRAMES = 512
"""Frames whose ids are kept. Chosen: 17 MB at 1,400 events each; redelivery comes in the order of delivery."""

CACHED_SEGMENTS = 8
"""Sealed segments that are kept open to confirm hits in. Chosen: redelivery reaches back to few of them at a time."""

CONFIRMED_ROWS = 16_384
"""Hits that are confirmed together. Chosen: a frame's worth, so that redelivery of millions stays linear."""

FrameIds = tuple[Keys, Ids]


@dataclass
class _Segment:
    path: str
    words: Words


@dataclass
class StreamIds:
    """The event ids of one stream.

    Args:
        files: where its segments are.
        capacity: events that the open segment is planned for; more only make its filter less sharp.
        filters: what covers many of its sealed segments at once.
    """

    files: FileSystem
    capacity: int
    filters: StreamFilters | None = None
    _sealed: list[_Segment] = field(default_factory=list)
    _open: tuple[_Segment, SegmentReader] | None = None
    _frames: OrderedDict[tuple[str, int], FrameIds] = field(default_factory=OrderedDict)
    _readers: OrderedDict[str, SegmentReader] = field(default_factory=OrderedDict)

    def add_sealed(self, path: str) -> None:
        """Take in a sealed segment."""
        self._sealed.append(_Segment(path, _segment_filter(self._reader(path))))

    def forget_sealed(self, paths: set[str]) -> None:
        """Leave out sealed segments that were dropped."""
        self._sealed = [segment for segment in self._sealed if segment.path not in paths]

    def open_segment(self, reader: SegmentReader) -> None:
        """Take in the segment that is being written, as far as it is written."""
        words = new_growable_filter(ID_WEIGHT * max(self.capacity, reader.frames.events))
        self._open = _Segment(reader.path, words), reader
        for frame in range(len(reader.frames)):
            self.add(_read_ids(reader, frame)[1])

    def forget_open(self) -> None:
        """Drop the open segment, which has been sealed (and added as such)."""
        self._open = None
        self._frames.clear()

    def add(self, ids: Ids) -> None:
        """Say that events were appended to the open segment."""
        if self._open is not None and len(ids):
            FilterProbe(filter_keys(ids)).add_to(self._open[0].words)

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
        for segment in (*self._sealed, *([self._open[0]] if self._open else [])):
            hits = probe.hits(segment.words)
            for start in range(0, len(hits), CONFIRMED_ROWS):
                rows = hits[start : start + CONFIRMED_ROWS]
                known[rows[self._confirmed(segment.path, keys[rows], ids[rows])]] = True
        return ~known if known.any() else None

    def _confirmed(self, path: str, keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
        """Return which ids a segment really holds (none where its file is missing, which reads and verify report)."""
        known = np.zeros(len(ids), np.bool_)
        try:
            reader = self._reader(path)
        except (FileNotFoundError, SegmentDamageError):
            return known
        reader.refresh()
        open_rows = np.arange(len(ids))
        frames = reader.index.ids
        while len(open_rows):
            first, open_rows = int(open_rows[0]), open_rows[1:]
            for frame in frames.frames_with(KeyProbe(int(keys[first]))).tolist():
                # Redelivered records come in runs: the frame that holds the first mostly holds the next ones too.
                if known[first]:
                    break
                rows = np.concatenate([[first], open_rows])
                known[rows] |= _held(self._ids(reader, frame), keys[rows], ids[rows])
            open_rows = open_rows[~known[open_rows]]
        return known

    def _reader(self, path: str) -> SegmentReader:
        """Return a segment's reader; those of sealed segments are closed again when others are needed."""
        if self._open and self._open[0].path == path:
            return self._open[1]
        reader = self._readers.pop(path, None) or SegmentReader(self.files, path, sealed=True)
        self._readers[path] = reader
        if len(self._readers) > CACHED_SEGMENTS:
            self._readers.popitem(last=False)
        return reader

    def _ids(self, reader: SegmentReader, frame: int) -> FrameIds:
        """Return a frame's ids, ordered by key."""
        place = (reader.path, frame)
        found = self._frames.get(place)
        if found is None:
            found = self._frames[place] = _read_ids(reader, frame)
            if len(self._frames) > CACHED_FRAMES:
                self._frames.popitem(last=False)
        return found


def _read_ids(reader: SegmentReader, frame: int) -> FrameIds:
    try:
        ids = reader.columns(frame, ["event_id"])["event_id"]
    except SegmentDamageError:
        ids = np.zeros((0, 2), np.uint64)  # reported by reads and verify; what is lost cannot be compared with
    keys = filter_keys(ids)
    order = np.argsort(keys)
    return keys[order], ids[order]


def _held(frame: FrameIds, keys: Keys, ids: Ids) -> npt.NDArray[np.bool_]:
    """Return which ids are among a frame's."""
    frame_keys, frame_ids = frame
    if not len(frame_keys):
        return np.zeros(len(keys), np.bool_)
    place = np.searchsorted(frame_keys, keys)
    held = np.zeros(len(keys), np.bool_)
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
    order = np.lexsort((ids[:, 1], ids[:, 0]))
    same = (ids[order[1:]] == ids[order[:-1]]).all(axis=1)
    repeated[order[1:][same]] = True  # lexsort is stable: the first of equals stays
    return repeated


def _segment_filter(reader: SegmentReader) -> Words:
    """Return the filter over a sealed segment's ids: mapped from its footer, rebuilt where that is damaged."""
    try:
        mapped = reader.footer.mapped(SectionType.SEGMENT_IDS) if reader.footer else None
        if mapped is not None:
            return np.frombuffer(mapped, np.uint64)
    except ValueError:
        pass
    index = SegmentIndex(most_keys=max(1, reader.frames.events))
    reader.extend_index(index)
    return index.ids.whole
