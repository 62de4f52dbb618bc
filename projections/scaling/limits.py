"""When a group stood at its maximum, and when it wanted more.

Under the rules and the capacity report. The autoscaler's own word comes first: a state that it reported holds until the
next change, a single refusal holds for some minutes. A metric above target at the maximum says the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .demand import MINUTE_NS, Demand
from .group_facts import StoredFact
from .history import GroupHistory

Span = tuple[int, int, tuple[str, ...]]
"""Start and end (ns), and references."""

REFUSAL_NS = 10 * MINUTE_NS
"""How long one refusal to scale is taken to hold. Chosen: ten evaluations of a one-minute alarm."""

BREACH = 1.1
"""Pressure that counts as unmet: the tolerance of the HPA and of target tracking is 10 %."""

_REPORTED_STATES = ("TooManyReplicas", "compute.autoscalers.resize")


def at_max_spans(history: GroupHistory) -> list[tuple[int, int]]:
    """Return the spans in which the desired size stood at the maximum.

    >>> from .history import group_history
    >>> at_max_spans(group_history("web", []))
    []
    """
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for at_ns, size in history.sizes:
        maximum = history.max_at(at_ns)
        full = maximum is not None and maximum > 0 and size >= maximum
        if full and start is None:
            start = at_ns
        elif not full and start is not None:
            spans.append((start, at_ns))
            start = None
    if start is not None:
        spans.append((start, max(history.horizon_ns, start)))
    return spans


def unmet_spans(history: GroupHistory, demand: Demand) -> list[Span]:
    """Return the spans in which the group wanted more than its maximum, joined where they touch."""
    spans = sorted([*_told_spans(history), *_measured_spans(history, demand)])
    joined: list[Span] = []
    for start, end, references in spans:
        if joined and start <= joined[-1][1] + MINUTE_NS:
            last = joined.pop()
            joined.append((last[0], max(last[1], end), (*last[2], *references)))
        else:
            joined.append((start, end, references))
    return joined


def _told_spans(history: GroupHistory) -> Iterator[Span]:
    changes = sorted({at_ns for at_ns, _ in history.sizes} | {d.at_ns for d in history.decisions})
    for fact in history.facts:
        if fact.fact.limited_by != "max" or fact.timeless:
            continue
        end = _next_change(changes, fact.at_ns, history.until_ns)
        if not _is_state(fact):
            end = min(end, fact.at_ns + REFUSAL_NS)
        yield fact.at_ns, max(end, fact.at_ns), (fact.reference,)


def _is_state(fact: StoredFact) -> bool:
    return fact.fact.phase == "decision" or fact.name.endswith(_REPORTED_STATES)


def _next_change(changes: list[int], at_ns: int, last: int) -> int:
    index = int(np.searchsorted(changes, at_ns, side="right"))
    return changes[index] if index < len(changes) else max(last, at_ns)


def _measured_spans(history: GroupHistory, demand: Demand) -> Iterator[Span]:
    for start, end in at_max_spans(history):
        part = demand.pressure.between(start // MINUTE_NS, end // MINUTE_NS + 1)
        for first, last in runs(part.values > BREACH):
            reach = int(part.minutes[last]) + 1 - int(part.minutes[first])
            if reach <= 3 * (last + 1 - first) + 5:  # samples may be five minutes apart, not hours
                span = int(part.minutes[first]) * MINUTE_NS, (int(part.minutes[last]) + 1) * MINUTE_NS
                yield *span, _references_near(history, start)


def runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last index of each unbroken run of true values.

    >>> runs(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def _references_near(history: GroupHistory, at_ns: int) -> tuple[str, ...]:
    return tuple(d.reference for d in history.decisions if d.at_ns == at_ns)[:1]
