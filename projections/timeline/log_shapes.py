"""Log events of a batch that say the same, as one: who says it, how bad, naming what, in which minute.

In the timeline's fold, between a batch and the tables. A batch holds few such shapes, so that all else is counted from
them, and hardly any work is left per event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import RaggedColumn, StringColumn
from ...domain.severity import Severity
from ..earliest_rows import earliest_of_groups
from ..grouping import Grouping
from .named_rows import named_rows
from .tables import AUDIT_FORMATS, ERROR, EXEMPLARS, MINUTE_NS, WARNING

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

HTTP_SERVER_ERROR = 500
HOUR_MINUTES = 60

MOST_COMPARED = 4
"""Mentions by which lists are told apart; an event with more of them is a shape by itself. Chosen: few have more."""


@dataclass(frozen=True)
class LogShapes:
    """Shapes, as columns: what they say (`keys`, with codes of `strings`), and the events that say it.

    Attributes:
        logs: the events.
        strings: the string columns that `keys` holds codes of, by name.
        groups: which shape each event has.
        events: how many events a shape has.
        first_at: time of the first one.
        last_at: time of the last one.
    """

    logs: EventBatch
    strings: Mapping[str, StringColumn]
    groups: Grouping
    events: Ints
    first_at: Ints
    last_at: Ints

    @classmethod
    def of(cls, logs: EventBatch) -> LogShapes:
        """Find the shapes of log events.

        >>> shapes = LogShapes.of(EventBatch.build(3, service=["cart", "pay", "cart"], resource="db"))
        >>> shapes.events.tolist(), shapes.strings["service"].values
        ([2, 1], ['', 'cart', 'pay'])
        """
        times = logs.occurred_at
        strings = {"service": logs.service, "account": logs.account, "operation": _operations(logs)}
        columns: dict[str, Array] = {name: column.codes for name, column in strings.items()}
        columns |= {"severity": _severity_classes(logs), "minute": times // MINUTE_NS}
        columns |= {"resource": logs.resource.codes, "peer": logs.peer.codes} | _mentioned(logs.mentions)
        groups = Grouping.of(columns)
        return cls(logs, strings, groups, groups.counts(), groups.minima(times), groups.maxima(times))

    @property
    def keys(self) -> dict[str, Ints]:
        """What each shape says."""
        return self.groups.keys

    def coded(self, name: str, codes: Array) -> StringColumn:
        """Return codes of one of the string columns as strings."""
        return StringColumn(codes.astype(np.uint32), self.strings[name].dictionary)

    def named(self) -> tuple[Ints, StringColumn]:
        """Return each pair of a shape and an identifier that it names."""
        return named_rows(self.logs.take(self.groups.examples))

    def earliest(self) -> Ints:
        """Return the events among which are the first of an hour that say something, the minute apart."""
        keys = {name: column for name, column in self.keys.items() if name not in ("minute", "account")}
        within_hour = Grouping.of({**keys, "hour": self.keys["minute"] // HOUR_MINUTES})
        group_of = within_hour.group_of[self.groups.group_of]
        places = np.arange(len(self.logs))
        return earliest_of_groups(group_of, len(within_hour), self.logs.occurred_at, places, EXEMPLARS)


def _severity_classes(logs: EventBatch) -> Array:
    is_error = (logs.severity >= Severity.ERROR) | (logs.status >= HTTP_SERVER_ERROR) | (logs.error.codes != 0)
    is_warning = logs.severity >= Severity.WARN
    classes: Array = np.maximum(
        is_error.astype(np.int8) * np.int8(ERROR), is_warning.astype(np.int8) * np.int8(WARNING)
    )
    return classes


def _operations(logs: EventBatch) -> StringColumn:
    """Return the operation of calls to a control plane, '' for all other events."""
    is_audit = np.array([value in AUDIT_FORMATS for value in logs.format.values], np.uint32)
    if not is_audit.any():
        return StringColumn(np.zeros(len(logs), np.uint32), logs.name.dictionary)
    return StringColumn(logs.name.codes * is_audit[logs.format.codes], logs.name.dictionary)


def _mentioned(mentions: RaggedColumn) -> dict[str, Array]:
    """Return columns by which equal lists of mentions are told."""
    lengths = np.diff(mentions.offsets)
    longest = int(lengths.max())
    columns: dict[str, Array] = {"mentions": lengths}
    for place in range(min(longest, MOST_COMPARED)):
        rows = np.flatnonzero(lengths > place)
        columns[f"mention {place}"] = _spread(rows, mentions.codes[mentions.offsets[rows] + place], len(lengths))
    if longest > MOST_COMPARED:
        rows = np.flatnonzero(lengths > MOST_COMPARED)
        columns["long mention"] = _spread(rows, rows, len(lengths))
    return columns


def _spread(rows: Ints, values: Array, count: int) -> Array:
    """Return a column that holds values in some rows, zero in the others."""
    if len(rows) == count:
        return values
    column = np.zeros(count, np.int64)
    column[rows] = values
    return column
