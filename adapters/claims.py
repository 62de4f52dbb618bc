"""What several sources say about one fact of an event, kept apart: a stated precedence picks, conflicts are queryable.

A record, the identifiers in it, the text that it carries and the envelope around it may disagree on service, region,
account, resource, severity and time. The columns hold what was picked; everything said is read again here, on demand,
so that nothing on the way in slows. The precedence is `PRECEDENCE`; docs/claims.md explains it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ..domain.arguments import check_choice
from ..domain.batch import EventBatch
from ..domain.events import Event, Kind, LogRecorded
from ..domain.timestamps import to_datetime
from ..store import Ledger
from .claim_agreement import DEFAULT_TOLERANCE, Said, Tolerance, agree
from .claim_sources import FACTS, PICKED, said_of
from .registry import Registry

PRECEDENCE: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("record", "identifier", "envelope", "ingestion"),
    "region": ("record", "identifier", "envelope", "ingestion"),
    "resource": ("record", "identifier", "envelope", "ingestion"),
    "service": ("record", "text", "identifier", "envelope", "ingestion"),
    "severity": ("text", "record", "envelope", "ingestion"),
    "time": ("record", "envelope", "text", "ingestion"),
}
"""Per fact the kinds of sources, the strongest first.

The record's own word comes before what is inside its identifiers, its envelope's and what the user told the source
(`ingestion`). Two exceptions: a message's own level says more than its carrier's (a container's stderr is no error),
and a time in free text, which often lacks its zone, says less than the carrier's.
"""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One source says a value of one fact.

    `source` is the kind of source and where it stands there, as in `record:awsRegion`; kinds are those of `PRECEDENCE`,
    and `event` where only the column says it. `picked` says that the event's column agrees.
    """

    fact: str
    value: str | int | datetime
    source: str
    picked: bool


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of one event disagree on one fact; `picked` is what its column holds."""

    reference: str
    format: str
    fact: str
    picked: str | int | datetime
    claims: tuple[Claim, ...]


def claims_of(event: Event, *, registry: Registry | None = None) -> tuple[Claim, ...]:
    """Return all that is said about the facts of an event, the strongest source first.

    >>> event = LogRecorded(format="aws.cloudtrail", provider="aws", region="eu-west-1",
    ...     payload=b'{"awsRegion":"eu-west-1"}', context='{"envelope":"aws.cloudwatch_logs","region":"us-east-1"}')
    >>> [(claim.value, claim.source, claim.picked) for claim in claims_of(event)]
    [('eu-west-1', 'record:awsRegion', True), ('us-east-1', 'envelope:region', False)]
    """
    return tuple(_claim(event, said) for said in _said(event, registry))


def conflicts_of(
    event: Event,
    *,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
    registry: Registry | None = None,
) -> tuple[Conflict, ...]:
    """Return the facts of an event on which its sources disagree.

    >>> event = LogRecorded(format="aws.cloudtrail", provider="aws", account="1",
    ...     payload=b'{"recipientAccountId":"1"}', context='{"envelope":"aws.cloudwatch_logs","owner":"2"}')
    >>> [(one.fact, one.picked, len(one.claims)) for one in conflicts_of(event)]
    [('account', '1', 2)]
    """
    by_fact: dict[str, list[Said]] = {}
    for said in _said(event, registry, disputable=True):
        by_fact.setdefault(said.fact, []).append(said)
    return tuple(
        Conflict(
            reference=event.reference,
            format=event.format,
            fact=fact,
            picked=_shown(fact, getattr(event, PICKED[fact])),
            claims=tuple(_claim(event, one) for one in said),
        )
        for fact, said in by_fact.items()
        if any(not agree(event, said[0], other, tolerance) for other in said[1:])
    )


def conflicts(
    ledger: Ledger,
    *,
    since: datetime | str | int | None = None,
    until: datetime | str | int | None = None,
    facts: tuple[str, ...] = FACTS,
    format: str | None = None,
    stream: str | None = None,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
    registry: Registry | None = None,
) -> Iterator[Conflict]:
    """Yield the conflicts of a ledger's log events, event by event; records are decoded as they are passed.

    Args:
        ledger: where.
        since, until: event time; `until` is exclusive.
        facts: which facts; see `PRECEDENCE`.
        format, stream: only events of one format or stream.
        tolerance: how far times may lie apart.
        registry: formats; by default all that are installed.

    Raises:
        InvalidArgumentError: an unknown fact.
    """
    for fact in facts:
        check_choice("fact", fact, FACTS)
    known = registry or Registry.installed()
    return _walk(ledger.read(stream, since=since, until=until), frozenset(facts), format, tolerance, known)


def _walk(
    batches: Iterator[EventBatch], facts: frozenset[str], format: str | None, tolerance: Tolerance, registry: Registry
) -> Iterator[Conflict]:
    for batch in batches:
        logs = batch.of_kind(Kind.LOG_RECORDED)
        if format is not None:
            code = logs.format.dictionary.find(format)
            logs = logs.take(logs.format.codes == (-1 if code is None else code))
        for event in logs:
            yield from (one for one in conflicts_of(event, tolerance=tolerance, registry=registry) if one.fact in facts)


def _said(event: Event, registry: Registry | None, *, disputable: bool = False) -> list[Said]:
    """Return what is said, the strongest first; what only the column says (user told, derived) comes in its place."""
    if not isinstance(event, LogRecorded):
        return []
    said = said_of(event, registry or Registry.installed(), disputable=disputable)
    return sorted(said, key=lambda one: (FACTS.index(one.fact), _rank(one)))


def _rank(said: Said) -> int:
    order = PRECEDENCE[said.fact]
    return order.index(said.kind) if said.kind in order else len(order)


def _claim(event: Event, said: Said) -> Claim:
    column = Said(said.fact, "event", "", getattr(event, PICKED[said.fact]))
    picked = agree(event, said, column, Tolerance(0, 0)) if column.value else False
    return Claim(fact=said.fact, value=_shown(said.fact, said.value), source=said.source, picked=picked)


def _shown(fact: str, value: Any) -> str | int | datetime:
    return to_datetime(value) if fact == "time" else value
