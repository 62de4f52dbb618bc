"""From deployments to their events: the same relations as links, counted over the mention tables.

Between the history and `TimelineModel.events`. A mention is a slice of minutes; each relation is an interval of time,
so a month of events costs as many steps as there are distinct identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...domain.timestamps import to_datetime
from .answers import LinkedEvents
from .identity_index import Match
from .linking import (
    AFTER_CHANGE,
    AFTER_NS,
    CAUSED_BY,
    CLOCK_SKEW_NS,
    LINK_SCORE,
    MANAGED_BY,
    SUGGESTION_SCORE,
    Linker,
    causes,
)
from .mentions import Mention, Mentions
from .resource_history import ManagedObject, Touch
from .tables import CALM, ERROR

Interval = tuple[str, Touch, int, int]
"""Relation, touch, and the instants between which events have that relation."""


def linked_events(
    objects: list[ManagedObject],
    linker: Linker,
    mentions: Mentions,
    deployments: set[str],
    relation: str | None,
) -> Iterator[LinkedEvents]:
    """Yield the linked events of some deployments."""
    touched = {
        managed.serial for managed in objects for touch in managed.touches if touch.run.deployment in deployments
    }
    for mention in mentions.all:
        name = mention.name
        for match in linker.index.matches(name.text, service=name.service, account=name.account):
            if match.object.serial not in touched or match.score < SUGGESTION_SCORE:
                continue
            for interval in _intervals(match.object, mention):
                if interval[1].run.deployment in deployments and relation in (None, interval[0]):
                    yield from _counted(interval, match, mention, mentions)


def _intervals(managed: ManagedObject, mention: Mention) -> Iterator[Interval]:
    touches = sorted(managed.touches, key=lambda touch: touch.start)
    begin, end = managed.begin - CLOCK_SKEW_NS, managed.end + CLOCK_SKEW_NS
    for place, touch in enumerate(touches):
        following = touches[place + 1].start if place + 1 < len(touches) else end
        start = touch.start - CLOCK_SKEW_NS if place == 0 else touch.start
        yield MANAGED_BY, touch, max(start, begin), min(following - 1, end)
        yield AFTER_CHANGE, touch, max(touch.end, begin), min(touch.end + AFTER_NS, end)
        if causes(touch, mention.name, touch.start):
            yield CAUSED_BY, touch, touch.start - CLOCK_SKEW_NS, touch.end + CLOCK_SKEW_NS


def _counted(interval: Interval, match: Match, mention: Mention, mentions: Mentions) -> Iterator[LinkedEvents]:
    relation, touch, since, until = interval
    tally = mentions.tally(mention, since, until)
    if not tally.events:
        return
    yield LinkedEvents(
        relation=relation,
        deployment=touch.run.deployment,
        address=touch.change.address,
        identifier=mention.name.text,
        service=mention.name.service,
        score=round(match.score, 4),
        events=tally.events,
        errors=tally.errors,
        first_at=to_datetime(tally.first_at),
        last_at=to_datetime(tally.last_at),
        change_set=touch.run.told("change_set"),
        component=match.object.component,
        suggestion=match.score < LINK_SCORE,
        reasons=(match.reason,),
        references=mentions.references(
            mention.name, tally.first_at, tally.last_at, least=ERROR if tally.errors else CALM
        ),
        evidence=tuple(touch.change.references),
    )
