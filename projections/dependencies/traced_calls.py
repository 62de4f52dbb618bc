"""Calls between services, inferred from the spans of one hour's traces.

Between `span_rows` and the graph. Two kinds of evidence: a record names its parent span (`PARENT`), or a span lies
inside the interval of another service's span (`NESTING`; `SERVICE_NESTING` where records carry no span ids). The second
is used only where the first is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from ..row_order import order_of
from .clock_skew import clock_offsets
from .nesting import Nesting, nest
from .parent_links import parent_rows
from .span_rows import SpanRows

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Tier(IntEnum):
    """Kinds of evidence of a call, the surest first."""

    PARENT = 0
    PEER = 1
    NESTING = 2
    SERVICE_NESTING = 3


TIER_NAMES = ("parent span", "named peer", "nested in trace", "nested in trace, by service")


@dataclass(frozen=True, slots=True)
class TracedCalls:
    """The calls of one hour: rows of `spans`.

    Attributes:
        caller, callee: rows of the two spans.
        tier: kind of evidence.
        retried: whether the same caller's earlier call of the same service had failed.
        grand: row of the caller's own caller, -1 where it has none.
        crossed, crossing: rows of spans that overlap without one enclosing the other: they speak against nesting.
        orphans: rows of spans in traces of other services, begun after them, that nothing encloses.
    """

    spans: SpanRows
    caller: Ints
    callee: Ints
    tier: Ints
    retried: Mask
    grand: Ints
    crossed: Ints
    crossing: Ints
    orphans: Ints

    def __len__(self) -> int:
        return len(self.callee)


def traced_calls(spans: SpanRows, services: int) -> TracedCalls:
    """Infer the calls among spans; `services` is the number of service codes."""
    parent = parent_rows(spans)
    offset = clock_offsets(spans, parent, services)[spans.service]
    nested = nest(spans.trace, spans.service, spans.first - offset, spans.last - offset)
    known = spans.service != 0
    by_id = known & (parent >= 0)
    by_id &= spans.service != spans.service[np.maximum(parent, 0)]
    by_time, orphan = _nested_calls(spans, parent, nested)
    caller = np.where(by_id, parent, np.where(by_time, nested.caller, -1))
    callee = np.flatnonzero(caller >= 0)
    no_ids = (spans.span[callee] == 0) | (spans.span[caller[callee]] == 0)
    tier = np.where(by_id[callee], Tier.PARENT, np.where(no_ids, Tier.SERVICE_NESTING, Tier.NESTING)).astype(np.int64)
    return TracedCalls(
        spans=spans,
        caller=caller[callee],
        callee=callee,
        tier=tier,
        retried=_retried(spans, caller[callee], callee),
        grand=caller[caller[callee]],
        crossed=nested.crossed,
        crossing=nested.crossing,
        orphans=np.flatnonzero(orphan),
    )


def _nested_calls(spans: SpanRows, parent: Ints, nested: Nesting) -> tuple[Mask, Mask]:
    """Return which spans are called by the span that encloses them, and which nothing encloses though it should."""
    outer = np.maximum(nested.caller, 0)
    enclosed = (nested.caller >= 0) & (spans.service[outer] != 0) & (spans.service != 0) & (parent < 0)
    # Two spans that name the same lost parent are siblings, however their times lie.
    enclosed &= (spans.parent == 0) | (spans.parent != spans.parent[outer])
    states_parents = np.zeros(int(spans.service.max(initial=0)) + 1, np.bool_)
    states_parents[spans.service[spans.parent != 0]] = True
    # A service whose records name parents means it when one names none: that span is a root.
    may_be_called = (spans.parent != 0) | ~states_parents[spans.service]
    orphan = (nested.caller < 0) & (parent < 0) & may_be_called & (spans.service != 0) & _begins_after_others(spans)
    return enclosed & may_be_called, orphan


def _begins_after_others(spans: SpanRows) -> Mask:
    """Return which spans have an earlier span of another service in their trace (rows are in order of trace, time)."""
    if not len(spans):
        return np.zeros(0, np.bool_)
    starts = np.flatnonzero(np.concatenate([[True], spans.trace[1:] != spans.trace[:-1]]))
    leader = np.repeat(starts, np.diff(np.append(starts, len(spans))))
    later: Mask = (spans.service != spans.service[leader]) & (spans.first > spans.first[leader])
    return later


def _retried(spans: SpanRows, caller: Ints, callee: Ints) -> Mask:
    retried = np.zeros(len(callee), np.bool_)
    order = order_of(caller, spans.service[callee], spans.first[callee])
    before, after = order[:-1], order[1:]
    same = (caller[before] == caller[after]) & (spans.service[callee[before]] == spans.service[callee[after]])
    retried[after] = same & (spans.errors[callee[before]] > 0)
    return retried
