"""The table of a segment's frames: where each is and what it can hold, as columns, so that a query skips most of them.

Built while a segment is written or scanned; kept in the footer of a sealed one. Also the ranges that are damaged.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from .frame_header import FrameHeader

Ints = npt.NDArray[np.int64]

TABLE_COLUMNS = (
    *("offset", "length", "envelope_length", "count", "first_position", "min_occurred", "max_occurred"),
    *("min_recorded", "max_recorded", "severities", "kinds", "raw_bytes", "checksum"),
)
"""Columns of the table in a footer. The order is part of the format: append only."""


NO_FRAME = "no valid frame"
"""Reason of a range in which frames must have been, but none can be read."""


class DamagedRange(msgspec.Struct, frozen=True):
    """Bytes of a segment that cannot be read, and the positions that were in them (none: `first` above `last`)."""

    start: int
    end: int
    reason: str
    first_position: int = 1
    last_position: int = 0

    @property
    def is_gap(self) -> bool:
        """Whether events are missing between frames (else their frame is there, and reading it tells)."""
        return self.reason == NO_FRAME and self.last_position >= self.first_position


class FrameTable:
    """The frames of a segment, in order.

    >>> table = FrameTable()
    >>> len(table), table.last_position
    (0, 0)
    """

    def __init__(self, rows: Ints | None = None) -> None:
        self._array = np.zeros((0, len(TABLE_COLUMNS)), np.int64) if rows is None else rows
        self._new: list[tuple[int, ...]] = []

    def add(self, offset: int, header: FrameHeader) -> None:
        """Append a frame."""
        self._new.append(
            (
                *(offset, header.length, header.envelope_length, header.events, header.first_position),
                *(header.min_occurred, header.max_occurred, header.min_recorded, header.max_recorded),
                *(header.severities, header.kinds, header.raw_bytes, header.checksum),
            )
        )

    def __len__(self) -> int:
        return len(self._array) + len(self._new)

    @property
    def rows(self) -> Ints:
        """All rows, one per frame."""
        if self._new:
            self._array = np.concatenate([self._array, np.array(self._new, np.int64)])
            self._new = []
        return self._array

    def column(self, name: str) -> Ints:
        """Return one column of the table."""
        return self.rows[:, TABLE_COLUMNS.index(name)]

    @property
    def last_position(self) -> int:
        """Position of the last event (0 without frames)."""
        rows = self.rows
        return int(rows[-1, 4] + rows[-1, 3]) - 1 if len(rows) else 0

    @property
    def events(self) -> int:
        """Number of events in all frames."""
        return int(self.column("count").sum())

    @property
    def raw_bytes(self) -> int:
        """Payload bytes in all frames, before compression."""
        return int(self.column("raw_bytes").sum())

    @property
    def end(self) -> int:
        """Offset behind the last frame (0 without frames)."""
        rows = self.rows
        return int(rows[-1, 0] + rows[-1, 1]) if len(rows) else 0

    def bounds(self, what: str) -> tuple[int, int]:
        """Return the least and the greatest `occurred` or `recorded` time of all events (0, -1 without events)."""
        some = self.column("count") > 0
        if not some.any():
            return 0, -1
        return int(self.column(f"min_{what}")[some].min()), int(self.column(f"max_{what}")[some].max())

    def bits(self, name: str) -> int:
        """Return which `kinds` or `severities` occur at all."""
        return int(np.bitwise_or.reduce(self.column(name))) if len(self) else 0

    def encode(self) -> bytes:
        """Return the table's bytes, column after column."""
        return np.ascontiguousarray(self.rows.T).tobytes()

    @classmethod
    def decode(cls, data: bytes, columns: int) -> FrameTable:
        """Return the table from its bytes, which may hold columns of a newer version."""
        array = np.frombuffer(data, np.int64).reshape(columns, -1)[: len(TABLE_COLUMNS)]
        return cls(np.ascontiguousarray(array.T))
