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
from ..partitions import PartitionedTable
from ..table import Table, combine
from .condensing import hash_of
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
        begun = _traces(table.part(hour - 1))
        rows = _picked(rows, lambda traces: ~np.isin(traces, begun))
    if hour + 1 in hours:
        ours = np.unique(rows["trace"])
        later = _picked(_columns(table.part(hour + 1), names), lambda traces: np.isin(traces, ours))
        rows = {name: np.concatenate([column, later[name]]) for name, column in rows.items()}
    return _joined(rows, weight)


def _columns(table: Table, names: Names) -> dict[str, Array]:
    numbers = ("trace", "span", "parent", "first", "last", "duration_us", "events", "errors", "position")
    rows: dict[str, Array] = {name: table.measure(name) for name in numbers}
    for name, dictionary in (("service", names.services), ("stream", names.streams)):
        column = table.string(name)
        rows[name] = dictionary.remap(column.values)[column.codes].astype(np.int64)
    return rows


def _traces(table: Table) -> Array:
    return np.unique(table.measure("trace"))


def _picked(rows: dict[str, Array], keep: Callable[[Array], Array]) -> dict[str, Array]:
    kept = np.flatnonzero(keep(rows["trace"]))
    return {name: column[kept] for name, column in rows.items()}


def _joined(rows: dict[str, Array], weight: float) -> SpanRows:
    """Join the rows of one span: of several streams, of both sides of the hour, with and without a parent's id."""
    key = hash_of([rows["trace"], rows["span"], rows["service"]]).view(np.int64)
    reducers = {"first": "min", "last": "max", "duration_us": "max", "events": "sum", "errors": "sum"}
    same = dict.fromkeys(("trace", "span", "service"), "max")
    # Of several streams the reference is taken from the first in name; parent ids count as unsigned, 0 is none.
    packed = rows | {"key": key}
    joined = combine(packed, ["key"], {**reducers, **same, "parent": "max"})
    if len(joined["key"]) != len(key):
        order = np.lexsort((rows["position"], rows["stream"], key))
        firsts = order[np.concatenate([[True], key[order][1:] != key[order][:-1]])]
        joined["stream"], joined["position"] = rows["stream"][firsts], rows["position"][firsts]
        joined["parent"] = _parents(rows["parent"], key)
    else:
        order = np.argsort(key, kind="stable")
        joined["stream"], joined["position"] = rows["stream"][order], rows["position"][order]
    order = np.lexsort((joined["key"], joined["first"], joined["trace"]))
    return SpanRows(**{name: joined[name][order] for name in _COLUMNS}, weight=weight)


def _parents(parents: Array, key: Array) -> Array:
    """Return the greatest parent id of each key, as unsigned numbers, so that 0 means that no record names one."""
    order = np.argsort(key, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(key[order][1:] != key[order][:-1]) + 1])
    greatest: Array = np.maximum.reduceat(parents[order].view(np.uint64), starts).view(np.int64)
    return greatest
