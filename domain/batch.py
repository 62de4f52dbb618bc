"""EventBatch: many events as columns, the unit that moves from parsers through the store into folds.

Numbers are numpy columns, strings dictionary codes, payloads one block of bytes. `batch[i]` gives a row as its Struct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from .columns import (
    ALL_COLUMNS,
    NO_DURATION,
    NUMBER_TYPES,
    STRING_COLUMNS,
    BytesColumn,
    Mask,
    RaggedColumn,
    StringColumn,
    concat_bytes,
    concat_ragged,
    concat_strings,
)
from .errors import ColumnNotReadError, InvalidArgumentError
from .event_id import id_bytes
from .event_payload import facts_of
from .events import EVENT_TYPES, Event, Kind
from .reference import format_reference

Ints = npt.NDArray[np.int64]
Unsigned = npt.NDArray[np.uint64]
Small = npt.NDArray[np.uint8]


class EventBatch:
    """Events as columns; a column that was not read raises `ColumnNotReadError` when it is used.

    >>> batch = EventBatch.build(2, service=["cart", "pay"], severity=[9, 17], payload=[b"a", b"b"])
    >>> batch.service.values, batch.severity.tolist(), batch[1].service
    (['', 'cart', 'pay'], [9, 17], 'pay')
    """

    event_id: Unsigned
    occurred_at: Ints
    recorded_at: Ints
    kind: Small
    severity: Small
    flags: Small
    peer_role: Small
    status: npt.NDArray[np.uint16]
    duration_us: Ints
    size_bytes: Ints
    template: Unsigned
    trace_id: Unsigned
    span_id: Unsigned
    parent_span_id: Unsigned
    format: StringColumn
    provider: StringColumn
    account: StringColumn
    region: StringColumn
    service: StringColumn
    resource: StringColumn
    name: StringColumn
    error: StringColumn
    peer: StringColumn
    context: StringColumn
    mentions: RaggedColumn
    payload: BytesColumn

    def __init__(
        self, count: int, columns: Mapping[str, Any], *, stream: str = "", positions: Ints | None = None
    ) -> None:
        self._count = count
        self._names = tuple(columns)
        self.__dict__.update(columns)
        self.stream = stream
        self.positions = positions if positions is not None else np.zeros(0, np.int64)

    def __getattr__(self, name: str) -> Any:
        if name in ALL_COLUMNS:
            raise ColumnNotReadError(name)
        raise AttributeError(name)

    @classmethod
    def build(cls, count: int, **columns: Any) -> EventBatch:
        """Make a batch of all columns from what is known; the rest is absent.

        Args:
            count: number of events.
            columns: per column a scalar for all rows, or one value per row (a list, array or finished column).
                `kind` defaults to LOG_RECORDED, `duration_us` to absent (-1), `size_bytes` to the payload's length.

        Raises:
            InvalidArgumentError: an unknown column, or one of another length.
        """
        unknown = sorted(set(columns) - set(ALL_COLUMNS))
        if unknown:
            raise InvalidArgumentError(f"unknown columns {unknown}: known are {', '.join(ALL_COLUMNS)}")
        built: dict[str, Any] = {
            name: _numbers(name, columns.get(name, _DEFAULT_NUMBERS.get(name, 0)), count) for name in NUMBER_TYPES
        }
        for name in STRING_COLUMNS:
            built[name] = _strings(columns.get(name, ""), count)
        mentions = columns.get("mentions")
        built["mentions"] = mentions if isinstance(mentions, RaggedColumn) else _ragged(mentions, count)
        payload = columns.get("payload")
        built["payload"] = payload if isinstance(payload, BytesColumn) else BytesColumn.of(payload or [b""] * count)
        if "size_bytes" not in columns:
            built["size_bytes"] = np.diff(built["payload"].offsets)
        _check_lengths(built, count)
        return cls(count, built)

    @classmethod
    def concat(cls, batches: Sequence[EventBatch]) -> EventBatch:
        """Join batches of the same columns, in order.

        >>> len(EventBatch.concat([EventBatch.build(2), EventBatch.build(1)]))
        3
        """
        batches = [batch for batch in batches if len(batch)] or list(batches[:1]) or [cls.build(0)]
        if len(batches) == 1:
            return batches[0]
        columns = {name: _concat([getattr(batch, name) for batch in batches]) for name in batches[0].column_names}
        streams = {batch.stream for batch in batches}
        return cls(
            sum(map(len, batches)),
            columns,
            stream=batches[0].stream if len(streams) == 1 else "",
            positions=np.concatenate([batch.positions for batch in batches]),
        )

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that this batch holds."""
        return self._names

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Event]:
        return map(self.row, range(self._count))

    @overload
    def __getitem__(self, key: int) -> Event: ...
    @overload
    def __getitem__(self, key: slice) -> EventBatch: ...
    def __getitem__(self, key: int | slice) -> Event | EventBatch:
        if isinstance(key, slice):
            start, stop, step = key.indices(self._count)
            return self._cut(start, max(start, stop)) if step == 1 else self.take(np.arange(self._count)[key])
        index = key + self._count if key < 0 else key
        if not 0 <= index < self._count:
            raise IndexError(f"row {key} of a batch of {self._count}")
        return self.row(index)

    def __repr__(self) -> str:
        return f"EventBatch({self._count} events, stream={self.stream!r})"

    def take(self, rows: Mask) -> EventBatch:
        """Return the rows that a boolean mask or an index array picks, in that order."""
        indexes = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows  # once for all columns
        if rows.dtype == np.bool_ and len(indexes) == self._count:
            return self
        columns = {name: _take(getattr(self, name), indexes) for name in self._names}
        positions = self.positions[indexes] if len(self.positions) else self.positions
        return EventBatch(len(indexes), columns, stream=self.stream, positions=positions)

    def _cut(self, start: int, stop: int) -> EventBatch:
        """Return neighbouring rows; nothing is copied but the bytes of payloads."""
        if stop - start == self._count:
            return self
        columns = {name: _cut(getattr(self, name), start, stop) for name in self._names}
        positions = self.positions[start:stop] if len(self.positions) else self.positions
        return EventBatch(stop - start, columns, stream=self.stream, positions=positions)

    def of_kind(self, kind: Kind) -> EventBatch:
        """Return the events of one kind (the batch itself where all are)."""
        mask = self.kind == kind
        return self if bool(mask.all()) else self.take(mask)

    def stored_as(self, stream: str, positions: Ints) -> EventBatch:
        """Return the same events with the place that the store gave them."""
        columns = {name: self.__dict__[name] for name in self._names}
        return EventBatch(self._count, columns, stream=stream, positions=positions)

    def with_columns(self, **columns: Any) -> EventBatch:
        """Return the batch with some columns replaced (values as for `build`)."""
        replaced: dict[str, Any] = {name: self.__dict__[name] for name in self._names}
        for name, value in columns.items():
            if name in NUMBER_TYPES:
                replaced[name] = _numbers(name, value, self._count)
            elif name in STRING_COLUMNS:
                replaced[name] = _strings(value, self._count)
            else:
                replaced[name] = value
        _check_lengths(replaced, self._count)
        return EventBatch(self._count, replaced, stream=self.stream, positions=self.positions)

    def reference(self, row: int) -> str:
        """Return the reference that `Ledger.event` opens."""
        return format_reference(self.stream, int(self.positions[row])) if len(self.positions) else ""

    def row(self, row: int) -> Event:
        """Return one event as its Struct (all columns must have been read)."""
        kind = Kind(int(self.kind[row]))
        duration = int(self.duration_us[row])
        trace_high, trace_low = self.trace_id[row].tolist()
        fields: dict[str, Any] = {name: getattr(self, name)[row] for name in STRING_COLUMNS}
        fields.update({name: int(getattr(self, name)[row]) for name in _PLAIN_NUMBERS})
        return EVENT_TYPES[kind](
            event_id=id_bytes(*self.event_id[row].tolist()),
            duration_us=None if duration == NO_DURATION else duration,
            trace_id=_hex(trace_high << 64 | trace_low, 32),
            span_id=_hex(int(self.span_id[row]), 16),
            parent_span_id=_hex(int(self.parent_span_id[row]), 16),
            mentions=self.mentions.row(row),
            reference=self.reference(row),
            **fields,
            **facts_of(kind, self.payload[row]),
        )


