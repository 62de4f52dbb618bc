"""Attempts that fail: launch failures, insufficient capacity, quota and address space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..demand import Demand
from ..history import GroupHistory
from .rule import HOUR_NS, MINUTE_NS, Finding, dense_windows, references

WINDOW_NS = HOUR_NS
FAILURES = 3
"""Failed attempts in distinct minutes of an hour. Source: reference on detection classes."""

FAILED_SHARE = 0.3
CERTAIN = 2
"""Failures of a deterministic class (quota, address space) that are enough: the first may race with a raise of the
quota."""

_ANOMALY = {"capacity": "insufficient_capacity", "quota": "quota", "ip_space": "ip_space"}
_ADVICE = {
    "insufficient_capacity": "allow more instance types or zones",
    "quota": "ask for a higher quota, or lower the maximum",
    "ip_space": "widen the subnet or add one",
    "launch_failures": "repair what the launch configuration names",
}


@dataclass(frozen=True, slots=True)
class _Failed:
    at_ns: int
    anomaly: str
    reason_class: str
    message: str
    reference: str


class FailedAttemptsRule:
    """Finds groups whose instances cannot be had.

    >>> from ..history import group_history
    >>> FailedAttemptsRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("launch_failures", "insufficient_capacity", "quota", "ip_space")

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return the stretches of failures, per class."""
        failed = _failed(history)
        classes = sorted({one.anomaly for one in failed})
        return [
            f for name in classes for f in _stretches(name, [one for one in failed if one.anomaly == name], history)
        ]


def _failed(history: GroupHistory) -> list[_Failed]:
    attempts = [
        _Failed(a.at_ns, _ANOMALY.get(a.reason_class, "launch_failures"), a.reason_class, a.message, a.reference)
        for a in history.attempts
        if a.outcome in {"failed", "cancelled"} and a.reason_class and a.direction != "in"
    ]
    refused = [
        _Failed(f.at_ns, _ANOMALY[f.fact.reason_class], f.fact.reason_class, f.fact.message, f.reference)
        for f in history.facts
        if f.fact.phase == "limit" and f.fact.reason_class in _ANOMALY and f.fact.direction != "in" and not f.timeless
    ]
    return sorted([*attempts, *refused], key=lambda one: (one.at_ns, one.reference))


def _stretches(name: str, failed: Sequence[_Failed], history: GroupHistory) -> list[Finding]:
    certain = name in {"quota", "ip_space"}
    found = []
    for first, last in dense_windows([one.at_ns for one in failed], WINDOW_NS, CERTAIN if certain else FAILURES):
        part = failed[first : last + 1]
        share = _share(history, part)
        minutes = len({one.at_ns // MINUTE_NS for one in part})
        if not certain and (minutes < FAILURES or share < FAILED_SHARE):
            continue
        found.append(_finding(name, part, share))
    return found


def _share(history: GroupHistory, part: Sequence[_Failed]) -> float:
    since, until = part[0].at_ns - WINDOW_NS // 2, part[-1].at_ns + WINDOW_NS // 2
    worked = [a for a in history.attempts if a.outcome == "succeeded" and a.direction != "in"]
    return len(part) / (len(part) + sum(since <= a.at_ns <= until for a in worked))


def _finding(name: str, part: Sequence[_Failed], share: float) -> Finding:
    reason, _ = Counter(one.reason_class for one in part).most_common(1)[0]
    text, _ = Counter(one.message for one in part).most_common(1)[0]
    return Finding(
        name,
        part[0].at_ns,
        part[-1].at_ns,
        "critical" if share > 0.9 else "warning",
        f"{len(part)} attempts failed ({share:.0%} of those around, class {reason}): {text[:200]}; {_ADVICE[name]}",
        {"failures": len(part), "share": round(share, 4)},
        references([one.reference for one in part]),
    )
