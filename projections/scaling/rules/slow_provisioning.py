"""Lag: instances come too late, in absolute terms or against the group's own history."""

from __future__ import annotations

import numpy as np

from ..demand import Demand
from ..history import Attempt, GroupHistory
from .rule import DAY_NS, HOUR_NS, Finding, dense_windows, references

SLOW_S = 600.0
"""Median provision lag that is slow for anyone. Source: reference on detection classes, 10 minutes."""

SLOW_TASK_S = 300.0
"""The same for pods and tasks, which need no machine. Chosen: half."""

AGAINST_ITSELF = 2.0
HISTORY_NS = 14 * DAY_NS
LEAST_HISTORY = 20
LEAST_S = 180.0
"""A lag below this is not slow, however fast the group was before. Chosen: three minutes are usual for a machine."""

LAUNCHES = 3
WINDOW_NS = 2 * HOUR_NS


class SlowProvisioningRule:
    """Finds stretches in which instances took long.

    >>> from ..history import group_history
    >>> SlowProvisioningRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("lag",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return stretches of at least three slow launches."""
        launches = [a for a in history.attempts if a.direction != "in" and a.provision_s is not None]
        launches.sort(key=lambda attempt: attempt.started_ns or 0)
        late = [a for a in launches if (a.provision_s or 0) > LEAST_S]
        slow = [(a, limit) for a in late if (a.provision_s or 0) > (limit := _limit(a, launches, history))]
        starts = [a.started_ns or 0 for a, _ in slow]
        found = []
        for first, last in dense_windows(starts, WINDOW_NS, LAUNCHES):
            part = [a for a, _ in slow[first : last + 1]]
            around = [a for a in launches if starts[first] <= (a.started_ns or 0) <= starts[last]]
            if len(part) * 2 > len(around):  # the median of all launches of the stretch is slow
                found.append(_finding(part, slow[first][1]))
        return found


def _limit(attempt: Attempt, launches: list[Attempt], history: GroupHistory) -> float:
    kind = next((f.fact.group_kind for f in history.facts if f.fact.group_kind), "vm")
    usual = SLOW_TASK_S if kind in {"pod", "task"} else SLOW_S
    start = attempt.started_ns or 0
    before = [a.provision_s or 0 for a in launches if start - HISTORY_NS <= (a.ended_ns or 0) < start]
    if len(before) < LEAST_HISTORY:
        return usual
    return min(usual, max(AGAINST_ITSELF * float(np.percentile(before, 95)), LEAST_S))


def _finding(part: list[Attempt], limit: float) -> Finding:
    median = float(np.median([attempt.provision_s or 0 for attempt in part]))
    return Finding(
        "lag",
        part[0].started_ns or 0,
        part[-1].at_ns,
        "warning",
        f"{len(part)} instances took {median:.0f} s to come (median), more than {limit:.0f} s: shorten boot and"
        " warm-up, or keep a warm pool",
        {"launches": len(part), "median_s": round(median, 1), "limit_s": round(limit, 1)},
        references([attempt.reference for attempt in part]),
    )
