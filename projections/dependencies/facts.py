"""What the queries share: the state's tables turned into calls, once per hour.

Between the state and the queries. Deriving an hour's calls costs a sort of its spans; it is kept for as long as the
model lives, so that a second query only counts.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...domain.dictionary import Dictionary
from ...domain.events import PeerRole
from ..partitions import HOUR_NS, ProjectionState
from ..row_order import group
from ..table import Table
from .call_columns import CallColumns, HourOfCalls, columns_of_named, columns_of_traced
from .edge_counting import Doubts
from .peer_names import PeerNames
from .schemas import ACTIVITY, CALLS, FAILURES, SPANS, TEMPLATES
from .span_rows import Names, SpanRows, spans_of_hour
from .traced_calls import TracedCalls, traced_calls

Ints = npt.NDArray[np.int64]

MAX_TRACED_HOURS = 12
"""Hours whose calls are kept one by one (up to 100 MB each). Chosen: a comparison with six hours before fits."""


class TracedHour(NamedTuple):
    """What is kept of an hour's traced calls: condensed counts, doubts, and how many spans each row stands for."""

    calls: HourOfCalls
    doubts: Doubts
    weight: float


class DependencyFacts:
    """Calls per hour, names of nodes, and the services that log; all derived from one state.

    >>> from .schemas import SCHEMAS
    >>> DependencyFacts(ProjectionState(SCHEMAS)).services
    ()
    """

    def __init__(self, state: ProjectionState) -> None:
        self.state = state
        self.names = Names(Dictionary(), Dictionary())
        self._traced: dict[int, TracedCalls] = {}
        self._hours: dict[int, TracedHour] = {}
        self._named: dict[int, HourOfCalls] = {}
        self._templates: tuple[tuple[int, int], Table] | None = None

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The services that logged anything, sorted."""
        seen: set[str] = set()
        for _, part in self.state[ACTIVITY].parts():
            seen.update(part.string("service").values)
        return tuple(sorted(seen - {""}))

    @cached_property
    def peers(self) -> PeerNames:
        """How names of peers resolve."""
        return PeerNames(self.services)

    @property
    def nodes(self) -> list[str]:
        """Names of nodes by code."""
        return self.names.services.values

    def traced(self, hour: int) -> TracedCalls:
        """Return the calls inferred from the traces that begin in an hour; the hours used last are kept."""
        found = self._traced.pop(hour, None)
        if found is None:
            spans = spans_of_hour(self.state[SPANS], hour, self.names)
            found = traced_calls(spans, len(self.names.services))
        self._traced[hour] = found
        if len(self._traced) > MAX_TRACED_HOURS:
            del self._traced[next(iter(self._traced))]
        return found

    def traced_hour(self, hour: int) -> TracedHour:
        """Return what is kept of an hour's traced calls for good."""
        if hour not in self._hours:
            calls = HourOfCalls(partial(self._calls_of, hour))
            found = self.traced(hour)
            self._hours[hour] = TracedHour(calls, _doubts(found, None, None), found.spans.weight)
        return self._hours[hour]

    def traced_hours(self, since_ns: int | None, until_ns: int | None) -> list[int]:
        """Return the hours whose traces may have calls in [since, until): a trace may begin an hour before."""
        first = -1 << 62 if since_ns is None else since_ns // HOUR_NS - 1
        last = 1 << 62 if until_ns is None else until_ns // HOUR_NS
        return [hour for hour in sorted(self.state[SPANS].hours()) if first <= hour <= last]

    def calls(self, since_ns: int | None, until_ns: int | None) -> CallColumns:
        """Return all calls that overlap [since, until)."""
        parts = [self.traced_hour(hour).calls for hour in self.traced_hours(since_ns, until_ns)]
        parts += [self._named_of(hour) for hour, _ in self.state[CALLS].parts(since_ns=since_ns, until_ns=until_ns)]
        return CallColumns.joined([part.within(since_ns, until_ns) for part in parts])

    def doubts(self, since_ns: int | None, until_ns: int | None) -> Doubts:
        """Return what speaks against nested calls in [since, until)."""
        doubts = Doubts(Counter(), Counter())
        for hour in self.traced_hours(since_ns, until_ns):
            kept = self.traced_hour(hour)
            whole = kept.calls.lies_within(since_ns, until_ns)
            of_hour = kept.doubts if whole else _doubts(self.traced(hour), since_ns, until_ns)
            doubts.crossings.update(of_hour.crossings)
            doubts.orphans.update(of_hour.orphans)
        return doubts

    def templates(self, since_ns: int, until_ns: int) -> Table:
        """Return the messages of the hours that overlap [since, until); the last answer is kept."""
        if self._templates is None or self._templates[0] != (since_ns, until_ns):
            table = self.state[TEMPLATES].joined(since_ns=since_ns, until_ns=until_ns)
            self._templates = ((since_ns, until_ns), table)
        return self._templates[1]

    def failures_named(self, since_ns: int, until_ns: int) -> tuple[Table, dict[tuple[str, str], Ints]]:
        """Return the table of failed calls, and for each (service, node that it says failed it) its rows there."""
        table = self.state[FAILURES].joined(since_ns=since_ns, until_ns=until_ns)
        service, peer = table.string("service"), table.string("peer")
        found: dict[tuple[str, str], list[Ints]] = {}
        rows = np.flatnonzero(table.number("role") == PeerRole.CALLEE)
        order, starts = group(service.codes[rows], peer.codes[rows])
        for part in np.split(rows[order], starts[1:]) if len(rows) else ():
            caller, target = service[int(part[0])], self.peers.resolve(peer[int(part[0])])
            if target is not None and target.name != caller:
                found.setdefault((caller, target.name), []).append(part)
        return table, {pair: np.concatenate(parts) for pair, parts in sorted(found.items())}

    def _calls_of(self, hour: int) -> CallColumns:
        return columns_of_traced(self.traced(hour))

    def _named_of(self, hour: int) -> HourOfCalls:
        if hour not in self._named:
            self._named[hour] = HourOfCalls(partial(self._named_calls_of, hour))
        return self._named[hour]

    def _named_calls_of(self, hour: int) -> CallColumns:
        return columns_of_named(self.state[CALLS].part(hour), self.names.services, self.peers)


def _doubts(found: TracedCalls, since_ns: int | None, until_ns: int | None) -> Doubts:
    service = found.spans.service
    inner = _within(found.spans, found.crossing, since_ns, until_ns)
    crossings = _counted(service[found.crossed[inner]], service[found.crossing[inner]])
    totals = np.bincount(service[found.orphans[_within(found.spans, found.orphans, since_ns, until_ns)]])
    return Doubts(Counter(crossings), Counter({int(code): int(totals[code]) for code in np.flatnonzero(totals)}))


def _within(spans: SpanRows, rows: Ints, since_ns: int | None, until_ns: int | None) -> npt.NDArray[np.bool_]:
    times = spans.first[rows]
    kept = np.ones(len(rows), np.bool_)
    if since_ns is not None:
        kept &= times >= since_ns
    return kept if until_ns is None else kept & (times < until_ns)


def _counted(left: Ints, right: Ints) -> dict[tuple[int, int], int]:
    order, starts = group(left, right)
    sizes = np.diff(np.append(starts, len(order)))
    firsts = order[starts]
    return {
        (int(left[row]), int(right[row])): int(size) for row, size in zip(firsts.tolist(), sizes.tolist(), strict=True)
    }
