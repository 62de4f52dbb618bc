"""Numbers that count from 1970-01-01T00:00:00Z: units, their recognition by size, exact conversion.

Used by the parsing of single values and of columns. Vendors write seconds (VPC flow, NSG flow), milliseconds
(CloudWatch, WAF, VNet flow), microseconds (Aurora audit), nanoseconds, and float seconds (FireLens).
"""

from __future__ import annotations

import decimal
import math
from typing import Final

UNIT_NS: Final[dict[str, int]] = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Nanoseconds in one of each unit."""

GUESS_LIMITS: Final[tuple[tuple[int, int], ...]] = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""(first magnitude above the unit, ns of the unit). Chosen: 10**11 s is the year 5138 and 10**11 ms is 1973, so that
no instant from March 1973 to 2262 is ambiguous."""

MIN_INSTANT_NS: Final = -9_214_560_000_000_000_000
"""1678-01-01T00:00:00Z, the first whole year of signed 64-bit nanoseconds; int64's minimum itself is numpy's NaT."""

MAX_INSTANT_NS: Final = 2**63 - 1
"""2262-04-11T23:47:16.854775807Z, the last instant of signed 64-bit nanoseconds."""

_MAX_DIGITS: Final = 40
"""Chosen: longer numbers are no time; the limit keeps hostile exponents from making giant integers."""

_EXACT: Final = decimal.Context(prec=2 * _MAX_DIGITS, Emax=9999, Emin=-9999, traps=[decimal.InvalidOperation])


def in_range(instant_ns: int) -> int | None:
    """Return the instant, or None when 64-bit nanoseconds cannot hold it.

    >>> in_range(5), in_range(2**63)
    (5, None)
    """
    return instant_ns if MIN_INSTANT_NS <= instant_ns <= MAX_INSTANT_NS else None


def guess_unit_ns(magnitude: int | float | decimal.Decimal) -> int:
    """Return the nanoseconds of the unit in which a number of this size counts.

    >>> guess_unit_ns(1_638_805_848), guess_unit_ns(1_638_805_848_123)
    (1000000000, 1000000)
    """
    for limit, unit_ns in GUESS_LIMITS:
        if -limit < magnitude < limit:
            return unit_ns
    return 1


def epoch_number_ns(number: int | float, unit: str | None) -> int | None:
    """Return the instant that a number counts to; a float is read as the shortest decimal that means it.

    >>> epoch_number_ns(1.638805848186957E9, "s")
    1638805848186957000
    """
    if isinstance(number, bool):
        return None
    if isinstance(number, int):
        return in_range(number * (UNIT_NS[unit] if unit else guess_unit_ns(number)))
    return epoch_decimal_ns(repr(float(number)), unit) if math.isfinite(number) else None


def epoch_decimal_ns(text: str, unit: str | None) -> int | None:
    """Return the instant that a decimal number counts to, exact, cut to whole nanoseconds.

    >>> epoch_decimal_ns("1638805848.186957123", None)
    1638805848186957123
    """
    try:
        number = decimal.Decimal(text) if len(text) <= _MAX_DIGITS else None
    except decimal.InvalidOperation:
        return None
    if number is None or not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        return None
    unit_ns = UNIT_NS[unit] if unit else guess_unit_ns(number)
    return in_range(int(_EXACT.multiply(number, unit_ns).to_integral_value(rounding=decimal.ROUND_FLOOR)))
