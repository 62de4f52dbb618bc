"""How a service fares around the decisions of its group: errors, latency, load and metrics before and after.

Under the scaling model. Two views: means before and after decisions, and the correlation of the group's size with each
signal at every shift up to a quarter of an hour, of which the strongest is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .answers import Correlation
from .demand import MINUTE_NS
from .history import Decision, GroupHistory
from .minute_series import Floats, Series

_AROUND_MINUTES = 10
_MAX_LAG_MINUTES = 15
_MIN_MINUTES = 30
"""Fewer common minutes give no correlation worth telling. Chosen."""

_MAX_EVIDENCE = 10


def correlations_of(history: GroupHistory) -> list[Correlation]:
    """Return the correlations of all signals that are known, per direction.

    >>> from .history import group_history
    >>> correlations_of(group_history("web", []))
    []
    """
    found = []
    for signal, series in _signals(history):
        shift, coefficient = strongest_correlation(history, series)
        for direction in ("out", "in"):
            decisions = [d for d in history.decisions if d.direction == direction]
            found += _around(signal, series, direction, decisions, shift, coefficient)
    return found


def strongest_correlation(history: GroupHistory, series: Series) -> tuple[int, float]:
    """Return the shift in minutes, and the coefficient, at which size and signal move together most."""
    if len(series) < _MIN_MINUTES:
        return 0, 0.0
    minutes = np.arange(int(series.minutes[0]), int(series.minutes[-1]) + 1)
    sizes = history.size_series(minutes)
    signal = np.interp(minutes, series.minutes, series.values)
    shifts = [(shift, _coefficient(signal, sizes, shift)) for shift in range(-_MAX_LAG_MINUTES, _MAX_LAG_MINUTES + 1)]
    shift, coefficient = max(shifts, key=lambda one: (abs(one[1]), -abs(one[0])))
    return shift, round(coefficient, 4)


def _signals(history: GroupHistory) -> list[tuple[str, Series]]:
    signals = sorted(history.metrics.items())
    if history.minutes is not None:
        own = (
            ("error_rate", history.minutes.error_rate),
            ("latency_ms", history.minutes.latency_ms),
            ("events_per_minute", history.minutes.load),
        )
        signals = [*own, *signals]
    return [(name, series) for name, series in signals if len(series)]


def _around(
    signal: str, series: Series, direction: str, decisions: Sequence[Decision], shift: int, coefficient: float
) -> list[Correlation]:
    pairs = []
    for decision in decisions:
        minute = decision.at_ns // MINUTE_NS
        before = series.mean(minute - _AROUND_MINUTES, minute)
        after = series.mean(minute, minute + _AROUND_MINUTES)
        if before is not None and after is not None:
            pairs.append((before, after, decision.reference))
    if not pairs:
        return []
    return [
        Correlation(
            signal=signal,
            direction=direction,
            decisions=len(pairs),
            before=round(float(np.mean([before for before, _, _ in pairs])), 6),
            after=round(float(np.mean([after for _, after, _ in pairs])), 6),
            lag_minutes=shift,
            coefficient=coefficient,
            evidence=tuple(reference for _, _, reference in pairs[:_MAX_EVIDENCE] if reference),
        )
    ]


def _coefficient(signal: Floats, sizes: Floats, shift: int) -> float:
    """Return the correlation of the signal with the sizes `shift` minutes later."""
    if shift > 0:
        signal, sizes = signal[:-shift], sizes[shift:]
    elif shift < 0:
        signal, sizes = signal[-shift:], sizes[:shift]
    if len(signal) < _MIN_MINUTES or not signal.std() or not sizes.std():
        return 0.0
    return float(np.corrcoef(signal, sizes)[0, 1])
