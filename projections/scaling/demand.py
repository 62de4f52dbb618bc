"""How much a group has to do: the load it carries, and how close it is to what one instance should carry.

Under the rules and the capacity report. Measured utilisation comes first, the service's own log volume stands in for
it; without either nothing is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .history import GroupHistory
from .minute_series import EMPTY, Series

MINUTE_NS = 60_000_000_000

AROUND_MINUTES = 2
"""What an instant's load is the mean of. Chosen: the shortest that does not cut a minute in two."""

_UTILISATION = ("util", "cpu", "percentage", "memory", "concurren", "requestcountpertarget", "backlogperinstance")
"""Parts of metric names that say how busy an instance is. Chosen from the predefined metrics of the four
autoscalers."""


@dataclass(frozen=True)
class Demand:
    """What a group has to do, per minute.

    Attributes:
        pressure: utilisation as a share of its target (1.0 = on target); empty where no target is known.
        load: work of the whole group in a unit of its own; empty where nothing is known.
        metric: what it was made of.
        is_count: whether the load counts events, which scatter by themselves.
    """

    pressure: Series = EMPTY
    load: Series = EMPTY
    metric: str = ""
    is_count: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is a load to explain decisions with."""
        return len(self.load) > 0

    def change(self, first_ns: int, second_ns: int) -> float | None:
        """Return how much the load changed between two instants, as a share of the first; None where unknown."""
        before, after = self._around(first_ns), self._around(second_ns)
        if before is None or after is None or before <= 0:
            return None
        return after / before - 1

    def scatter(self, first_ns: int, second_ns: int) -> float:
        """Return how much the change between two instants may be chance: the deviation of a ratio of counts."""
        counts = [self._around(at_ns) for at_ns in (first_ns, second_ns)] if self.is_count else []
        return sqrt(sum(1 / (count * AROUND_MINUTES) for count in counts if count))

    def _around(self, at_ns: int) -> float | None:
        minute = at_ns // MINUTE_NS
        return self.load.mean(minute - AROUND_MINUTES // 2, minute + AROUND_MINUTES // 2)


def demand_of(history: GroupHistory) -> Demand:
    """Return the demand of a group.

    >>> from .history import group_history
    >>> demand_of(group_history("web", [])).is_known
    False
    """
    name, series = _utilisation(history)
    if len(series):
        sizes = history.size_series(series.minutes)
        target = _target(history, name)
        rows = sizes > 0
        minutes = series.minutes[rows]
        load = Series(minutes, (series.values * sizes)[rows])
        pressure = Series(minutes, series.values[rows] / target) if target else EMPTY
        return Demand(pressure, load, name)
    if len(history.load):
        return Demand(load=history.load, metric="events of the service", is_count=True)
    told = _told(history)
    return Demand(load=told, metric="sizes that the autoscaler calculated" if len(told) else "")


def _told(history: GroupHistory) -> Series:
    """Return the sizes that decisions say were needed: calculated, or observed against the threshold."""
    needed: dict[int, float] = {}
    for one in history.decisions:
        if one.unconstrained_size is not None:
            needed[one.at_ns // MINUTE_NS] = float(one.unconstrained_size)
        elif one.observed is not None and one.threshold and one.old_size:
            needed[one.at_ns // MINUTE_NS] = one.old_size * one.observed / one.threshold
    minutes = sorted(needed)
    return Series(np.array(minutes, np.int64), np.array([needed[m] for m in minutes], np.float64))


def needed_sizes(history: GroupHistory, demand: Demand) -> Series:
    """Return the number of instances that would have been on target, per minute; empty where no target is known."""
    if not len(demand.pressure):
        return EMPTY
    return Series(demand.pressure.minutes, demand.pressure.values * history.size_series(demand.pressure.minutes))


def _utilisation(history: GroupHistory) -> tuple[str, Series]:
    """Return the metric that decisions name, else the first that tells how busy an instance is."""
    named = {fact.fact.metric for fact in history.facts if fact.fact.metric}
    known = sorted(history.metrics)
    for choice in ([n for n in known if n in named], [n for n in known if any(u in n.lower() for u in _UTILISATION)]):
        if choice:
            return choice[0], history.metrics[choice[0]]
    return "", EMPTY


def _target(history: GroupHistory, name: str) -> float:
    """Return the threshold above which the group scales out, 0 where no event tells it.

    A rule that scales out compares with the larger of two thresholds.
    """
    told = [f.fact.threshold for f in history.facts if f.fact.threshold and f.fact.metric in {name, ""}]
    return max(told, default=0.0)
