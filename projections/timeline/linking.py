"""Link what an event names with the deployments behind it: three relations, each with its score and reasons.

- *managed-by*: the last deployment that had touched the object when the event happened. It does not decay.
- *caused-by*: a call to a control plane that the deployment itself made: the same object, a verb that fits the action,
  a time within the apply (give or take the clocks).
- *after-change*: the object, or a neighbour it depends on or is used by, was changed shortly before.

Between the identity index and the model; pure functions of matches and times.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...domain.identity import Arn, parse_resource
from .identity_index import IdentityIndex, Match
from .neighbours import Neighbours
from .resource_history import ManagedObject, Touch
from .runs import RunStory

MANAGED_BY, CAUSED_BY, AFTER_CHANGE = "managed-by", "caused-by", "after-change"
RELATIONS = (CAUSED_BY, MANAGED_BY, AFTER_CHANGE)

LINK_SCORE, SUGGESTION_SCORE = 0.6, 0.3
"""From here on it is a link; below, down to the second, a suggestion; below that nothing."""

CLOCK_SKEW_NS = 120 * 10**9
"""Clocks of runners and clouds differ, and CloudTrail's times are whole seconds."""

AFTER_NS = 72 * 3600 * 10**9
HALF_LIFE_NS = 24 * 3600 * 10**9
"""After-change: how long after a change, and when its weight is half. Chosen: incidents show within days."""

BONUS, HIGHEST = 0.02, 0.99

_VERBS: dict[str, re.Pattern[str]] = {
    action: re.compile(pattern, re.IGNORECASE)
    for action, pattern in (
        (
            "create",
            r"create|run|put|insert|register|allocate|request|write|tag|start|attach|authori[sz]e|add|set|associate",
        ),
        (
            "update",
            r"modify|update|put|set|patch|write|tag|change|attach|detach|authori[sz]e|revoke|add|remove|scale|apply"
            r"|start|stop|reboot|restart|reset|resize|upgrade|enable|disable",
        ),
        ("delete", r"delete|terminate|remove|deregister|release|revoke|detach|disassociate|purge"),
    )
}
_VERBS["replace"] = re.compile("|".join(pattern.pattern for pattern in _VERBS.values()), re.IGNORECASE)
_READ_VERB = re.compile(r"(?:.*[./])?(?:get|list|describe|head|lookup|read|query|search|test)[^/]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier that an event names, with the event's scope."""

    text: str
    service: str = ""
    account: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A link before it is made an answer."""

    relation: str
    run: RunStory
    touch: Touch
    object: ManagedObject
    score: float
    reasons: tuple[str, ...]


class Linker:
    """Links names at instants."""

    def __init__(self, index: IdentityIndex, neighbours: Neighbours, runs: Iterable[RunStory]) -> None:
        self.index, self.neighbours = index, neighbours
        self._markers = {marker: run for run in runs for marker in _markers(run)}

    def relations(self, names: Iterable[Named], at: int) -> list[Relation]:
        """Return the best relation of each kind to each deployment, the strongest first."""
        found: dict[tuple[str, str], list[Relation]] = {}
        names = list(names)
        marked = next((run for name in names if (run := self._marked(name)) is not None), None)
        for name in names:
            for relation in self._of_name(name, at, marked):
                found.setdefault((relation.relation, relation.run.deployment), []).append(relation)
        joined = [_joined(group) for group in found.values()]
        kept = [one for one in joined if one.score >= SUGGESTION_SCORE]
        return sorted(kept, key=lambda one: (-one.score, RELATIONS.index(one.relation), one.run.deployment))

    def matches(self, name: Named, at: int) -> list[Match]:
        """Return the objects that a name means at an instant."""
        found = self.index.matches(name.text, service=name.service, account=name.account)
        return [match for match in found if is_alive(match.object, at)]

    def _of_name(self, name: Named, at: int, marked: RunStory | None) -> Iterator[Relation]:
        for match in self.matches(name, at):
            last = match.object.touched_before(at + CLOCK_SKEW_NS)
            if last is not None:
                yield _relation(MANAGED_BY, last, match, match.score)
            for touch in match.object.touches:
                if causes(touch, name, at):
                    score = 1.0 if marked is touch.run else match.score
                    yield _relation(
                        CAUSED_BY, touch, match, score, *(["carries the run's mark"] if score == 1.0 else [])
                    )
                elif (weight := decay(touch.end, at)) > 0:
                    yield _relation(AFTER_CHANGE, touch, match, match.score * weight, _ago(touch, at))
            for near, score, reason in self.neighbours.of(match.object):
                for touch in near.touches:
                    weight = decay(touch.end, at)
                    yield _relation(
                        AFTER_CHANGE, touch, Match(near, score, reason), score * match.score * weight, _ago(touch, at)
                    )

    def _marked(self, name: Named) -> RunStory | None:
        identity = parse_resource(name.text)
        if isinstance(identity, Arn) and identity.resource_type == "assumed-role":
            return self._markers.get(identity.name.rpartition("/")[2])
        return None


def is_alive(managed: ManagedObject, at: int) -> bool:
    """Say whether an object's identifiers meant it at an instant, give or take the clocks.

    >>> is_alive(ManagedObject("", "a.b", begin=0, end=10), 5)
    True
    """
    return managed.begin - CLOCK_SKEW_NS <= at <= managed.end + CLOCK_SKEW_NS


def causes(touch: Touch, name: Named, at: int) -> bool:
    """Say whether a control-plane call fits what a deployment did, in verb and time."""
    if not name.operation or _READ_VERB.fullmatch(name.operation):
        return False
    verbs = _VERBS.get(touch.change.action)
    in_time = touch.start - CLOCK_SKEW_NS <= at <= touch.end + CLOCK_SKEW_NS
    return in_time and verbs is not None and verbs.search(name.operation) is not None


def decay(changed_at: int, at: int) -> float:
    """Return the weight of a change for what happens at an instant: 1 right after it, 0 before it or days later.

    >>> decay(0, HALF_LIFE_NS), decay(5, 4)
    (0.5, 0.0)
    """
    since = at - changed_at
    return math.exp2(-since / HALF_LIFE_NS) if 0 <= since <= AFTER_NS else 0.0


def _relation(relation: str, touch: Touch, match: Match, score: float, *reasons: str) -> Relation:
    return Relation(relation, touch.run, touch, match.object, min(score, 1.0), (match.reason, *reasons))


def _joined(group: list[Relation]) -> Relation:
    """Take the strongest evidence, and add a little for each independent further one."""
    group.sort(key=lambda one: (-one.score, -one.touch.start, one.object.serial))
    best, reasons = group[0], list(dict.fromkeys(reason for one in group for reason in one.reasons))
    others = {one.reasons[0] for one in group} - {best.reasons[0]}
    score = best.score if best.score == 1.0 else min(HIGHEST, best.score + BONUS * min(len(others), 2))
    return Relation(best.relation, best.run, best.touch, best.object, score, tuple(reasons))


def _ago(touch: Touch, at: int) -> str:
    minutes = (at - touch.end) // 60_000_000_000
    return f"{minutes} min after {touch.change.action} of {touch.change.address}"


def _markers(run: RunStory) -> Iterator[str]:
    """Yield the names that a run leaves in session names of its calls."""
    last = run.deployment.rpartition("/")[2]
    yield from {name for name in (run.deployment, last, run.told("change_set")) if len(name) > 2}
