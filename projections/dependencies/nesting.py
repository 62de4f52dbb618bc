"""Which interval of a trace most closely encloses another: what tells a caller where no record names its parent.

Numpy only: candidates are found for all spans at once by jumping from each to the candidate of its candidate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..grouping import distinct_rows
from ..row_order import order_of

Ints = npt.NDArray[np.int64]

MAX_JUMPS = 64
"""Jumps follow pointers that lengthen as they are followed; even traces of millions of spans end far below this."""


class Nesting(NamedTuple):
    """Per span the row of the innermost enclosing span of another service (-1: none), and pairs that cross.

    `crossed` and `crossing` are rows of one trace of which the second began inside the first and ended after it.
    """

    caller: Ints
    crossed: Ints
    crossing: Ints


def nest(trace: Ints, service: Ints, first: Ints, last: Ints) -> Nesting:
    """Find the innermost enclosing span of another service.

    An interval encloses another when it begins no later and ends no earlier, and they are not equal (clocks of
    milliseconds make ends meet).

    >>> found = nest(*np.array([[1, 1, 1], [1, 2, 3], [0, 1, 2], [9, 8, 3]]))
    >>> found.caller.tolist()
    [-1, 0, 1]
    """
    order = _order(trace, first, last)
    rows = _Rows(trace[order], service[order], first[order], last[order])
    candidate, crossed, crossing = _enclosing(rows)
    caller = _of_other_service(rows, candidate)
    found = np.full(len(order), -1, np.int64)
    found[order] = np.where(caller >= 0, order[caller], -1)
    return Nesting(found, order[crossed], order[crossing])


def _order(trace: Ints, first: Ints, last: Ints) -> Ints:
    """Return the order by (trace, first, -last); rows mostly are in that of the first two already."""
    same = trace[1:] == trace[:-1]
    if not bool(((trace[1:] > trace[:-1]) | (same & (first[1:] >= first[:-1]))).all()):
        traces, _ = distinct_rows([trace])
        return order_of(traces, first, -last)
    equal = np.flatnonzero(same & (first[1:] == first[:-1]))
    is_open = np.zeros(len(trace), np.bool_)
    is_open[equal] = is_open[equal + 1] = True
    places = np.flatnonzero(is_open)
    order = np.arange(len(trace))
    order[places] = places[np.lexsort((-last[places], first[places], trace[places]))]
    return order


class _Rows(NamedTuple):
    """Intervals sorted by (trace, first, -last)."""

    trace: Ints
    service: Ints
    first: Ints
    last: Ints

    def before(self, rows: Ints) -> Ints:
        """Return the row before each row, -1 where that is of another trace."""
        earlier = rows - 1
        return np.where((earlier >= 0) & (self.trace[np.maximum(earlier, 0)] == self.trace[rows]), earlier, -1)


def _enclosing(rows: _Rows) -> tuple[Ints, Ints, Ints]:
    """Return the nearest earlier row that ends no earlier; and pairs that cross."""
    last, first = rows.last, rows.first
    candidate = rows.before(np.arange(len(last), dtype=np.int64))
    crossed: list[Ints] = []
    crossing: list[Ints] = []
    active = np.flatnonzero(candidate >= 0)
    for _ in range(MAX_JUMPS):
        held = candidate[active]
        ends_early = last[held] < last[active]
        crosses = ends_early & (last[held] > first[active]) & (first[held] < first[active])
        crossed.append(held[crosses])
        crossing.append(active[crosses])
        active = active[ends_early]
        if not len(active):
            break
        # All between a candidate's candidate and the candidate ended before it, so before us too: safe to jump.
        candidate[active] = candidate[candidate[active]]
        active = active[candidate[active] >= 0]
    candidate[active] = -1
    return candidate, np.concatenate(crossed or [active]), np.concatenate(crossing or [active])


def _of_other_service(rows: _Rows, candidate: Ints) -> Ints:
    """Go on outwards from an enclosing span of the same service, or of the very same interval."""
    service, first, last = rows.service, rows.first, rows.last
    caller = candidate.copy()
    active = np.flatnonzero(caller >= 0)
    for _ in range(MAX_JUMPS):
        held = caller[active]
        early = last[held] < last[active]
        unfit = (service[held] == service[active]) | ((first[held] == first[active]) & (last[held] == last[active]))
        caller[active] = np.where(early, candidate[held], np.where(unfit, rows.before(held), held))
        active = active[(early | unfit) & (caller[active] >= 0)]
        if not len(active):
            break
    caller[active] = -1
    return caller
