"""Which interval of a trace most closely encloses another: what tells a caller where no record names its parent.

Numpy only: candidates are found for all spans at once by jumping from each to the candidate of its candidate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
    order = np.lexsort((-last, first, trace))
    caller, crossed, crossing = _enclosing(trace[order], first[order], last[order])
    caller = _of_other_service(caller, service[order])
    found = np.full(len(order), -1, np.int64)
    found[order] = np.where(caller >= 0, order[caller], -1)
    return Nesting(found, order[crossed], order[crossing])


def _enclosing(trace: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
    """Return, for rows sorted by (trace, first, -last), the nearest earlier row that ends no earlier; and crossings."""
    rows = np.arange(len(trace), dtype=np.int64)
    candidate = rows - 1
    starts = np.concatenate([[True], trace[1:] != trace[:-1]]) if len(trace) else np.zeros(0, np.bool_)
    candidate[starts] = -1
    crossed: list[Ints] = []
    crossing: list[Ints] = []
    active = rows[candidate >= 0]
    for _ in range(MAX_JUMPS):
        held = candidate[active]
        ends_early = last[held] < last[active]
        crosses = ends_early & (last[held] > first[active]) & (first[held] < first[active])
        crossed.append(held[crosses])
        crossing.append(active[crosses])
        equal = (first[held] == first[active]) & (last[held] == last[active])
        active = active[ends_early | equal]
        if not len(active):
            break
        # All between a candidate's candidate and the candidate ended before it, so before us too: safe to jump.
        candidate[active] = candidate[candidate[active]]
        active = active[candidate[active] >= 0]
    return candidate, np.concatenate(crossed or [rows[:0]]), np.concatenate(crossing or [rows[:0]])


def _of_other_service(candidate: Ints, service: Ints) -> Ints:
    """Walk from an enclosing span of the same service to that span's own enclosing span, and so on."""
    caller = candidate.copy()
    active = np.flatnonzero((caller >= 0) & (service[np.maximum(caller, 0)] == service))
    for _ in range(MAX_JUMPS):
        if not len(active):
            break
        caller[active] = caller[caller[active]]
        active = active[(caller[active] >= 0) & (service[np.maximum(caller[active], 0)] == service[active])]
    caller[active] = -1
    return caller
