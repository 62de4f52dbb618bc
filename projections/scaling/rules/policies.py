"""Policies that do not fit each other: cooldowns too short, steps out of proportion, two policies at odds."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ..demand import Demand, needed_sizes
from ..history import Decision, GroupHistory
from ..lags import provisions
from .flapping import opposite_pairs
from .rule import DAY_NS, MINUTE_NS, Finding, dense_windows, references

SCALE_OUTS = 3
OVERSHOOT = 1.35
AFTER_MINUTES = 45
EPISODES = 2
"""Overshooting episodes per day. Source: reference on detection classes, as are the numbers above."""

STEPS_RATIO = 4.0
"""Target tracking itself scales in gradually: a ratio below four is usual. Source: reference on detection classes."""

GRADUAL = frozenset({"target", "predictive"})
"""Policy types whose steps the provider chooses: only steps that someone set can be set wrongly."""

OVER_PROVISIONED = 0.6
OVER_PROVISIONED_SHARE = 0.15
LEAST_STEPS = 4
CONFLICTS = 3


class ShortCooldownRule:
    """Finds groups that scale out again before the last instances could help, and end up with far too many.

    >>> from ..history import group_history
    >>> ShortCooldownRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("cooldown_too_short",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return days with several such episodes."""
        took = [seconds for seconds, _ in provisions(history)]
        if not took:
            return []
        lag_ns = int(float(np.median(took)) * 1e9)
        outs = [d for d in history.decisions if d.direction == "out" and d.new_size is not None]
        bursts = dense_windows([d.at_ns for d in outs], lag_ns, SCALE_OUTS)
        episodes = [
            (outs[a : b + 1], over) for a, b in bursts if (over := _overshoot(outs[b], history, demand)) >= OVERSHOOT
        ]
        return [
            _cooldown_finding(episodes[first : last + 1], lag_ns)
            for first, last in dense_windows([part[0].at_ns for part, _ in episodes], DAY_NS, EPISODES)
        ]


def _overshoot(last: Decision, history: GroupHistory, demand: Demand) -> float:
    """Return the size reached as a multiple of what was needed after; of what was kept where need is not known."""
    minute = last.at_ns // MINUTE_NS
    needed = needed_sizes(history, demand).between(minute, minute + AFTER_MINUTES)
    if len(needed):
        return (last.new_size or 0) / max(float(np.percentile(needed.values, 90)), 1.0)
    kept = history.size_series(np.arange(minute, minute + 60))
    return (last.new_size or 0) / float(kept[kept > 0].min()) if (kept > 0).any() else 0.0


def _cooldown_finding(episodes: list[tuple[list[Decision], float]], lag_ns: int) -> Finding:
    worst = max(over for _, over in episodes)
    return Finding(
        "cooldown_too_short",
        episodes[0][0][0].at_ns,
        episodes[-1][0][-1].at_ns,
        "warning",
        f"{len(episodes)} times the group scaled out three times or more within the {lag_ns / 1e9:.0f} s that an"
        f" instance needs to come, up to {worst:.1f} times of what was needed: set a warm-up at least as long",
        {"episodes": len(episodes), "overshoot": round(worst, 2), "provision_s": round(lag_ns / 1e9, 1)},
        references([d.reference for part, _ in episodes for d in part]),
    )


class AsymmetricPoliciesRule:
    """Finds groups that grow by leaps and shrink by steps, and so stay too large.

    >>> from ..history import group_history
    >>> AsymmetricPoliciesRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("asymmetric_policies",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return the whole history where it is so."""
        stepped = [d for d in history.decisions if d.step and d.policy_type not in GRADUAL]
        out = [d for d in stepped if d.direction == "out"]
        inwards = [d for d in stepped if d.direction == "in"]
        if min(len(out), len(inwards)) < LEAST_STEPS or not len(demand.pressure):
            return []
        ratio = float(np.mean([d.step for d in out]) / np.mean([d.step for d in inwards]))
        idle = float((demand.pressure.values < OVER_PROVISIONED).mean())
        if ratio < STEPS_RATIO or idle <= OVER_PROVISIONED_SHARE:
            return []
        return [
            Finding(
                "asymmetric_policies",
                out[0].at_ns,
                history.until_ns,
                "info",
                f"the group grows by steps {ratio:.1f} times as large as those it shrinks by, and was"
                f" over-provisioned for {idle:.0%} of the time: take larger steps in, or smaller ones out",
                {"ratio": round(ratio, 2), "over_provisioned_share": round(idle, 4)},
                references([d.reference for d in (*out[:5], *inwards[:5])]),
            )
        ]


class OverlappingPoliciesRule:
    """Finds policies that undo each other. A pair of step policies, one for each direction, is no conflict.

    >>> from ..history import group_history
    >>> OverlappingPoliciesRule().find(group_history("web", []), Demand())
    []
    """

    anomalies = ("overlapping_policies",)

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return days with several conflicts."""
        directions: dict[str, set[str]] = defaultdict(set)
        for decision in history.decisions:
            directions[decision.policy].add(decision.direction)
        both_ways = {policy for policy, ways in directions.items() if policy and {"out", "in"} <= ways}
        pairs = [
            (one, two)
            for one, two in opposite_pairs(history)
            if one.policy and two.policy and one.policy != two.policy and both_ways & {one.policy, two.policy}
        ]
        return [
            _conflict(pairs[first : last + 1])
            for first, last in dense_windows([two.at_ns for _, two in pairs], DAY_NS, CONFLICTS)
        ]


def _conflict(pairs: list[tuple[Decision, Decision]]) -> Finding:
    names = sorted({d.policy for pair in pairs for d in pair})
    return Finding(
        "overlapping_policies",
        pairs[0][0].at_ns,
        pairs[-1][1].at_ns,
        "warning",
        f"policies {', '.join(names[:4])} undid each other's decisions {len(pairs)} times within 15 minutes: let one of"
        " them decide",
        {"conflicts": len(pairs), "policies": len(names)},
        references([d.reference for pair in pairs for d in pair]),
    )
