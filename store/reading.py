"""Stream the events of a ledger as batches: after positions, within times, only the columns that are asked for.

Between `Ledger.read` and segments. Segments and frames that cannot hold what is asked for are skipped by their zone
maps; memory is that of one batch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.errors import RetiredEventsError, SegmentDamageError
from .frame_batches import read_frames
from .frame_table import DamagedRange, FrameTable
from .manifest import SealedSegment
from .segment_reader import SegmentReader
from .split_block_filter import KeyProbe
from .stream_reader import StreamReader

BATCH_PAYLOAD_BYTES = 16 * 1024 * 1024
"""Most payload of a batch, whatever its number of rows: bounds a reader's memory. Chosen."""

OnDamage = Callable[[SegmentDamageError], None]

EVER = (-(1 << 63), (1 << 63) - 1)
"""All times: first and last nanosecond, both included."""


@dataclass(frozen=True)
class Window:
    """Which events are read: positions after one up to another, and first and last nanosecond of the two times."""

    after: int = 0
    last: int = sys.maxsize
    occurred: tuple[int, int] = EVER
    recorded: tuple[int, int] = EVER

    def columns(self) -> list[str]:
        """Return the columns that rows are filtered by."""
        return [
            name for name, bounds in (("occurred_at", self.occurred), ("recorded_at", self.recorded)) if bounds != EVER
        ]

    def may_hold(self, segment: SealedSegment) -> bool:
        """Say whether a sealed segment can hold such events."""
        return (
            self.may_begin(segment.first_position)
            and segment.next_position > self.after + 1
            and (
                segment.damaged
                or (
                    segment.events > 0
                    and _overlap(self.occurred, segment.min_occurred, segment.max_occurred)
                    and _overlap(self.recorded, segment.min_recorded, segment.max_recorded)
                )
            )
        )

    def may_begin(self, position: int) -> bool:
        """Say whether what begins at a position can hold such events."""
        return position <= self.last

    def frames(self, table: FrameTable) -> npt.NDArray[np.int64]:
        """Return the frames that can hold such events."""
        first_position, count = table.column("first_position"), table.column("count")
        kept = (count > 0) & (first_position + count - 1 > self.after) & (first_position <= self.last)
        for what, (first, last) in (("occurred", self.occurred), ("recorded", self.recorded)):
            if (first, last) != EVER:
                kept &= (table.column(f"max_{what}") >= first) & (table.column(f"min_{what}") <= last)
        return np.flatnonzero(kept)

    def of(self, batch: EventBatch) -> EventBatch:
        """Return the rows of a batch that are within, as a batch; positions rise in it."""
        if self.columns():
            kept = self.rows(batch)
            return batch if kept.all() else batch.take(kept)
        start, end = batch.positions.searchsorted([self.after, self.last], "right").tolist()
        return batch if start == 0 and end == len(batch) else batch[start:end]

    def rows(self, batch: EventBatch) -> npt.NDArray[np.bool_]:
        """Return which rows of a batch are within."""
        kept = (batch.positions > self.after) & (batch.positions <= self.last)
        for name, (first, last) in (("occurred_at", self.occurred), ("recorded_at", self.recorded)):
            if (first, last) != EVER:
                times = getattr(batch, name)
                kept &= (times >= first) & (times <= last)
        return np.asarray(kept)


def _overlap(bounds: tuple[int, int], low: int, high: int) -> bool:
    return bounds[0] <= high and low <= bounds[1]


def read_stream(
    stream: StreamReader, window: Window, columns: tuple[str, ...], batch_rows: int, on_damage: OnDamage
) -> Iterator[EventBatch]:
    """Yield a stream's events in the order of their positions; damage is given to `on_damage`, which may raise.

    Raises:
        RetiredEventsError: an object was dropped by retention while it was read.
    """
    reached = window.after
    for name, reader, rest in open_segments(stream, window, on_damage, whole=True):
        reached = max(reached, rest.after)
        try:
            for lost in lost_events(stream, reader, name):
                if lost.last_position > rest.after and window.may_begin(lost.first_position):
                    on_damage(lost)
            for batch in read_segment(reader, rest, columns, batch_rows, on_damage):
                reached = int(batch.positions[-1])
                yield batch
        except FileNotFoundError:
            stream.forget_readers()
            stream.refresh()
            _check_it_was_replaced(stream, name, max(reached + 1, reader.origin.first_position))
            break
    else:
        return
    yield from read_stream(stream, replace(window, after=reached), columns, batch_rows, on_damage)


def _check_it_was_replaced(stream: StreamReader, name: str, position: int) -> None:
    """Find out why a segment is gone: after sealing or compaction reading goes on; one still listed is missing."""
    behind = [segment.first_position for segment in stream.manifest.segments if segment.next_position > position]
    first = min(behind, default=stream.manifest.next_position)
    if first > position and not stream.lists(name):
        raise RetiredEventsError(stream.stream, first_position=position, last_position=first - 1)


