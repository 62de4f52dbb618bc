"""Rank the deployments that may have caused what a service or resource shows at an instant.

score = relevance x time x magnitude x (0.3 + 0.7 impact), the best over the deployment's touches:

- relevance: how closely the touched object belongs to the target: it is the resource, it is tagged or named as the
  service's, the service's events name it, a service that it calls owns it, or it is a neighbour by dependency;
- time: half every twelve hours before the instant; what came later is no cause;
- magnitude: replaced and deleted objects before updated ones, before new ones; changes of tags hardly count;
- impact: did errors that name the object or its neighbour (or, at less weight, errors of the service) rise after it?

Between the history, the mentions and the model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .identity_index import IdentityIndex
from .linking import AFTER_NS, BONUS, CLOCK_SKEW_NS, HIGHEST
from .mentions import Mention, Mentions
from .neighbours import Neighbours
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

OWNED, ALIKE, CALLED, LEAST = 0.9, 0.6, 0.5, 0.05

_MAGNITUDES = {"replace": 1.0, "delete": 1.0, "update": 0.9, "create": 0.7, "import": 0.2, "move": 0.1, "forget": 0.2}
_TAGS = ("tags", "labels", "effective_labels", "terraform_labels")


@dataclass(slots=True)
class Relevance:
    """How closely an object belongs to the target, and why."""

    score: float
    reasons: list[str] = field(default_factory=list)
    witnesses: set[int] = field(default_factory=set)
    """Objects whose mentions tell whether a change had an impact."""


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
        self,
        objects: list[ManagedObject],
        index: IdentityIndex,
        neighbours: Neighbours,
        mentions: Mentions,
        *,
        service: str = "",
        resource: str = "",
        at: int,
    ) -> None:
        self.objects, self.index, self.neighbours, self.mentions = objects, index, neighbours, mentions
        self.service, self.resource, self.at = service, resource, at
        # The instant asked for is often the onset: what shows the impact comes just after it.
        self.horizon = at + SHORTEST_NS
        self.relevances: dict[int, Relevance] = {}
        self.named_by: dict[int, list[Mention]] = {}

    def charges(self) -> list[tuple[RunStory, float, list[Charge]]]:
        """Return the runs with their score and charges, the likeliest first."""
        self._find_namings()
        for serial, score, reason in self._targets():
            self._add(serial, score, reason, witness=serial)
        for serial, score, reason, witness in list(self._around()):
            self._add(serial, score, reason, witness=witness)
        by_run: dict[str, list[Charge]] = {}
        for serial, relevance in self.relevances.items():
            for touch in self.objects[serial].touches:
                if (charge := self._charge(touch, self.objects[serial], relevance)) is not None:
                    by_run.setdefault(touch.run.deployment, []).append(charge)
        ranked = [_summed(charges) for charges in by_run.values()]
        return sorted(ranked, key=lambda one: (-one[1], -one[2][0].touch.start, one[0].deployment))

    def _find_namings(self) -> None:
        for mention in self.mentions.all:
            name = mention.name
            for match in self.index.matches(name.text, service=name.service, account=name.account):
                self.named_by.setdefault(match.object.serial, []).append(mention)

    def _targets(self) -> Iterator[tuple[int, float, str]]:
        if self.resource:
            for match in self.index.matches(self.resource):
                yield match.object.serial, match.score, "is the resource"
            for managed in self.objects:
                if self.resource == managed.address:
                    yield managed.serial, OWNED, "is the resource"
        if self.service:
            yield from self._owned(self.service, OWNED, "is tagged as")
            yield from self._alike()
            yield from self._called()
        yield from self._named()

    def _owned(self, service: str, score: float, words: str) -> Iterator[tuple[int, float, str]]:
        for managed in self.objects:
            if managed.service == service:
                yield managed.serial, score, f"{managed.address} {words} {service}"

    def _alike(self) -> Iterator[tuple[int, float, str]]:
        word = re.compile(rf"(?<![a-z0-9]){re.escape(self.service.lower())}(?![a-z0-9])")
        for managed in self.objects:
            names = [managed.address, *(one for one in managed.identifiers if one.startswith(("name:", "aws.name:")))]
            if any(word.search(name.lower().replace("_", "-")) for name in names):
                yield managed.serial, ALIKE, f"{managed.address} is named as {self.service}"

    def _called(self) -> Iterator[tuple[int, float, str]]:
        owners = {managed.service for managed in self.objects if managed.service} - {self.service}
        for mention in self.mentions.by_service.get(self.service, ()):
            callee = mention.name.text if mention.name.text in owners else mention.name.text.split(".", 1)[0]
            if callee in owners and self.mentions.tally(mention, self.at - NAMED_WITHIN_NS, self.horizon).events:
                yield from self._owned(callee, CALLED, f"belongs to a service that {self.service} calls:")

    def _named(self) -> Iterator[tuple[int, float, str]]:
        """Objects that the target's events name; without a target, objects that errors name."""
        if self.resource and not self.service:
            return
        mentions = self.mentions.by_service.get(self.service, []) if self.service else self.mentions.all
        for mention in mentions:
            name = mention.name
            matches = self.index.matches(name.text, service=name.service, account=name.account)
            if not matches:
                continue
            tally = self.mentions.tally(mention, self.at - NAMED_WITHIN_NS, self.horizon)
            if not (tally.errors if not self.service else tally.events):
                continue
            weight = 1.0 if tally.errors else 0.8
            reason = f"{tally.events} events of {name.service or 'a service'}, {tally.errors} of them errors, name"
            for match in matches:
                yield match.object.serial, match.score * weight, f"{reason} {match.object.address} ({match.reason})"

    def _around(self) -> Iterator[tuple[int, float, str, int]]:
        for serial, relevance in list(self.relevances.items()):
            for near, score, reason in self.neighbours.of(self.objects[serial]):
                yield near.serial, relevance.score * score, reason, serial

    def _add(self, serial: int, score: float, reason: str, *, witness: int) -> None:
        known = self.relevances.setdefault(serial, Relevance(0.0))
        known.witnesses.add(witness)
        if score > known.score:
            known.score = score
            known.reasons.insert(0, reason)
        elif reason not in known.reasons:
            known.reasons.append(reason)

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
        naming = {id(m): m for serial in sorted(witnesses) for m in self.named_by.get(serial, [])}
        mentions = [m for m in naming.values() if self.service in ("", m.name.service)]
        before = sum(self.mentions.tally(m, start - width, start - 1).errors for m in mentions)
        after = sum(self.mentions.tally(m, start, until).errors for m in mentions)
        named, reasons = rise(before, after, width, until - start), []
        if named:
            places = ", ".join(sorted({self.objects[serial].address for serial in witnesses})[:3])
            reasons.append(f"errors naming {places}: {before} before the change, {after} after it")
        own = 0.0
        if self.service:
            earlier = self.mentions.errors_of_service(self.service, start - width, start)
            later = self.mentions.errors_of_service(self.service, start, until)
            own = rise(earlier, later, width, until - start)
            reasons += [f"errors of {self.service}: {earlier} before the change, {later} after it"] if own else []
        return max(named, 0.7 * own), reasons, self._references(mentions, start, until)

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
