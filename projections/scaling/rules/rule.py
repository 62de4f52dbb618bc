"""The port of a rule, and what it finds.

Event evidence comes first: what the provider says is certain. What is inferred needs a load that does not explain it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..demand import Demand
from ..history import GroupHistory

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
MAX_EVIDENCE = 20


@dataclass(frozen=True)
class Finding:
    """One anomaly of one group: what, when, why, and the events that show it."""

    anomaly: str
    since_ns: int
    until_ns: int
    severity: str
    explanation: str
    numbers: dict[str, float] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


class Rule(Protocol):
    """Finds anomalies of its classes in one group's history; deterministic, no clock, no state."""

    @property
    def anomalies(self) -> tuple[str, ...]:
        """The classes that it finds."""
        ...

    def find(self, history: GroupHistory, demand: Demand) -> list[Finding]:
        """Return what is wrong, in any order."""
        ...


def dense_windows(times_ns: Sequence[int], width_ns: int, least: int) -> list[tuple[int, int]]:
    """Return first and last index of each stretch in which every window of a width holds enough events.

    >>> dense_windows([0, 1, 2, 50, 100, 101, 102], width_ns=10, least=3)
    [(0, 2), (4, 6)]
    """
    found: list[tuple[int, int]] = []
    for first in range(len(times_ns) - least + 1):
        last = first + least - 1
        if times_ns[last] - times_ns[first] > width_ns:
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def references(*groups: Sequence[str]) -> tuple[str, ...]:
    """Return distinct references, bounded.

    >>> references(["a@1", ""], ["a@1", "b@2"])
    ('a@1', 'b@2')
    """
    return tuple(dict.fromkeys(one for group in groups for one in group if one))[:MAX_EVIDENCE]
