"""How far the clocks of services stand apart, learnt from calls that are known by id.

A called span begins no earlier and ends no later than its caller's. Where the calls between two services break this
one and the same way, the callee's clock is shifted by the least that mends it; where no shift mends it (asynchronous
work, callers that log no end) nothing is learnt.
"""

from __future__ import annotations

from collections import Counter, deque

import numpy as np
import numpy.typing as npt

from ..row_order import group
from .span_rows import SpanRows

Ints = npt.NDArray[np.int64]

MIN_CALLS = 5
"""Chosen: fewer calls could all be odd ones."""

TAIL = 5
"""Percent of calls left out at each end, as stragglers."""


def clock_offsets(spans: SpanRows, parent: Ints, services: int) -> Ints:
    """Return, per service code, the nanoseconds to subtract from its times."""
    rows = np.flatnonzero(parent >= 0)
    rows = rows[spans.service[rows] != spans.service[parent[rows]]]
    offsets = np.zeros(services, np.int64)
    if len(rows) < MIN_CALLS:
        return offsets
    callers, callees = spans.service[parent[rows]], spans.service[rows]
    shifts: dict[tuple[int, int], int] = {}
    order, starts = group(callers, callees)
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        calls = rows[order[start:end]]
        if len(calls) >= MIN_CALLS:
            pair = (int(spans.service[parent[calls[0]]]), int(spans.service[calls[0]]))
            shifts[pair] = _shift(spans, calls, parent[calls])
    return _spread(shifts, offsets) if any(shifts.values()) else offsets


def _shift(spans: SpanRows, callee: Ints, caller: Ints) -> int:
    """Return how late the callee's clock is against the caller's, 0 where the calls do not say."""
    greatest = int(np.percentile(spans.first[callee] - spans.first[caller], TAIL))
    least = int(np.percentile(spans.last[callee] - spans.last[caller], 100 - TAIL))
    if least > greatest or least <= 0 <= greatest:
        return 0
    return greatest if greatest < 0 else least


def _spread(shifts: dict[tuple[int, int], int], offsets: Ints) -> Ints:
    """Carry the pairs' shifts through the graph, from the service with most pairs (then: that calls most) outwards."""
    near: dict[int, list[tuple[int, int]]] = {}
    for (caller, callee), shift in sorted(shifts.items()):
        near.setdefault(caller, []).append((callee, shift))
        near.setdefault(callee, []).append((caller, -shift))
    known: dict[int, int] = {}
    calls = Counter(caller for caller, _ in shifts)
    for root in sorted(near, key=lambda service: (-len(near[service]), -calls[service], service)):
        queue = deque([root] if root not in known else [])
        known.setdefault(root, 0)
        while queue:
            service = queue.popleft()
            for other, shift in near[service]:
                if other not in known:
                    known[other] = known[service] + shift
                    queue.append(other)
    for service, offset in known.items():
        offsets[service] = offset
    return offsets
