"""The metric behind the decisions: missing, or blind to what the service suffers from."""

from __future__ import annotations

from ..demand import Demand
from ..group_facts import StoredFact
from ..history import GroupHistory
from ..limits import runs
from .rule import MINUTE_NS, Finding, references

MISSING_NS = 15 * MINUTE_NS
"""Source: reference on detection classes."""

BRIDGE_NS = 20 * MINUTE_NS
"""Longest time between two complaints about one outage of a metric. Chosen: Events of Kubernetes repeat in minutes."""

BREACHED = 1.15
BREACH_MINUTES = 20
LONGEST_GAP_MINUTES = 10


class MetricMissingRule:
    """Finds stretches in which the autoscaler could not see.

    >>> from ..history import group_history
    >>> MetricMissingRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("metric_missing",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return the stretches."""
        found = []
        for part, until in _stretches(history):
            if until - part[0].at_ns >= MISSING_NS:
                minutes = (until - part[0].at_ns) / MINUTE_NS
                text = next((fact.fact.message for fact in part if fact.fact.message), part[0].name)
                found.append(
                    Finding(
                        "metric_missing",
                        part[0].at_ns,
                        until,
                        "warning",
                        f"for {minutes:.0f} minutes the group could not scale for want of its metric: {text[:200]}",
                        {"minutes": round(minutes, 1), "complaints": len(part)},
                        references([fact.reference for fact in part]),
                    )
                )
        return found


def _stretches(history: GroupHistory) -> list[tuple[list[StoredFact], int]]:
    """Return complaints that belong together, and when the metric was back (or last complained about)."""
    found: list[tuple[list[StoredFact], int]] = []
    told = [f for f in history.facts if f.fact.phase == "status" and not f.timeless]
    for fact in told:
        missing = fact.fact.reason_class == "metric"
        state = fact.fact.outcome in {"ok", "degraded"}
        if found and fact.fact.outcome == "ok" and found[-1][0][-1].fact.outcome == "degraded":
            found[-1] = (found[-1][0], fact.at_ns)
        elif missing and found and (state or fact.at_ns - found[-1][1] <= BRIDGE_NS) and _open(found[-1]):
            found[-1] = ([*found[-1][0], fact], fact.at_ns)
        elif missing:
            found.append(([fact], fact.at_ns))
    if found and found[-1][0][-1].fact.outcome == "degraded" and _open(found[-1]):
        found[-1] = (found[-1][0], max(found[-1][1], history.until_ns))
    return found


def _open(stretch: tuple[list[StoredFact], int]) -> bool:
    return stretch[1] == stretch[0][-1].at_ns


class WrongMetricRule:
    """Finds breaches that the group, with room to grow, does not answer.

    >>> from ..history import group_history
    >>> WrongMetricRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("wrong_metric",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return the unanswered breaches."""
        pressure = demand.pressure
        if not len(pressure) or not history.decisions:
            return []
        high = pressure.values > BREACHED
        high[1:] &= (pressure.minutes[1:] - pressure.minutes[:-1]) <= LONGEST_GAP_MINUTES
        found = []
        for first, last in runs(high):
            since, until = int(pressure.minutes[first]) * MINUTE_NS, int(pressure.minutes[last]) * MINUTE_NS
            if until - since >= BREACH_MINUTES * MINUTE_NS and _unanswered(history, since, until):
                found.append(_unanswered_finding(demand, since, until, float(pressure.values[first : last + 1].max())))
        return found


def _unanswered(history: GroupHistory, since: int, until: int) -> bool:
    decided = any(since - 5 * MINUTE_NS <= d.at_ns <= until for d in (*history.decisions, *history.tagged))
    limited = any(since - 5 * MINUTE_NS <= f.at_ns <= until and f.fact.limited_by for f in history.facts)
    failed = any(a.reason_class and since - 15 * MINUTE_NS <= a.at_ns <= until for a in history.attempts)
    size, maximum = history.size_at(since), history.max_at(since)
    return not (decided or limited or failed) and size is not None and maximum is not None and size < maximum


def _unanswered_finding(demand: Demand, since: int, until: int, peak: float) -> Finding:
    minutes = (until - since) / MINUTE_NS
    return Finding(
        "wrong_metric",
        since,
        until,
        "warning",
        f"{demand.metric} stood above its target (up to {peak:.0%}) for {minutes:.0f} minutes, with room to grow, and"
        " nothing was decided: check that the policy looks at this group's own metric",
        {"minutes": round(minutes, 1), "peak": round(peak, 3)},
    )
