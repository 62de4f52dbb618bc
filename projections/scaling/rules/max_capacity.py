"""At maximum capacity: the group wants more than its maximum, for long or again and again.

Standing at the maximum alone is no fault (a brief legitimate peak does it): there must be demand above it.
"""

from __future__ import annotations

import numpy as np

from ..demand import Demand
from ..history import GroupHistory
from ..limits import Span, at_max_spans, unmet_spans
from .rule import HOUR_NS, MINUTE_NS, Finding, references

CONTINUOUS_NS = 15 * MINUTE_NS
"""Source: KubeHpaMaxedOut of the Kubernetes mixin, 15 minutes."""

EPISODES = 3
"""Visits to the maximum in an hour that add up to as long. Chosen: one or two are a peak and its echo."""

THRASH_VISITS = 4
THRASH_NS = 2 * HOUR_NS
"""Visits to the maximum, each left and reached again, that are thrashing. Chosen: twice a peak and its echo."""

ERROR_RATE = 0.05
"""Share of failed events that is demand unmet, where it is thrice the usual. Chosen."""


class MaxCapacityRule:
    """Finds groups that are held back by their maximum.

    >>> from ..history import group_history
    >>> MaxCapacityRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("at_max_capacity",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return long spans of unmet demand, hours of short ones, and failures at the maximum."""
        spans = unmet_spans(history, demand)
        long = [span for span in spans if span[1] - span[0] >= CONTINUOUS_NS]
        found = [_finding(history, [span]) for span in long]
        found += [_finding(history, part) for part in _repeated([span for span in spans if span not in long])]
        found += [_finding(history, part) for part in _thrashing(history, spans)]
        return found or _failing(history)


def _repeated(spans: list[Span]) -> list[list[Span]]:
    """Return stretches of an hour in which short spans add up."""
    found: list[list[Span]] = []
    for first in range(len(spans) - EPISODES + 1):
        part = [span for span in spans[first:] if span[1] - spans[first][0] <= HOUR_NS]
        if len(part) >= EPISODES and sum(end - start for start, end, _ in part) >= CONTINUOUS_NS:
            found.append(part)
    return found


def _thrashing(history: GroupHistory, unmet: list[Span]) -> list[list[Span]]:
    """Return stretches in which the maximum was reached and left again and again, with the maximum named as a limit."""
    starts = [start for start, _, _ in unmet]
    visits = [
        (start, end)
        for start, end in at_max_spans(history)
        if any(start - MINUTE_NS <= at_ns <= end + MINUTE_NS for at_ns in starts)
    ]
    found = []
    for first in range(len(visits) - THRASH_VISITS + 1):
        part = visits[first : first + THRASH_VISITS]
        if part[-1][0] - part[0][0] <= THRASH_NS:
            found.append([span for span in unmet if part[0][0] - MINUTE_NS <= span[0] <= part[-1][1] + MINUTE_NS])
    return found


def _failing(history: GroupHistory) -> list[Finding]:
    """Return spans at the maximum in which the service failed far more than usual."""
    rate = history.error_rate
    if len(rate) < 30:
        return []
    usual = float(np.median(rate.values))
    found = []
    for start, end in at_max_spans(history):
        part = rate.between(start // MINUTE_NS, end // MINUTE_NS + 1)
        bad = int((part.values >= max(ERROR_RATE, 3 * usual)).sum())
        if bad * MINUTE_NS >= CONTINUOUS_NS and bad >= len(part) / 2:
            near = [d.reference for d in history.decisions if start - MINUTE_NS <= d.at_ns <= end]
            found.append(_finding(history, [(start, end, tuple(near))], bad))
    return found


def _finding(history: GroupHistory, spans: list[Span], failing: int = 0) -> Finding:
    since, until = spans[0][0], max(end for _, end, _ in spans)
    minutes = sum(end - start for start, end, _ in spans) / MINUTE_NS
    maximum = history.max_at(since) or 0
    wanted = max((f.fact.unconstrained_size or 0 for f in history.facts if since <= f.at_ns <= until), default=0)
    why = f"its service failed for {failing} minutes meanwhile" if failing else "it wanted more"
    more = f" (up to {wanted})" if wanted > maximum else ""
    numbers: dict[str, float] = {"minutes": round(minutes, 1), "stretches": len(spans), "maximum": maximum}
    if wanted:
        numbers["wanted"] = wanted
    return Finding(
        "at_max_capacity",
        since,
        until,
        "critical" if minutes >= 60 else "warning",
        f"the group stood at its maximum of {maximum} for {minutes:.0f} minutes in {len(spans)} stretches while"
        f" {why}{more}: raise the maximum, or lighten what one instance does",
        numbers,
        references([reference for _, _, own in spans for reference in own]),
    )
