"""Which spans of time the ledger lacks entries of: the gaps that sources recorded and have not healed.

A query over the `SourceObserved` events of a ledger; the sources themselves read their gaps again from their cursors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ...domain.events import Kind, SourceObserved
from ...domain.reference import parse_reference
from ...store import Ledger
from .observation import SourceState

_OPENING = (SourceState.GAP, SourceState.SAMPLED)


class OpenGap(msgspec.Struct, frozen=True):
    """A span of time of which a source's entries are missing, wholly or in part; times in nanoseconds.

    `resource` is the object that is missing, where it is one; `abandoned` says that the source no longer tries;
    `reference` opens the event that recorded it.
    """

    source: str
    since_ns: int
    until_ns: int
    reason: str
    resource: str = ""
    abandoned: bool = False
    reference: str = ""


def open_gaps(ledger: Ledger, source: str | None = None) -> tuple[OpenGap, ...]:
    """Return what is missing, by source and time.

    Args:
        ledger: any ledger; it may be open read-only.
        source: only gaps of this source (the name of its stream).

    >>> with Ledger.open("gaps-example") as ledger:
    ...     open_gaps(ledger)
    ()
    """
    gaps: dict[tuple[str, str], list[OpenGap]] = {}
    for event in _observations(ledger, source):
        key = event.source, event.resource
        gaps[key] = _after(gaps.get(key, []), event)
    return tuple(sorted((gap for own in gaps.values() for gap in own), key=lambda gap: (gap.source, gap.since_ns)))


def _observations(ledger: Ledger, source: str | None) -> Iterator[SourceObserved]:
    """Yield the observations of each source in the order in which they were stored."""
    found = ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)
    for event in sorted(found, key=lambda event: parse_reference(event.reference)):
        if isinstance(event, SourceObserved) and source in (None, event.source):
            yield event


def _after(gaps: list[OpenGap], event: SourceObserved) -> list[OpenGap]:
    since, until = event.since or 0, event.until or 0
    if event.state in _OPENING:
        new = OpenGap(event.source, since, until, event.detail, event.resource, reference=event.reference)
        return [*_without(gaps, since, until), new]
    if event.state == SourceState.GAP_HEALED:
        return list(_without(gaps, since, until))
    if event.state == SourceState.GAP_ABANDONED:
        return [_abandoned(gap, since, until) for gap in gaps]
    return gaps


def _without(gaps: Iterable[OpenGap], since: int, until: int) -> Iterator[OpenGap]:
    """Yield the parts of gaps outside a span."""
    for gap in gaps:
        for start, end in ((gap.since_ns, min(gap.until_ns, since)), (max(gap.since_ns, until), gap.until_ns)):
            if start < end:
                yield msgspec.structs.replace(gap, since_ns=start, until_ns=end)


def _abandoned(gap: OpenGap, since: int, until: int) -> OpenGap:
    inside = since <= gap.since_ns and gap.until_ns <= until
    return msgspec.structs.replace(gap, abandoned=True) if inside else gap
