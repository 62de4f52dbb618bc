"""Spans of one hour's traces, joined from the rows that the fold kept: one per trace, span id and service.

Read by `traced_calls`. A trace belongs to the hour in which its first record lies; its records of the next hour come
with it, so that no call is cut at the hour's end or counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.dictionary import Dictionary
from ..grouping import Grouping, distinct_rows, is_among
from ..partitions import PartitionedTable
from ..row_hash import hash_of
from ..row_order import order_of
from ..table import Table
from .span_units import kept_share

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpanRows:
    """Columns of spans, in order of trace; `service` and `stream` are codes of `Names`.

    `duration_us` is -1 where no record names it; `weight` is how many spans each row stands for where an hour had more
    than the state keeps; `position` is the span's first record in `stream`.
    """

    trace: Ints
    span: Ints
    parent: Ints
    service: Ints
    first: Ints
    last: Ints
    duration_us: Ints
    events: Ints
    errors: Ints
    stream: Ints
    position: Ints
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.trace)

    def take(self, rows: Array) -> SpanRows:
        """Return some of the rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})

    def latency_us(self) -> Ints:
        """Return each span's duration: the recorded one, else the extent of its records."""
        return np.where(self.duration_us >= 0, self.duration_us, (self.last - self.first) // 1000)


_COLUMNS = tuple(field.name for field in fields(SpanRows) if field.name != "weight")


@dataclass(frozen=True)
class Names:
    """Codes of services and streams that all hours share."""

    services: Dictionary
    streams: Dictionary


def spans_of_hour(table: PartitionedTable, hour: int, names: Names) -> SpanRows:
    """Return the spans of the traces that begin in an hour."""
    hours = table.hours()
    part = table.part(hour)
    rows = _columns(part, names)
    full = table.schema.limit and len(part) >= table.schema.limit
    weight = 1.0 / kept_share(part.number("unit")) if full else 1.0
    if hour - 1 in hours:
        begun = table.part(hour - 1).measure("trace")
        rows = _picked(rows, lambda traces: ~is_among(traces, begun))
    if hour + 1 in hours:
        ours = rows["trace"]
        later = _picked(_columns(table.part(hour + 1), names), lambda traces: is_among(traces, ours))
        rows = {name: np.concatenate([column, later[name]]) for name, column in rows.items()}
    return _joined(rows, weight)


def _columns(table: Table, names: Names) -> dict[str, Array]:
    numbers = ("trace", "span", "parent", "first", "last", "duration_us", "events", "errors", "position")
    rows: dict[str, Array] = {name: table.measure(name) for name in numbers}
    for name, dictionary in (("service", names.services), ("stream", names.streams)):
        column = table.string(name)
        rows[name] = dictionary.remap(column.values)[column.codes].astype(np.int64)
    return rows


def _picked(rows: dict[str, Array], keep: Callable[[Array], Array]) -> dict[str, Array]:
    kept = np.flatnonzero(keep(rows["trace"]))
    return {name: column[kept] for name, column in rows.items()}


def _joined(rows: dict[str, Array], weight: float) -> SpanRows:
    """Join the rows of one span: of several streams, of both sides of the hour, with and without a parent's id."""
    key = hash_of([rows["trace"], rows["span"], rows["service"]])
    groups = Grouping.unordered({"key": key})
    if len(groups) < len(key):
        repeated = (groups.counts() > 1)[groups.group_of]
        once = {name: column[~repeated] for name, column in rows.items()}
        joined = _combined({name: column[repeated] for name, column in rows.items()}, key[repeated])
        rows = {name: np.concatenate([once[name], joined[name]]) for name in rows}
    traces, _ = distinct_rows([rows["trace"]])
    order = order_of(traces, rows["first"])
    return SpanRows(**{name: rows[name][order] for name in _COLUMNS}, weight=weight)


def _combined(rows: dict[str, Array], key: Array) -> dict[str, Array]:
    """Combine rows of equal keys; the reference is the first one of the first stream by name."""
    order = order_of(key, rows["stream"], rows["position"])
    starts = np.flatnonzero(np.concatenate([[True], key[order][1:] != key[order][:-1]]))
    reducers = {"first": np.minimum, "last": np.maximum, "duration_us": np.maximum, "events": np.add, "errors": np.add}
    combined = {name: column[order[starts]] for name, column in rows.items()}
    for name, reducer in reducers.items():
        combined[name] = reducer.reduceat(rows[name][order], starts)
    # Ids are unsigned: the greatest is the one that a record names, 0 being none.
    combined["parent"] = np.maximum.reduceat(rows["parent"][order].view(np.uint64), starts).view(np.int64)
    return combined