def open_segments(
    stream: StreamReader,
    window: Window,
    on_damage: OnDamage,
    *,
    trace: KeyProbe | None = None,
    event: KeyProbe | None = None,
    whole: bool = False,
) -> Iterator[tuple[str, SegmentReader, Window]]:
    """Yield the segments that can hold events of a window, in order, each with what is left of the window.

    One that was compacted since it was listed is found again in what took its place, one that was dropped is left
    out; one that is missing without that, or of which nothing can be read, is given to `on_damage`.

    With the key of a trace id or of an event id, segments that surely do not hold it are left out.

    Raises:
        RetiredEventsError: with `whole`, where one was dropped since it was listed.
    """
    while True:
        names = segments_to_read(stream, window)
        without = stream.filters.without_trace(trace) if trace is not None else set()
        without |= stream.filters.without_id(event) if event is not None else set()
        for name in names:
            if name in without or stream.surely_lacks(name, trace, event):
                continue
            try:
                reader = stream.segment_now(name)
            except SegmentDamageError as error:
                on_damage(error)
                continue
            except FileNotFoundError:
                stream.refresh()
                if not stream.lists(name):
                    if whole:
                        _check_it_was_replaced(stream, name, max(window.after + 1, int(name[:20])))
                    break  # look again
                on_damage(missing_segment(stream, name))
                continue
            if _can_hold(reader, trace, event):
                yield name, reader, window
            if reader.next_position - 1 > window.after:
                window = replace(window, after=reader.next_position - 1)
        else:
            return


def _can_hold(reader: SegmentReader, trace: KeyProbe | None, event: KeyProbe | None) -> bool:
    """Say whether a segment can hold ids; one with damage always can: whoever opens it hears of that."""
    held = (trace is None or reader.may_hold_trace(trace)) and (event is None or reader.may_hold_id(event))
    return held or bool(reader.damage)


def segments_to_read(stream: StreamReader, window: Window) -> list[str]:
    """Return the names of the segments that can hold events of a window."""
    stream.refresh()
    sealed = [segment.name for segment in stream.manifest.segments if window.may_hold(segment)]
    return [*sealed, *[name.file for name in stream.unlisted if window.may_begin(name.first_position)]]


def missing_segment(stream: StreamReader, name: str) -> SegmentDamageError:
    """Return the error that names a segment as missing."""
    entry = stream.sealed_entry(name)
    return SegmentDamageError(
        f"{stream.directory}/{name}",
        start=0,
        end=entry.size if entry else 0,
        reason="the file is missing",
        stream=stream.stream,
        first_position=entry.first_position if entry else 1,
        last_position=entry.next_position - 1 if entry else 0,
    )


def read_segment(
    reader: SegmentReader, window: Window, columns: tuple[str, ...], batch_rows: int, on_damage: OnDamage
) -> Iterator[EventBatch]:
    """Yield a segment's events that are in a window."""
    read_columns = tuple(dict.fromkeys((*columns, *window.columns())))
    for frames in _groups(reader.frames, window.frames(reader.frames), batch_rows, with_payload="payload" in columns):
        for batch in _read_group(reader, frames, read_columns, on_damage):
            chosen = window.of(batch)
            if len(chosen):
                yield _only(chosen, columns)


def _read_group(
    reader: SegmentReader, frames: list[int], columns: tuple[str, ...], on_damage: OnDamage
) -> Iterator[EventBatch]:
    """Read frames as one batch; where one is damaged, each by itself, so that the others are not lost with it."""
    try:
        yield read_frames(reader, frames, columns)
    except SegmentDamageError as error:
        if len(frames) == 1:
            on_damage(error)
            return
        for frame in frames:
            yield from _read_group(reader, [frame], columns, on_damage)


def _groups(
    table: FrameTable, frames: npt.NDArray[np.int64], batch_rows: int, *, with_payload: bool
) -> Iterator[list[int]]:
    """Cut frames into groups that make batches of the wanted size."""
    counts, payload = table.column("count")[frames].tolist(), table.column("raw_bytes")[frames].tolist()
    group: list[int] = []
    rows = size = 0
    for frame, count, length in zip(frames.tolist(), counts, payload, strict=True):
        if group and (rows + count > batch_rows or (with_payload and size + length > BATCH_PAYLOAD_BYTES)):
            yield group
            group, rows, size = [], 0, 0
        group.append(frame)
        rows, size = rows + count, size + length
    if group:
        yield group


def _only(batch: EventBatch, columns: tuple[str, ...]) -> EventBatch:
    names = dict.fromkeys("payload" if name == "facts" else name for name in columns)
    if tuple(names) == batch.column_names:
        return batch
    kept = {name: getattr(batch, name) for name in names}
    return EventBatch(len(batch), kept, stream=batch.stream, positions=batch.positions)


def lost_events(stream: StreamReader, reader: SegmentReader, name: str) -> list[SegmentDamageError]:
    """Return the places of a segment whose frames are gone: between others, or at its end."""
    lost = [damage_error(reader, damage) for damage in reader.damage if damage.is_gap]
    entry = stream.sealed_entry(name)
    if entry and reader.next_position < entry.next_position:
        end, last = reader.file.size(), entry.next_position - 1
        tail = DamagedRange(end, max(end, entry.size), "events are missing at its end", reader.next_position, last)
        lost.append(damage_error(reader, tail))
    return lost


def damage_error(reader: SegmentReader, damage: DamagedRange) -> SegmentDamageError:
    """Return a known damaged range as an error."""
    return SegmentDamageError(
        reader.path,
        start=damage.start,
        end=damage.end,
        reason=damage.reason,
        stream=reader.origin.stream,
        first_position=damage.first_position,
        last_position=damage.last_position,
    )


def raise_damage(error: SegmentDamageError) -> None:
    """Raise what was found damaged: what is done with it unless a reader says otherwise."""
    raise error
