"""Write instants as other schemas want them."""

from __future__ import annotations

from typing import Final

from ...domain.timestamps import to_datetime

_SECOND_NS: Final = 1_000_000_000


def iso_instant(instant_ns: int) -> str:
    """Return an instant as ISO 8601 with all its nanoseconds.

    >>> iso_instant(1_795_168_800_123_456_789)
    '2026-11-20T10:00:00.123456789Z'
    """
    whole, fraction = divmod(instant_ns, _SECOND_NS)
    return f"{to_datetime(whole * _SECOND_NS):%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"


def epoch_ms(instant_ns: int) -> int:
    """Return an instant as milliseconds since 1970.

    >>> epoch_ms(1_795_168_800_123_456_789)
    1795168800123
    """
    return instant_ns // 1_000_000
