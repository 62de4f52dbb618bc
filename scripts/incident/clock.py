"""Write instants as the native formats do.

Instants are integers of microseconds since 1970, UTC. The text of a second is made once and kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

MICROSECONDS = 1_000_000


@lru_cache(maxsize=16_384)
def second_text(second: int) -> str:
    """Return a second as RFC 3339 without zone.

    >>> second_text(0)
    '1970-01-01T00:00:00'
    """
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def utc_text(at_us: int, digits: int = 6) -> str:
    """Return an instant as RFC 3339 with 0 to 9 digits of a second.

    >>> utc_text(1_500, 3), utc_text(1_500, 0), utc_text(1_500, 7)
    ('1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.0015000Z')
    """
    second, fraction = divmod(at_us, MICROSECONDS)
    return f"{second_text(second)}.{fraction:06d}000"[: 20 + digits if digits else 19] + "Z"


def to_us(instant: datetime) -> int:
    """Return an aware instant in microseconds.

    >>> to_us(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return int(instant.timestamp()) * MICROSECONDS + instant.microsecond
