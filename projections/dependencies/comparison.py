"""The window under question, and the calm time that it is compared with.

Made from the arguments of `root_causes`, `cascades` and `impact`. Without a window, or with one that begins before the
data, the last incident is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .cusum import ALARM, cusum
from .facts import DependencyFacts
from .schemas import ACTIVITY, BIN_NS

Ints = npt.NDArray[np.int64]

LOOKBACK_BINS = 6 * 360
"""Time before a window that says what is usual. Chosen: six hours outlast incidents, and do not reach into yesterday's
other load."""

LOOKBACK_WINDOWS = 8
"""A longer window is compared with at least so many earlier ones of its length."""

MAX_WINDOWS = 240
"""Earlier windows that are looked at; a very short window is compared with less time."""

NEWEST_HOURS = 48
"""Hours of data among which the end of the data is looked for."""

MAX_BINS = 31 * 24 * 360
"""Longest window that is looked at, a month: of a longer one the newest part is."""

HOUR_BINS = 360
"""Bins of an hour, the partition that data is kept in."""

STRAY_SHARE = 0.001
"""Part of the newest hours' records that may lie after the end of the data: written by clocks that are ahead."""

SEARCH_BINS = 24 * 360
"""Without a window the incident is looked for in the last day of data."""


@dataclass(frozen=True)
class Comparison:
    """Bins of [start, end) are compared with those of [baseline, start), cut into windows of the same length."""

    baseline: int
    start: int
    end: int

    @property
    def since_ns(self) -> int:
        """Begin of the baseline."""
        return self.baseline * BIN_NS

    @property
    def start_ns(self) -> int:
        """Begin of the window."""
        return self.start * BIN_NS

    @property
    def until_ns(self) -> int:
        """End of the window."""
        return self.end * BIN_NS

    def windows_of(self, bins: Ints) -> Ints:
        """Return the number of the window that each bin lies in: 0 is the window itself, earlier ones are negative."""
        return (bins - self.start) // max(self.end - self.start, 1)

    def columns_of(self, bins: Ints) -> tuple[Ints, int]:
        """Return, for bins between baseline and end, a number per window that holds any, and how many there are.

        Windows are numbered in order of time; the last one is the window itself, even where it holds none.

        >>> Comparison(baseline=0, start=20, end=30).columns_of(np.array([25, 3, 5]))
        (array([1, 0, 0]), 2)
        """
        numbers = self.windows_of(bins)
        earliest = int(numbers.min(initial=0))
        present = np.zeros(1 - earliest, np.bool_)
        present[numbers - earliest] = True
        present[-1] = True
        return (np.cumsum(present) - 1)[numbers - earliest], int(present.sum())


def comparison(facts: DependencyFacts, since_ns: int | None, until_ns: int | None) -> Comparison | None:
    """Return what to compare; None where there is no data at all.

    In a window that begins before the data the last incident is looked for, as without a window.
    """
    hours = sorted(facts.state[ACTIVITY].hours())
    if not hours:
        return None
    first, last = hours[0] * HOUR_BINS, _newest(facts, hours[-NEWEST_HOURS:]) + 1
    start = first if since_ns is None else since_ns // BIN_NS
    end = last if until_ns is None else -(-until_ns // BIN_NS)
    if start <= first:  # nothing is before it to compare with
        end = min(end, last)
        start = _incident(facts, end)
    elif end - start > MAX_BINS:
        end = max(min(end, last), start + 1)
        start = max(start, end - MAX_BINS)
    length = max(end - start, 1)
    lookback = max(min(LOOKBACK_BINS, MAX_WINDOWS * length), LOOKBACK_WINDOWS * length)
    return Comparison(start - lookback, start, start + length)


def _newest(facts: DependencyFacts, hours: list[int]) -> int:
    """Return the bin of the newest records, but for a few stray ones."""
    parts = [facts.state[ACTIVITY].part(hour) for hour in hours]
    allowed = STRAY_SHARE * sum(int(part.measure("events").sum()) for part in parts)
    for part in reversed(parts):
        allowed -= int(part.measure("events").sum())
        if allowed < 0:
            break
    return int(part.number("bin").max())


def _incident(facts: DependencyFacts, end: int) -> int:
    """Return the bin in which the strongest rise of failures began; the last sixth of the time where none rose."""
    first = end - SEARCH_BINS
    table = facts.state[ACTIVITY].joined(since_ns=first * BIN_NS, until_ns=end * BIN_NS)
    bins, codes, errors = table.number("bin"), table.string("service").codes, table.measure("errors")
    inside = (bins >= first) & (bins < end)
    if not inside.any():
        return end - 1
    first = int(bins[inside].min())
    strongest, start = ALARM, end - max((end - first) // 6, 1)
    for code in np.unique(codes[inside & (errors > 0)]).tolist():
        start_row, end_row = np.searchsorted(codes, [code, code + 1])  # the rows of a table are in order of service
        rows = start_row + np.flatnonzero(inside[start_row:end_row])
        series = np.bincount(bins[rows] - first, errors[rows], end - first).astype(np.int64)
        sums = cusum(series, np.full(len(series), _usual_rate(series)))
        peak = int(np.argmax(sums))
        if sums[peak] > strongest:
            zeros = np.flatnonzero(sums[:peak] == 0.0)
            strongest, start = float(sums[peak]), first + (int(zeros[-1]) + 1 if len(zeros) else 0)
    return start


def _usual_rate(series: Ints) -> float:
    """Return the mean of the calmer half: an incident in the data must not count as usual."""
    return float(np.sort(series)[: max(len(series) // 2, 1)].mean())
