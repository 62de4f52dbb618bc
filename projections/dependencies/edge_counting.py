"""Count calls into edges: totals, latency, and the confidence that evidence for and against gives.

Between `call_columns` and `ServiceGraph`; pure functions over columns of one window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...domain.timestamps import to_datetime
from ..row_order import group
from .call_columns import CallColumns
from .confidence import combined, tier_confidence
from .latency_buckets import quantiles_us
from .service_graph import Edge
from .traced_calls import TIER_NAMES, Tier

Ints = npt.NDArray[np.int64]

MIN_VOTES = 3
"""Nested calls that make an edge. One or two may lie inside another interval by chance."""

MIN_SHARE = 0.01
"""Least share of a callee's calls. Below one in a hundred, nesting by chance outweighs rare callers."""

SKIP_FACTOR = 20
"""An edge past a service is doubted when that service stands between the two this many times as often: the few calls
that seem direct are then those whose middle record was lost (openzipkin/zipkin#1648). Chosen: loss of up to 5 %."""

SKIP_DOUBT = 0.5


@dataclass(frozen=True)
class Doubts:
    """What speaks against nesting: crossing intervals per pair of nodes, and per callee the calls nothing encloses."""

    crossings: Counter[tuple[int, int]]
    orphans: Counter[int]


@dataclass(frozen=True)
class _Callees:
    """Traced calls per callee, and calls per (caller's caller, callee) with the service between."""

    traced: dict[int, int]
    nested: dict[int, int]
    through: dict[tuple[int, int], tuple[int, int]]


def count_edges(calls: CallColumns, doubts: Doubts, nodes: Sequence[str]) -> list[Edge]:
    """Return the edges of a window's calls, unsorted; edges of too few votes are left out."""
    callees = _Callees(
        _sums(calls, calls.tier != Tier.PEER),
        _sums(calls, (calls.tier == Tier.NESTING) | (calls.tier == Tier.SERVICE_NESTING)),
        _through(calls),
    )
    edges = []
    for rows in _groups(calls):
        edge = _edge(calls.take(rows), doubts, callees, nodes)
        if edge is not None:
            edges.append(edge)
    return edges


def _groups(calls: CallColumns) -> Iterator[Ints]:
    order, starts = group(calls.caller, calls.callee)
    yield from np.split(order, starts[1:]) if len(order) else ()


def _sums(calls: CallColumns, rows: npt.NDArray[np.bool_]) -> dict[int, int]:
    totals = np.bincount(calls.callee[rows], calls.calls[rows])
    return {int(code): int(totals[code]) for code in np.flatnonzero(totals)}


def _through(calls: CallColumns) -> dict[tuple[int, int], tuple[int, int]]:
    """Return, per pair of nodes with one between, how often the most frequent one stood there, and which it is."""
    chained = calls.take(calls.grand > 0)
    order, starts = group(chained.grand, chained.callee, chained.caller)
    through: dict[tuple[int, int], tuple[int, int]] = {}
    counts = np.add.reduceat(chained.calls[order], starts) if len(order) else starts
    for row, count in zip(order[starts].tolist(), counts.tolist(), strict=True):
        pair = (int(chained.grand[row]), int(chained.callee[row]))
        through[pair] = max(through.get(pair, (0, 0)), (count, int(chained.caller[row])))
    return through


def _edge(calls: CallColumns, doubts: Doubts, callees: _Callees, nodes: Sequence[str]) -> Edge | None:
    caller, callee = int(calls.caller[0]), int(calls.callee[0])
    support = np.bincount(calls.tier, calls.calls, len(TIER_NAMES)).astype(np.int64).tolist()
    nested = support[Tier.NESTING] + support[Tier.SERVICE_NESTING]
    direct = support[Tier.PARENT] + support[Tier.PEER]
    if not direct and (nested < MIN_VOTES or nested < MIN_SHARE * callees.traced[callee]):
        return None
    by_chance, against = _against(caller, callee, nested, doubts, callees)
    between, middle = callees.through.get((caller, callee), (0, 0))
    via = nodes[middle] if not direct and between >= SKIP_FACTOR * nested else ""
    errors = np.bincount(calls.tier, calls.errors, len(TIER_NAMES)).astype(np.int64).tolist()
    total = max(support)
    failed = min(total, max(errors))
    p50, p95, p99 = _latency(calls)
    confidence = combined(_confidence(tier, count, by_chance, against) for tier, count in enumerate(support) if count)
    return Edge(
        caller=nodes[caller],
        callee=nodes[callee],
        calls=total,
        errors=failed,
        error_rate=failed / total,
        confidence=round(confidence * (SKIP_DOUBT if via else 1.0), 4),
        evidence=tuple(name for name, count in zip(TIER_NAMES, support, strict=True) if count),
        support={name: count for name, count in zip(TIER_NAMES, support, strict=True) if count},
        contradictions=round(against),
        retries=int(calls.retries.sum()),
        via=via,
        p50_us=p50,
        p95_us=p95,
        p99_us=p99,
        first_seen=to_datetime(int(calls.first.min())),
        last_seen=to_datetime(int(calls.last.max())),
    )


def _confidence(tier: int, count: int, by_chance: float, against: float) -> float:
    if tier < Tier.NESTING:
        return tier_confidence(tier, count, 0)
    return tier_confidence(tier, count * (1.0 - by_chance), against)


def _against(caller: int, callee: int, nested: int, doubts: Doubts, callees: _Callees) -> tuple[float, float]:
    """Return which share of an edge's nested calls may lie where they do by chance, and what speaks against them.

    Where many calls of the callee lie inside no interval at all, its callers log no end, and as large a part of the
    nested ones is chance. Intervals that cross speak against the edge directly.
    """
    orphans = doubts.orphans[callee]
    by_chance = orphans / (orphans + callees.nested.get(callee, 0)) if orphans else 0.0
    return by_chance, doubts.crossings[caller, callee] + nested * by_chance


def _latency(calls: CallColumns) -> tuple[int | None, ...]:
    """Return the quantiles of the surest kind of evidence that knows latencies."""
    for tier in Tier:
        rows = (calls.tier == tier) & (calls.bucket >= 0)
        if rows.any():
            return quantiles_us(calls.bucket[rows], calls.calls[rows], (0.5, 0.95, 0.99))
    return None, None, None
