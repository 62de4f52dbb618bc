"""Which parts of a bucket to list: a prefix, or the dated folders of the last days.

Keys of logs end in random letters and late files land in older folders, so nothing may be skipped behind a "last key";
what keeps a listing short is its days. See
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_AHEAD = timedelta(hours=1)
"""Clocks of writers run ahead of ours."""


def dated_prefixes(prefix: str, *, since_ns: int, now_ns: int) -> Iterator[str]:
    """Yield a prefix for each day (or hour, where it has `%H`) from an instant on; one without dates as it is.

    >>> day = 86_400 * 10**9
    >>> list(dated_prefixes("flow/%Y/%m/%d/", since_ns=20_000 * day, now_ns=20_001 * day))
    ['flow/2024/10/04/', 'flow/2024/10/05/']
    """
    if "%" not in prefix:
        yield prefix
        return
    step = timedelta(hours=1) if "%H" in prefix else timedelta(days=1)
    at = _utc(since_ns).replace(minute=0, second=0, microsecond=0)
    at = at if "%H" in prefix else at.replace(hour=0)
    last = ""
    while at <= _utc(now_ns) + _AHEAD:
        if (found := at.strftime(prefix)) != last:
            yield found
        last, at = found, at + step


def _utc(instant_ns: int) -> datetime:
    return datetime.fromtimestamp(instant_ns // 1_000_000_000, UTC)
