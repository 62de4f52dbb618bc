"""How much of its room a group used, week by week, and when it will run out of it.

Under the scaling model. Instances needed come from utilisation against its target; without one only sizes are told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ...domain.timestamps import to_datetime
from .answers import CapacityWeek
from .demand import MINUTE_NS, Demand, needed_sizes
from .history import GroupHistory
from .lags import provisions
from .limits import unmet_spans
from .minute_series import Floats, Series

WEEK_NS = 7 * 86_400 * 10**9
_MONDAY_NS = 4 * 86_400 * 10**9
"""1970-01-05, the first Monday: weeks begin on Mondays, as ISO 8601 counts them."""

_OVER_PROVISIONED = 0.6
"""Pressure below which an instance is one too many. Source: the threshold of the never-scales-in rule."""

_Z95 = 1.96


def capacity_of(history: GroupHistory, demand: Demand) -> list[CapacityWeek]:
    """Return a report for each week that has facts.

    >>> from .history import group_history
    >>> capacity_of(group_history("web", []), Demand())
    []
    """
    if not history.since_ns:
        return []
    first, last = _week(history.since_ns), _week(history.until_ns)
    needed = needed_sizes(history, demand)
    trend = days_to_max(history, needed)
    return [_report(history, demand, needed, week, trend) for week in range(first, last + WEEK_NS, WEEK_NS)]


def days_to_max(history: GroupHistory, needed: Series) -> tuple[float | None, float | None, float | None]:
    """Return the days until the daily peak reaches the maximum by its linear trend, and the 95 % interval of that.

    None where the peak does not grow, or fewer than five days are known.
    """
    maximum = history.max_at(history.until_ns)
    days, peaks = _daily_peaks(history, needed)
    if maximum is None or len(days) < 5:
        return None, None, None
    slope, level = np.polyfit(days, peaks, 1)
    left = peaks - (slope * days + level)
    error = float(np.sqrt((left**2).sum() / (len(days) - 2) / ((days - days.mean()) ** 2).sum()))
    now = slope * days[-1] + level
    reach = [(maximum - now) / s if s > 0 else None for s in (slope, slope + _Z95 * error, slope - _Z95 * error)]
    best, low, high = (None if wait is None else round(max(float(wait), 0.0), 1) for wait in reach)
    return best, low, high


def _daily_peaks(history: GroupHistory, needed: Series) -> tuple[Floats, Floats]:
    if len(needed):
        at_day, values = needed.minutes // 1440, needed.values
    else:
        at_day = np.array([at_ns // (1440 * MINUTE_NS) for at_ns, _ in history.sizes], np.int64)
        values = np.array([size for _, size in history.sizes], np.float64)
    days = np.unique(at_day)
    return days.astype(np.float64), np.array([values[at_day == day].max() for day in days], np.float64)


def _week(at_ns: int) -> int:
    return at_ns - (at_ns - _MONDAY_NS) % WEEK_NS


def _report(
    history: GroupHistory,
    demand: Demand,
    needed: Series,
    week: int,
    trend: tuple[float | None, float | None, float | None],
) -> CapacityWeek:
    end = week + WEEK_NS
    carried = history.size_at(week)
    known = [size for at_ns, size in history.sizes if week <= at_ns < end] + ([] if carried is None else [carried])
    maximum = history.max_at(end)
    part = needed.between(week // MINUTE_NS, end // MINUTE_NS)
    peak = max(float(part.values.max()) if len(part) else 0.0, float(max(known, default=0)))
    p50, p95 = _provisioned(history, week, end)
    return CapacityWeek(
        week=to_datetime(week),
        peak_size=max(known, default=None),
        max_size=maximum,
        peak_share_of_max=round(peak / maximum, 4) if maximum else None,
        minutes_at_max=_minutes_at_max(history, demand, week, end),
        unmet_instance_minutes=_unmet(part, maximum),
        over_provisioned_instance_minutes=_over_provisioned(history, demand, week, end),
        provision_p50_s=p50,
        provision_p95_s=p95,
        failure_share=_failure_shares(history, week, end),
        days_to_max=trend[0],
        days_to_max_low=trend[1],
        days_to_max_high=trend[2],
    )


def _provisioned(history: GroupHistory, week: int, end: int) -> tuple[float | None, float | None]:
    in_week = [attempt for attempt in history.attempts if week <= attempt.at_ns < end]
    took = [seconds for seconds, _ in provisions(replace(history, attempts=in_week))]
    if not took:
        return None, None
    p50, p95 = np.percentile(took, [50, 95])
    return round(float(p50), 3), round(float(p95), 3)


def _minutes_at_max(history: GroupHistory, demand: Demand, week: int, end: int) -> int:
    spans = [(max(start, week), min(stop, end)) for start, stop, _ in unmet_spans(history, demand)]
    return sum((stop - start) // MINUTE_NS for start, stop in spans if stop > start)


def _unmet(needed: Series, maximum: int | None) -> float | None:
    if maximum is None or not len(needed):
        return None
    return round(float(np.maximum(needed.values - maximum, 0).sum()), 3)


def _over_provisioned(history: GroupHistory, demand: Demand, week: int, end: int) -> float | None:
    part = demand.pressure.between(week // MINUTE_NS, end // MINUTE_NS)
    if not len(part):
        return None
    sizes = history.size_series(part.minutes)
    spare = np.where(part.values < _OVER_PROVISIONED, sizes * (1 - part.values), 0.0)
    return round(float(spare.sum()), 3)


def _failure_shares(history: GroupHistory, week: int, end: int) -> dict[str, float]:
    ended = [a for a in history.attempts if week <= a.at_ns < end and a.outcome != "in_progress"]
    reasons = Counter(a.reason_class for a in ended if a.reason_class and a.outcome != "succeeded")
    return {reason: round(count / len(ended), 4) for reason, count in sorted(reasons.items())}
