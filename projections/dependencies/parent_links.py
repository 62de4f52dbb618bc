"""Join each span to the span that its record names as parent: the surest evidence of a call.

Between the spans of an hour and `traced_calls`. The rules are those of Zipkin's DependencyLinker where they apply to
log records: ids are compared within a trace, a span without a known service is walked through, a lost parent is never
replaced by an ancestor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..grouping import Grouping
from ..row_hash import hash_of
from .span_rows import SpanRows

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

NO_PARENT = -1
"""The record names no parent, or its parent left no record."""

MAX_WALK = 16
"""Spans of unknown service that are walked through at most; also what ends a cycle of wrong ids."""


def parent_rows(spans: SpanRows) -> Ints:
    """Return the row of each span's parent: the nearest one whose service is known, else -1.

    A span id that two services share (B3's shared spans) leads to the parent of the span's own service first.
    """
    named = np.flatnonzero(spans.parent != 0)
    parent = np.full(len(spans), NO_PARENT, np.int64)
    if not len(named):
        return parent
    parent[named] = _find(spans, named)
    parent[parent == np.arange(len(parent))] = NO_PARENT
    return _walked(parent, spans.service)


def _find(spans: SpanRows, rows: Array) -> Ints:
    """Return the row of each named parent, -1 where no record of it is known."""
    found, shared = _lookup((spans.trace, spans.span), (spans.trace, spans.parent), rows)
    if shared:
        columns = (spans.trace, spans.span, spans.service), (spans.trace, spans.parent, spans.service)
        own, _ = _lookup(*columns, rows)
        found = np.where((own >= 0) & _is_parent(spans, own, rows), own, found)
    return np.where((found >= 0) & _is_parent(spans, found, rows), found, NO_PARENT)


def _lookup(keys: tuple[Ints, ...], wanted: tuple[Ints, ...], rows: Array) -> tuple[Ints, bool]:
    """Return the first row whose key has the wanted hash, and whether any two rows have the same key."""
    count = len(keys[0])
    sought = [column[rows] for column in wanted]
    hashes = np.concatenate([hash_of(keys), hash_of(sought)]).view(np.int64)
    groups = Grouping.unordered({"hash": hashes})
    known = groups.group_of[:count]
    first_row = np.full(len(groups), NO_PARENT, np.int64)
    first_row[known[::-1]] = np.arange(count)[::-1]
    shared = int(np.count_nonzero(first_row >= 0)) < count
    return first_row[groups.group_of[count:]], shared


def _is_parent(spans: SpanRows, found: Ints, rows: Array) -> npt.NDArray[np.bool_]:
    """Return whether the rows found are what the hashes promise."""
    same: npt.NDArray[np.bool_] = (spans.trace[found] == spans.trace[rows]) & (spans.span[found] == spans.parent[rows])
    return same


def _walked(parent: Ints, service: Ints) -> Ints:
    """Walk through parents of unknown service."""
    nearest = parent.copy()
    for _ in range(MAX_WALK):
        active = np.flatnonzero((nearest >= 0) & (service[np.maximum(nearest, 0)] == 0))
        if not len(active):
            return nearest
        nearest[active] = parent[nearest[active]]
    nearest[service[np.maximum(nearest, 0)] == 0] = NO_PARENT
    return nearest
