"""Find single events: by time, service, resource, trace, severity, kind, format, name or text, in the order of time.

Between `Ledger.search` and segments. Zone maps, members and filters choose the frames; of these only the columns that
the question needs are decompressed, and whole rows only for the events that are given out.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.columns import BytesColumn
from ..domain.errors import SegmentDamageError
from ..domain.events import Event
from .frame_batches import read_frames, read_rows
from .frame_filters import TRACES
from .hashing import single_key
from .reading import OnDamage, Window, lost_events, open_segments
from .search_order import OrderKey
from .segment_reader import SegmentReader
from .split_block_filter import KeyProbe
from .stream_reader import ATTEMPTS, StreamReader

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """What is searched for; what is None does not matter.

    `strings` maps string columns to the value they must have; `severity` is a minimum; `after` the event that the
    results go on behind.
    """

    window: Window = field(default_factory=Window)
    strings: dict[str, str] = field(default_factory=dict)
    trace: tuple[int, int] | None = None
    severity: int | None = None
    kinds: frozenset[int] | None = None
    text: bytes | None = None
    limit: int | None = 100
    newest_first: bool = False
    after: OrderKey | None = None

    def behind(self, key: OrderKey) -> Question:
        """Return the same question about the events that come after one in the order of the results."""
        first, last = self.window.occurred
        occurred = (first, min(last, key.occurred_at)) if self.newest_first else (max(first, key.occurred_at), last)
        return replace(self, after=key, window=replace(self.window, occurred=occurred))

    def without_given(self, last: Event | None, given: int) -> Question:
        """Return what is left of the question after some results, of which one was the last."""
        if last is None:
            return self
        rest = self.behind(OrderKey.of(last, newest_first=self.newest_first))
        return rest if self.limit is None else replace(rest, limit=self.limit - given)

    def one_more(self) -> Question:
        """Return the same question with room for one more result."""
        return self if self.limit is None else replace(self, limit=self.limit + 1)

    def columns(self) -> list[str]:
        """Return the columns that rows are filtered by, and their times."""
        asked = (("severity", self.severity), ("kind", self.kinds), ("trace_id", self.trace))
        return ["occurred_at", *self.strings, *[name for name, value in asked if value is not None]]


@dataclass(frozen=True)
class _Candidate:
    """A frame that can hold what is searched for, with the times of its events."""

    low: int
    high: int
    reader: SegmentReader
    frame: int
    window: Window


def search(streams: Iterable[StreamReader], question: Question, on_damage: OnDamage) -> Iterator[Event]:
    """Yield the events that match, ordered by time, stream and position (all reversed for the newest first).

    Where an object is replaced or dropped while it is searched, the search goes on, behind the last event that it gave,
    in what there is then.
    """
    listed = list(streams)
    for attempt in range(ATTEMPTS):
        last, given = None, 0
        try:
            found = _ordered(_candidates(listed, question, on_damage), question, on_damage)
            for last in islice(found, question.limit):
                given += 1
                yield last
            return
        except FileNotFoundError:
            if attempt == ATTEMPTS - 1:
                raise
        question = question.without_given(last, given)
        for stream in listed:
            stream.forget_readers()


def _ordered(candidates: list[_Candidate], question: Question, on_damage: OnDamage) -> Iterator[Event]:
    """Open frames in the order of time; an event is given out when no unopened frame can hold one before it."""
    sign = -1 if question.newest_first else 1
    candidates.sort(key=lambda one: -one.high if question.newest_first else one.low)
    waiting: list[tuple[tuple[Any, ...], Event]] = []
    for candidate in candidates:
        edge = -candidate.high if question.newest_first else candidate.low
        while waiting and waiting[0][0][0] < edge:
            yield waiting.pop(0)[1]
        for key, event in _matches(candidate, question, sign, on_damage):
            insort(waiting, (key, event), key=lambda entry: entry[0])
        if question.limit is not None:
            del waiting[question.limit :]
    yield from (event for _, event in waiting)


def _matches(
    candidate: _Candidate, question: Question, sign: int, on_damage: OnDamage
) -> list[tuple[tuple[Any, ...], Event]]:
    try:
        return _matching_events(candidate, question, sign)
    except SegmentDamageError as error:
        on_damage(error)
        return []


def _matching_events(candidate: _Candidate, question: Question, sign: int) -> list[tuple[tuple[Any, ...], Event]]:
    reader, frame = candidate.reader, [candidate.frame]
    batch = read_frames(reader, frame, question.columns())
    rows = np.flatnonzero(_row_mask(batch, question, candidate))
    if len(rows) and question.text is not None:
        payload = read_frames(reader, frame, ["payload"]).payload
        rows = rows[_holds_text(payload, question.text)[rows]]
    if not len(rows):
        return []
    order = np.argsort(sign * batch.occurred_at[rows], kind="stable")
    rows = rows[order][: question.limit]
    whole = read_rows(reader, candidate.frame, rows)
    stream = reader.origin.stream
    times, positions = whole.occurred_at.tolist(), whole.positions.tolist()
    keys = [(sign * time, stream, sign * position) for time, position in zip(times, positions, strict=True)]
    return [(key, whole.row(row)) for row, key in enumerate(keys)]


def _row_mask(batch: EventBatch, question: Question, candidate: _Candidate) -> Mask:
    mask = candidate.window.rows(batch)
    for name, value in question.strings.items():
        code = candidate.reader.dictionary(name).find(value)
        mask &= getattr(batch, name).codes == (-1 if code is None else code)
    if question.severity is not None:
        mask &= batch.severity >= question.severity
    if question.kinds is not None:
        mask &= np.isin(batch.kind, list(question.kinds))
    if question.trace is not None:
        mask &= (batch.trace_id == np.array(question.trace, np.uint64)).all(axis=1)
    if question.after is not None:
        mask &= question.after.before(batch)
    return mask


def _holds_text(payload: BytesColumn, text: bytes) -> Mask:
    """Return which rows hold a text; the search runs over all rows at once, and a match must lie within one."""
    held = np.zeros(len(payload), np.bool_)
    offsets, data = payload.offsets, payload.data
    at = data.find(text)
    while at >= 0:
        row = int(np.searchsorted(offsets, at, "right")) - 1
        end = int(offsets[row + 1])
        inside = at + len(text) <= end
        held[row] |= inside
        at = data.find(text, end if inside else at + 1)
    return held


def _candidates(streams: Iterable[StreamReader], question: Question, on_damage: OnDamage) -> list[_Candidate]:
    found: list[_Candidate] = []
    trace = None if question.trace is None else KeyProbe(single_key(*question.trace))
    for stream in streams:
        for name, reader, window in open_segments(stream, question.window, on_damage, trace=trace):
            try:
                found += _segment_candidates(reader, question, window, trace)
            except SegmentDamageError as error:
                on_damage(error)
                continue
            for lost in lost_events(stream, reader, name):
                on_damage(lost)
    return found


def _segment_candidates(
    reader: SegmentReader, question: Question, window: Window, trace: KeyProbe | None
) -> list[_Candidate]:
    held = None if trace is None else reader.filters(TRACES).frames_with(trace)
    if held is not None and not len(held):
        return []
    table = reader.frames
    frames = window.frames(table)
    frames = frames[_bits_match(table.column("severities"), table.column("kinds"), question)[frames]]
    if held is not None:
        frames = _both(frames, held)
    for name, value in question.strings.items():
        if len(frames):
            frames = _with_string(reader, name, value, frames)
    low, high = table.column("min_occurred")[frames].tolist(), table.column("max_occurred")[frames].tolist()
    return [
        _Candidate(first, last, reader, frame, window)
        for first, last, frame in zip(low, high, frames.tolist(), strict=True)
    ]


def _with_string(reader: SegmentReader, name: str, value: str, frames: Rows) -> Rows:
    code = reader.dictionary(name).find(value)
    if code is None:
        return frames[:0]
    members = reader.members(name)
    return frames if members is None else _both(frames, members.frames_with(code))


def _both(frames: Rows, others: Rows) -> Rows:
    """Return the frames that are in both: each is ascending and without repetitions."""
    return np.intersect1d(frames, others, assume_unique=True)


def _bits_match(severities: Rows, kinds: Rows, question: Question) -> Mask:
    matches = np.ones(len(severities), np.bool_)
    if question.severity is not None:
        matches &= (severities >> min(question.severity, 31)) > 0
    if question.kinds is not None:
        matches &= (kinds & sum(1 << min(kind, 31) for kind in question.kinds)) > 0
    return matches
