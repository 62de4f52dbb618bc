"""Find the measured logs that a charge is for.

A log group's charges are for the logs in it; other charges are for all logs of the same account and region that drive
their class. What either side does not say matches anything. A day without measured logs borrows the period's shares.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .drivers import driver_of, free, vended
from .frame import Array, Frame, Ints
from .log_place import LOG_GROUP

STORAGE_DAYS = 30
"""Days of ingestion that a day's storage charge is spread over: the shortest usual retention."""

METHODS = (
    "direct:log-group",
    "share:billed-bytes",
    "share:period-bytes",
    "direct:name-or-tag",
    "unallocated",
    "estimate:list-price",
)
"""AllocatedMethodId of each way that money comes to a service."""

DIRECT, SHARE, PERIOD, NAMED, UNALLOCATED, ESTIMATE = range(len(METHODS))


class Matcher:
    """Matches pools of charges (rows of `logging_pools`) with rows of daily log volume."""

    def __init__(self, volume: Frame, pools: Frame) -> None:
        self._volume, self._pools = volume, pools
        self._vended = vended(volume)
        self._codes = {name: _common_codes(volume, pools, name) for name in ("account", "region", "resource")}
        names, charged = volume["provider"], ~free(volume)
        self._rows: dict[str, Ints] = {}
        self._days: dict[str, Ints] = {}
        for code, provider in enumerate(volume.dictionaries["provider"].values):
            rows = np.flatnonzero((names == code) & charged)
            rows = rows[np.argsort(volume["day"][rows], kind="stable")]
            self._rows[provider], self._days[provider] = rows, volume["day"][rows]
        self._memo: dict[tuple[object, ...], tuple[int, Ints]] = {}
        self._regions_known = pools.text("region")

    def match(self, row: int, provider: str, place: str, log_class: str, named: bool) -> tuple[int, Ints]:
        """Return how a pool is split, and the rows of log volume that it is split over (none: all to one)."""
        codes = tuple(int(pool[row]) for _, pool in self._codes.values())
        driver, day = driver_of(log_class), int(self._pools["day"][row])
        is_group = place.startswith(LOG_GROUP)
        key = (provider, codes, driver, log_class == "storage", day, is_group)
        if key not in self._memo:
            self._memo[key] = self._found(row, provider, driver, log_class == "storage", day, is_group)
        method, rows = self._memo[key]
        return (NAMED, rows) if method == UNALLOCATED and named else (method, rows)

    def _found(self, row: int, provider: str, driver: str, stored: bool, day: int, is_group: bool) -> tuple[int, Ints]:
        rows = self._rows.get(provider, np.zeros(0, np.int64))
        if not len(rows):
            return UNALLOCATED, rows
        first_day = day - STORAGE_DAYS + 1 if stored else day
        bounds = np.searchsorted(self._days[provider], [first_day, day + 1])
        today = rows[bounds[0] : bounds[1]]
        for method, span in ((DIRECT, today), (PERIOD, rows)):
            placed = span[self._same("resource", row, span)]
            if len(placed):
                return method, placed
        if is_group or not driver:
            return UNALLOCATED, rows[:0]
        for method, span in ((SHARE, today), (PERIOD, rows)):
            pool = span[self._drives(row, driver, span)]
            if len(pool):
                return method, pool
        return UNALLOCATED, rows[:0]

    def _drives(self, row: int, driver: str, rows: Ints) -> Array:
        pool = self._compatible("account", row, rows) & self._compatible("region", row, rows)
        return pool if driver == "all" else np.asarray(pool & (self._vended[rows] == (driver == "vended")))

    def _same(self, name: str, row: int, rows: Ints) -> Array:
        ours, pools = self._codes[name]
        if not pools[row]:
            return np.zeros(len(rows), np.bool_)
        same = ours[rows] == pools[row]
        if same.any():
            same &= self._compatible("account", row, rows) & self._compatible("region", row, rows)
        return np.asarray(same)

    def _compatible(self, name: str, row: int, rows: Ints) -> Array:
        ours, pools = self._codes[name]
        if not pools[row] or (name == "region" and self._regions_known[row] in ("global", "any")):
            return np.ones(len(rows), np.bool_)
        return np.asarray((ours[rows] == pools[row]) | (ours[rows] == 0))


def _common_codes(volume: Frame, pools: Frame, name: str) -> tuple[Ints, Ints]:
    """Return the codes of both frames over one dictionary, without regard to case."""
    index: dict[str, int] = {"": 0}

    def table(values: Sequence[str]) -> Ints:
        return np.array([index.setdefault(value.lower(), len(index)) for value in values], np.int64)

    ours = table(volume.dictionaries[name].values)[volume[name]]
    return ours, table(pools.dictionaries[name].values)[pools[name]]
