"""Assemble frames of one segment into batches: small frames are joined cheaply, since they share dictionaries.

Between a segment reader and whoever reads the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.columns import ALL_COLUMNS, STRING_COLUMNS, RaggedColumn, StringColumn
from ..domain.errors import InvalidArgumentError
from .frame_decoder import FACTS
from .segment_reader import SegmentReader

READABLE_COLUMNS = (*ALL_COLUMNS, FACTS)


def check_columns(columns: Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns to read, in the order of batches.

    Raises:
        InvalidArgumentError: one is unknown.
    """
    if columns is None:
        return ALL_COLUMNS
    unknown = sorted(set(columns) - set(READABLE_COLUMNS))
    if unknown:
        raise InvalidArgumentError(f"unknown columns {unknown}: known are {', '.join(READABLE_COLUMNS)}")
    return tuple(name for name in READABLE_COLUMNS if name in columns)


def read_frames(reader: SegmentReader, frames: Sequence[int], columns: Sequence[str]) -> EventBatch:
    """Return the events of frames of one segment as one batch, with stream and positions.

    Raises:
        SegmentDamageError: a frame, or a column of it that was asked for, is damaged.
    """
    found = reader.columns(frames, columns)
    joined = {
        "payload" if name == FACTS else name: _column(reader, name, found[name])
        for name in columns
        if name != FACTS or "payload" not in columns
    }
    positions = _positions(reader, frames)
    return EventBatch(len(positions), joined, stream=reader.origin.stream, positions=positions)


def read_rows(reader: SegmentReader, frame: int, rows: npt.NDArray[np.int64]) -> EventBatch:
    """Return some events of a frame, wholly.

    Raises:
        SegmentDamageError: the frame is damaged.
    """
    envelope = read_frames(reader, [frame], [name for name in ALL_COLUMNS if name != "payload"]).take(rows)
    columns = {name: getattr(envelope, name) for name in envelope.column_names}
    columns["payload"] = reader.payload(frame, rows)
    return EventBatch(len(rows), columns, stream=envelope.stream, positions=envelope.positions)


def _positions(reader: SegmentReader, frames: Sequence[int]) -> Any:
    rows = reader.frames.rows
    spans = [(int(rows[frame, 4]), int(rows[frame, 3])) for frame in frames]
    (start, _), (last, count) = spans[0], spans[-1]
    if last + count - start == sum(count for _, count in spans):
        return np.arange(start, last + count, dtype=np.int64)
    return np.concatenate([np.arange(first, first + count, dtype=np.int64) for first, count in spans])


def _column(reader: SegmentReader, name: str, found: Any) -> Any:
    if name == "mentions":
        offsets, codes = found
        return RaggedColumn(offsets, codes, reader.dictionary(name))
    return StringColumn(found, reader.dictionary(name)) if name in STRING_COLUMNS else found
