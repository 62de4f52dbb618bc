"""Flapping: decisions that undo each other, without a load that explains them.

Azure's definition: a scale event that triggers the opposite one. See
https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-flapping.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import fmean, pstdev

from ..demand import Demand
from ..history import Decision, GroupHistory
from .rule import HOUR_NS, MINUTE_NS, Finding, dense_windows, references

Pair = tuple[Decision, Decision]
"""A decision and the one that undoes it."""

OPPOSITE_NS = 15 * MINUTE_NS
"""Opposite decisions within this time are a pair. Source: reference on detection classes (15 minutes)."""

WINDOW_NS = 3 * HOUR_NS
PAIRS = 6
"""Pairs in a window. Source: 6 to 8 in 3 hours; the lower one, since unexplained pairs only are counted."""

PAIRS_BLIND = 12
"""Pairs where no load is known that could explain them, or that move one instance only (what rounding does to a small
group): twice as many."""

REGULAR = 0.4
"""Variation of the time between turns (deviation by mean) up to which a swing is the group's own. Chosen: a load comes
and goes at any time, to ever new sizes; what a group does to itself is paced by its timers, between the same sizes."""

UNEXPLAINED_SHARE = 0.7
STEP_SHARE = 0.15
"""Smaller steps ripple without harm. Chosen: beyond the 10 % tolerance of the HPA and of target tracking."""

GUARDED = 4
"""Times that the provider itself held a decision back as flapping. Chosen: `repeated` in the reference, more than
thrice."""


class FlappingRule:
    """Finds groups that scale out and in again and again.

    >>> from ..history import group_history
    >>> FlappingRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("flapping",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return stretches of flapping, told by the provider or inferred."""
        return [*_told(history), *_inferred(history, demand)]


def _told(history: GroupHistory) -> list[Finding]:
    facts = [fact for fact in history.facts if fact.fact.limited_by == "flap_guard" and not fact.timeless]
    found = dense_windows([fact.at_ns for fact in facts], WINDOW_NS, GUARDED)
    return [
        Finding(
            "flapping",
            facts[first].at_ns,
            facts[last].at_ns,
            "warning",
            f"the provider held back {last - first + 1} changes because they would have been undone at once:"
            " widen the gap between the thresholds that scale out and in, or take smaller steps",
            {"held_back": last - first + 1},
            references([fact.reference for fact in facts[first : last + 1]]),
        )
        for first, last in found
    ]


def opposite_pairs(history: GroupHistory) -> list[Pair]:
    """Return neighbouring decisions that undo each other within a quarter of an hour.

    >>> from ..history import group_history
    >>> opposite_pairs(group_history("web", []))
    []
    """
    moving = [decision for decision in history.decisions if decision.direction in {"out", "in"}]
    return [
        (one, two)
        for one, two in pairwise(moving)
        if one.direction != two.direction and two.at_ns - one.at_ns <= OPPOSITE_NS
    ]


def is_explained(pair: Pair, demand: Demand) -> bool | None:
    """Say whether the load moved as the second decision did, by at least half its step.

    None where it is not known, or where so few events were counted that chance moves them as much.
    """
    one, two = pair
    change = demand.change(one.at_ns, two.at_ns)
    if change is None:
        return None
    step = two.step / two.old_size if two.old_size else 0.1
    if demand.scatter(one.at_ns, two.at_ns) > step / 2:
        return None
    moved = change if two.direction == "out" else -change
    return moved >= step / 2


def _inferred(history: GroupHistory, demand: Demand) -> list[Finding]:
    pairs = [pair for pair in opposite_pairs(history) if _matters(pair)]
    explained = [is_explained(pair, demand) for pair in pairs]
    if sum(one is not None for one in explained) < len(pairs) / 2:
        return _blind(pairs, history)
    judged = [(pair, one is not True) for pair, one in zip(pairs, explained, strict=True)]
    several = [(pair, unexplained) for pair, unexplained in judged if pair[1].step > 1]
    return [*_unexplained(several, PAIRS, history), *_unexplained(judged, PAIRS_BLIND, history)]


def _unexplained(judged: list[tuple[Pair, bool]], least: int, history: GroupHistory) -> list[Finding]:
    found = []
    for first, last in dense_windows([pair[1].at_ns for pair, _ in judged], WINDOW_NS, least):
        part = [pair for pair, _ in judged[first : last + 1]]
        unexplained = sum(one for _, one in judged[first : last + 1])
        if unexplained >= least and unexplained / len(part) >= UNEXPLAINED_SHARE:
            found.append(_finding(part, unexplained, "without a change of load", history))
    return found


def _blind(pairs: list[Pair], history: GroupHistory) -> list[Finding]:
    found = []
    for first, last in dense_windows([two.at_ns for _, two in pairs], WINDOW_NS, PAIRS_BLIND):
        part = pairs[first : last + 1]
        repeated = _repeated(part)
        if repeated >= PAIRS_BLIND and repeated / len(part) >= UNEXPLAINED_SHARE and _is_regular(part):
            found.append(_finding(part, repeated, "between the same sizes", history))
    return found


def _matters(pair: Pair) -> bool:
    return all(not d.old_size or not d.step or d.step >= STEP_SHARE * min(d.old_size, d.new_size or 1) for d in pair)


def _is_regular(pairs: list[Pair]) -> bool:
    turns = [two.at_ns for _, two in pairs if two.direction == "out"]
    waits = [later - earlier for earlier, later in pairwise(turns)]
    return len(waits) >= 2 and pstdev(waits) <= REGULAR * fmean(waits)


def _repeated(pairs: list[Pair]) -> int:
    """Return how many pairs go between the same sizes: a lower and an upper turn are one oscillation."""
    turns = Counter(frozenset((two.old_size, two.new_size)) for _, two in pairs)
    return sum(count for _, count in turns.most_common(2))


def _finding(pairs: list[Pair], unexplained: int, why: str, history: GroupHistory) -> Finding:
    maximum = history.max_at(pairs[0][0].at_ns)
    hours = max((pairs[-1][1].at_ns - pairs[0][0].at_ns) / HOUR_NS, 0.1)
    against = maximum is not None and sum(d.new_size == maximum for pair in pairs for d in pair) >= len(pairs) / 2
    return Finding(
        "flapping",
        pairs[0][0].at_ns,
        pairs[-1][1].at_ns,
        "warning",
        f"{len(pairs)} decisions in {hours:.1f} h were undone within 15 minutes, {unexplained} of them {why}"
        f"{f', against the maximum of {maximum}' if against else ''}: lengthen the scale-in stabilisation, or widen the"
        " gap between the thresholds",
        {"reversals": len(pairs), "unexplained": unexplained, "hours": round(hours, 2)},
        references([decision.reference for pair in pairs for decision in pair]),
    )