_PLAIN_NUMBERS = tuple(
    name
    for name in NUMBER_TYPES
    if name not in {"event_id", "kind", "duration_us", "trace_id", "span_id", "parent_span_id"}
)
_DEFAULT_NUMBERS = {"kind": int(Kind.LOG_RECORDED), "duration_us": NO_DURATION}


def _hex(value: int, digits: int) -> str:
    return f"{value:0{digits}x}" if value else ""


def _numbers(name: str, value: Any, count: int) -> npt.NDArray[Any]:
    dtype, width = NUMBER_TYPES[name]
    if isinstance(value, np.ndarray):
        return value.astype(dtype, copy=False)
    if isinstance(value, int | np.integer):
        return np.full(count if width == 1 else (count, width), value, dtype)
    return np.array(value, dtype).reshape(-1) if width == 1 else np.array(value, dtype).reshape(-1, width)


def _strings(value: Any, count: int) -> StringColumn:
    if isinstance(value, StringColumn):
        return value
    return StringColumn.constant(value, count) if isinstance(value, str) else StringColumn.of(value)


def _ragged(value: Any, count: int) -> RaggedColumn:
    return RaggedColumn.of(value) if value else RaggedColumn.empty(count)


def _check_lengths(columns: Mapping[str, Any], count: int) -> None:
    for name, column in columns.items():
        if len(column) != count:
            raise InvalidArgumentError(f"column {name!r} has {len(column)} rows, the batch has {count}")


def _take(column: Any, rows: Mask) -> Any:
    return column.take(rows, axis=0) if isinstance(column, np.ndarray) else column.take(rows)


def _cut(column: Any, start: int, stop: int) -> Any:
    return column[start:stop] if isinstance(column, np.ndarray) else column.cut(start, stop)


def _concat(columns: list[Any]) -> Any:
    first = columns[0]
    if isinstance(first, StringColumn):
        return concat_strings(columns)
    if isinstance(first, RaggedColumn):
        return concat_ragged(columns)
    return concat_bytes(columns) if isinstance(first, BytesColumn) else np.concatenate(columns)
