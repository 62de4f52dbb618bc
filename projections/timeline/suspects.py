"""Rank the deployments that may have caused what a service or resource shows at an instant.

score = relevance x time x magnitude x (0.3 + 0.7 impact), the best over the deployment's touches:

- relevance: how closely the touched object belongs to the target: it is the resource, it is tagged or named as the
  service's, the service's events name it, a service that it calls owns it, or it is a neighbour by dependency;
- time: half every twelve hours before the instant; what came later is no cause;
- magnitude: replaced and deleted objects before updated ones, before new ones; changes of tags hardly count;
- impact: did errors that name the object or its neighbour (or, at less weight, errors of the service and of the one
  in between) rise after it?

Between the history, the mentions and the model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .linking import AFTER_NS, BONUS, CLOCK_SKEW_NS, HIGHEST
from .mentions import Mention, Mentions
from .relevance import LEAST, Relevance, RelevanceFinder
from .resource_history import ManagedObject, Touch
from .runs import RunStory
from .tables import ERROR

LOOK_BACK_NS = 7 * 24 * 3600 * 10**9
"""Chosen: what was changed more than a week ago has been seen to work."""

HALF_LIFE_NS = 12 * 3600 * 10**9
NAMED_WITHIN_NS = 24 * 3600 * 10**9
"""Before the instant: whose events show what a service uses."""

SHORTEST_NS, LONGEST_NS = 10 * 60 * 10**9, 2 * 3600 * 10**9
"""Windows in which errors before and after a change are compared."""

_MAGNITUDES = {"replace": 1.0, "delete": 1.0, "update": 0.9, "create": 0.7, "import": 0.2, "move": 0.1, "forget": 0.2}
_TAGS = ("tags", "labels", "effective_labels", "terraform_labels")


@dataclass(frozen=True, slots=True)
class Charge:
    """One touch of a suspect."""

    touch: Touch
    object: ManagedObject
    score: float
    reasons: tuple[str, ...]
    references: tuple[str, ...]


class Investigation:
    """Asks for the suspects of one target at one instant."""

    def __init__(
        self, objects: list[ManagedObject], finder: RelevanceFinder, mentions: Mentions, *, service: str, at: int
    ) -> None:
        self.objects, self.finder, self.mentions, self.service, self.at = objects, finder, mentions, service, at
        # The instant asked for is often the onset: what shows the impact comes just after it.
        self.horizon = at + SHORTEST_NS

    def charges(self, resource: str = "") -> list[tuple[RunStory, float, list[Charge]]]:
        """Return the runs with their score and charges, the likeliest first."""
        relevances = self.finder.find(self.service, resource, self.at - NAMED_WITHIN_NS, self.horizon)
        by_run: dict[str, list[Charge]] = {}
        for serial, relevance in relevances.items():
            for touch in self.objects[serial].touches:
                if (charge := self._charge(touch, self.objects[serial], relevance)) is not None:
                    by_run.setdefault(touch.run.deployment, []).append(charge)
        ranked = [_summed(charges) for charges in by_run.values()]
        return sorted(ranked, key=lambda one: (-one[1], -one[2][0].touch.start, one[0].deployment))

    def _charge(self, touch: Touch, managed: ManagedObject, relevance: Relevance) -> Charge | None:
        since = self.at - touch.start
        if relevance.score < LEAST or not -CLOCK_SKEW_NS <= since <= LOOK_BACK_NS:
            return None
        if managed.begin > self.at + CLOCK_SKEW_NS or managed.end < self.at - AFTER_NS:
            return None
        impact, reasons, references = self._impact(touch, managed, relevance)
        time = math.exp2(-max(since, 0) / HALF_LIFE_NS)
        score = relevance.score * time * magnitude(touch) * (0.3 + 0.7 * impact)
        change = touch.change
        what = f"{change.action} of {change.address} {max(since, 0) // 60_000_000_000} min before"
        failed = (f"it failed: {', '.join(change.messages)[:200]}",) if change.failed else ()
        return Charge(touch, managed, score, (what, *relevance.reasons[:3], *reasons, *failed), references)

    def _impact(
        self, touch: Touch, managed: ManagedObject, relevance: Relevance
    ) -> tuple[float, list[str], tuple[str, ...]]:
        """Compare the errors before and after a change: those naming the object, and those of the service."""
        width = min(max(self.horizon - touch.start, SHORTEST_NS), LONGEST_NS)
        start, until = touch.start, min(self.horizon, touch.start + width)
        witnesses = relevance.witnesses | {managed.serial}
        naming = {id(m): m for serial in sorted(witnesses) for m in self.finder.named_by.get(serial, [])}
        services = self.finder.services
        mentions = [m for m in naming.values() if not services or m.name.service in services]
        before = sum(self.mentions.tally(m, start - width, start - 1).errors for m in mentions)
        after = sum(self.mentions.tally(m, start, until).errors for m in mentions)
        reasons: list[str] = []
        named = rise(before, after, width, until - start)
        if named:
            places = ", ".join(sorted({self.objects[serial].address for serial in witnesses})[:3])
            reasons.append(f"errors naming {places}: {before} before the change, {after} after it")
        own = self._own_rise(relevance.service, start, until, width, reasons)
        return max(named, 0.7 * own), reasons, self._references(mentions, start, until)

    def _own_rise(self, behind: str, start: int, until: int, width: int, reasons: list[str]) -> float:
        """Return the rise of the service's own errors; behind another service that one's must rise too."""
        rises = []
        for service in dict.fromkeys(name for name in (self.service, behind) if name):
            earlier = self.mentions.errors_of_service(service, start - width, start)
            later = self.mentions.errors_of_service(service, start, until)
            rises.append(rise(earlier, later, width, until - start))
            if rises[-1]:
                reasons.append(f"errors of {service}: {earlier} before the change, {later} after it")
        return min(rises, default=0.0)

    def _references(self, mentions: Iterable[Mention], since: int, until: int) -> tuple[str, ...]:
        found = [r for m in mentions for r in self.mentions.references(m.name, since, until, least=ERROR)]
        return tuple(found[:8]) or self.mentions.references_of_service(self.service, since, until)


def magnitude(touch: Touch) -> float:
    """Return how much a change may break, from 0 to 1."""
    change = touch.change
    paths = [path for path in change.changed if not path.startswith(_TAGS)]
    if change.action == "update" and change.changed and not paths:
        return 0.1
    return _MAGNITUDES.get(change.action, 0.5)


def rise(before: int, after: int, before_ns: int, after_ns: int) -> float:
    """Return how much a rate of errors rose, from 0 (not at all) to 1 (from none to many).

    >>> rise(10, 10, 600, 600), rise(0, 30, 600, 600) > 0.9
    (0.0, True)
    """
    earlier, later = before / max(before_ns, 1), after / max(after_ns, 1)
    if later <= earlier:
        return 0.0
    # Few errors prove little: three count half.
    return (later - earlier) / (later + earlier) * (1 - math.exp2(-after / 3))


def _summed(charges: list[Charge]) -> tuple[RunStory, float, list[Charge]]:
    charges.sort(key=lambda charge: (-charge.score, charge.touch.change.address))
    score = min(HIGHEST, charges[0].score + (BONUS * min(len(charges) - 1, 2) if charges[0].score > BONUS else 0.0))
    return charges[0].touch.run, score, charges
