"""Numbers per minute of one group: what its service logged, and what metrics said.

Under the scaling model; read from the state's tables, only from the hours that matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ...domain.columns import StringColumn
from ..partitions import ProjectionState
from .projection import MICROS

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
        rows = slice(*np.searchsorted(column.codes, [code, code + 1]).tolist())
        parts[0].append(table.number("minute")[rows])
        for part, name in zip(parts[1:], names[1:], strict=True):
            part.append(table.measure(name)[rows])
    return ServiceMinutes(*(np.concatenate(part) for part in parts))


class MetricIndex:
    """The metric samples of a state by resource and by service: found once, for all groups.

    >>> from .projection import ScalingProjection
    >>> MetricIndex(ScalingProjection().empty()).of(frozenset({"web"}), "web")
    {}
    """

    def __init__(self, state: ProjectionState) -> None:
        whole = state["metrics"].joined()
        self._names = whole.string("metric")
        self._minutes = whole.number("minute")
        self._sums, self._samples = whole.measure("sum_micros"), whole.measure("samples")
        self._rows = {key: _rows_by_value(whole.string(key)) for key in ("resource", "service")}

    def of(self, resources: frozenset[str], service: str) -> dict[str, Series]:
        """Return the metrics of a group per minute: those of its resources, else those of its service."""
        own = [self._rows["resource"][name] for name in sorted(resources) if name in self._rows["resource"]]
        if not own and service in self._rows["service"]:
            own = [self._rows["service"][service]]
        return self._series(np.concatenate(own)) if own else {}

    def _series(self, rows: Ints) -> dict[str, Series]:
        codes = self._names.codes[rows]
        return {self._names.values[code]: self._one(rows[codes == code]) for code in np.unique(codes).tolist() if code}

    def _one(self, rows: Ints) -> Series:
        minutes, place = np.unique(self._minutes[rows], return_inverse=True)
        sums = np.bincount(place, self._sums[rows])
        samples = np.bincount(place, self._samples[rows])
        return Series(minutes, sums / np.maximum(samples, 1) / MICROS)


def _rows_by_value(column: StringColumn) -> dict[str, Ints]:
    """Return the rows of each string but the empty one."""
    order = np.argsort(column.codes, kind="stable")
    codes, starts = np.unique(column.codes[order], return_index=True)
    parts = np.split(order, starts[1:])
    return {column.values[code]: rows for code, rows in zip(codes.tolist(), parts, strict=False) if code}
