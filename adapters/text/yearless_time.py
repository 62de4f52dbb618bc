"""Find the year of times that leave it out: klog and BSD syslog write month, day and clock only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from ...domain.timestamps import parse_timestamp_ns

_DAY_NS: Final = 86_400 * 10**9


def instant_of(month: str, day: str, clock: str, observed_at: int, *, year: str | None = None) -> int:
    """Return the latest instant of such a time that is not after it was observed (give or take a day); 0 if unknown.

    >>> instant_of("12", "31", "23:59:59", 1_767_225_600_000_000_000) // 10**9
    1767225599
    """
    if year:
        return parse_timestamp_ns(f"{year}-{month}-{day}T{clock}Z") or 0
    if not observed_at:
        return 0
    latest = datetime.fromtimestamp(observed_at // 10**9, UTC).year
    for candidate in (latest + 1, latest, latest - 1):
        instant_ns = parse_timestamp_ns(f"{candidate}-{month}-{day}T{clock}Z")
        if instant_ns is not None and instant_ns <= observed_at + _DAY_NS:
            return instant_ns
    return 0
