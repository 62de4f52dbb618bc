"""How long each part of scaling takes: from the breach to the decision, the request, the instance, and relief.

Under the scaling model. Parts that the events do not tell of are left out rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .answers import Lag
from .demand import MINUTE_NS, Demand
from .history import Decision, GroupHistory

_MAX_EVIDENCE = 5
_REQUEST_S = 15 * 60
"""An attempt later than this belongs to another decision. Chosen: the alert threshold of the cluster autoscaler
mixin."""

_LOOK_MINUTES = 60
"""How far a breach or a recovery is looked for. Chosen: an hour."""

Measured = tuple[float, str]


def lags_of(history: GroupHistory, demand: Demand) -> list[Lag]:
    """Return the known parts, per direction.

    >>> from .history import group_history
    >>> lags_of(group_history("web", []), Demand())
    []
    """
    lags: list[Lag] = []
    for direction in ("out", "in"):
        decisions = [d for d in history.decisions if d.direction == direction]
        for part, measured in (
            ("trigger", _triggers(decisions, demand) if direction == "out" else []),
            ("request", _requests(decisions, history, direction)),
            ("provision", provisions(history, direction)),
            ("recovery", _recoveries(decisions, demand) if direction == "out" else []),
        ):
            lags += _lag(part, direction, list(measured))
    return lags


def provisions(history: GroupHistory, direction: str = "out") -> list[Measured]:
    """Return seconds and reference of each attempt of a direction that succeeded."""
    took = [(a.provision_s, a.reference) for a in history.attempts if a.direction in {direction, "none"}]
    return [(seconds, reference) for seconds, reference in took if seconds is not None and seconds >= 0]


def _lag(part: str, direction: str, measured: list[Measured]) -> list[Lag]:
    if not measured:
        return []
    p50, p95 = np.percentile([seconds for seconds, _ in measured], [50, 95])
    slowest = sorted(measured, key=lambda one: (-one[0], one[1]))
    return [
        Lag(
            part=part,
            direction=direction,
            count=len(measured),
            p50_s=round(float(p50), 3),
            p95_s=round(float(p95), 3),
            evidence=tuple(reference for _, reference in slowest[:_MAX_EVIDENCE] if reference),
        )
    ]


def _triggers(decisions: Iterable[Decision], demand: Demand) -> Iterable[Measured]:
    """Yield the time from the first minute of the unbroken breach before each decision."""
    for decision in decisions:
        minute = decision.at_ns // MINUTE_NS
        before = demand.pressure.between(minute - _LOOK_MINUTES, minute + 1)
        calm = np.flatnonzero(before.values <= 1.0)
        first = int(calm[-1]) + 1 if len(calm) else 0
        if first < len(before):
            yield max(decision.at_ns - int(before.minutes[first]) * MINUTE_NS, 0) / 1e9, decision.reference


def _requests(decisions: Iterable[Decision], history: GroupHistory, direction: str) -> Iterable[Measured]:
    starts = sorted(
        a.started_ns for a in history.attempts if a.started_ns and a.direction == direction and not a.maintenance
    )
    for decision in decisions:
        index = int(np.searchsorted(starts, decision.at_ns)) if starts else 0
        if index < len(starts) and (seconds := (starts[index] - decision.at_ns) / 1e9) <= _REQUEST_S:
            yield seconds, decision.reference


def _recoveries(decisions: Iterable[Decision], demand: Demand) -> Iterable[Measured]:
    """Yield the time until the pressure is back on target, of decisions made under pressure."""
    for decision in decisions:
        minute = decision.at_ns // MINUTE_NS
        after = demand.pressure.between(minute, minute + _LOOK_MINUTES)
        calm = np.flatnonzero(after.values <= 1.0)
        if len(after) and after.values[0] > 1.0 and len(calm):
            yield (int(after.minutes[calm[0]]) * MINUTE_NS - decision.at_ns) / 1e9, decision.reference
