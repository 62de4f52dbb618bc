"""Instants as Azure's REST services read them: RFC 3339 in UTC, with seven decimals at most."""

from __future__ import annotations

import numpy as np


def rfc3339(instant_ns: int) -> str:
    """Return an instant to 100 nanoseconds, the unit of Azure's own times.

    >>> rfc3339(1_700_000_000_123_456_789)
    '2023-11-14T22:13:20.1234567Z'
    """
    seconds, rest = divmod(instant_ns, 1_000_000_000)
    return f"{np.datetime64(seconds, 's')}.{rest // 100:07d}Z"


def day_of(instant_ns: int) -> str:
    """Return the day of an instant.

    >>> day_of(1_700_000_000_123_456_789)
    '2023-11-14'
    """
    return rfc3339(instant_ns)[:10]
