"""Scaling in wrongly: too much at once, or while the service is failing and its traffic only seems to fall."""

from __future__ import annotations

import numpy as np

from ..demand import Demand
from ..history import Decision, GroupHistory
from .flapping import is_explained
from .rule import DAY_NS, MINUTE_NS, Finding, dense_windows, references

SHARE = 0.2
REBOUND_NS = 12 * MINUTE_NS
PER_DAY = 4
"""Scale-ins of a fifth that had to be taken back within 12 minutes, per day. Source: reference on detection classes."""

PER_DAY_UNSEEN = 6
"""The same where the service did not visibly suffer, but its load did not return either. Chosen: half as many again."""

SATURATED = 1.15
OUTAGE_ERROR_RATE = 0.2
OUTAGE_TIMES_USUAL = 5.0
OUTAGE_EVENTS = 20
"""A fifth of at least 20 events failing, five times the usual, is an outage. Chosen: far from any usual error rate."""

TRAFFIC_LEFT = 0.6
RETRY_NS = 60 * MINUTE_NS


class AggressiveScaleInRule:
    """Finds groups that take away so much that they must bring it back at once.

    >>> from ..history import group_history
    >>> AggressiveScaleInRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("scale_in_too_aggressive",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return days with several such scale-ins."""
        rebounds = [pair for pair in _rebounds(history) if is_explained(pair, demand) is False]
        seen = [pair for pair in rebounds if _suffered(pair[0].at_ns, pair[1].at_ns, history, demand)]
        return [*_days(seen, PER_DAY), *_days(rebounds, PER_DAY_UNSEEN)]


def _days(rebounds: list[tuple[Decision, Decision]], least: int) -> list[Finding]:
    found = []
    for first, last in dense_windows([one.at_ns for one, _ in rebounds], DAY_NS, least):
        part = rebounds[first : last + 1]
        found.append(
            Finding(
                "scale_in_too_aggressive",
                part[0][0].at_ns,
                part[-1][1].at_ns,
                "warning",
                f"{len(part)} times the group gave up a fifth or more and had to scale out again within 12 minutes:"
                " scale in by smaller steps, or wait longer",
                {"rebounds": len(part), "largest_step": max(one.step for one, _ in part)},
                references([d.reference for pair in part for d in pair]),
            )
        )
    return found


def _rebounds(history: GroupHistory) -> list[tuple[Decision, Decision]]:
    found = []
    for index, one in enumerate(history.decisions):
        if one.direction != "in" or not one.old_size or one.step < max(SHARE * one.old_size, 2):
            continue
        after = history.decisions[index + 1 : index + 6]
        back = [d for d in after if d.direction == "out" and d.at_ns - one.at_ns <= REBOUND_NS]
        if back:
            found.append((one, back[0]))
    return found


def _suffered(since_ns: int, until_ns: int, history: GroupHistory, demand: Demand) -> bool:
    first, last = since_ns // MINUTE_NS, until_ns // MINUTE_NS + 1
    pressure, errors = demand.pressure.between(first, last), history.error_rate.between(first, last)
    usual = float(np.median(history.error_rate.values)) if len(history.error_rate) else 0.0
    return bool((pressure.values > SATURATED).any() or (errors.values > max(0.05, 3 * usual)).any())


class OutageScaleInRule:
    """Finds scale-ins during an outage: requests fail early, load falls, and the retries find too few instances.

    Netflix describes it in "Scryer":
    https://netflixtechblog.com/scryer-netflixs-predictive-auto-scaling-engine-a3f8fc922270.

    >>> from ..history import group_history
    >>> OutageScaleInRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("scale_in_during_outage",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return each outage in which the group scaled in."""
        wrong = [(d, rate) for d in history.decisions if d.direction == "in" and (rate := _outage_rate(d, history))]
        found = []
        for first, last in dense_windows([d.at_ns for d, _ in wrong], RETRY_NS, 1):
            part = wrong[first : last + 1]
            worst = max(rate for _, rate in part)
            found.append(
                Finding(
                    "scale_in_during_outage",
                    part[0][0].at_ns,
                    part[-1][0].at_ns,
                    "critical",
                    f"the group scaled in {len(part)} times while {worst:.0%} of its service's events failed: it will"
                    " be short of instances when the traffic returns; suspend scaling in during incidents",
                    {"scale_ins": len(part), "error_rate": round(worst, 4)},
                    references([d.reference for d, _ in part]),
                )
            )
        return found


def _outage_rate(decision: Decision, history: GroupHistory) -> float:
    """Return the error rate of the minutes before, 0 where there is no outage."""
    minute = decision.at_ns // MINUTE_NS
    if history.minutes is None or not len(history.error_rate):
        return 0.0
    rate = history.error_rate.mean(minute - 5, minute + 1) or 0.0
    events = history.load.between(minute - 5, minute + 1).values.sum()
    usual = float(np.median(history.error_rate.values))
    before, now = history.load.mean(minute - 90, minute - 30), history.load.mean(minute - 5, minute + 1)
    fell = before is not None and now is not None and now <= TRAFFIC_LEFT * before
    failing = rate >= OUTAGE_ERROR_RATE and rate >= OUTAGE_TIMES_USUAL * usual and events >= OUTAGE_EVENTS
    return rate if failing and (fell or rate >= 0.5) else 0.0
