"""Which managed objects belong to a service or resource, how closely, and why.

Between the history, the index and the suspects. Four ways lead from a service to an object: it is tagged as the
service's, it is named as the service, the service's events name it, or it belongs to a service that this one calls (or
that one calls in turn). From each object one goes on to its neighbours by dependency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...domain.identity import KubernetesObject, parse_resource, workload_of_pod
from .identity_index import IdentityIndex
from .mentions import Mention, Mentions
from .neighbours import Neighbours
from .resource_history import ManagedObject

OWNED, ALIKE, CALLED, LEAST = 0.9, 0.6, 0.5, 0.05
"""Scores: tagged as the service's, named as it, factor for each call in between, and what is too little to count."""

MAX_CALLS = 2
"""Chosen: callees of callees are looked at; beyond, everything is connected with everything."""

_FIRST_LABEL = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?([A-Za-z0-9_-]+)")


@dataclass(slots=True)
class Relevance:
    """How closely an object belongs to the target, and why."""

    score: float
    reasons: list[str] = field(default_factory=list)
    witnesses: set[int] = field(default_factory=set)
    """Objects whose mentions tell whether a change had an impact."""
    service: str = ""
    """The service that leads to the object: the target or one that it calls."""


class RelevanceFinder:
    """Finds the objects of one target; `services` are then the target and what it calls, with their factors."""

    def __init__(
        self, objects: list[ManagedObject], index: IdentityIndex, neighbours: Neighbours, mentions: Mentions
    ) -> None:
        self.objects, self.index, self.neighbours, self.mentions = objects, index, neighbours, mentions
        self.services: dict[str, float] = {}
        self.named_by: dict[int, list[Mention]] = {}
        self._relevances: dict[int, Relevance] = {}

    def find(self, service: str, resource: str, since: int, until: int) -> dict[int, Relevance]:
        """Return the relevance of objects by their serial; what events name counts between the instants."""
        self._find_namings()
        self.services = self._called(service, since, until) if service else {}
        for serial, score, reason, by in self._targets(resource, since, until):
            self._add(serial, score, reason, by, witness=serial)
        for serial, score, reason, by, witness in list(self._around()):
            self._add(serial, score, reason, by, witness=witness)
        return self._relevances

    def _find_namings(self) -> None:
        for mention in self.mentions.all:
            name = mention.name
            for match in self.index.matches(name.text, service=name.service, account=name.account):
                self.named_by.setdefault(match.object.serial, []).append(mention)

    def _called(self, service: str, since: int, until: int) -> dict[str, float]:
        """Return the service, what it calls and what that calls, each with the factor of its distance."""
        known = (self.mentions.by_service.keys() | {managed.service for managed in self.objects}) - {""}
        found, frontier = {service: 1.0}, [service]
        for distance in range(1, MAX_CALLS + 1):
            following: dict[str, None] = {}
            for caller in frontier:
                for mention in self.mentions.by_service.get(caller, ()):
                    callee = _service_named(mention.name.text)
                    if callee in known and callee not in found and self.mentions.tally(mention, since, until).events:
                        following[callee] = None
            found |= dict.fromkeys(following, CALLED**distance)
            frontier = list(following)
        return found

    def _targets(self, resource: str, since: int, until: int) -> Iterator[tuple[int, float, str, str]]:
        if resource:
            yield from ((*found, "") for found in self._resource(resource))
        for service, factor in self.services.items():
            behind = "" if factor == 1.0 else f"behind the called service {service}: "
            for serial, score, reason in (*self._owned(service), *self._alike(service)):
                yield serial, score * factor, behind + reason, service
            for serial, score, reason in self._named(self.mentions.by_service.get(service, []), since, until):
                yield serial, score * factor, behind + reason, service
        if not (resource or self.services):
            yield from ((*found, "") for found in self._named(self.mentions.all, since, until, least_errors=1))

    def _resource(self, resource: str) -> Iterator[tuple[int, float, str]]:
        for match in self.index.matches(resource):
            yield match.object.serial, match.score, "is the resource"
        for managed in self.objects:
            if resource == managed.address:
                yield managed.serial, OWNED, "is the resource"

    def _owned(self, service: str) -> Iterator[tuple[int, float, str]]:
        for managed in self.objects:
            if managed.service == service:
                yield managed.serial, OWNED, f"{managed.address} is tagged as {service}"

    def _alike(self, service: str) -> Iterator[tuple[int, float, str]]:
        word = re.compile(rf"(?<![a-z0-9]){re.escape(service.lower())}(?![a-z0-9])")
        for managed in self.objects:
            names = [managed.address, *(one for one in managed.identifiers if one.startswith(("name:", "aws.name:")))]
            if service and any(word.search(name.lower().replace("_", "-")) for name in names):
                yield managed.serial, ALIKE, f"{managed.address} is named as {service}"

    def _named(
        self, mentions: list[Mention], since: int, until: int, *, least_errors: int = 0
    ) -> Iterator[tuple[int, float, str]]:
        for mention in mentions:
            name = mention.name
            matches = self.index.matches(name.text, service=name.service, account=name.account)
            tally = self.mentions.tally(mention, since, until) if matches else None
            if tally is None or not tally.events or tally.errors < least_errors:
                continue
            weight = 1.0 if tally.errors else 0.8
            reason = f"{tally.events} events of {name.service or 'a service'}, {tally.errors} of them errors, name"
            for match in matches:
                yield match.object.serial, match.score * weight, f"{reason} {match.object.address} ({match.reason})"

    def _around(self) -> Iterator[tuple[int, float, str, str, int]]:
        for serial, relevance in list(self._relevances.items()):
            for near, score, reason in self.neighbours.of(self.objects[serial]):
                yield near.serial, relevance.score * score, reason, relevance.service, serial

    def _add(self, serial: int, score: float, reason: str, service: str, *, witness: int) -> None:
        known = self._relevances.setdefault(serial, Relevance(0.0))
        known.witnesses.add(witness)
        if score > known.score:
            known.score, known.service = score, service
            known.reasons.insert(0, reason)
        elif reason not in known.reasons:
            known.reasons.append(reason)


def _service_named(text: str) -> str:
    """Return what may be the name of a service in an identifier: a bare name, a host's first label, a workload."""
    identity = parse_resource(text)
    if isinstance(identity, KubernetesObject):
        return (identity.kind == "pod" and workload_of_pod(identity.name)) or identity.name
    label = _FIRST_LABEL.match(text)
    return label[1] if label and identity is None else ""
