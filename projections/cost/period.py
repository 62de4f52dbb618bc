"""Periods of a bill as people name them: a month, a day, or two instants."""

from __future__ import annotations

import re
from datetime import datetime

from ...domain.errors import InvalidArgumentError
from ...domain.timestamps import to_instant_ns, window_ns
from .frame import DAY_NS

Instant = datetime | str | int
Period = str | tuple[Instant, Instant]

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def period_ns(period: Period) -> tuple[int, int]:
    """Return start and end (exclusive) of a period.

    >>> [ns // DAY_NS for ns in period_ns("1970-02")], [ns // DAY_NS for ns in period_ns("1970-01-03")]
    ([31, 59], [2, 3])

    Raises:
        InvalidArgumentError: neither `YYYY-MM`, `YYYY-MM-DD` nor a pair of instants in their order.
    """
    if isinstance(period, str):
        month = _MONTH.fullmatch(period)
        if month and 1 <= int(month[2]) <= 12:
            year, number = int(month[1]), int(month[2])
            return _start(year, number), _start(year + number // 12, number % 12 + 1)
        if _DAY.fullmatch(period):
            start = to_instant_ns(period)
            return start, start + DAY_NS
    elif isinstance(period, tuple) and len(period) == 2:
        since_ns, until_ns = window_ns(*period)
        if since_ns is not None and until_ns is not None:
            return since_ns, until_ns
    raise InvalidArgumentError(f"{period!r} is no period: pass '2026-11', '2026-11-20' or (since, until)")


def _start(year: int, month: int) -> int:
    return to_instant_ns(f"{year:04d}-{month:02d}-01")
