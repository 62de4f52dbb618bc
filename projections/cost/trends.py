"""The daily course of cost and volume per group, with a robust slope and the change from week to week."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from ...domain.timestamps import to_datetime
from .answers import CostLine, Trend, TrendPoint
from .dimensions import day_name
from .frame import DAY_NS, Array
from .report import cost_lines
from .source import CostSource

WEEK = 7
MAX_SLOPE_DAYS = 120
"""Days that the slope looks at. Chosen: all pairs of 120 days are 7,140 slopes, and older days say little of today."""


def trends_of(source: CostSource, by: tuple[str, ...], since_ns: int | None, until_ns: int | None) -> tuple[Trend, ...]:
    """Return one trend per group, currency and kind of money, the dearest first."""
    lines = cost_lines(source, tuple(dict.fromkeys((*by, "day"))), since_ns, until_ns)
    series: dict[tuple[str, ...], dict[str, CostLine]] = {}
    for line in lines:
        key = (line.currency, "estimated" if line.estimated else "", *(line.group[name] for name in by))
        series.setdefault(key, {})[line.group["day"]] = line
    days = sorted({line.group["day"] for line in lines})
    trends = [_trend(dict(zip(by, key[2:], strict=True)), key[0], bool(key[1]), days, on) for key, on in series.items()]
    return tuple(sorted(trends, key=lambda t: (-sum(p.cost for p in t.points), list(t.group.values()), t.currency)))


def _trend(group: dict[str, str], currency: str, estimated: bool, days: list[str], on: dict[str, CostLine]) -> Trend:
    points = tuple(_point(day, on.get(day_name(day))) for day in _all_days(days))
    costs = np.array([float(point.cost) for point in points])
    sizes = np.array([float(point.bytes) for point in points])
    return Trend(
        group=group,
        currency=currency,
        estimated=estimated,
        points=points,
        slope_per_day=robust_slope(costs),
        bytes_slope_per_day=robust_slope(sizes),
        week_over_week=week_over_week(costs),
    )


def robust_slope(values: Array) -> float:
    """Return the median slope of all pairs of values (Theil-Sen): one odd day does not tilt it.

    >>> robust_slope(np.array([1.0, 2.0, 90.0, 4.0, 5.0]))
    1.0
    """
    values = values[-MAX_SLOPE_DAYS:]
    first, second = np.triu_indices(len(values), 1)
    return float(np.median((values[second] - values[first]) / (second - first))) if len(first) else 0.0


def week_over_week(values: Array) -> float | None:
    """Return the last seven values over the seven before, less one.

    >>> week_over_week(np.array([1.0] * 7 + [1.5] * 7))
    0.5
    """
    before = float(values[-2 * WEEK : -WEEK].sum())
    return float(values[-WEEK:].sum()) / before - 1 if len(values) >= 2 * WEEK and before > 0 else None


def _all_days(days: list[str]) -> list[int]:
    first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in (days[0], days[-1]))
    return list(range(first, last + 1))


def _point(day: int, line: CostLine | None) -> TrendPoint:
    when = to_datetime(day * DAY_NS)
    if line is None:
        return TrendPoint(day=when, cost=Decimal(0), bytes=0, events=0)
    return TrendPoint(day=when, cost=line.total, bytes=line.bytes, events=line.events)
