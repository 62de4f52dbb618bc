"""Instants at the edges: query arguments in, timezone-aware `datetime` out.

Inside everything is integer nanoseconds UTC; only the read models' arguments and results use this module.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from ..errors import InvalidArgumentError
from .epoch import MAX_INSTANT_NS, MIN_INSTANT_NS, in_range
from .parsing import parse_timestamp_ns

__all__ = ["MAX_INSTANT_NS", "MIN_INSTANT_NS", "to_datetime", "to_instant_ns", "window_ns"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_instant_ns(when: datetime | str | int) -> int:
    """Return a query argument as integer nanoseconds UTC.

    Args:
        when: an aware `datetime`, a text as `parse_timestamp_ns` reads it (UTC without a zone), or nanoseconds as int.

    Raises:
        InvalidArgumentError: it is none of these; the message says what to pass.

    >>> to_instant_ns("2026-11-20T10:05:00Z")
    1795169100000000000
    """
    if isinstance(when, datetime):
        instant_ns = _datetime_ns(when)
    elif isinstance(when, str):
        instant_ns = parse_timestamp_ns(when)
    elif isinstance(when, int) and not isinstance(when, bool):
        instant_ns = in_range(when)
    else:
        raise InvalidArgumentError(
            f"{when!r} is not a time: pass an aware datetime, an ISO 8601 text or int nanoseconds"
        )
    if instant_ns is None:
        raise InvalidArgumentError(
            f"{when!r} is not a time between 1678 and 2262: pass for example '2026-11-20T10:05:00Z' or int nanoseconds"
        )
    return instant_ns


def window_ns(since: datetime | str | int | None, until: datetime | str | int | None) -> tuple[int | None, int | None]:
    """Return the bounds of a query as integer nanoseconds UTC; None stays None.

    Raises:
        InvalidArgumentError: one is no time, or `since` is after `until`.

    >>> window_ns("1970-01-01T00:00:01Z", None)
    (1000000000, None)
    """
    first, last = (None if when is None else to_instant_ns(when) for when in (since, until))
    if first is not None and last is not None and first > last:
        raise InvalidArgumentError(f"since={since!r} is not before until={until!r}: pass the earlier time as since")
    return first, last


def to_datetime(instant_ns: int) -> datetime:
    """Return an instant as an aware `datetime` in UTC; digits below a microsecond are cut.

    >>> to_datetime(1795169100000000000).isoformat()
    '2026-11-20T10:05:00+00:00'
    """
    return _EPOCH + timedelta(microseconds=int(instant_ns) // 1000)


def _datetime_ns(when: datetime) -> int | None:
    if when.utcoffset() is None:
        raise InvalidArgumentError(
            f"{when!r} has no timezone: pass when.replace(tzinfo=datetime.UTC), or an ISO 8601 text with a zone"
        )
    since = when - _EPOCH
    return in_range(((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1000)
