"""Read the counted mentions: how often events name an identifier, when, from which service, and how many are errors.

Between the mention tables and the model. Rows of one identifier, service, account and operation lie side by side in the
compacted table, so a question about one of them is a slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.reference import format_reference
from ..partitions import ProjectionState
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
    """The mention tables of a state, read once."""

    def __init__(self, state: ProjectionState) -> None:
        table = state["mentions"].joined()
        self._minute, self._severity = table.number("minute"), table.number("severity")
        self._events, self._first, self._last = (table.measure(name) for name in ("events", "first_at", "last_at"))
        keys = [table.string(name) for name in ("identifier", "service", "account", "operation")]
        self.all = _mentions([key.codes for key in keys], [key.values for key in keys])
        self._exemplars = _Exemplars(state)
        self._services = _Services(state)
        self.by_service: dict[str, list[Mention]] = {}
        for mention in self.all:
            self.by_service.setdefault(mention.name.service, []).append(mention)

    @property
    def last_at(self) -> int:
        """Time of the last event that names anything, 0 without one."""
        return max(int(self._last.max()) if len(self._last) else 0, self._services.last_at)

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
        """Return references of a few events of a mention, errors first."""
        return self._exemplars.references(name, since, until, least)

    def references_of_service(self, service: str, since: int, until: int) -> tuple[str, ...]:
        """Return references of a few errors of a service."""
        return self._services.references(service, since, until)

    @property
    def services(self) -> frozenset[str]:
        """All services that wrote events."""
        return self._services.names


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
    def __init__(self, state: ProjectionState) -> None:
        table = state["exemplars"].joined()
        self._identifier, self._service = table.string("identifier"), table.string("service")
        self._operation, self._stream = table.string("operation"), table.string("stream")
        self._severity, self._at, self._position = (table.number(n) for n in ("severity", "occurred_at", "position"))

    def references(self, name: Named, since: int, until: int, least: int) -> tuple[str, ...]:
        code = self._identifier.dictionary.find(name.text)
        if code is None:
            return ()
        start, end = np.searchsorted(self._identifier.codes, [code, code + 1])
        rows = np.arange(start, end)
        kept = (self._at[rows] >= since) & (self._at[rows] <= until) & (self._severity[rows] >= least)
        kept &= self._service.codes[rows] == (self._service.dictionary.find(name.service) or 0)
        kept &= self._operation.codes[rows] == (self._operation.dictionary.find(name.operation) or 0)
        rows = rows[kept]
        rows = rows[np.lexsort((self._at[rows], -self._severity[rows]))][:EXEMPLARS]
        return tuple(format_reference(self._stream[row], int(self._position[row])) for row in rows.tolist())


class _Services:
    def __init__(self, state: ProjectionState) -> None:
        table = state["services"].joined()
        self._service = table.string("service")
        self._minute, self._severity = table.number("minute"), table.number("severity")
        self._events, last = table.measure("events"), table.measure("last_at")
        self.last_at = int(last.max()) if len(last) else 0
        self.names = frozenset(self._service.values) - {""}
        errors = state["service_errors"].joined()
        self._failing, self._stream = errors.string("service"), errors.string("stream")
        self._at, self._position = errors.number("occurred_at"), errors.number("position")

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
        code = self._failing.dictionary.find(service)
        if not code:
            return ()
        rows = np.flatnonzero((self._failing.codes == code) & (self._at >= since) & (self._at <= until))
        rows = rows[np.argsort(self._at[rows], kind="stable")][:EXEMPLARS]
        return tuple(format_reference(self._stream[row], int(self._position[row])) for row in rows.tolist())
