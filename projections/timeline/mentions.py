"""Read the counted mentions: how often events name an identifier, when, from which service, and how many are errors.

Between the mention tables and the model. Rows of one identifier, service, account and operation lie side by side in the
compacted table, so a question about one of them is a slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.reference import format_reference
from ..partitions import ProjectionState
from ..table import Table
from .linking import Named
from .tables import CALM, ERROR, EXEMPLARS, MINUTE_NS

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and the rows of the table that count it."""

    name: Named
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Events between two instants."""

    events: int = 0
    errors: int = 0
    first_at: int = 0
    last_at: int = 0


class Mentions:
    """The mention tables of a state between two instants, read once."""

    def __init__(self, state: ProjectionState, *, since: int | None = None, until: int | None = None) -> None:
        table = state["mentions"].joined(since_ns=since, until_ns=until)
        self._minute, self._severity = table.number("minute"), table.number("severity")
        self._events, self._first, self._last = (table.measure(name) for name in ("events", "first_at", "last_at"))
        keys = [table.string(name) for name in ("identifier", "service", "account", "operation")]
        self.all = _mentions([key.codes for key in keys], [key.values for key in keys])
        self._exemplars = _Exemplars(state)
        self._services = _Services(state, since, until)
        self.by_service: dict[str, list[Mention]] = {}
        for mention in self.all:
            self.by_service.setdefault(mention.name.service, []).append(mention)

    def tally(self, mention: Mention, since: int, until: int) -> Tally:
        """Count the events of a mention in [since, until], to the minute."""
        rows = np.arange(mention.start, mention.end)
        rows = rows[(self._last[rows] >= since) & (self._first[rows] <= until)]
        if not len(rows):
            return Tally()
        errors = self._events[rows[self._severity[rows] == ERROR]]
        first, last = max(int(self._first[rows].min()), since), min(int(self._last[rows].max()), until)
        return Tally(int(self._events[rows].sum()), int(errors.sum()), first, last)

    def errors_of_service(self, service: str, since: int, until: int) -> int:
        """Count the errors that a service wrote in [since, until)."""
        return self._services.errors(service, since, until)

    def references(self, name: Named, since: int, until: int, *, least: int = CALM) -> tuple[str, ...]:
        """Return references of a few events of a mention: the first ones, of errors first within an hour."""
        return self._exemplars.references(name, since, until, least)

    def references_of_service(self, service: str, since: int, until: int) -> tuple[str, ...]:
        """Return references of a few errors of a service."""
        return self._services.references(service, since, until)


def _mentions(codes: Sequence[npt.NDArray[Any]], values: Sequence[list[str]]) -> list[Mention]:
    count = len(codes[0])
    if not count:
        return []
    changed = np.zeros(count, np.bool_)
    changed[0] = True
    for column in codes:
        changed[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(changed)
    ends = np.append(starts[1:], count)
    texts = [[names[code] for code in column[starts].tolist()] for column, names in zip(codes, values, strict=True)]
    return [
        Mention(Named(text, service, account, operation), start, end)
        for text, service, account, operation, start, end in zip(*texts, starts.tolist(), ends.tolist(), strict=True)
    ]


class _Exemplars:
    """References, looked up hour by hour: an answer shows few of them, and most are of the first hours."""

    def __init__(self, state: ProjectionState) -> None:
        self._table = state["exemplars"]

    def references(self, name: Named, since: int, until: int, least: int) -> tuple[str, ...]:
        found: list[tuple[int, int, str]] = []
        for hours, (_, table) in enumerate(self._table.parts(since_ns=since, until_ns=until + 1)):
            found += _exemplars_in(table, name, since, until, least)
            if len(found) >= EXEMPLARS or hours >= MOST_HOURS:
                break
        return tuple(reference for _, _, reference in sorted(found)[:EXEMPLARS])


def _exemplars_in(table: Table, name: Named, since: int, until: int, least: int) -> Iterator[tuple[int, int, str]]:
    """Yield severity (errors first), time and reference of a name's exemplars in one hour."""
    columns = [(table.string(column), getattr(name, field)) for column, field in _EXEMPLAR_KEYS]
    codes = [column.dictionary.find(text) for column, text in columns]
    first = codes[0]
    if first is None or None in codes:
        return
    identifier, service, operation = (column for column, _ in columns)
    start, end = np.searchsorted(identifier.codes, [first, first + 1])
    rows = np.arange(start, end)
    severity, at, position = (table.number(column) for column in ("severity", "occurred_at", "position"))
    kept = (at[rows] >= since) & (at[rows] <= until) & (severity[rows] >= least)
    kept &= (service.codes[rows] == codes[1]) & (operation.codes[rows] == codes[2])
    stream = table.string("stream")
    for row in rows[kept].tolist():
        yield -int(severity[row]), int(at[row]), format_reference(stream[row], int(position[row]))


_EXEMPLAR_KEYS = (("identifier", "text"), ("service", "service"), ("operation", "operation"))

MOST_HOURS = 48
"""Chosen: hours searched for references of one answer."""


class _Services:
    """Events and errors per service and minute."""

    def __init__(self, state: ProjectionState, since: int | None, until: int | None) -> None:
        table = state["services"].joined(since_ns=since, until_ns=until)
        self._service = table.string("service")
        self._minute, self._severity = table.number("minute"), table.number("severity")
        self._events = table.measure("events")
        self._errors = state["service_errors"]

    def errors(self, service: str, since: int, until: int) -> int:
        code = self._service.dictionary.find(service)
        if not code:
            return 0
        start, end = np.searchsorted(self._service.codes, [code, code + 1])
        minutes = self._minute[start:end]
        kept = (
            (minutes >= since // MINUTE_NS) & (minutes < -(-until // MINUTE_NS)) & (self._severity[start:end] == ERROR)
        )
        return int(self._events[start:end][kept].sum())

    def references(self, service: str, since: int, until: int) -> tuple[str, ...]:
        found: list[str] = []
        for _, table in self._errors.parts(since_ns=since, until_ns=until + 1):
            at, position = table.number("occurred_at"), table.number("position")
            names, stream = table.string("service"), table.string("stream")
            rows = np.flatnonzero(
                (names.codes == (names.dictionary.find(service) or -1)) & (at >= since) & (at <= until)
            )
            rows = rows[np.argsort(at[rows], kind="stable")]
            found += [format_reference(stream[row], int(position[row])) for row in rows.tolist()]
            if len(found) >= EXEMPLARS:
                break
        return tuple(found[:EXEMPLARS])


def last_instant(state: ProjectionState, service: str = "") -> int:
    """Return the time of the last error that a service (or any) wrote, else of its last event, 0 without one.

    >>> from .projection import TimelineProjection
    >>> last_instant(TimelineProjection().empty())
    0
    """
    table = state["services"]
    for least in (ERROR, CALM):
        for hour in sorted(table.hours(), reverse=True):
            part = table.part(hour)
            names = part.string("service")
            kept = part.number("severity") >= least
            if service:
                kept &= names.codes == (names.dictionary.find(service) or -1)
            if kept.any():
                return int(part.measure("last_at")[kept].max())
    return 0
