"""Jumps in series: values far above the median of the slots before them, in robust deviations.

A jump goes on while values stay above what was usual when it began, so that a new level is told from its first slot to
its last. Pure numbers; what they mean is said by `anomalies`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frame import Array

BEFORE = 24
"""Slots that the usual level is taken from: of minutes, of five minutes, or a day of hours."""

MIN_BEFORE = 6
"""Fewest slots before a jump. Chosen: a median of fewer says nothing."""

MAD_SIGMA = 1.4826
"""Makes the median absolute deviation a standard deviation for normal noise."""

FLOOR = 0.10
"""Least deviation, as a share of the median: a service's load varies by more than its past slots may show."""

CHANCE = 1.5
"""Deviation of a slot of n events by chance alone, as this over the root of n: sizes vary about as much as counts
do."""


@dataclass(frozen=True)
class Jump:
    """Slots [start, end) of a series, its usual level before, and how far above it they are."""

    start: int
    end: int
    usual: float
    score: float


def jumps_in(
    values: Array,
    counts: Array | None = None,
    *,
    min_score: float = 6.0,
    min_factor: float = 2.0,
    before: int = BEFORE,
    min_before: int = MIN_BEFORE,
) -> list[Jump]:
    """Return the jumps of a series of equally long slots; `counts` are the events that its values sum up.

    >>> jumps_in(np.array([10.0] * 12 + [50.0] * 3 + [10.0] * 5))
    [Jump(start=12, end=15, usual=10.0, score=40.0)]
    """
    found: list[Jump] = []
    slot, last_end = min_before, 0
    for candidate in np.flatnonzero(_candidates(values, min_factor, before)).tolist():
        if candidate < slot:
            continue
        slot = candidate
        window = _before(slot, before, last_end)
        usual, deviation = _usual(values[window], None if counts is None else counts[window])
        threshold = max(usual * min_factor, usual + min_score * deviation)
        if usual > 0 and values[slot] > threshold:
            end = _end(values, slot, threshold)
            found.append(Jump(slot, end, usual, float((values[slot:end].max() - usual) / deviation)))
            slot = last_end = end
    return found


def _candidates(values: Array, min_factor: float, before: int) -> Array:
    """Return which slots can be jumps: a value must exceed the least of the slots before, since their median does."""
    padded = np.concatenate([np.full(before, np.inf), values])
    least = np.lib.stride_tricks.sliding_window_view(padded, before)[: len(values)].min(axis=1)
    return np.asarray(values > least * min_factor)


def _before(slot: int, before: int, last_end: int) -> slice:
    """Return the slots before, leaving out an earlier jump where enough remain."""
    start = last_end if slot - last_end >= MIN_BEFORE else 0
    return slice(max(start, slot - before), slot)


def _usual(window: Array, counts: Array | None) -> tuple[float, float]:
    """Return median and deviation of slots."""
    median = float(np.median(window))
    spread = float(np.median(np.abs(window - median))) * MAD_SIGMA
    chance = 0.0 if counts is None else CHANCE * median / max(float(np.median(counts)), 1.0) ** 0.5
    return median, max(spread, FLOOR * median, chance, 1e-9)


def _end(values: Array, start: int, threshold: float) -> int:
    """Return where a jump is over: two slots in a row below the threshold, or the end of the series."""
    below = values[start:] <= threshold
    over = below[:-1] & below[1:]
    return start + int(np.argmax(over)) if over.any() else len(values) - int(bool(len(below)) and bool(below[-1]))
