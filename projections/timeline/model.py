"""TimelineModel: what changed, who did it, which resources a deployment has, which events it stands behind.

The front door to the timeline's state. Everything is derived once, on the first question; answers are frozen Structs
with the references of the events they rest on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from ...domain.arguments import check_choice, check_count
from ...domain.errors import InvalidArgumentError
from ...domain.events import Event
from ...domain.reference import format_reference
from ...domain.timestamps import to_datetime, to_instant_ns, window_ns
from ..partitions import HOUR_NS, ProjectionState
from .answer_rows import change_answer, deployment_answer, link_answers, resource_answer, suspect_answer
from .answers import Change, Deployment, Link, LinkedEvents, ManagedResource, Suspect
from .fact import decode_fact
from .identity_index import IdentityIndex
from .linked_events import linked_events
from .linking import CLOCK_SKEW_NS, RELATIONS, Linker, Named
from .mentions import Mentions, last_instant
from .neighbours import Neighbours, configuration_of
from .relevance import RelevanceFinder
from .resource_history import History, ManagedObject
from .runs import ChangeStory, RunStory, Step, runs_of
from .suspects import LOOK_BACK_NS, Investigation
from .tables import AUDIT_FORMATS

When = datetime | str | int


class TimelineModel:
    """Answers about deployments, changes and the events behind them.

    >>> from .projection import TimelineProjection
    >>> TimelineModel(TimelineProjection().empty()).changes()
    ()
    """

    def __init__(self, state: ProjectionState, *, ledger: Any = None) -> None:
        self._state, self._ledger = state, ledger
        self._windows: dict[int, Mentions] = {}

    def changes(
        self,
        *,
        resource: str | None = None,
        deployment: str | None = None,
        component: str | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> tuple[Change, ...]:
        """Return the changes that fit all conditions, in order of time.

        Args:
            resource: an address, with or without instance keys, or any identifier or name that logs use.
            deployment: a deployment's id, or its last part.
            component: a module path, or the component that the source was told.
            since: only changes that ended (or were planned) at or after this.
            until: only changes that began before this.

        Raises:
            InvalidArgumentError: `since` is after `until`.
        """
        first, last = _bounds(since, until)
        wanted = None if resource is None else self._changes_of(resource)
        found = [
            change_answer(run, change, self._object_of.get(id(change)))
            for run in self._chosen(deployment)
            for change in run.changes.values()
            if (wanted is None or id(change) in wanted)
            and (component is None or _in_component(run, change, component))
            and first <= (change.end or change.start or change.planned_at)
            and (change.start or change.planned_at) < last
            and change.action not in ("no-op", "")
        ]
        return tuple(sorted(found, key=lambda c: (c.started_at or c.planned_at or _EPOCH, c.deployment, c.address)))

    def deployments(self, *, resource: str | None = None) -> tuple[Deployment, ...]:
        """Return all deployments, or those that changed a resource, in order of time.

        Where none is known to have changed it, those whose plan or state lists it.
        """
        if resource is None:
            return tuple(map(deployment_answer, self._runs))
        objects = self._objects_of(resource)
        ids = {touch.run.deployment for managed in objects for touch in managed.touches}
        ids = ids or {deployment for managed in objects for deployment in managed.seen_by}
        return tuple(deployment_answer(run) for run in self._runs if run.deployment in ids)

    def resources(self, deployment: str, *, listed: bool = False) -> tuple[ManagedResource, ...]:
        """Return the objects that a deployment changed.

        Args:
            deployment: a deployment's id, or its last part.
            listed: also those that its plan or state only lists; they are given anyway where it changed none.
        """
        ids = {run.deployment for run in self._chosen(deployment)}
        found = []
        for managed in self._history.objects:
            touch = next((t for t in managed.touches if t.run.deployment in ids), None)
            if touch is not None or ids & managed.seen_by.keys():
                found.append(resource_answer(managed, touch, ids))
        if not listed:
            found = [one for one in found if one.touched] or found
        return tuple(sorted(found, key=lambda one: (one.address, one.valid_from or _EPOCH)))

    def links(self, event: Event | str) -> tuple[Link, ...]:
        """Return the deployments that an event is related to, the surest first.

        Args:
            event: an event, or a reference (needs the ledger).
        """
        found = self._ledger_of("links(reference)").event(event) if isinstance(event, str) else event
        operation = found.name if found.format in AUDIT_FORMATS else ""
        texts = dict.fromkeys(text for text in (found.resource, found.peer, *found.mentions) if text)
        names = [Named(text, found.service, found.account, operation) for text in texts]
        return link_answers(self._linker.relations(names, found.occurred_at))

    def events(
        self,
        *,
        deployment: str | None = None,
        change_set: str | None = None,
        component: str | None = None,
        relation: str | None = None,
    ) -> tuple[LinkedEvents, ...]:
        """Return the events linked with deployments: counts and a few references per identifier and service.

        Raises:
            InvalidArgumentError: an unknown relation.
        """
        if relation is not None:
            check_choice("relation", relation, RELATIONS)
        runs = [run for run in self._chosen(deployment) if change_set in (None, run.told("change_set"))]
        ids = {run.deployment for run in runs}
        mentions = self._mentions if len(ids) == len(self._runs) else self._mentions_since(runs)
        found = linked_events(self._history.objects, self._linker, mentions, ids, relation)
        kept = (one for one in found if component is None or _matches_component(one.component, component))
        order = sorted(
            kept, key=lambda one: (-one.score, -one.errors, one.address, one.identifier, one.service, one.relation)
        )
        return tuple(order)

    def references(self, linked: LinkedEvents) -> Iterator[str]:
        """Yield the references of all events that a row of `events` counts (needs the ledger)."""
        ledger = self._ledger_of("references()")
        since, until = to_instant_ns(linked.first_at), to_instant_ns(linked.last_at) + 1000
        columns = ["occurred_at", "kind", "service", "resource", "peer", "mentions"]
        for batch in ledger.read(since=since, until=until, columns=columns):
            for row in _rows_naming(batch, linked):
                yield format_reference(batch.stream, int(batch.positions[row]))

    def suspects(
        self, *, service: str | None = None, resource: str | None = None, at: When | None = None, limit: int = 20
    ) -> tuple[Suspect, ...]:
        """Rank the deployments that may have caused what a service or resource shows at an instant.

        Args:
            service: the suffering service; without service and resource, whatever errors name.
            resource: the suffering resource: address, identifier or name.
            at: the instant; by default the time of the last error, of the service where one is given.
            limit: how many to return.

        Raises:
            InvalidArgumentError: service or resource is an empty string, or `limit` is negative.
        """
        check_count("limit", limit)
        if service == "" or resource == "":
            raise InvalidArgumentError("service and resource must not be empty: leave out the one that is not known")
        instant = last_instant(self._state, service or "") if at is None else to_instant_ns(at)
        mentions, objects = self._mentions_around(instant), self._history.objects
        finder = RelevanceFinder(objects, self._index, self._neighbours, mentions)
        investigation = Investigation(objects, finder, mentions, service=service or "", at=instant)
        return tuple(suspect_answer(*charged) for charged in investigation.charges(resource or "")[:limit])

    @cached_property
    def _runs(self) -> list[RunStory]:
        table = self._state["facts"].joined()
        texts, streams = table.string("fact").to_list(), table.string("stream").to_list()
        places = zip(
            texts, streams, table.number("occurred_at").tolist(), table.number("position").tolist(), strict=True
        )
        return runs_of(Step(decode_fact(text), at, format_reference(stream, pos)) for text, stream, at, pos in places)

    @cached_property
    def _history(self) -> History:
        history = History()
        history.play(self._runs)
        return history

    @cached_property
    def _index(self) -> IdentityIndex:
        return IdentityIndex(self._history.objects)

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self._history.objects)

    @cached_property
    def _linker(self) -> Linker:
        return Linker(self._index, self._neighbours, self._runs)

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self._state)

    def _mentions_since(self, runs: list[RunStory]) -> Mentions:
        """Return the mentions that any of some runs can stand behind: none is before the first of them."""
        first = min((run.start for run in runs if run.start), default=0)
        if "_mentions" in self.__dict__ or not first:
            return self._mentions
        return Mentions(self._state, since=first - CLOCK_SKEW_NS)

    def _mentions_around(self, instant: int) -> Mentions:
        """Return the mentions that can speak for or against suspects at an instant, and keep them."""
        since, until = instant // HOUR_NS - LOOK_BACK_NS // HOUR_NS - 3, instant // HOUR_NS + 1
        if since not in self._windows:
            self._windows.clear()
            self._windows[since] = Mentions(self._state, since=since * HOUR_NS, until=until * HOUR_NS)
        return self._windows[since]

    @cached_property
    def _object_of(self) -> dict[int, ManagedObject]:
        """The object that each change ended up with (by the change's identity)."""
        return {id(touch.change): managed for managed in self._history.objects for touch in managed.touches}

    def _ledger_of(self, what: str) -> Any:
        if self._ledger is None:
            raise InvalidArgumentError(f"{what} needs a ledger: pass TimelineModel(state, ledger=...), or an event")
        return self._ledger

    def _chosen(self, deployment: str | None) -> list[RunStory]:
        if deployment is None:
            return self._runs
        exact = [run for run in self._runs if run.deployment == deployment]
        return exact or [run for run in self._runs if run.deployment.endswith("/" + deployment)]

    def _objects_of(self, resource: str) -> list[ManagedObject]:
        by_address = [
            managed
            for managed in self._history.objects
            if resource in (managed.address, configuration_of(managed.address))
            or any(resource in (touch.change.address, touch.change.previous_address) for touch in managed.touches)
        ]
        return by_address or [match.object for match in self._index.matches(resource)]

    def _changes_of(self, resource: str) -> set[int]:
        found = {id(touch.change) for managed in self._objects_of(resource) for touch in managed.touches}
        by_address = (
            id(change)
            for run in self._runs
            for change in run.changes.values()
            if resource in (change.address, configuration_of(change.address))
        )
        return found.union(by_address)


_EPOCH = to_datetime(0)


def _bounds(since: When | None, until: When | None) -> tuple[int, int]:
    first, last = window_ns(since, until)
    return 0 if first is None else first, (1 << 63) - 1 if last is None else last


def _in_component(run: RunStory, change: ChangeStory, component: str) -> bool:
    return _matches_component(change.first.component if change.first else "", component) or (
        component == run.told("component")
    )


def _matches_component(found: str, component: str) -> bool:
    """Say whether a module path is a component or lies below it; without instance keys all instances are meant."""
    return any(
        path == component or path.startswith((component + ".", component + "["))
        for path in (found, configuration_of(found))
    )


def _rows_naming(batch: Any, linked: LinkedEvents) -> list[int]:
    named = np.zeros(len(batch), np.bool_)
    for column in (batch.resource, batch.peer):
        code = column.dictionary.find(linked.identifier)
        if code:
            named |= column.codes == code
    code = batch.mentions.dictionary.find(linked.identifier)
    if code:
        named[batch.mentions.row_numbers()[batch.mentions.codes == code]] = True
    service = batch.service.dictionary.find(linked.service)
    named &= batch.service.codes == (service if service is not None else -1)
    since, until = to_instant_ns(linked.first_at), to_instant_ns(linked.last_at) + 1000
    named &= (batch.occurred_at >= since) & (batch.occurred_at <= until)
    return [int(row) for row in np.flatnonzero(named)]
