"""Assemble frames of one segment into batches: small frames are joined cheaply, since they share dictionaries.

Between a segment reader and whoever reads the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..domain.batch import EventBatch
from ..domain.columns import ALL_COLUMNS, NUMBER_TYPES, BytesColumn, RaggedColumn, StringColumn
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
    parts = [reader.columns(frame, columns) for frame in frames]
    joined: dict[str, Any] = {}
    for name in columns:
        if name == FACTS and "payload" in joined:
            continue
        joined["payload" if name == FACTS else name] = _joined(reader, name, [part[name] for part in parts])
    positions = _positions(reader, frames)
    return EventBatch(len(positions), joined, stream=reader.origin.stream, positions=positions)


def _positions(reader: SegmentReader, frames: Sequence[int]) -> Any:
    rows = reader.frames.rows
    spans = [(int(rows[frame, 4]), int(rows[frame, 3])) for frame in frames]
    parts = [np.arange(first, first + count, dtype=np.int64) for first, count in spans]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _joined(reader: SegmentReader, name: str, parts: list[Any]) -> Any:
    if name in NUMBER_TYPES:
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
    if name in ("payload", FACTS):
        return _joined_bytes(parts)
    if name == "mentions":
        offsets = [offsets for offsets, _ in parts]
        codes = np.concatenate([codes for _, codes in parts])
        return RaggedColumn(_joined_offsets(offsets), codes, reader.dictionary(name))
    codes = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return StringColumn(codes, reader.dictionary(name))


def _joined_bytes(parts: list[BytesColumn]) -> BytesColumn:
    if len(parts) == 1:
        return parts[0]
    return BytesColumn(_joined_offsets([part.offsets for part in parts]), b"".join([part.data for part in parts]))


def _joined_offsets(parts: list[Any]) -> Any:
    lengths = np.concatenate([np.diff(part) for part in parts])
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
