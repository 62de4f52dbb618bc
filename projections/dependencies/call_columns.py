"""Calls of one hour or of a window as columns, whatever evidence they come from: what edges are counted from.

`TracedCalls` and the table of named calls both become these; the model keeps them per hour, a query picks its window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ...domain.dictionary import Dictionary
from ...domain.events import PeerRole
from ..row_order import group
from ..table import Table
from .latency_buckets import bucket_of
from .peer_names import PeerNames
from .traced_calls import Tier, TracedCalls

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CallColumns:
    """One row per call, or per equal calls of a minute.

    `caller`, `callee` and `grand` (the caller's caller) are node codes; `both` counts failed calls whose caller failed.
    """

    caller: Ints
    callee: Ints
    grand: Ints
    tier: Ints
    first: Ints
    last: Ints
    bucket: Ints
    calls: Ints
    errors: Ints
    both: Ints
    retries: Ints

    def __len__(self) -> int:
        return len(self.caller)

    def take(self, rows: npt.NDArray[np.bool_] | Ints) -> CallColumns:
        """Return some of the rows."""
        return CallColumns(**{name: getattr(self, name)[rows] for name in _NAMES})

    def within(self, since_ns: int | None, until_ns: int | None) -> CallColumns:
        """Return the calls that overlap [since, until)."""
        if since_ns is None and until_ns is None:
            return self
        kept = np.ones(len(self), np.bool_)
        if since_ns is not None:
            kept &= self.last >= since_ns
        if until_ns is not None:
            kept &= self.first < until_ns
        return self.take(kept)

    def condensed(self) -> CallColumns:
        """Return the same counts with one row per pair, caller's caller, kind of evidence and latency."""
        keys = [self.caller, self.callee, self.grand, self.tier, self.bucket]
        order, starts = group(*keys)
        if not len(order):
            return self
        firsts = order[starts]
        columns = {name: getattr(self, name)[firsts] for name in ("caller", "callee", "grand", "tier", "bucket")}
        for name, reducer in _REDUCERS.items():
            columns[name] = reducer.reduceat(getattr(self, name)[order], starts)
        return CallColumns(**columns)

    @classmethod
    def joined(cls, parts: Sequence[CallColumns]) -> CallColumns:
        """Return the rows of all parts."""
        empty = np.zeros(0, np.int64)
        return cls(**{name: np.concatenate([empty, *(getattr(part, name) for part in parts)]) for name in _NAMES})


_REDUCERS = {"first": np.minimum, "last": np.maximum} | dict.fromkeys(("calls", "errors", "both", "retries"), np.add)
_NAMES = tuple(field.name for field in fields(CallColumns))


class HourOfCalls:
    """The calls of an hour: kept condensed, made again one by one for windows that hold only some of them."""

    def __init__(self, one_by_one: Callable[[], CallColumns]) -> None:
        calls = one_by_one()
        self._one_by_one = one_by_one
        self._whole = calls.condensed()
        self._first = int(calls.first.min(initial=(1 << 63) - 1))
        self._last = int(calls.last.max(initial=-(1 << 63)))

    def lies_within(self, since_ns: int | None, until_ns: int | None) -> bool:
        """Return whether all calls lie in [since, until)."""
        return (since_ns is None or since_ns <= self._first) and (until_ns is None or self._last < until_ns)

    def within(self, since_ns: int | None, until_ns: int | None) -> CallColumns:
        """Return the calls that overlap [since, until)."""
        if self.lies_within(since_ns, until_ns):
            return self._whole
        return self._one_by_one().within(since_ns, until_ns)


def columns_of_traced(found: TracedCalls) -> CallColumns:
    """Return traced calls as columns."""
    spans, caller, callee = found.spans, found.caller, found.callee
    failed = spans.errors[callee] > 0
    stands_for = np.full(len(callee), max(1, round(spans.weight)), np.int64)
    return CallColumns(
        caller=spans.service[caller],
        callee=spans.service[callee],
        grand=np.where(found.grand >= 0, spans.service[np.maximum(found.grand, 0)], 0),
        tier=found.tier,
        first=spans.first[callee],
        last=spans.first[callee],
        bucket=bucket_of(spans.latency_us()[callee]),
        calls=stands_for,
        errors=failed * stands_for,
        both=(failed & (spans.errors[caller] > 0)) * stands_for,
        retries=found.retried * stands_for,
    )


def columns_of_named(table: Table, nodes: Dictionary, names: PeerNames) -> CallColumns:
    """Return the calls whose record names the other side; what cannot be resolved is left out."""
    service, role = table.string("service"), table.number("role")
    own = nodes.remap(service.values)[service.codes].astype(np.int64)
    callees, callers = _peer_codes(table, nodes, names)
    peer = np.where(role == PeerRole.CALLEE, callees, callers)
    outgoing = role == PeerRole.CALLEE
    rows = {
        "caller": np.where(outgoing, own, peer),
        "callee": np.where(outgoing, peer, own),
        "bucket": table.number("bucket"),
    }
    zero = np.zeros(len(own), np.int64)
    columns = CallColumns(
        **rows,
        grand=zero,
        tier=np.full(len(own), Tier.PEER, np.int64),
        **{name: table.measure(name) for name in ("first", "last", "calls", "errors")},
        both=zero,
        retries=zero,
    )
    return columns.take(peer > 0)


def _peer_codes(table: Table, nodes: Dictionary, names: PeerNames) -> tuple[Ints, Ints]:
    """Return the node of each row's peer as callee and as caller; an unknown host that calls is no service of ours."""
    column = table.string("peer")
    peers = [names.resolve(value) if value else None for value in column.values]
    callees = nodes.encode([peer.name if peer else "" for peer in peers])
    callers = nodes.encode([peer.name if peer and peer.kind == "service" else "" for peer in peers])
    return callees[column.codes].astype(np.int64), callers[column.codes].astype(np.int64)
