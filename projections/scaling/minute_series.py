"""Numbers per minute of one group: what its service logged, and what metrics said.

Under the scaling model; read from the state's tables, only from the hours that matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..partitions import ProjectionState
from .projection import MICROS, MINUTE_NS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Values at some minutes (since the epoch), in order.

    >>> Series(np.array([1, 2, 9]), np.array([1.0, 3.0, 5.0])).mean(0, 5)
    2.0
    """

    minutes: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.minutes)

    def between(self, since: int, until: int) -> Series:
        """Return the part in [since, until), in minutes."""
        first, last = np.searchsorted(self.minutes, [since, until])
        return Series(self.minutes[first:last], self.values[first:last])

    def mean(self, since: int, until: int) -> float | None:
        """Return the mean in [since, until), None where nothing is known."""
        part = self.between(since, until)
        return float(part.values.mean()) if len(part) else None


EMPTY = Series(np.zeros(0, np.int64), np.zeros(0, np.float64))


@dataclass(frozen=True)
class ServiceMinutes:
    """What one service logged, per minute."""

    minutes: Ints
    events: Ints
    errors: Ints
    duration_us: Ints
    timed: Ints

    @cached_property
    def load(self) -> Series:
        """Events per minute."""
        return Series(self.minutes, self.events.astype(np.float64))

    @cached_property
    def error_rate(self) -> Series:
        """Share of events that failed."""
        return Series(self.minutes, self.errors / np.maximum(self.events, 1))

    @cached_property
    def latency_ms(self) -> Series:
        """Mean duration in milliseconds, of minutes in which some was measured."""
        rows = self.timed > 0
        return Series(self.minutes[rows], self.duration_us[rows] / self.timed[rows] / 1000)


def service_minutes(state: ProjectionState, service: str, since_ns: int) -> ServiceMinutes:
    """Return the minutes of a service since an instant.

    >>> from .projection import ScalingProjection
    >>> len(service_minutes(ScalingProjection().empty(), "cart", 0).minutes)
    0
    """
    names = ("minute", "events", "errors", "duration_us", "timed")
    parts: list[list[Ints]] = [[np.zeros(0, np.int64)] for _ in names]
    for _, table in state["service_minutes"].parts(since_ns=since_ns):
        column = table.string("service")
        code = column.dictionary.find(service)
        if code is None or not service:
            continue
        rows = column.codes == code
        parts[0].append(table.number("minute")[rows])
        for part, name in zip(parts[1:], names[1:], strict=True):
            part.append(table.measure(name)[rows])
    return ServiceMinutes(*(np.concatenate(part) for part in parts))


def metric_series(state: ProjectionState, resources: frozenset[str], service: str, since_ns: int) -> dict[str, Series]:
    """Return the metrics of a group per minute, since an instant: those of its resources, else those of its service."""
    own = _metrics(state, "resource", resources, since_ns)
    return own or (_metrics(state, "service", frozenset({service}), since_ns) if service else {})


def _metrics(state: ProjectionState, key: str, wanted: frozenset[str], since_ns: int) -> dict[str, Series]:
    sums: dict[str, dict[int, tuple[int, int]]] = {}
    for _, table in state["metrics"].parts(since_ns=since_ns):
        column = table.string(key)
        codes = [code for code in map(column.dictionary.find, sorted(wanted)) if code]
        rows = np.flatnonzero(np.isin(column.codes, codes))
        names = table.string("metric").take(rows).to_list()
        values = [table.number("minute")[rows], table.measure("sum_micros")[rows], table.measure("samples")[rows]]
        for name, minute, total, samples in zip(names, *(v.tolist() for v in values), strict=True):
            known = sums.setdefault(name, {}).get(minute, (0, 0))
            sums[name][minute] = (known[0] + total, known[1] + samples)
    return {name: _series(minutes) for name, minutes in sums.items()}


def _series(sums: dict[int, tuple[int, int]]) -> Series:
    minutes = sorted(sums)
    values = [sums[minute][0] / sums[minute][1] / MICROS for minute in minutes]
    return Series(np.array(minutes, np.int64), np.array(values, np.float64))


def minute_of(at_ns: int) -> int:
    """Return the minute that holds an instant.

    >>> minute_of(125_000_000_000)
    2
    """
    return at_ns // MINUTE_NS
