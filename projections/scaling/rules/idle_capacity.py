"""Never scales in: instances stay although there is far too little to do for them."""

from __future__ import annotations

import numpy as np

from ..demand import Demand
from ..history import GroupHistory
from ..limits import runs
from .rule import MINUTE_NS, Finding, references

IDLE = 0.6
ENOUGH = 0.9
"""Pressure that one instance fewer may come to. Source: target tracking scales in below 90 % of its target."""

IDLE_MINUTES = 240
"""Four hours below 0.6 of the target without a scale-in. Source: reference on detection classes."""

LONGEST_GAP_MINUTES = 15
"""Between samples; a longer gap ends a stretch. Chosen: three samples of five minutes."""


class NeverScalesInRule:
    """Finds groups that scaled out and then stayed.

    >>> from ..history import group_history
    >>> NeverScalesInRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("never_scales_in",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return the stretches of hours."""
        pressure = demand.pressure
        if not len(pressure) or not any(d.direction == "out" for d in history.decisions):
            return []
        low = pressure.values < IDLE
        low[1:] &= (pressure.minutes[1:] - pressure.minutes[:-1]) <= LONGEST_GAP_MINUTES
        found = []
        for first, last in runs(low):
            since, until = int(pressure.minutes[first]) * MINUTE_NS, int(pressure.minutes[last]) * MINUTE_NS
            if until - since < IDLE_MINUTES * MINUTE_NS:
                continue
            values = pressure.values[first : last + 1]
            if _could_shrink(history, since, until, float(np.percentile(values, 95))):
                found.append(_finding(history, since, until, float(values.mean())))
        return found


def _could_shrink(history: GroupHistory, since: int, until: int, busiest: float) -> bool:
    """Say whether one instance fewer was allowed and would have been enough, and nothing was decided."""
    size, least = history.size_at(since), history.min_at(since)
    moved = any(since <= d.at_ns <= until for d in (*history.decisions, *history.tagged))
    allowed = size is not None and size > (least if least is not None else 1)
    return allowed and not moved and busiest * (size or 0) <= ENOUGH * ((size or 0) - 1)


def _finding(history: GroupHistory, since: int, until: int, pressure: float) -> Finding:
    hours = (until - since) / MINUTE_NS / 60
    before = [d.reference for d in history.decisions if d.at_ns < since][-5:]
    return Finding(
        "never_scales_in",
        since,
        until,
        "info",
        f"for {hours:.1f} h the group did not shrink at {pressure:.0%} of its target: look for a policy that never"
        " agrees, or for scaling in that is switched off",
        {"hours": round(hours, 2), "mean_pressure": round(pressure, 4), "size": history.size_at(since) or 0},
        references(before),
    )
