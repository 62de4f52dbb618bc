"""Random parts of records: digits, addresses, times.

Used by the makers of records of each cloud.
"""

from __future__ import annotations

from random import Random


def hex_of(random: Random, digits: int) -> str:
    """Return random hexadecimal digits."""
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def address(random: Random) -> str:
    """Return one of a few thousand addresses."""
    return f"10.{random.randrange(8)}.{random.randrange(16)}.{random.randrange(32)}"


def time_of(random: Random) -> str:
    """Return a time of one day."""
    hour, minute, second = random.randrange(24), random.randrange(60), random.randrange(60)
    return f"2026-11-20T{hour:02d}:{minute:02d}:{second:02d}.{random.randrange(10**6):06d}Z"
